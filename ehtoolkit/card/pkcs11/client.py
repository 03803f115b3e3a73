"""The client's end of the worker process that holds a PKCS#11 module or asks PC/SC."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.system.worker_process import WorkerGone, WorkerProcess, WorkerSilent, command_of

WORKER_COMMAND: Final = command_of("ehtoolkit.card.pkcs11.worker")
"""The module's path comes after it."""


class CardWorker(WorkerProcess):
    """One process with a PKCS#11 module, asked by one thread at a time; `cancel` may come from another.

    Once it was given up it is gone: see `alive`. It never outlives this object.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process. Raises `errors.CardFault` (code ``worker``) and `errors.CardTimeout` when it does not
        start."""
        with _ours():
            super().__init__(command, environment)

    @property
    def alive(self) -> bool:
        return super().alive and not self.cancelled

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Send one request and return its result; ``seconds`` may pass between two signs of life.

        Raises the worker's `errors.CardError`; `errors.CardTimeout` when it was given up,
        `errors.PinCancelled` after `cancel`, `errors.CardFault` (code ``worker``) when it died.
        """
        with _ours(self):
            self.send({**request, "seconds": seconds})
            answer = self.next_answer(seconds)
            while "progress" in answer:
                answer = self.next_answer(seconds)
        if "error" in answer:
            raise _error_of(answer)
        result = answer.get("result")
        if not isinstance(result, dict):
            self.stop()
            raise errors.CardFault(code="worker")
        return result


class ModuleClient:
    """Asks a module in a worker process, which is started when it is needed. Threads may share it.

    Args:
        environment: variables for the worker beside our own.
        command: what starts a worker (for tests).
    """

    def __init__(
        self,
        module: Path | str,
        *,
        timeout: float = 3.0,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._timeout = timeout
        self._environment = dict(environment or {})
        self._command = (*command, str(module))
        self._lock = Lock()
        self._worker: CardWorker | None = None

    def close(self) -> None:
        """End the worker; the next call begins again."""
        with self._lock:
            self.forget()

    def _running_worker(self) -> CardWorker:
        if self._worker is None or not self._worker.alive:
            self.forget()
            self._worker = CardWorker(self._command, self._environment)
        return self._worker

    def forget(self) -> None:
        """End the worker, with the lock held."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()


def decoded(values: Mapping[str, str]) -> dict[str, bytes]:
    """Return an answer of a worker with bytes by label."""
    return {label: b64decode(value) for label, value in values.items()}


@contextmanager
def _ours(process: WorkerProcess | None = None) -> Iterator[None]:
    try:
        yield
    except WorkerSilent as error:
        raise errors.CardTimeout(seconds=error.seconds) from error
    except WorkerGone as error:
        if process is not None and process.cancelled:
            raise errors.PinCancelled from error
        raise errors.CardFault(code="worker") from error


def _error_of(answer: Mapping[str, Any]) -> errors.CardError:
    kind = getattr(errors, str(answer["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, errors.CardError)):
        return errors.CardFault(code="worker")
    return kind(**answer.get("facts", {}))
