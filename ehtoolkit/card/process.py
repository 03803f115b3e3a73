"""The client's end of a worker process: start it, ask it, give it up."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Final

from ehtoolkit import errors
from ehtoolkit.card.channel import read_message, write_message

WORKER_COMMAND: Final = (sys.executable, "-P", "-m", "ehtoolkit.card.worker")
"""The module's path comes after it. ``-P``: nothing is imported from the folder that the user is in."""

_START_SECONDS: Final = 20.0
"""A cold disk may need seconds to start Python; no module has been touched by then."""
_END_SECONDS: Final = 1.0

_Answers = SimpleQueue[dict[str, Any] | None]


class WorkerProcess:
    """One process, asked by one thread at a time; `cancel` may come from another.

    Once it was given up it is gone: see `alive`. It never outlives this object.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Raises `errors.CardFault` (code ``worker``) and `errors.CardTimeout` when it does not start."""
        self._cancelled = False
        self._process, self._requests, stream = _start(command, environment)
        self._answers: _Answers = SimpleQueue()
        self._finish = weakref.finalize(self, _end, self._process, self._requests)
        Thread(target=_listen, args=(stream, self._answers), daemon=True).start()
        self._next_answer(_START_SECONDS)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The result of one request; ``seconds`` may pass between two signs of life.

        Raises the worker's `errors.CardError`; `errors.CardTimeout` when it was given up,
        `errors.PinCancelled` after `cancel`, `errors.CardFault` (code ``worker``) when it died.
        """
        try:
            write_message(self._requests, {**request, "seconds": seconds})
        except OSError as error:
            raise self._ended() from error
        answer = self._next_answer(seconds)
        while "progress" in answer:
            answer = self._next_answer(seconds)
        if "error" in answer:
            raise _error_of(answer)
        result = answer.get("result")
        if not isinstance(result, dict):
            raise self._ended()
        return result

    def cancel(self) -> None:
        """End the process in the middle of a request, because a person no longer wants to type."""
        self._cancelled = True
        _kill(self._process)

    def stop(self) -> None:
        """Let it close its session and end; a process that does not is killed. Harmless when it has ended."""
        with contextlib.suppress(OSError):
            self._requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._finish()

    def _next_answer(self, seconds: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty as error:
            self._finish()
            raise errors.CardTimeout(seconds=seconds) from error
        except BaseException:  # Ctrl-C: a late answer must not meet the next request
            self._finish()
            raise
        if answer is None:
            raise self._ended()
        return answer

    def _ended(self) -> errors.CardError:
        self._finish()
        return errors.PinCancelled() if self._cancelled else errors.CardFault(code="worker")


def _start(
    command: Sequence[str], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """The process, its standard input and its standard output."""
    # The worker finds this very package, wherever the client imported it from.
    package = str(Path(errors.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    try:
        process = subprocess.Popen(  # noqa: S603  # no shell; the module's path comes from the settings
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C in the terminal is the client's; a window dies with its module
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise errors.CardFault(code="worker") from error
    if process.stdin is None or process.stdout is None:
        raise errors.CardFault(code="worker")
    return process, process.stdin, process.stdout


def _listen(stream: IO[bytes], answers: _Answers) -> None:
    """Runs in a thread of its own until the process is gone."""
    with stream:
        while (message := read_message(stream)) is not None:
            answers.put(message)
    answers.put(None)


def _error_of(answer: Mapping[str, Any]) -> errors.CardError:
    kind = getattr(errors, str(answer["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, errors.CardError)):
        return errors.CardFault(code="worker")
    return kind(**answer.get("facts", {}))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what its module started (the windows that ask for a PIN)."""
    if process.returncode is not None:  # reaped: its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _end(process: subprocess.Popen[bytes], requests: IO[bytes]) -> None:
    """Kill and reap it, and close our end of its input."""
    _kill(process)
    process.wait()
    with contextlib.suppress(OSError):
        requests.close()
