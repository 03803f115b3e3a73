"""The process that holds a PKCS#11 module, or asks PC/SC: ``python -m ehtoolkit.card.pkcs11.worker [MODULE]``.

A module may hang, crash, print and keep Python's lock while a person types; here it does so alone. The client
speaks over the pipes, one request at a time: the answer is any number of ``{"progress": true}``, then
``{"result": …}`` or ``{"error": …}``. The process ends with its standard input. PC/SC, which may wait for its daemon
without an end, is asked without a module.
"""

from __future__ import annotations

import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind, kind_of
from ehtoolkit.system.worker_process import read_message, take_channel, write_message

if TYPE_CHECKING:
    from ehtoolkit.card.pkcs11.session import CardSession
    from ehtoolkit.card.pkcs11.slots import Progress, Slot

Request = Mapping[str, Any]
Result = dict[str, Any]
Found = TypeVar("Found")

_GRACE_SECONDS: Final = 10.0


class Worker:
    """Answers requests with one module, which is loaded at the first of them."""

    def __init__(self, module: str, progress: Progress) -> None:
        self._path = module
        self._progress = progress
        self._module: Any = None
        self._kind = ModuleKind.OTHER
        self._version = ""
        self._reader = ""
        self._most = 0
        self._stale = False

    def answer(self, request: Request) -> Result:
        """Return the result of one request to the module, or to PC/SC. Raises `errors.CardError`."""
        if request["call"] == "readers":
            from ehtoolkit.card import pcsc

            return pcsc.look(request["library"])
        try:
            import PyKCS11
        except ImportError as error:
            raise errors.ModuleMissing(module="PyKCS11", reason="extra") from error
        try:
            return self._answer(request)
        except PyKCS11.PyKCS11Error as error:
            raise self._error_of(error.value, request) from error

    def _answer(self, request: Request) -> Result:
        from ehtoolkit.card.pkcs11.session import CardSession
        from ehtoolkit.card.pkcs11.slots import find_card

        if request["call"] == "about":
            return self._about()
        self._load()
        if request["call"] == "list":
            return self._list(request["reader"])
        wished, serial = request["reader"], request["serial"]
        slot = self._find(lambda: find_card(self._module, wished, serial, self._progress))
        self._reader = slot.reader
        if request["call"] == "present":
            return self._present(slot)
        with (
            self._noticing_a_pull(slot, request["call"]),
            CardSession.opened(self._module, slot, self._progress) as session,
        ):
            return _CALLS[request["call"]](session, self._kind, request)

    def _about(self) -> Result:
        """Return what the module says of itself; no session is opened. Raises `errors.ModuleMissing`."""
        import PyKCS11

        try:
            self._load()
        except PyKCS11.PyKCS11Error as error:
            raise errors.ModuleMissing(module=self._path) from error
        return {"kind": self._kind.value, "version": self._version}

    def _list(self, reader: str | None) -> Result:
        """Return all cards, for the user to choose from."""
        from ehtoolkit.card.pkcs11.slots import find_cards

        found = self._find(lambda: find_cards(self._module, reader, self._progress))
        self._stale = len(found) < self._most
        self._most = max(self._most, len(found))
        return {"cards": [self._present(slot) for slot in found]}

    def _find(self, look: Callable[[], Found]) -> Found:
        """Return what ``look`` finds. Where it raises, the module is initialised again before the next look.

        Some modules look for services, readers and cards then, and only then, so that this goes for a module in which
        there is no card, or not the right one. One in trouble gets that next look at once.
        """
        import PyKCS11

        try:
            try:
                return look()
            except (errors.CardFault, PyKCS11.PyKCS11Error):
                self._stale = True
                self._load()
                return look()
        except (errors.CardError, PyKCS11.PyKCS11Error):
            self._stale = True
            raise

    @contextmanager
    def _noticing_a_pull(self, slot: Slot, call: str) -> Iterator[None]:
        """Check after the block that the card is still there. Raises `errors.CardRemoved` when it was pulled.

        A card that was pulled in the middle may look like one that lacks things, or like any trouble. A signature, and
        what has to do with the PIN, stand: the card was there. Of these, `errors.SignatureWithheld` alone is followed
        by a check.
        """
        from ehtoolkit.card.pkcs11.slots import find_card

        try:
            yield
        except errors.SignatureWithheld:
            find_card(self._module, slot.reader, slot.serial, self._progress)
            raise
        except errors.PinError:
            raise
        except Exception:
            find_card(self._module, slot.reader, slot.serial, self._progress)
            raise
        if call != "sign":
            find_card(self._module, slot.reader, slot.serial, self._progress)

    def _load(self) -> None:
        if self._module is not None and self._stale:
            from ehtoolkit.card.pkcs11.pykcs11_internals import initialise_again

            if not initialise_again(self._module):
                self._module = None
        self._stale = False
        if self._module is not None:
            return
        import PyKCS11

        module = PyKCS11.PyKCS11Lib()
        module.load(self._path)
        about = module.getInfo()
        self._kind = kind_of(Path(self._path).name, about.manufacturerID, about.libraryDescription)
        self._version = ".".join(map(str, about.libraryVersion))
        self._module = module
        self._progress()

    def _present(self, slot: Slot) -> Result:
        return {
            "reader": slot.reader,
            "serial": slot.serial,
            "protected": slot.protected,
            "kind": self._kind.value,
        }

    def _error_of(self, code: int, request: Request) -> errors.CardError:
        import PyKCS11

        from ehtoolkit.card.pkcs11.slots import LOAD_FAILED, NO_FUNCTION_LIST, to_error

        if code in (LOAD_FAILED, NO_FUNCTION_LIST):
            return errors.ModuleMissing(module=self._path)
        if code == PyKCS11.CKR_TOKEN_NOT_RECOGNIZED:
            return errors.NotAnEid(reader=self._reader)
        if code == PyKCS11.CKR_FUNCTION_NOT_SUPPORTED and request["call"] == "sign":
            return errors.SigningUnsupported(module=self._path, certificate=request["key"])
        return to_error(code)


def _certificates(session: CardSession, kind: ModuleKind, request: Request) -> Result:
    """Return the certificates by label, in base64. Raises `errors.CardCertificatesHidden` where the module shows none
    before a login.

    Real cards mark their certificates as private: OpenSC goes by that, and shows none before a login. The official
    module shows them. They are not read after one either: OpenSC then shows the two of the keys, and never those of the
    authorities, without which the platform believes no signature.
    """
    found = session.certificates()
    if not found and kind is not ModuleKind.OFFICIAL and session.wants_login:
        raise errors.CardCertificatesHidden(module=kind.value)
    return _encoded(found)


def _data(session: CardSession, kind: ModuleKind, request: Request) -> Result:
    """Return the data objects of ``labels``, in base64; without the first of them the card has none, and the rest is
    not looked for."""
    first, *others = request["labels"]
    found = session.data([first])
    if found:
        found |= session.data(others)
    return _encoded(found)


def _tries(session: CardSession, kind: ModuleKind, request: Request) -> Result:
    return {"tries_left": session.tries_left()}


def _sign(session: CardSession, kind: ModuleKind, request: Request) -> Result:
    """Return the signature that the request asks for, in base64. With ``log_in`` the ``pin`` goes to the card first;
    None lets the reader ask for it."""
    pin = request["pin"]
    if request["log_in"]:
        _login(session, kind, pin)
    standard = kind is not ModuleKind.OFFICIAL
    data = b64decode(request["data"])
    signature = _signed(session, request, data, pin, standard)
    return {"signature": b64encode(signature).decode()}


def _signed(session: CardSession, request: Request, data: bytes, pin: str | None, standard: bool) -> bytes:
    """Return the signature. Raises `errors.SignatureWithheld` where the module itself has asked for the PIN and fails
    without a reason: it got none. The official window on Linux hands on the word CANCEL as if it were one."""
    import PyKCS11

    try:
        return session.sign(request["key"], request["elliptic"], data, pin, standard)
    except PyKCS11.PyKCS11Error as error:
        if error.value == PyKCS11.CKR_FUNCTION_FAILED and not request["log_in"]:
            raise errors.SignatureWithheld from error
        raise


def _login(session: CardSession, kind: ModuleKind, pin: str | None) -> None:
    import PyKCS11

    from ehtoolkit.card.pkcs11.slots import is_malformed

    try:
        session.login(pin)
    except PyKCS11.PyKCS11Error as error:
        if pin is None and is_malformed(error.value, kind):
            raise errors.PinMalformed from error
        raise


_CALLS: Final[Mapping[str, Callable[[CardSession, ModuleKind, Request], Result]]] = {
    "certificates": _certificates,
    "data": _data,
    "tries": _tries,
    "sign": _sign,
}


def _encoded(values: Mapping[str, bytes]) -> Result:
    return {label: b64encode(value).decode() for label, value in values.items()}


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
