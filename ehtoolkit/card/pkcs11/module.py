"""A PKCS#11 module that answers requests about its cards. Runs in the worker only."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import PyKCS11

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind, kind_of
from ehtoolkit.card.pkcs11.pykcs11_internals import initialise_again
from ehtoolkit.card.pkcs11.session import CardSession
from ehtoolkit.card.pkcs11.slots import (
    LOAD_FAILED,
    NO_FUNCTION_LIST,
    Progress,
    Slot,
    find_card,
    find_cards,
    is_malformed,
    to_error,
)

Request = Mapping[str, Any]
Result = dict[str, Any]
Found = TypeVar("Found")


class CardModule:
    """Answers requests with one module, which is loaded at the first of them."""

    def __init__(self, path: str, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._module: Any = None
        self._kind = ModuleKind.OTHER
        self._version = ""
        self._reader = ""
        self._most = 0
        self._stale = False

    def answer(self, request: Request) -> Result:
        """Return the result of one request. Raises `errors.CardError`."""
        try:
            return self._answer(request)
        except PyKCS11.PyKCS11Error as error:
            raise self._error_of(error.value, request) from error

    def _answer(self, request: Request) -> Result:
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
            match request["call"]:
                case "certificates":
                    return self._certificates(session)
                case "data":
                    return _data(session, *request["labels"])
                case "tries":
                    return {"tries_left": session.tries_left()}
                case _:
                    return self._sign(session, request)

    def _about(self) -> Result:
        """Return what the module says of itself; no session is opened. Raises `errors.ModuleMissing`."""
        try:
            self._load()
        except PyKCS11.PyKCS11Error as error:
            raise errors.ModuleMissing(module=self._path) from error
        return {"kind": self._kind.value, "version": self._version}

    def _list(self, reader: str | None) -> Result:
        """Return all cards, for the user to choose from."""
        found = self._find(lambda: find_cards(self._module, reader, self._progress))
        self._stale = len(found) < self._most
        self._most = max(self._most, len(found))
        return {"cards": [self._present(slot) for slot in found]}

    def _find(self, look: Callable[[], Found]) -> Found:
        """Return what ``look`` finds. Where it raises, the module is initialised again before the next look.

        Some modules look for services, readers and cards then, and only then, so that this goes for a module in which
        there is no card, or not the right one. One in trouble gets that next look at once.
        """
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
        if self._module is not None and self._stale and not initialise_again(self._module):
            self._module = None
        self._stale = False
        if self._module is not None:
            return
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

    def _certificates(self, session: CardSession) -> Result:
        """Return the certificates by label, in base64. Raises `errors.CardCertificatesHidden` where the module shows
        none before a login.

        Real cards mark their certificates as private: OpenSC goes by that, and shows none before a login. The official
        module shows them. They are not read after one either: OpenSC then shows the two of the keys, and never those of
        the authorities, without which the platform believes no signature.
        """
        found = session.certificates()
        if not found and self._kind is not ModuleKind.OFFICIAL and session.wants_login:
            raise errors.CardCertificatesHidden(module=self._kind.value)
        return _encoded(found)

    def _sign(self, session: CardSession, request: Request) -> Result:
        """Return the signature that the request asks for, in base64. With ``log_in`` the ``pin`` goes to the card
        first; None lets the reader ask for it.

        Raises `errors.SignatureWithheld` where the module itself has asked for the PIN and fails without a reason: it
        got none. The official window on Linux hands on the word CANCEL as if it were one.
        """
        pin, standard = request["pin"], self._kind is not ModuleKind.OFFICIAL
        if request["log_in"]:
            self._log_in(session, pin)
        try:
            signature = session.sign(
                request["key"], request["elliptic"], b64decode(request["data"]), pin, standard
            )
        except PyKCS11.PyKCS11Error as error:
            if error.value == PyKCS11.CKR_FUNCTION_FAILED and not request["log_in"]:
                raise errors.SignatureWithheld from error
            raise
        return {"signature": b64encode(signature).decode()}

    def _log_in(self, session: CardSession, pin: str | None) -> None:
        try:
            session.login(pin)
        except PyKCS11.PyKCS11Error as error:
            if pin is None and is_malformed(error.value, self._kind):
                raise errors.PinMalformed from error
            raise

    def _error_of(self, code: int, request: Request) -> errors.CardError:
        if code in (LOAD_FAILED, NO_FUNCTION_LIST):
            return errors.ModuleMissing(module=self._path)
        if code == PyKCS11.CKR_TOKEN_NOT_RECOGNIZED:
            return errors.NotAnEid(reader=self._reader)
        if code == PyKCS11.CKR_FUNCTION_NOT_SUPPORTED and request["call"] == "sign":
            return errors.SigningUnsupported(module=self._path, certificate=request["key"])
        return to_error(code)


def _data(session: CardSession, first: str, *others: str) -> Result:
    """Return the data objects of the labels, in base64; without the first of them the card has none, and the rest is
    not looked for."""
    found = session.data([first])
    return _encoded({**found, **session.data(others)} if found else {})


def _encoded(values: Mapping[str, bytes]) -> Result:
    return {label: b64encode(value).decode() for label, value in values.items()}
