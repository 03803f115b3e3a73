"""The folders: are they there, may they be written, is there room, and who else may read. Nothing is written."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.doctor.check_result import CheckResult, CheckTopic
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.settings import Settings

ROOM: Final = 50_000_000
"""Bytes: less is little, for keystores and their copies."""
_WRITABLE: Final = stat.S_IWGRP | stat.S_IWOTH
_READABLE: Final = stat.S_IRGRP | stat.S_IROTH
"""By others than the owner."""


def check_folders(settings: Settings) -> Iterator[CheckResult]:
    """Check the keystore folder, and the one in which the toolkit keeps its notes."""
    folder, home = settings.keystores, settings.home
    yield from _of_keystores(folder)
    yield from _of_access(folder)
    problem = _not_writable(home)
    if problem is not None:
        yield CheckTopic.PERMISSIONS.error("home_closed", folder=str(problem))
    yield from _of_home(home)
    yield from _of_ipython()


def _of_keystores(folder: Path) -> Iterator[CheckResult]:
    shown = str(folder)
    try:
        if folder.exists() and not folder.is_dir():
            yield CheckTopic.FOLDER.error("folder_is_file", folder=shown)
            return
        there = folder.is_dir()
        count = len(find_keystores(folder))
    except (OSError, errors.EhToolkitError):
        yield CheckTopic.FOLDER.error("folder_unreadable", folder=shown)
        return
    closed = _not_writable(folder)
    if closed is not None:
        yield CheckTopic.FOLDER.error("folder_closed", folder=str(closed))
    elif there:
        yield CheckTopic.FOLDER.ok("folder_good", folder=shown, count=count)
    else:
        yield CheckTopic.FOLDER.ok("folder_to_come", folder=shown)
    yield from _of_room(folder)


def _of_room(folder: Path) -> Iterator[CheckResult]:
    try:
        free = shutil.disk_usage(_nearest(folder)).free
    except OSError:
        return
    if free < ROOM:
        yield CheckTopic.FOLDER.warning("disk_low", free=free // 1_000_000)


def _of_access(folder: Path) -> Iterator[CheckResult]:
    """Yield who else may write the folder, or read its keystores: as far as the system's simple permissions tell."""
    if os.name == "nt":
        return  # access lists are not in the mode
    try:
        mode = folder.stat().st_mode
        keystores = find_keystores(folder)
        read = sum(bool(keystore.path.stat().st_mode & _READABLE) for keystore in keystores)
    except (OSError, errors.EhToolkitError):
        return
    if mode & _WRITABLE:
        yield CheckTopic.PERMISSIONS.warning("folder_shared", folder=str(folder))
    elif read and mode & (stat.S_IXGRP | stat.S_IXOTH):
        yield CheckTopic.PERMISSIONS.warning("keystores_shared", count=read)
    else:
        yield CheckTopic.PERMISSIONS.ok("folder_private")


def _of_home(home: Path) -> Iterator[CheckResult]:
    """Yield that others may write or read ehtoolkit's own folder: it holds names and numbers. What ehtoolkit itself
    makes is private, but not a folder that was there before."""
    if _mode(home) & _WRITABLE:
        yield CheckTopic.PERMISSIONS.warning("home_shared", folder=str(home))
    elif _mode(home) & _READABLE:
        yield CheckTopic.PERMISSIONS.warning("home_readable", folder=str(home))


def _of_ipython() -> Iterator[CheckResult]:
    """Yield that others may write a folder of which every kernel of JupyterLab runs the files. Kernels of pages run
    none of them."""
    top = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython")
    for folder in (top, top / "profile_default", top / "profile_default" / "startup"):
        if _mode(folder) & _WRITABLE:
            yield CheckTopic.PERMISSIONS.warning("ipython_shared", folder=str(folder))
            return


def _mode(folder: Path) -> int:
    """Return the permissions of a folder; 0 where there is none, or where they are in access lists instead."""
    try:
        return 0 if os.name == "nt" else folder.stat().st_mode
    except OSError:
        return 0


def _not_writable(folder: Path) -> Path | None:
    """Return the folder that keeps a file from being written into ``folder``, which need not exist yet; None when
    nothing does."""
    nearest = _nearest(folder)
    return None if os.access(nearest, os.W_OK | os.X_OK) and nearest.is_dir() else nearest


def _nearest(folder: Path) -> Path:
    """Return ``folder``, or the first above it that exists."""
    for parent in (folder, *folder.parents):
        try:
            if parent.exists():
                return parent
        except OSError:
            continue
    return folder
