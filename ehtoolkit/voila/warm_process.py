"""Fork kernels from a process that has imported what they need (Linux; `ehtoolkit.system.fork_server`).

A fork has the imported modules from the start, and shares the memory that no fork writes.
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
"""Until the process has imported everything; two on a quiet computer."""
FORK_SECONDS: Final = 20.0
"""Until a fork has reported its start; some thousandths on a quiet computer."""
END_SECONDS: Final = 2.0

UNKNOWN_CODE: Final = -signal.SIGKILL
"""The exit code of a fork that has ended, until the process that forked it has reported another."""

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
"""Prefixes of the variables that the process gets: those that Python and the system's libraries read at startup, no
settings and no secrets. A fork gets its own environment, complete."""


class WarmProcessFailed(Exception):
    """The process does not fork: it ended, did not answer, or must not. The text has the reason."""


class ForkedProcess:
    """A child of another process, with the interface of `subprocess.Popen`. It leads its process group."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._process: int | None = None
        with suppress(ProcessLookupError):  # it has ended; its exit code will be reported
            self._process = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return the exit code; negative for a signal; None while the process runs. After its end, `UNKNOWN_CODE` until
        its parent has reported the exit code."""
        if self.returncode is None and self._has_ended():
            self.end(UNKNOWN_CODE)
        return self.returncode

    def wait(self) -> int | None:
        """Return what `poll` returns, at once: the end of the process is reported, so that nothing has to wait."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process; not after its end, when its number may belong to another."""
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
    """The process that kernels are forked from. It starts with the first fork, or with `start`. If the first start
    fails, forking stays off.

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
        """Return whether this system can fork like this, and report the end of a process that is not our child."""
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
            self._process = subprocess.Popen(  # noqa: S603  # no shell; a module of this package
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
        """Fork the process, and return the fork that executes ``request``, a message to `ehtoolkit.system.fork_server`
        without ``number``.

        Raises `WarmProcessFailed`; then there is no fork.
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
        """End the process and its remaining forks."""
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
        if self._read_reports():
            self._fail("it has ended")

    def _read_reports(self) -> bool:
        """Process all reports that have arrived, and return whether the channel is closed."""
        while self._channel is not None:
            try:
                packet = self._channel.recv(_LARGEST_REPORT)
            except BlockingIOError:
                return False
            except ConnectionResetError:  # it ended with requests unread; its last reports follow
                continue
            except OSError:
                return True
            if not packet:
                return True
            self._process_report(json.loads(packet))
        return False

    def _process_report(self, report: dict[str, Any]) -> None:
        number = int(report.get("number", 0))
        if "ready" in report:
            self._is_ready = True
        elif "problem" in report:
            self._fail(report["problem"])
        elif "pid" in report:
            self._has_forked = True
            self._forks[number] = fork = ForkedProcess(report["pid"])
            if not self._answer(number, fork):
                fork.kill()  # its caller has given up
        elif number in self._forks:
            self._forks.pop(number).end(report["code"])
        else:
            self._answer(number, WarmProcessFailed(f"a fork ended with {report['code']}"))

    def _answer(self, number: int, answer: ForkedProcess | WarmProcessFailed) -> bool:
        """Pass ``answer`` to the caller that waits for it, and return whether there is one."""
        fork = self._waiting.get(number)
        if fork is None or fork.done():
            return False
        if isinstance(answer, ForkedProcess):
            fork.set_result(answer)
        else:
            fork.set_exception(answer)
        return True

    def _fail(self, why: str, *, silent: bool = False) -> None:
        """Give up the process. Its forks live on, and end with the server. ``silent``: the process ends its forks when
        it sees that the channel is closed."""
        if not silent:
            logging.getLogger(__name__).warning(
                "the process that kernels are forked from has failed: %s", why
            )
        self._is_hopeless = self._is_hopeless or not self._has_forked
        process, self._process = self._process, None
        if self._channel is not None and process is not None and not silent:
            process.kill()  # before the channel is closed, at which it would end its forks
            process.wait()
            self._channel.shutdown(socket.SHUT_RD)  # a fork that cannot report its start ends
            self._read_reports()
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
            self._channel = None
        self._forks.clear()
        for number in self._waiting:
            self._answer(number, WarmProcessFailed(why))


def bare_environment() -> dict[str, str]:
    """Return the variables that the process starts with. It imports this same package."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}
    package = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return kept
