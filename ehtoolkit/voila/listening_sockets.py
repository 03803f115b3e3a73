"""The sockets on which the server of the pages listens: a port of this computer, or a Unix socket of one user."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ehtoolkit import errors

ADDRESS: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8866
PORTS_TRIED: Final = 50

# A port of a server that just ended is free at once; on Windows the option of that name would let two servers
# share one port, and this one keeps it ours.
_OWN_PORT: Final = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def bind(port: int | None) -> tuple[socket.socket, int]:
    """Return a listening socket on 127.0.0.1 and its port: ``port`` (0: any); for None the usual one, the next that is
    free, or any. A port that is named is not exchanged for another: it is expected there.

    Raises `errors.SettingInvalid` (reason ``page_port``) when that cannot be had.
    """
    for candidate in [*range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED), 0] if port is None else [port]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, _OWN_PORT, 1)
            listener.bind((ADDRESS, candidate))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        listener.setblocking(False)
        return listener, listener.getsockname()[1]
    raise errors.SettingInvalid(setting="port", reason="page_port", port=port)


@contextmanager
def private_socket(place: Path) -> Iterator[socket.socket]:
    """Listen on a Unix socket in a new folder that only its owner can enter while the body runs, and yield the socket.
    On a port, other users of this computer could listen before us, or on its other addresses.

    Raises `FileExistsError` when another user owns the folder. A folder of ours was left by a killed server.
    """
    with suppress(FileExistsError):
        place.parent.mkdir(mode=0o700)
    there = place.parent.lstat()
    if there.st_uid != os.getuid() or stat.S_IMODE(there.st_mode) != 0o700 or not stat.S_ISDIR(there.st_mode):
        raise FileExistsError(place.parent)
    place.unlink(missing_ok=True)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(place))
            listener.listen(128)
            listener.setblocking(False)
            yield listener
    finally:
        shutil.rmtree(place.parent, ignore_errors=True)
