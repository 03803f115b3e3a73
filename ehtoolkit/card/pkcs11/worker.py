"""The process that holds a PKCS#11 module, or asks PC/SC: ``python -m ehtoolkit.card.pkcs11.worker [MODULE]``.

A module may hang, crash, print and keep Python's lock while a person types; here it does so alone. The client
speaks over the pipes, one request at a time: the answer is any number of ``{"progress": true}``, then
``{"result": …}`` or ``{"error": …}``. The process ends with its standard input. PC/SC, which may wait for its daemon
without an end, is asked without a module.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from ehtoolkit import errors
from ehtoolkit.system.worker_process import read_message, take_channel, write_message

if TYPE_CHECKING:
    from ehtoolkit.card.pkcs11.module import CardModule

_GRACE_SECONDS: Final = 10.0


class Worker:
    """Answers requests to a module, or to PC/SC; the module is imported at its first request."""

    def __init__(self, module: str, progress: Callable[[], None]) -> None:
        self._path = module
        self._progress = progress
        self._module: CardModule | None = None

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of one request. Raises `errors.CardError`, `errors.ModuleMissing` without PyKCS11."""
        if request["call"] == "readers":
            from ehtoolkit.card import pcsc

            return pcsc.look(request["library"])
        if self._module is None:
            try:
                import PyKCS11  # noqa: F401
            except ImportError as error:
                raise errors.ModuleMissing(module="PyKCS11", reason="extra") from error
            from ehtoolkit.card.pkcs11.module import CardModule

            self._module = CardModule(self._path, self._progress)
        return self._module.answer(request)


def _limit(seconds: float) -> None:
    """Let the system end this process when it is stuck although its client is gone; 0: no more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _serve(module: str, requests: IO[bytes], answers: IO[bytes]) -> None:
    seconds = 0.0

    def progress() -> None:
        _limit(seconds)
        write_message(answers, {"progress": True})

    worker = Worker(module, progress)
    write_message(answers, {"ready": True})
    while (request := read_message(requests)) is not None:
        seconds = request["seconds"] + _GRACE_SECONDS
        _limit(seconds)
        try:
            answer: dict[str, Any] = {"result": worker.answer(request)}
        except errors.CardError as error:
            answer = {"error": type(error).__name__, "facts": error.facts}
        _limit(0)
        write_message(answers, answer)


def main(arguments: Sequence[str]) -> None:
    requests, answers = take_channel()
    try:
        _serve(arguments[0] if arguments else "", requests, answers)
    except OSError:  # the client is gone
        return


if __name__ == "__main__":
    main(sys.argv[1:])
