"""Fork kernels from a process that has imported what they need (Linux; `ehtoolkit.system.fork_server`).

A fork has its parts of the program from the start, and shares with the others what none of them writes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ehtoolkit.system.worker_process import command_of

FORK_SERVER: Final = "ehtoolkit.system.fork_server"

START_SECONDS: Final = 120.0
"""Until the process has imported everything; two, on a computer that is not busy."""
FORK_SECONDS: Final = 20.0
"""Until a fork has said that it is there; some thousandths, on a computer that is not busy."""
END_SECONDS: Final = 2.0

UNKNOWN_CODE: Final = -signal.SIGKILL
"""The exit code of a fork that has ended after the process that could tell how."""

_LARGEST_REPORT: Final = 1 << 16

_INHERITED: Final = (
    "PYTHON",
    "IPYTHONDIR",
    "LD_",
    "LC_",
    "LANG",
    "PATH",
    "HOME",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
)
"""Beginnings of the variables that the process gets: what Python and the system's libraries read as they start. No
setting, and no secret, is among them; a fork gets its own environment whole."""


class WarmProcessFailed(Exception):
    """It does not fork: it ended, did not answer, or must not. The text says which."""


class ForkedProcess:
    """A process that is a child of another, with what `subprocess.Popen` has. Its group has its number."""

    stdin = stdout = stderr = None

    is_reported = True
    """Whether its parent is there to tell how it ends."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._process: int | None = None
        with suppress(ProcessLookupError):  # ended already: how, is on its way
            self._process = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return the exit code; negative for a signal; None while the process runs. From its end on it is
        `UNKNOWN_CODE`, until its parent has reported how it ended."""
        if self.returncode is None and self._has_ended():
            if self.is_reported:
                return UNKNOWN_CODE
            self.end(UNKNOWN_CODE)
        return self.returncode

    def wait(self) -> int | None:
        """Return what `poll` returns, at once: the end of the process is reported, and nothing has to wait for it."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process; not once it has ended, since its number may be another's by then."""
        if self.poll() is None and self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def end(self, code: int) -> None:
        """Record that the process has ended with ``code``."""
        self.returncode = code
        if self._process is not None:
            os.close(self._process)
            self._process = None

    def _has_ended(self) -> bool:
        if self._process is None:
            return True
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        return bool(poll.poll(0))


class WarmProcess:
    """Starts with the first fork, or with `start`. One that never forked is not tried again.

    ``modules``: what it imports.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._number = 0
        self._waiting: dict[int, asyncio.Future[ForkedProcess]] = {}
        self._forks: dict[int, ForkedProcess] = {}
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._sending = asyncio.Lock()
        self._is_ready = self._has_forked = self._is_hopeless = False

    @staticmethod
    def is_possible() -> bool:
        """Return whether this system can fork so, and tell of the end of a process that is not our child."""
        if sys.platform != "linux":
            return False
        try:
            os.close(os.pidfd_open(os.getpid()))
        except (OSError, AttributeError):  # before Linux 5.3, or where a container forbids it
            return False
        return True

    @property
    def pid(self) -> int | None:
        """None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process, which imports its modules before a fork is asked for. Raises `WarmProcessFailed`."""
        if self._process is not None:
            return
        if self._is_hopeless:
            raise WarmProcessFailed("it failed before")
        self._is_ready = self._has_forked = False
        self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.setblocking(False)
        try:
            self._process = subprocess.Popen(  # noqa: S603  # no shell; what it runs is ours
                [*command_of(FORK_SERVER), str(other.fileno()), *self._modules],
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                env=bare_environment(),
                start_new_session=True,  # Ctrl+C in the terminal is the server's, which ends the kernels itself
            )
        except OSError as error:
            self._fail(str(error))
            raise WarmProcessFailed(str(error)) from error
        finally:
            other.close()
        asyncio.get_running_loop().add_reader(self._channel, self._listen)

    async def fork(self, request: dict[str, Any]) -> ForkedProcess:
        """Fork the process, and return the fork that does ``request``: what `ehtoolkit.system.fork_server` reads, but
        for the number.

        Raises `WarmProcessFailed`; then there is none.
        """
        self.start()
        self._number += 1
        number = self._number
        fork: asyncio.Future[ForkedProcess] = asyncio.get_running_loop().create_future()
        self._waiting[number] = fork
        try:
            await self._send({**request, "number": number})
            seconds = FORK_SECONDS if self._is_ready else START_SECONDS
            return await asyncio.wait_for(fork, seconds)
        except TimeoutError as error:
            self._fail("no answer")
            raise WarmProcessFailed("no answer") from error
        finally:
            del self._waiting[number]

    def close(self) -> None:
        """End the process, and the forks that are left."""
        self._is_hopeless = True
        process = self._process
        self._fail("closed", silent=True)
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            process.kill()
            process.wait()

    async def _send(self, message: dict[str, Any]) -> None:
        packet = json.dumps(message).encode()
        async with self._sending:
            if self._channel is None:
                raise WarmProcessFailed("it has ended")
            try:
                await asyncio.get_running_loop().sock_sendall(self._channel, packet)
            except OSError as error:  # it has ended, or the environment is larger than a packet may be
                raise WarmProcessFailed(str(error)) from error

    def _listen(self) -> None:
        if self._hear_all():
            self._fail("it has ended")

    def _hear_all(self) -> bool:
        """Hear what was said since, and return whether nothing can follow."""
        while self._channel is not None:
            try:
                packet = self._channel.recv(_LARGEST_REPORT)
            except BlockingIOError:
                return False
            except ConnectionResetError:  # it has ended before it read everything; what it said comes next
                continue
            except OSError:
                return True
            if not packet:
                return True
            self._hear(json.loads(packet))
        return False

    def _hear(self, report: dict[str, Any]) -> None:
        number = int(report.get("number", 0))
        if "ready" in report:
            self._is_ready = True
        elif "problem" in report:
            self._fail(report["problem"])
        elif "pid" in report:
            self._has_forked = True
            self._forks[number] = fork = ForkedProcess(report["pid"])
            if not self._answer(number, fork):
                fork.kill()  # nobody waits for it any more
        elif number in self._forks:
            self._forks.pop(number).end(report["code"])
        else:
            self._answer(number, WarmProcessFailed(f"a fork ended with {report['code']}"))

    def _answer(self, number: int, answer: ForkedProcess | WarmProcessFailed) -> bool:
        """Give ``answer`` to what waits for it, and return whether anything does."""
        fork = self._waiting.get(number)
        if fork is None or fork.done():
            return False
        if isinstance(answer, ForkedProcess):
            fork.set_result(answer)
        else:
            fork.set_exception(answer)
        return True

    def _fail(self, why: str, *, silent: bool = False) -> None:
        """Give the process up. Its forks live on, unless nobody waits for one any more: they end with us. ``silent``:
        it ends them itself, as it sees the channel closed."""
        if not silent:
            logging.getLogger(__name__).warning(
                "the process that kernels are forked from has failed: %s", why
            )
        self._is_hopeless = self._is_hopeless or not self._has_forked
        process, self._process = self._process, None
        if self._channel is not None and process is not None and not silent:
            process.kill()  # before the channel is closed, at which it would end its forks
            process.wait()
            self._channel.shutdown(socket.SHUT_RD)  # a fork that cannot say any more that it is there ends
            self._hear_all()
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
            self._channel = None
        for fork in self._forks.values():
            fork.is_reported = False
        self._forks.clear()
        for number in self._waiting:
            self._answer(number, WarmProcessFailed(why))


def bare_environment() -> dict[str, str]:
    """Return the variables that the process starts with. It imports this very package, wherever we imported it from."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}
    package = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return kept
