"""Names for keystores that stay the same from audit to audit and say nothing about their holders.

Paths of keystores hold the NISS. A plain hash of one would hold it too: there are few enough numbers to try them all.
So the names are made with a random key that never leaves this computer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder, map_os_errors, write_exclusively

_KEY: Final = "pseudonyms.key"
_KEY_LENGTH: Final = 32
_LENGTH: Final = 16
"""Hexadecimal digits of a name: 64 bits, so that two of a million files have different ones."""


class Pseudonyms:
    """Make the name of a file from its path and a key. The same key gives the same names."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, folder: Path) -> Pseudonyms:
        """Read the key in ``folder``, or make it, for its owner alone.

        Raises what `map_os_errors` raises, and `errors.FileUnreadable` for a key that cannot be read or was cut.
        """
        path = folder / _KEY
        if not path.exists():
            make_folder(folder)
            with suppress(errors.FileExists), map_os_errors(path):  # another process's key is as good
                write_exclusively(path, secrets.token_bytes(_KEY_LENGTH))
        try:
            key = path.read_bytes()
        except OSError as error:
            raise errors.FileUnreadable(path=str(path)) from error
        if len(key) != _KEY_LENGTH:
            raise errors.FileUnreadable(path=str(path))
        return cls(key)

    def of(self, file: str) -> str:
        """Return the name of ``file``, a path as the tables of an audit have it."""
        return hmac.new(self._key, file.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
            :_LENGTH
        ]
