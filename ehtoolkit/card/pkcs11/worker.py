"""The process that holds a PKCS#11 module, or asks PC/SC: ``python -m ehtoolkit.card.pkcs11.worker [MODULE]``.

A module may hang, crash, print and keep Python's lock while a person types; here it does so alone. The client
speaks over the pipes, one request at a time: the answer is any number of ``{"progress": true}``, then
``{"result": …}`` or ``{"error": …}``. The process ends with its standard input. PC/SC, which may wait for its daemon
without an end, is asked without a module.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from ehtoolkit import errors
from ehtoolkit.system.worker_process import read_message, take_channel, write_message

if TYPE_CHECKING:
    from ehtoolkit.card.pkcs11.module import CardModule

_GRACE_SECONDS: Final = 10.0


def _load(path: str, progress: Callable[[], None]) -> CardModule:
    """Return the module, which is imported now. Raises `errors.ModuleMissing` without PyKCS11."""
    try:
        import PyKCS11  # noqa: F401
    except ImportError as error:
        raise errors.ModuleMissing(module="PyKCS11", reason="extra") from error
    from ehtoolkit.card.pkcs11.module import CardModule

    return CardModule(path, progress)


def _limit(seconds: float) -> None:
    """Let the system end this process when it is stuck although its client is gone; 0: no more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _serve(module: str, requests: IO[bytes], answers: IO[bytes]) -> None:
    seconds, loaded = 0.0, None

    def progress() -> None:
        _limit(seconds)
        write_message(answers, {"progress": True})

    write_message(answers, {"ready": True})
    while (request := read_message(requests)) is not None:
        seconds = request["seconds"] + _GRACE_SECONDS
        _limit(seconds)
        try:
            if request["call"] == "readers":
                from ehtoolkit.card import pcsc

                answer: dict[str, Any] = {"result": pcsc.look(request["library"])}
            else:
                loaded = loaded or _load(module, progress)
                answer = {"result": loaded.answer(request)}
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
