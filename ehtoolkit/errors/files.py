"""Errors of files and folders."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.arguments import InputInvalid
from ehtoolkit.errors.base import EhToolkitError
from ehtoolkit.errors.keystore import KeystoreError


class FileUnreadable(InputInvalid):
    """A file that was named cannot be read.

    (facts: path, reason = drive | encoding | long | special | outbox | state | acknowledged: ``special`` is a folder, a
    pipe or a device; ``outbox`` and ``state`` are damaged files of a watch, which were set aside; ``acknowledged`` is
    the damaged list of acknowledged keystores, which stays; limit = bytes)
    """

    limit: int | None = None
    path: str
    reason: Literal["drive", "encoding", "long", "special", "outbox", "state", "acknowledged"] | None = None


class FolderMissing(InputInvalid):
    """A folder is missing (facts: folder, reason = unnamed: no folder was named)."""

    folder: str | None = None
    reason: Literal["unnamed"] | None = None


class FileManagerMissing(EhToolkitError):
    """This computer has no file manager to show a folder (facts: folder)."""

    folder: str


class FolderNotWritable(KeystoreError):
    """The keystore folder cannot be written (facts: folder)."""

    exit_code = 6
    folder: str


class DiskFull(KeystoreError):
    """The disk is full (facts: folder)."""

    exit_code = 6
    folder: str


class FileExists(KeystoreError):
    """There is a file with that name already (facts: path, reason = itself)."""

    exit_code = 6
    path: str
    reason: Literal["itself"] | None = None


class WorkbookFull(EhToolkitError):
    """A table has more rows than a sheet of a workbook holds (facts: table, rows, limit)."""

    exit_code = 6
    table: str
    rows: int
    limit: int


class FileBusy(KeystoreError):
    """Another program uses the file (facts: path, reason = changed: by that program | folder | password)."""

    exit_code = 6
    path: str
    reason: Literal["changed", "folder", "password"] | None = None


class LockUnusable(KeystoreError):
    """Something else has the name of a lock, such as a link (facts: path, reason = folder | link | special:
    ``special`` is a pipe or a device)."""

    exit_code = 6
    path: str
    reason: Literal["folder", "link", "special"]


class WriteFailed(KeystoreError):
    """The written file does not read back correctly; the old file is unchanged (facts: path)."""

    exit_code = 6
    path: str
