"""Puts a keystore away: below the folder, where other programs do not look.

One of them refuses to work when two files of a person are there, another takes the wrong one. What is put away
keeps its name, so that whoever moves it back has what was there before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ehtoolkit.keystore.storage import fs
from ehtoolkit.keystore.storage.lock import folder_lock
from ehtoolkit.keystore.storage.moving import move

FOLDER: Final = "archive"


def archive_keystore(path: Path) -> Path:
    """Move a keystore into the folder ``archive`` beside it, and return where it is then.

    The file itself is not changed, and not judged: see `ehtoolkit.keystore.storage.archival`. Moving it back undoes
    it. Raises `errors.KeystoreNotFound`, `errors.FileExists` when the archive has a file of that name,
    `errors.FileBusy`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.WriteFailed`; then it is where
    it was.
    """
    fs.require_file(path)
    target = archive_place(path)
    with folder_lock(path.parent):
        fs.make_folder(target.parent)
        fs.require_own_link(target.parent)
        move(path, target)
    return target


def archive_place(path: Path) -> Path:
    """Where `archive_keystore` would put it."""
    return path.parent / FOLDER / path.name
