"""The file itself, and what lies beside it: bytes, name, size, kind, neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.storage.filenames import KeystoreName, belgian_time, parse_name
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.holder_file import HolderFile
from ehtoolkit.keystore.storage.holder_files import HolderFiles, archived_files
from ehtoolkit.system.files import read_file
from ehtoolkit.system.text_safety import printable

PKCS12: Final = "pkcs12"
"""The kind of what begins as a keystore does, sound or not."""

DRIVE: Final = "drive"
"""The kind of a file whose drive does not answer."""

UNREAD: Final = ("missing", "unreadable", DRIVE, "folder", "special", "loop")
"""The kinds of files that gave no bytes."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is before it is opened.

    Attributes:
        path: None for bytes that were handed over.
        name: None if unknown.
        named: what the name says, a hint.
        size: in bytes, None when there is nothing to measure.
        kind: `PKCS12`, a word of `ehtoolkit.keystore.codec.file_type.detect_file_type`, or ``missing``,
            ``unreadable``, `DRIVE`, ``folder``, ``special`` (a pipe or a device), ``loop`` (a link that leads
            back to itself).
        changed: of the file system, Belgian time without a zone, as names hold it.
    """

    path: Path | None
    name: str | None
    named: KeystoreName | None
    size: int | None
    kind: str
    changed: datetime | None = None

    @property
    def shown(self) -> str | None:
        """The path, else the name; characters that no text can hold are replaced."""
        shown = self.name if self.path is None else str(self.path)
        return None if shown is None else printable(shown)

    @property
    def was_read(self) -> bool:
        """Whether there are bytes to judge."""
        return self.kind not in UNREAD


def inspect_bytes(source: Path | bytes, name: str | None = None) -> tuple[FileFacts, bytes]:
    """Return the facts and the content (of a file over `limits.SIZE`, its beginning). Never raises: a file that cannot
    be read is a fact too, with no content.

    ``name``: what the bytes, or the file at its place, were called; else the path's own name.
    """
    if isinstance(source, bytes):
        return _facts(None, name, len(source), _kind(source), None), source
    name = source.name if name is None else name
    try:
        data = read_file(source, limits.SIZE)
        status = source.stat()
    except errors.KeystoreNotFound:
        return _facts(source, name, None, "missing", None), b""
    except errors.NotAKeystore as error:
        return _facts(source, name, None, error.kind, None), b""
    except errors.FileUnreadable as error:
        return _facts(source, name, None, DRIVE if error.reason == DRIVE else "unreadable", None), b""
    except (OSError, ValueError):  # ValueError: a name that no system takes
        return _facts(source, name, None, "unreadable", None), b""
    return _facts(source, name, max(status.st_size, len(data)), _kind(data), _local(status.st_mtime)), data


def _kind(data: bytes) -> str:
    return detect_file_type(data) or PKCS12


def _local(timestamp: float) -> datetime | None:
    try:
        return belgian_time(datetime.fromtimestamp(timestamp, UTC))  # as names are
    except (OverflowError, OSError, ValueError):
        return None


def _facts(
    path: Path | None, name: str | None, size: int | None, kind: str, changed: datetime | None
) -> FileFacts:
    return FileFacts(path, name, None if name is None else parse_name(name), size, kind, changed)


# ── What lies beside the file ────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of one folder that are called like keystores. Made once for a folder, however many of its files are
    looked at.

    Attributes:
        names: of all of them, in lower case.
        files: by holder, by what is readable without a password.
    """

    names: frozenset[str] = field(repr=False)
    files: HolderFiles = field(repr=False)

    @classmethod
    def of(cls, files: Iterable[HolderFile], archived: Iterable[HolderFile] = ()) -> FolderListing:
        """Return the listing of ``files``. ``archived``: what was put away beside them."""
        found = tuple(files)
        names = frozenset(file.path.name.lower() for file in found)
        return cls(names, HolderFiles(found, archived))

    @classmethod
    def in_folder(cls, folder: Path) -> FolderListing:
        """Return the listing of ``folder``; that of no files for a folder that may not be listed."""
        try:
            return cls.of(find_keystores(folder), archived_files(folder))
        except errors.FileUnreadable:
            return cls.of(())
