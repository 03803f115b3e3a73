"""Copies of keystores from before they were written over, in the folder ``backup`` beside them.

Their names never end in ``p12``: other programs take every file in the keystore folder that ends so, and refuse when
there are two of a holder. A copy still opens with the password of its time.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import (
    create_file,
    expect,
    flush_folder,
    make_folder,
    map_os_errors,
    remove_stale_temp,
    require_file,
    require_own_link,
)

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


def delete_backup(backup: Path) -> None:
    """Remove a copy, for instance after a change of password: with it and the old password, anybody has the keys.

    Raises `errors.KeystoreNotFound` when it is not there or no such copy, `errors.FolderNotWritable`,
    `errors.WriteFailed`.
    """
    if not _is_backup(backup):
        raise errors.KeystoreNotFound(path=str(backup))
    require_file(backup)
    with map_os_errors(backup):
        backup.unlink()
        flush_folder(backup.parent)


def _is_backup(copy: Path) -> bool:
    """Return whether a file is a copy that `back_up` made, by its name and its folder."""
    return copy.parent.name == BACKUP_FOLDER and re.fullmatch(rf".+{_STAMP}", copy.name) is not None


def remove_old_backups(path: Path) -> None:
    """Remove the copies of the keystore ``path`` but for the newest `BACKUPS_KEPT`."""
    for copy in backups_of(path)[BACKUPS_KEPT:]:
        discard(copy)


def discard(copy: Path) -> None:
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
