"""Locks between processes, and writes under the lock of a folder."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder, map_os_errors, put_file, remove_stale_temp

_FOLDER_LOCK: Final = ".ehtoolkit.lock"
_PATIENCE: Final = 10.0
"""Seconds that a writer waits for another one, who needs some milliseconds."""
_MAKING: Final = 30.0
"""Seconds that a process waits for another one that makes keys or a database."""
_POLL: Final = 0.01
_KINDS: Final[Mapping[int, Literal["folder", "link"]]] = {stat.S_IFLNK: "link", stat.S_IFDIR: "folder"}


@contextmanager
def folder_lock(folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of ``folder`` while the body writes a file in it; the lock is a file of its own, which stays. A
    folder that is missing is made for its owner alone.

    Raises `errors.FileBusy` (reason ``folder``) after ``patience`` seconds, and what `map_os_errors` raises.
    """
    with hold_lock(folder / _FOLDER_LOCK, patience, errors.FileBusy(path=str(folder), reason="folder")):
        yield


@contextmanager
def hold_lock(path: Path, patience: float, refusal: errors.KeystoreError) -> Iterator[None]:
    """Hold the lock that the file ``path`` is.

    Raises ``refusal`` after ``patience`` seconds, `errors.LockUnusable`, and what `map_os_errors` raises.
    """
    from filelock import FileLock, Timeout

    make_folder(path.parent)  # filelock would make it for everybody
    _require_lock(path)
    # Not by thread: a page may take it in one and give it back in another.
    lock = FileLock(path, thread_local=False)
    with map_os_errors(path):
        try:
            lock.acquire(timeout=patience, poll_interval=_POLL)
        except Timeout as error:  # an OSError
            raise refusal from error
    try:
        yield
    finally:
        lock.release()


def _require_lock(path: Path) -> None:
    """Raise `errors.LockUnusable` where something other than a file has the name of a lock."""
    try:
        mode = path.lstat().st_mode
    except OSError:  # there is none yet, or taking it says why
        return
    if not stat.S_ISREG(mode):
        raise errors.LockUnusable(path=str(path), reason=_KINDS.get(stat.S_IFMT(mode), "special"))


def make_once(
    is_made: Callable[[], bool], make: Callable[[], None], lock: Path, seconds: float = _MAKING
) -> None:
    """Call ``make`` under the lock of the file ``lock``, unless this or another process has called it before.

    Raises `errors.FileBusy` when another process holds the lock for more than ``seconds``, and what `map_os_errors`
    raises.
    """
    if is_made():
        return
    with hold_lock(lock, seconds, errors.FileBusy(path=str(lock))), map_os_errors(lock):
        if not is_made():  # another process may have been faster
            make()


def save_file(path: Path, data: bytes) -> None:
    """Write a file of the program's own, in one step: readable by its owner alone when it is new, over an earlier one
    otherwise. Its folder is made where it is missing, and what killed processes left in it is removed.

    Raises what `folder_lock` and `map_os_errors` raise.
    """
    with folder_lock(path.parent):
        write_locked(path, data)


def write_locked(path: Path, data: bytes) -> None:
    """Write as `save_file` does, while the lock of the folder is held. Raises what `map_os_errors` raises."""
    remove_stale_temp(path.parent)
    put_file(path, data)
