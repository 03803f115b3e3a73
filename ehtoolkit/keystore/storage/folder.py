"""The keystore folder: what is in it, and the name of the next file.

Other programs read the same folder: one takes the last file of a holder in sorting order, one every file with
his number. So a new file is always later than what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.display import Displayed
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Key, KeyOutline
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.entries import is_authentication
from ehtoolkit.keystore.storage.filenames import (
    ENDINGS,
    KeystoreName,
    belgian_time,
    keystore_name,
    parse_name,
)
from ehtoolkit.system.files import read_file, unreadable

_LONG_AGO: Final = datetime(1980, 1, 1)
"""In place of a time that is none of a keystore: older than any."""


@dataclass(frozen=True, slots=True, repr=False)
class FoundKeystore(Displayed):
    """A file that is called like a keystore. ``moment``: of its name, else of its last change; Belgian time."""

    path: Path
    name: KeystoreName
    moment: datetime

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield "path", self.path
        yield "identifier", None if self.identifier is None else self.identifier.text
        yield from (("application_id", self.application_id), ("moment", self.moment))

    @property
    def identifier(self) -> Identifier | None:
        return self.name.identifier

    @property
    def application_id(self) -> str | None:
        return self.name.application_id

    def look(self) -> tuple[KeyOutline, ...] | None:
        """Return the private keys in their order, read from the file as it is now, without a password; None for what is
        no keystore, a damaged one, or cannot be read."""
        try:
            return _visible_keys(read_file(self.path, limits.SIZE))
        except (errors.KeystoreError, errors.FileUnreadable):
            return None

    @property
    def keys(self) -> tuple[KeyOutline, ...]:
        """As `look`; none in what is no keystore."""
        return self.look() or ()

    @property
    def authentication_id(self) -> str | None:
        """The platform's identifier of the key that the certificate is for, seen without a password; None when it
        cannot be seen."""
        key = authentication_key(self.keys)
        return None if key is None else key.key_id

    @property
    def key_ids(self) -> tuple[str, ...] | None:
        """The key identifier (upper-case hexadecimal) of each private key, read from the file as it is now,
        without a password; None when they cannot be seen: no keystore, or one of a program that writes
        others.
        """
        return _all_ids(self.keys) or None


def authentication_key(keys: Sequence[KeyOutline]) -> KeyOutline | None:
    """Return the key that the certificate is for: the one of that name, or the only one; None when it cannot be
    told."""
    named = [key for key in keys if is_authentication(key.alias)]
    if len(named) == 1:
        return named[0]
    return keys[0] if len(keys) == 1 else None


def visible_key_ids(data: bytes) -> tuple[str, ...]:
    """Return the key identifier (upper-case hexadecimal) of each private key in a file, without its password; none
    where one of them cannot be seen. Raises what `outline_pkcs12` raises."""
    return _all_ids(_visible_keys(data))


def find_keystores(folder: Path) -> tuple[FoundKeystore, ...]:
    """Return the files in ``folder`` that are called like keystores, newest first; none when there is no such folder.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    found = []
    try:
        for path in folder.iterdir():
            if path.name.lower().endswith(ENDINGS) and not path.name.startswith("."):
                name = parse_name(path.name)
                if _may_be_file(path):
                    found.append(FoundKeystore(path, name, name.moment or _changed(path)))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise unreadable(folder, error) from error
    return tuple(sorted(found, key=lambda file: (file.moment, file.path.name), reverse=True))


def keystore_path(
    folder: Path,
    identifier: Identifier,
    application_id: str | None,
    moment: datetime,
    environment: Environment,
) -> Path:
    """Return where a new keystore goes: named by ``moment`` (aware), or by one second after the newest file of the
    same number when that is not earlier, so that the new one sorts last."""
    local = belgian_time(moment).replace(microsecond=0)
    times = [found.name.moment for found in find_keystores(folder) if found.identifier == identifier]
    latest = max((time for time in times if time is not None), default=None)
    if latest is not None and latest >= local:
        local = latest + timedelta(seconds=1)
    return folder / keystore_name(identifier, application_id, local, environment)


def _visible_keys(data: bytes) -> tuple[KeyOutline, ...]:
    return tuple(bag.outline for bag in outline_pkcs12(data).visible_bags if isinstance(bag, Key))


def _all_ids(keys: Sequence[KeyOutline]) -> tuple[str, ...]:
    ids = tuple(key.key_id for key in keys if key.key_id is not None)
    return ids if len(ids) == len(keys) else ()


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a link to where nobody may look: the diagnosis says so, and the others are found
        return True


def _changed(path: Path) -> datetime:
    try:
        return belgian_time(datetime.fromtimestamp(path.stat().st_mtime, UTC))  # as names are
    except (OSError, OverflowError, ValueError):
        return _LONG_AGO
