"""Read files, and write them so that they survive a crash, a full disk or a concurrent program.

A file is written beside its target, flushed, read back and checked; one step of the file system then gives it its name.
All but `create_private`, `write_private` and `make_private_folder` translate `OSError` into errors of ehtoolkit.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Final

from ehtoolkit import errors

Check = Callable[[bytes], None]
"""Given what was read back, raises when it is not what was meant."""
Content = bytes | Callable[[BinaryIO], object]
"""What a file is to hold, or what writes it: a long content need not be in memory."""

_TEMPORARY: Final = ".ehtoolkit-"
_WRITING: Final = 600.0
"""Seconds after which a file to which nothing was written is no longer in use."""
_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})
_NO_FLUSH: Final = frozenset({errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems say that have no folders to flush, as those of networks."""
_NO_ANSWER_NAMES: Final = (
    "EIO ESTALE ENOTCONN EHOSTDOWN EHOSTUNREACH ETIMEDOUT ENODEV ENXIO EREMOTEIO "
    "ENETDOWN ENETUNREACH ECONNABORTED ECONNRESET"
)
_NO_ANSWER: Final = frozenset(
    getattr(errno, name) for name in _NO_ANSWER_NAMES.split() if hasattr(errno, name)
)
_NO_ANSWER_WINDOWS: Final = frozenset({21, 53, 55, 59, 64, 67, 121, 1117, 1167, 1231})
"""Not ready, network path or name not found, device not there, I/O error, network unreachable."""
NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def read_file(path: Path, limit: int) -> bytes:
    """Return the content of a file; of one that is longer, the first ``limit`` + 1 bytes. A pipe or a device is not
    opened: opening alone has an effect on some devices, and on a program at the other end of a pipe.

    Raises `errors.KeystoreNotFound`, `errors.NotAKeystore` (kind ``folder``, ``special`` for a pipe or a device,
    ``loop`` for a link that leads back to itself), `errors.FileUnreadable`.
    """
    try:
        _require_regular(path, path.stat())
        # Should there be a pipe by now: one without a writer would block without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            _require_regular(path, os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(limit + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise errors.KeystoreNotFound(path=str(path)) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise errors.NotAKeystore(path=str(path), kind="loop") from error
        raise unreadable(path, error) from error


def read_input(path: Path, limit: int) -> bytes:
    """Return the content of a file of any kind that a user named: see `read_file`.

    Raises `errors.FileUnreadable`: reason ``special`` for a folder, a pipe or a device, ``long`` for a file with more
    than ``limit`` bytes, ``drive``.
    """
    try:
        data = read_file(path, limit)
    except errors.NotAKeystore as error:
        raise errors.FileUnreadable(path=str(path), reason="special") from error
    except (errors.KeystoreNotFound, ValueError) as error:  # ValueError: a name that no system takes
        raise errors.FileUnreadable(path=str(path)) from error
    if len(data) > limit:
        raise errors.FileUnreadable(path=str(path), reason="long", limit=limit)
    return data


def require_input(path: Path) -> None:
    """Raise `errors.FileUnreadable` as `read_input` does, before a file that a user named is opened in another way."""
    try:
        _require_regular(path, path.stat())
    except errors.NotAKeystore as error:
        raise errors.FileUnreadable(path=str(path), reason="special") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise errors.FileUnreadable(path=str(path)) from error


def unreadable(path: Path, error: OSError) -> errors.FileUnreadable:
    """Return what a file or a folder that cannot be read is called: with the reason ``drive`` where its drive does not
    answer."""
    if error.errno in _NO_ANSWER or getattr(error, "winerror", None) in _NO_ANSWER_WINDOWS:
        return errors.FileUnreadable(path=str(path), reason="drive")
    return errors.FileUnreadable(path=str(path))


def _require_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "folder" if stat.S_ISDIR(status.st_mode) else "special"
        raise errors.NotAKeystore(path=str(path), kind=kind)


def is_readable_by_all(path: Path) -> bool:
    """Return whether every user of this computer can read a file: by its permissions and those of the folders above.
    False where that is not known: on Windows, and of what is no file."""
    if sys.platform == "win32":
        return False
    try:
        real = path.resolve(strict=True)
        status = real.stat()
        above = [folder.stat().st_mode for folder in real.parents]
    except OSError:
        return False
    can_reach = all(mode & stat.S_IXOTH for mode in above)
    return can_reach and stat.S_ISREG(status.st_mode) and bool(status.st_mode & stat.S_IROTH)


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether ``path`` lies in ``folder`` or is it, wherever links lead. One that leads nowhere, or back to
    itself, does not."""
    # Path.resolve raises for a link to itself, and this does not.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def require_file(path: Path) -> None:
    """Raise `errors.NotAKeystore` for what is no file (or a link to one), `errors.KeystoreNotFound` for what does not
    exist, what `map_os_errors` raises for one that may not be looked at."""
    with map_os_errors(path):
        if not path.exists():
            raise errors.KeystoreNotFound(path=str(path))
        _require_regular(path, path.stat())


def require_new(path: Path, *, replacing: bool = False) -> None:
    """Raise what `map_os_errors` would for a file that exists already or whose folder does not: before any work is done
    for its content. ``replacing``: a file of that name may be there."""
    if os.path.lexists(path) and not (replacing and path.is_file()):
        raise errors.FileExists(path=str(path))
    _require_folder(path.parent)


def _require_folder(folder: Path) -> None:
    with suppress(OSError):  # one that may not be looked at: writing into it says why
        if not folder.exists():
            raise errors.FolderMissing(folder=str(folder.absolute()))


@contextmanager
def map_os_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses while the body writes ``path`` into `errors.DiskFull`,
    `errors.FolderNotWritable`, `errors.FolderMissing`, `errors.FileExists` or `errors.WriteFailed`."""
    try:
        yield
    except FileExistsError as error:
        raise errors.FileExists(path=str(path)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise errors.DiskFull(folder=str(path.parent)) from error
        if error.errno in _FORBIDDEN:
            raise errors.FolderNotWritable(folder=str(path.parent)) from error
        if error.errno == errno.ENOENT:
            _require_folder(path.parent)
        raise errors.WriteFailed(path=str(path)) from error


_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def create_private(path: Path) -> BinaryIO:
    """Make a new file that only its owner may read, and return it open for writing.

    A name that is taken is refused, also by a link: in a folder that several users write to, a link would choose the
    file that is written. Raises ``FileExistsError``, and another ``OSError`` where no file can be made.
    """
    return os.fdopen(os.open(path, _NEW, 0o600), "wb")


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, over the one of that name; readers see the old content or the new one.
    Raises ``OSError``; then the old file is as it was."""
    with _temporary(path.parent, data, None, None) as temporary:
        os.replace(temporary, path)  # noqa: PTH105


def create_file(path: Path, data: Content, check: Check | None = None) -> None:
    """Write a file that must not exist yet, readable by its owner alone.

    Raises `errors.FileExists` and what `map_os_errors` and ``check`` raise; then there is no file.
    """
    with map_os_errors(path), _temporary(path.parent, data, None, check) as temporary:
        link_new(temporary, path)
        try:
            flush_folder(path.parent)
        except OSError:
            path.unlink()
            raise


def replace_file(path: Path, data: bytes, check: Check | None = None) -> None:
    """Write a file instead of one, with its permissions.

    Raises what `map_os_errors` and ``check`` raise, and `errors.FileBusy` where a program (on Windows) holds the old
    one open; then the old file is as it was, unless the disk failed once the new one had its place.
    """
    with map_os_errors(path), _temporary(path.parent, data, path.stat(), check) as temporary:
        try:
            os.replace(temporary, path)  # noqa: PTH105  # the name that the operation is known by
        except PermissionError as error:
            if sys.platform == "win32":
                raise errors.FileBusy(path=str(path)) from error
            raise
        flush_folder(path.parent)


def put_file(path: Path, data: bytes, *, replacing: bool = True) -> None:
    """Write a file, and, ``replacing``, over the one of that name where there is one. Raises what `create_file` and
    `replace_file` raise."""
    write = replace_file if replacing and os.path.lexists(path) else create_file
    write(path, data)


def expect(path: Path, data: bytes) -> Check:
    """Return a check that ``data`` was written. It raises `errors.WriteFailed`."""

    def check(written: bytes) -> None:
        if written != data:
            raise errors.WriteFailed(path=str(path))

    return check


def link_new(temporary: Path, path: Path) -> None:
    """Give a file its name, in one step that fails when the name is taken."""
    if sys.platform == "win32":
        temporary.rename(path)  # does not overwrite there
        return
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # No links on this file system: take the name with an empty file, then replace that.
        create_private(path).close()
        try:
            os.replace(temporary, path)  # noqa: PTH105
        except OSError:
            path.unlink()
            raise


def write_exclusively(path: Path, data: Content) -> None:
    """Write a new file, readable by its owner alone from the start. On any failure there is no file."""
    created = create_private(path)
    try:
        with created as file:
            data(file) if callable(data) else file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing, each for its owner alone; one that is there stays as it is.

    `Path.mkdir` gives its mode to the last one only, and the others what the umask leaves. Raises ``OSError``,
    ``FileExistsError`` where a file is in the way.
    """
    missing = list(takewhile(lambda place: not place.is_dir(), (folder, *folder.parents)))
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner alone, unless it is there.

    Raises `errors.FolderNotWritable`, also where a file is in the way, and what `map_os_errors` raises.
    """
    try:
        with map_os_errors(folder / "."):
            make_private_folder(folder)
    except errors.FileExists as error:
        raise errors.FolderNotWritable(folder=str(folder)) from error


def require_own_link(folder: Path) -> None:
    """Raise `errors.FolderNotWritable` for a link to a folder that someone else has made: in a folder that several
    write to, they would choose where our copies go."""
    if sys.platform == "win32" or not folder.is_symlink():
        return
    if folder.lstat().st_uid not in (os.getuid(), 0):
        raise errors.FolderNotWritable(folder=str(folder))


def flush_folder(folder: Path) -> None:
    """Make the names in a folder last; Windows does that by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
    finally:
        os.close(descriptor)


def remove_stale_temp(folder: Path, *, locked: bool = True) -> None:
    """Remove what killed processes left behind, as far as that can be done. ``locked``: the folder is, by the lock that
    all writers of keystores hold; without it, a file that was written to within the last ten minutes stays."""
    limit = float("inf") if locked else time.time() - _WRITING
    with suppress(OSError):  # a drive that fails: the writing that comes next says so
        for left in folder.glob(f"{_TEMPORARY}*.tmp"):
            with suppress(OSError):
                if left.stat().st_mtime < limit:
                    left.unlink()


@contextmanager
def _temporary(
    folder: Path, data: Content, like: os.stat_result | None, check: Check | None
) -> Iterator[Path]:
    """Yield a checked file beside the place where it goes; it is gone afterwards, under this name."""
    path = folder / f"{_TEMPORARY}{secrets.token_hex(8)}.tmp"
    write_exclusively(path, data)
    try:
        if like is not None:
            _take_permissions(path, like)
        if check is not None:
            check(path.read_bytes())
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def _take_permissions(path: Path, like: os.stat_result) -> None:
    path.chmod(stat.S_IMODE(like.st_mode))
    if sys.platform != "win32" and (like.st_uid, like.st_gid) != (os.getuid(), os.getgid()):
        with suppress(PermissionError):  # only root gives files away; the content is what matters
            os.chown(path, like.st_uid, like.st_gid)
