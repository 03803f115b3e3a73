"""Move and rename keystores: never absent, never over another file; and into the archive."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import (
    flush_folder,
    link_new,
    make_folder,
    map_os_errors,
    require_file,
    require_own_link,
)
from ehtoolkit.system.locks import folder_lock


def move(source: Path, target: Path) -> None:
    """Give a file another name, or another folder of the same file system, and never write one over.

    At each moment one of both names has the whole file, or both have it; after a kill the same call goes on. A
    link is made again, so that it leads to the same file from its new place.

    Raises `errors.KeystoreNotFound`, what `map_os_errors` raises, and `errors.FileBusy` where a program (on Windows)
    holds the file open; then it is where it was.
    """
    with map_os_errors(target):
        if _differs_in_case_alone(source, target):
            os.replace(source, target)  # noqa: PTH105
            return
        try:
            _put_second_name(source, target)
        except FileNotFoundError as error:
            raise errors.KeystoreNotFound(path=str(source)) from error
        except PermissionError as error:
            if sys.platform == "win32":
                raise errors.FileBusy(path=str(source)) from error
            raise
        flush_folder(target.parent)
    with map_os_errors(source):
        try:
            source.unlink(missing_ok=True)
        except OSError:
            target.unlink()
            raise
        flush_folder(source.parent)


def _put_second_name(source: Path, target: Path) -> None:
    try:
        if source.is_symlink():
            target.symlink_to(os.path.realpath(source))
        else:
            link_new(source, target)
    except FileExistsError:
        if not _has_both_names(source, target):
            raise


def _has_both_names(source: Path, target: Path) -> bool:
    """Return whether a process that was killed has come that far, so that the first name can go. A link, or a folder
    that leads back to this one, makes a second name of what is one entry."""
    if not source.samefile(target):
        return False
    return source.is_symlink() or (source.stat().st_nlink > 1 and not target.is_symlink())


def _differs_in_case_alone(source: Path, target: Path) -> bool:
    """Return whether both name one entry of a folder, on a system that takes no heed of case."""
    if source.parent != target.parent or source.name.lower() != target.name.lower():
        return False
    return all(path.name != target.name for path in source.parent.iterdir())


# ── The normal name ──────────────────────────────────────────────────────────────────────────────────────
def rename_keystore(path: Path, name: str) -> Path:
    """Call a keystore ``name``, in the folder where it is, and return where it is then.

    `ehtoolkit.keystore.diagnosis.Diagnosis.proper_name` tells the name. The file itself is not changed, and none is
    written over. Raises as `ehtoolkit.keystore.storage.move.archive_keystore` does; then it is called what it was.
    """
    require_file(path)
    target = path.with_name(name)
    if target != path:
        with folder_lock(path.parent):
            move(path, target)
    return target


# ── Into the archive ─────────────────────────────────────────────────────────────────────────────────────
FOLDER: Final = "archive"


def archive_keystore(path: Path) -> Path:
    """Move a keystore into the folder ``archive`` beside it, and return where it is then.

    The file itself is not changed, and not judged: see `ehtoolkit.keystore.diagnosis.archival`. Moving it back undoes
    it. Raises `errors.KeystoreNotFound`, `errors.FileExists` when the archive has a file of that name,
    `errors.FileBusy`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.WriteFailed`; then it is where
    it was.
    """
    require_file(path)
    target = archive_place(path)
    with folder_lock(path.parent):
        make_folder(target.parent)
        require_own_link(target.parent)
        move(path, target)
    return target


def folder_in_use(path: Path) -> Path:
    """Return the folder whose keystores are in use: for a file in an archive, the folder around the archive."""
    return path.parent.parent if path.parent.name == FOLDER else path.parent


def archive_place(path: Path) -> Path:
    """Return where `archive_keystore` would put a keystore."""
    return path.parent / FOLDER / path.name
