"""Write new files that have no name before they are whole, so that a killed process leaves nothing of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ehtoolkit.system.files import (
    NO_LINKS,
    create_file,
    flush_folder,
    map_os_errors,
    remove_stale_temp,
    write_exclusively,
)

_DESCRIPTORS: Final = Path("/proc/self/fd")


def create_whole(path: Path, data: bytes) -> None:
    """Write a new file, for its owner alone, whole or not at all. It has no name until it is whole; where the file
    system has no such files, it is written to a temporary one, as keystores are; one that a killed process left in the
    folder is removed once it is ten minutes old.

    Raises what `map_os_errors` raises, `errors.FileExists` among them.
    """
    with map_os_errors(path):
        descriptor = open_unnamed(path.parent)
        if descriptor is None:
            remove_stale_temp(path.parent, locked=False)
            create_file(path, data)
            return
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
            _link(stream.fileno(), path)
        flush_folder(path.parent)


def open_unnamed(folder: Path) -> int | None:
    """Return the descriptor of a new file without a name in ``folder``, for its owner alone: it goes with the process.
    None where the system or the file system has none."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not _DESCRIPTORS.is_dir():
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError:  # what is wrong with the folder itself, a file with a name shows, too
        return None


def _link(descriptor: int, path: Path) -> None:
    """Give a file of `open_unnamed` its name, in one step that fails when the name is taken. On a file system without
    links it is copied."""
    folder = os.open(_DESCRIPTORS, os.O_RDONLY)
    try:
        # With the folder's descriptor, Python follows the link of the system to the file.
        os.link(str(descriptor), path, src_dir_fd=folder, follow_symlinks=True)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        write_exclusively(path, (_DESCRIPTORS / str(descriptor)).read_bytes())
    finally:
        os.close(folder)
