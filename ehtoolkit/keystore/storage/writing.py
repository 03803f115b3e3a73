"""Put a sealed keystore on disk: under the lock of its folder, proven, with a copy of what was there.

The copies, from before a keystore was written over, are in a folder of their own and never end in ``p12``: other
programs take every file in the keystore folder that ends so, and refuse when there are two of a holder. A copy still
opens with the password of its time.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, unlock
from ehtoolkit.system.files import (
    Check,
    create_file,
    expect,
    make_folder,
    map_os_errors,
    read_file,
    remove_stale_temp,
    replace_file,
    require_own_link,
)
from ehtoolkit.system.locks import folder_lock


def put_new(path: Path, data: bytes, check: Check) -> None:
    """Write a file that must not exist yet; its folder is made when it is missing.

    Raises `errors.FileExists`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.FileBusy`,
    `errors.WriteFailed`; then there is no file.
    """
    with map_os_errors(path):
        if path.is_symlink():  # the link would decide where the file goes
            raise errors.FileExists(path=str(path))
    target = target_of(path)
    make_folder(target.parent)
    with folder_lock(target.parent):
        remove_stale_temp(target.parent)
        create_file(target, data, check)


def replace_keystore(path: Path, data: bytes, present: bytes, check: Check) -> Path | None:
    """Write ``data`` instead of what was read from the file, ``present``, and return the copy of that.

    A file that is gone is written again, without a copy. Raises as `put_new` does, and `errors.FileBusy`
    (reason ``changed``) when another program has written the file since it was read; then the old file is
    as it was.
    """
    target = target_of(path)
    with folder_lock(target.parent):
        remove_stale_temp(target.parent)
        try:
            found = read_file(target, limits.SIZE)
        except errors.KeystoreNotFound:
            create_file(target, data, check)
            return None
        if found != present:
            raise errors.FileBusy(path=str(path), reason="changed")
        backup = back_up(target, found)
        try:
            replace_file(target, data, check)
        except errors.KeystoreError:
            if holds(target, found):  # else the copy may be all that is left of it
                _discard(backup)
            elif holds(target, data):  # it has its place, and the disk does not say that it stays there
                with suppress(errors.KeystoreError):
                    replace_file(target, found)
            raise
        for copy in backups_of(target)[BACKUPS_KEPT:]:
            _discard(copy)
        return backup


def holds(path: Path, data: bytes) -> bool:
    """Return whether a file is there that can be read and has these bytes."""
    try:
        return path.stat().st_size == len(data) and read_file(path, limits.SIZE) == data
    except (errors.KeystoreError, errors.FileUnreadable, OSError):
        return False


def verify_contents(path: Path, contents: Pkcs12Contents, cache: DerivedKeyCache) -> Check:
    """Return a check that what was written opens with the keys of ``cache`` and holds ``contents``: keys, certificates,
    names, IDs, all attributes and the order. It raises `errors.WriteFailed`."""

    def check(written: bytes) -> None:
        try:
            same = unlock(outline_pkcs12(written), cache) == contents
        except errors.KeystoreError as error:
            raise errors.WriteFailed(path=str(path)) from error
        if not same:
            raise errors.WriteFailed(path=str(path))

    return check


def target_of(path: Path) -> Path:
    """Return the file that is meant, when ``path`` is a link."""
    return Path(os.path.realpath(path))  # Path.resolve has no way to answer links in a circle


# ── Copies from before ───────────────────────────────────────────────────────────────────────────────────
BACKUP_FOLDER: Final = "backup"
BACKUPS_KEPT: Final = 5
"""Copies of one keystore; older ones go when a new one is there."""

_STAMP: Final = r"\.(\d{8}T\d{6}Z)(?:-(\d+))?\.bak"


def back_up(path: Path, data: bytes) -> Path:
    """Write ``data``, the content of ``path``, into a new file, and return its path: ``backup/<name>.<time in
    UTC>.bak``, readable by its owner alone. Raises what `create_file` raises. Only while the keystore's folder is
    locked.

    A computer whose clock went backwards gives it the time of the newest copy, and the next number: copies
    are pruned in the order of their names, and the newest one would be the first to go.
    """
    folder = path.parent / BACKUP_FOLDER
    make_folder(folder)
    require_own_link(folder)
    remove_stale_temp(folder)
    present = (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", 1)
    newest = max((stamp for stamp, _ in _dated_backups(path)), default=present)
    stamp, number = max(present, newest)
    while True:
        copy = folder / f"{path.name}.{stamp}{f'-{number}' if number > 1 else ''}.bak"
        try:
            create_file(copy, data, expect(copy, data))
        except errors.FileExists:  # a second one in this second
            number += 1
        else:
            return copy


def backups_of(path: Path) -> tuple[Path, ...]:
    """Return the copies of the keystore ``path``, newest first."""
    return tuple(copy for _, copy in sorted(_dated_backups(path), reverse=True))


def is_backup(copy: Path) -> bool:
    """Return whether a file is a copy that `back_up` made, by its name and its folder."""
    return copy.parent.name == BACKUP_FOLDER and re.fullmatch(rf".+{_STAMP}", copy.name) is not None


def _discard(copy: Path) -> None:
    """Remove a copy, if that can be done."""
    with suppress(OSError):
        copy.unlink()


def _dated_backups(path: Path) -> list[tuple[tuple[str, int], Path]]:
    """Return time and number of each copy, and its path."""
    pattern = re.compile(re.escape(path.name) + _STAMP)
    found = []
    with suppress(OSError):
        for copy in (path.parent / BACKUP_FOLDER).iterdir():
            match = pattern.fullmatch(copy.name)
            if match is not None:
                found.append(((match.group(1), int(match.group(2) or 1)), copy))
    return found
