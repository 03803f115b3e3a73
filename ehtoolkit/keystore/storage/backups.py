"""Copies of a keystore from before it was written over: in a folder of their own, never ending in ``p12``.

Other programs take every file in the keystore folder that ends so, and refuse when there are two of a holder.
A copy still opens with the password of its time.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import create_file, expect, make_folder, remove_stale_temp, require_own_link

FOLDER: Final = "backup"
KEPT: Final = 5
"""Copies of one keystore; older ones go when a new one is there."""

_STAMP: Final = r"\.(\d{8}T\d{6}Z)(?:-(\d+))?\.bak"


def back_up(path: Path, data: bytes) -> Path:
    """Write ``data``, the content of ``path``, into a new file, and return its path: ``backup/<name>.<time in
    UTC>.bak``, readable by its owner alone. Raises what `create_file` raises. Only while the keystore's folder is
    locked.

    A computer whose clock went backwards gives it the time of the newest copy, and the next number: copies
    are pruned in the order of their names, and the newest one would be the first to go.
    """
    folder = path.parent / FOLDER
    make_folder(folder)
    require_own_link(folder)
    remove_stale_temp(folder)
    present = (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", 1)
    newest = max((stamp for stamp, _ in _found(path)), default=present)
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
    return tuple(copy for _, copy in sorted(_found(path), reverse=True))


def is_backup(copy: Path) -> bool:
    """Return whether a file is a copy that `back_up` made, by its name and its folder."""
    return copy.parent.name == FOLDER and re.fullmatch(rf".+{_STAMP}", copy.name) is not None


def prune(path: Path, kept: int = KEPT) -> None:
    """Remove all copies of ``path`` but the newest ``kept``. One that cannot be removed stays."""
    for copy in backups_of(path)[kept:]:
        discard(copy)


def discard(copy: Path) -> None:
    """Remove a copy, if that can be done."""
    with suppress(OSError):
        copy.unlink()


def _found(path: Path) -> list[tuple[tuple[str, int], Path]]:
    """Return time and number of each copy, and its path."""
    pattern = re.compile(re.escape(path.name) + _STAMP)
    found = []
    with suppress(OSError):
        for copy in (path.parent / FOLDER).iterdir():
            match = pattern.fullmatch(copy.name)
            if match is not None:
                found.append(((match.group(1), int(match.group(2) or 1)), copy))
    return found
