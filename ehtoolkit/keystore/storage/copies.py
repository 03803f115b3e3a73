"""Safety copies of keystores in other folders: write one, and remember where it is. No secret is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.storage.found_keystore import visible_authentication_id
from ehtoolkit.keystore.storage.keystore_file import put_new, replace_keystore
from ehtoolkit.keystore.storage.records import JsonStore, KeyRecord, fingerprint
from ehtoolkit.system.files import expect, read_file

FOLDER: Final = "copied"
"""Inside the folder of the notes."""
KEPT: Final = 5
"""Copies of one keystore that are remembered."""
RECENT: Final = 3
"""Folders that are offered again."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder for copies. ``drive``: where it is on one that must be connected; then the folder is made if it is
    missing."""

    folder: Path
    drive: Path | None = None


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A copy on disk.

    Attributes:
        path: of the copy.
        content: SHA-256 of its bytes, hexadecimal.
        already: the same file was there, and nothing was written.
        kept: where the earlier, different copy of that name is now; None without one.
    """

    path: Path
    content: str
    already: bool = False
    kept: Path | None = None


def copy_keystore(
    source: Path,
    data: bytes,
    destination: Destination,
    *,
    connected: Callable[[], Iterable[Path]] = tuple,
) -> CopiedFile:
    """Write ``data``, the content of ``source``, under the same name into a folder, and prove the copy.

    An earlier copy of the same keystore is replaced and kept in the sub-folder ``backup``. Any other file of that name
    stays as it is.

    Args:
        connected: returns the drives that are connected now.

    Raises `errors.FolderMissing`, also for a drive that is gone, `errors.FileExists` (reason ``itself`` where that file
    is ``source``), and what `put_new` raises.
    """
    _require_folder(destination, connected)
    target = destination.folder / source.name
    with suppress(OSError):  # one of them is not there
        if source.samefile(target):
            raise errors.FileExists(path=str(target), reason="itself")
    check = expect(target, data)
    content = fingerprint(data)
    try:
        put_new(target, data, check)
    except errors.FileExists:
        present = _earlier_copy(target, data)
        if present is None:
            raise
        if present == data:
            return CopiedFile(target, content, already=True)
        return CopiedFile(target, content, kept=replace_keystore(target, data, present, check))
    return CopiedFile(target, content)


def _require_folder(destination: Destination, connected: Callable[[], Iterable[Path]]) -> None:
    folder = destination.folder if destination.drive is None else destination.drive
    try:
        is_there = folder.is_dir() and (destination.drive is None or folder in connected())
    except OSError as error:  # it may not even be looked at
        raise errors.FolderNotWritable(folder=str(folder)) from error
    if not is_there:
        raise errors.FolderMissing(folder=str(folder))


def _earlier_copy(target: Path, data: bytes) -> bytes | None:
    """Return what ``target`` holds, if it is a copy of the same keystore, perhaps an earlier one; else None."""
    try:
        if target.is_symlink():
            return None
        present = read_file(target, limits.SIZE)
        if present == data:
            return present
        key_id = visible_authentication_id(present)
        return present if key_id is not None and key_id == visible_authentication_id(data) else None
    except (OSError, errors.KeystoreError, errors.FileUnreadable):
        return None


# ── what is remembered ───────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class NotedCopy:
    """A copy that was made: its folder, the SHA-256 of its bytes (hexadecimal), and when (aware)."""

    folder: str
    content: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CopyRecord(KeyRecord):
    """The copies of one keystore, the newest first."""

    copies: tuple[NotedCopy, ...] = ()

    def with_copy(self, copy: NotedCopy) -> CopyRecord:
        """Return the record with one more copy; an earlier one in the same folder is forgotten."""
        others = (other for other in self.copies if other.folder != copy.folder)
        return replace(self, copies=(copy, *others)[:KEPT])

    def has(self, content: str) -> bool:
        """Return whether a copy has the bytes with this SHA-256."""
        return any(copy.content == content for copy in self.copies)


_STORE: Final = JsonStore(CopyRecord)


def note_copy(notes: Path, key_id: str, copied: CopiedFile, now: datetime) -> None:
    """Remember a copy, readable by its owner alone. A record that cannot be written is left out: it only helps."""
    record = read_copies(notes, key_id) or CopyRecord(key_id.upper())
    with suppress(errors.KeystoreError):
        _STORE.write(
            notes / FOLDER, record.with_copy(NotedCopy(str(copied.path.parent), copied.content, now))
        )


def read_copies(notes: Path, key_id: str) -> CopyRecord | None:
    """Return what is remembered of the copies of a key; None if there is nothing that can be read."""
    record = _STORE.read(notes / FOLDER, key_id)
    return None if record is None else _aware(record)


def recent_folders(notes: Path) -> tuple[Path, ...]:
    """Return the folders of the last copies, the newest first, `RECENT` at most."""
    copies = [copy for record in _STORE.read_all(notes / FOLDER) for copy in _aware(record).copies]
    newest = sorted(copies, key=lambda copy: copy.at, reverse=True)
    return tuple(dict.fromkeys(Path(copy.folder) for copy in newest))[:RECENT]


def _aware(record: CopyRecord) -> CopyRecord:
    """Return the record without copies whose moment has no zone: someone may have edited it."""
    return replace(record, copies=tuple(copy for copy in record.copies if copy.at.tzinfo is not None))
