"""Worker processes: start one, exchange JSON over pipes, give it up when it gives no answer.

A worker is a command (``python -P -m …``): nothing of the program that starts it runs again, be that a script, standard
input or a notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Final

START_SECONDS: Final = 20.0
"""A cold disk may need seconds to start Python."""
_END_SECONDS: Final = 1.0

_Answers = SimpleQueue[dict[str, Any] | None]


def command_of(module: str) -> tuple[str, ...]:
    """Return the command that runs ``module`` as a worker. ``-P``: nothing is imported from the folder that the user is
    in."""
    return (sys.executable, "-P", "-m", module)


class WorkerGone(Exception):
    """The process has ended, or did not start."""


class WorkerSilent(WorkerGone):
    """It gave no sign of life in ``seconds``, and was killed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class WorkerProcess:
    """One process, asked by one thread at a time; `cancel` may come from another.

    Once it was given up it is gone: see `alive`. It never outlives this object, unless the system holds it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process, and wait until it says that it is there. ``environment``: variables beside our own. Raises
        `WorkerGone` and `WorkerSilent` when it does not start."""
        self.cancelled = False
        self._process, self._requests, stream = _start(command, environment)
        self._answers: _Answers = SimpleQueue()
        self._finish = weakref.finalize(self, _end, self._process, self._requests)
        Thread(target=_listen, args=(stream, self._answers), daemon=True).start()
        self.next_answer(START_SECONDS)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: Mapping[str, Any]) -> None:
        """Send a request to the process. Raises `WorkerGone` when it has ended."""
        try:
            write_message(self._requests, request)
        except OSError as error:
            self._finish()
            raise WorkerGone from error

    def next_answer(self, seconds: float) -> dict[str, Any]:
        """Return the next message from the process; ``seconds`` may pass until then. Raises `WorkerSilent` and
        `WorkerGone`."""
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty as error:
            self._finish()
            raise WorkerSilent(seconds) from error
        except BaseException:  # Ctrl-C: a late answer must not meet the next request
            self._finish()
            raise
        if answer is None:
            self._finish()
            raise WorkerGone
        return answer

    def cancel(self) -> None:
        """End the process in the middle of a request; what waits for its answer gets `WorkerGone`."""
        self.cancelled = True
        _kill(self._process)

    def stop(self) -> None:
        """Let the process end by itself, and kill it when it does not. Harmless when it has ended."""
        with contextlib.suppress(OSError):
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._finish()


def _start(
    command: Sequence[str], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """Start the process, and return it, its standard input and its standard output."""
    # The worker finds this very package, wherever the client imported it from.
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    try:
        process = subprocess.Popen(  # noqa: S603  # no shell; what it runs is ours
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C in the terminal is the client's; a window dies with its module
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        raise WorkerGone from error
    if process.stdin is None or process.stdout is None:
        raise WorkerGone
    return process, process.stdin, process.stdout


def _listen(stream: IO[bytes], answers: _Answers) -> None:
    """Put each message of ``stream`` into ``answers``, and None once the process is gone. It runs in a thread of its
    own."""
    with stream:
        while (message := read_message(stream)) is not None:
            answers.put(message)
    answers.put(None)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it started (of a card's module: the window that asks for the PIN)."""
    if process.returncode is not None:  # reaped: its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _end(process: subprocess.Popen[bytes], requests: IO[bytes]) -> None:
    """Kill and reap the process, and close our end of its input. One that the system holds, mostly for a drive that is
    gone, ends when that lets it go, and is not waited for."""
    _kill(process)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with contextlib.suppress(OSError):
        requests.close()


# ── Messages over pipes ──────────────────────────────────────────────────────────────────────────────────
_LENGTH: Final = struct.Struct(">I")
_LIMIT: Final = 16_000_000
_STANDARD_INPUT, _STANDARD_OUTPUT, _STANDARD_ERROR = 0, 1, 2


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Send one object through ``stream``. Raises ``OSError`` when the other side is gone."""
    body = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """Return the next object of ``stream``; None when the other side is gone, or speaks something else."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _LIMIT:
        return None
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def take_channel() -> tuple[IO[bytes], IO[bytes]]:
    """Return the two pipes, of requests and of answers, out of the reach of a module that reads or prints: its standard
    input is empty and its standard output goes where its errors go."""
    requests = os.fdopen(os.dup(_STANDARD_INPUT), "rb")
    answers = os.fdopen(os.dup(_STANDARD_OUTPUT), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STANDARD_INPUT)
    os.close(nothing)
    os.dup2(_STANDARD_ERROR, _STANDARD_OUTPUT)
    return requests, answers
