"""Names that are made from a text and a random key, and do not show the text without that key.

Paths of keystores hold the NISS. A plain hash of one would show it: there are few enough numbers to try them all. The
key never leaves this computer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final, Self

from ehtoolkit import errors
from ehtoolkit.system.files import create_file, make_folder, map_os_errors

_KEY_LENGTH: Final = 32


class KeyedNames:
    """Make the name of a text with a key. The same key gives the same names."""

    _DIGITS: ClassVar = 64
    """Hexadecimal digits of a name."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, path: Path, *, renew: bool = False) -> Self:
        """Read the key in the file ``path``, or make it, for its owner alone. ``renew``: a key that was cut off is
        replaced by a new one.

        Raises what `make_folder` and `map_os_errors` raise, and `errors.FileUnreadable` for a key that cannot be read
        or was cut off.
        """
        if not path.exists():
            make_folder(path.parent)
            _make_key(path)
        key = _read_key(path)
        if renew and len(key) != _KEY_LENGTH:
            with map_os_errors(path):
                path.unlink()
            _make_key(path)
            key = _read_key(path)
        if len(key) != _KEY_LENGTH:
            raise errors.FileUnreadable(path=str(path))
        return cls(key)

    def of(self, text: str) -> str:
        """Return the name of ``text``."""
        name = hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return name[: self._DIGITS]


class Pseudonyms(KeyedNames):
    """Names of files that stay the same from audit to audit and say nothing about the holders of keystores."""

    _DIGITS: ClassVar = 16
    """64 bits, so that two of a million files have different ones."""

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Read or make the key in ``folder``, as `open` does."""
        return cls.open(folder / "pseudonyms.key")


def _make_key(path: Path) -> None:
    with suppress(errors.FileExists):  # another process's key is as good
        create_file(path, secrets.token_bytes(_KEY_LENGTH))


def _read_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.FileUnreadable(path=str(path)) from error
