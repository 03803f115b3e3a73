"""Run functions in forks of one interpreter that has imported what they need (Linux).

``python -m ehtoolkit.system.fork_server DESCRIPTOR MODULE…`` imports the modules and waits at the socket DESCRIPTOR for
requests. This process only forks: it starts no thread, opens no file, and gets no settings and no secrets; each request
is read by its own fork alone. A fork is a session of its own, with the environment and the folder of its request, and
ends with the asking process.

Messages are JSON, one in each packet:

- in: ``number``; ``module``, whose ``main`` is called with ``arguments``; ``environment``, ``folder``; ``title``, which
  the system shows for the process (15 letters)
- out: ``number`` and ``pid`` once the fork is ready, from the fork itself; ``number`` and ``code`` once it has ended
- out, before anything else: ``ready``, or ``problem`` when it must not fork
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, Final

LARGEST_PACKET: Final = 1 << 20
"""Bytes; the system's own limit for a packet is lower, and makes the sender fail."""

_THREADS: Final = Path("/proc/self/task")
_NAME: Final = Path("/proc/self/comm")


class ForkServer:
    """Waits for requests and for the ends of forks.

    Args:
        channel: to the process that asks.
        asker: a pidfd of that process.
    """

    def __init__(self, channel: socket.socket, asker: int) -> None:
        self._channel = channel
        self._asker = asker
        self._forks: dict[int, tuple[int, int]] = {}
        """By the descriptor of the fork's process: its number and its id."""

    def serve(self) -> dict[str, Any] | None:
        """Fork for each request. Return its request in a fork; return None in this process, when the asking process has
        ended."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor in self._forks:
                    poll.unregister(descriptor)
                    self._reap(descriptor)
                    continue
                packet = self._receive()
                if not packet:
                    for _, pid in self._forks.values():
                        kill_group(pid)
                    return None
                number = json.loads(packet)["number"]
                pid = os.fork()
                if pid == 0:
                    return self._begin(json.loads(packet))
                opened = os.pidfd_open(pid)
                self._forks[opened] = (number, pid)
                poll.register(opened, select.POLLIN)

    def _receive(self) -> bytes:
        """Return the next packet; empty when the asking process has ended."""
        try:
            return self._channel.recv(LARGEST_PACKET)
        except ConnectionResetError:  # the asker ended with reports unread
            return b""

    def _begin(self, request: dict[str, Any]) -> dict[str, Any]:
        """Detach a fork from this process, report it to the asking process, and return ``request``."""
        for descriptor in self._forks:
            os.close(descriptor)
        os.setsid()
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        os.chdir(request["folder"])
        with contextlib.suppress(OSError):  # only for administrators
            _NAME.write_text(request["title"], encoding="utf-8")
        Thread(target=end_with, args=(self._asker,), name="asker", daemon=True).start()
        with self._channel:
            send(self._channel, {"number": request["number"], "pid": os.getpid()})
        return request

    def _reap(self, descriptor: int) -> None:
        """Reap a fork that has ended, and kill its remaining children."""
        number, pid = self._forks.pop(descriptor)
        os.close(descriptor)
        kill_group(pid)  # not reaped yet, so its number is still its own
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(OSError):  # the asker has ended: noticed at the next turn
            send(self._channel, {"number": number, "code": os.waitstatus_to_exitcode(status)})


def send(channel: socket.socket, message: Mapping[str, object]) -> None:
    channel.send(json.dumps(message).encode())


def kill_group(pid: int) -> None:
    """Kill the fork ``pid`` and its children, before it is reaped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # it may have no session of its own yet


def end_with(process: int) -> None:
    """Kill this process and its children when ``process``, a pidfd, has ended."""
    select.select([process], [], [])
    os.killpg(0, signal.SIGKILL)


def run(request: Mapping[str, Any]) -> None:
    """Run ``main`` of the module that ``request`` names, with its arguments."""
    sys.argv = [request["module"], *request["arguments"]]
    import_module(request["module"]).main(*request["arguments"])


def main(descriptor: int, modules: list[str]) -> None:
    asker = os.pidfd_open(os.getppid())
    for module in modules:
        import_module(module)
    channel = socket.socket(fileno=descriptor)
    threads = len(list(_THREADS.iterdir()))
    try:
        send(channel, {"ready": True} if threads == 1 else {"problem": f"{threads} threads"})
    except BrokenPipeError:  # the asker ended during the imports
        return
    if threads > 1:
        return
    gc.collect()
    gc.freeze()
    request = ForkServer(channel, asker).serve()
    if request is not None:
        run(request)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
