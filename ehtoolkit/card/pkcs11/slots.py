"""Find the eIDs among all slots of a PKCS#11 module, and translate its return codes. Runs in the worker only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import PyKCS11

from ehtoolkit import errors
from ehtoolkit.card.modules import ModuleKind, is_virtual

EID_LABEL: Final = "BELPIC"
"""Label of the token; OpenSC puts the name of the PIN behind it."""

Progress = Callable[[], None]
"""Called after every step that the module took: the client then goes on waiting."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A reader with an eID in it. ``protected``: the reader has a key pad and asks for the PIN itself."""

    number: int
    reader: str
    serial: str
    protected: bool


def find_card(module: PyKCS11.PyKCS11Lib, reader: str | None, serial: str | None, progress: Progress) -> Slot:
    """Return the slot with the eID: the one of ``serial`` where it is given, of ``reader`` where that is given, else
    the only one that there is.

    Raises `errors.CardRemoved` when the card of ``serial`` is not there any more; without a ``serial``,
    `errors.MultipleCards` when nothing says which of several is meant, and what `find_cards` raises.
    """
    if serial is None:
        found = find_cards(module, reader, progress)
        if len(found) > 1:
            raise errors.MultipleCards(readers=", ".join(card.reader for card in found))
        return found[0]
    for card in _SlotScan(reader).cards(module, progress):
        if card.serial == serial:
            return card
    raise errors.CardRemoved


def find_cards(module: PyKCS11.PyKCS11Lib, reader: str | None, progress: Progress) -> list[Slot]:
    """Return every slot with an eID, in the module's order, never none; those of ``reader`` alone where it is given.

    ``reader``: the name of a reader, or a part of it where no reader is called exactly so.

    Raises `errors.SmartCardServiceMissing` when there is no slot, `errors.ReaderUnknown` when ``reader`` is not
    among them, `errors.NotAnEid` when there are only cards of other kinds, `errors.CardFault` when there is
    nothing but a slot in trouble, else `errors.CardAbsent`.
    """
    scan = _SlotScan(reader)
    found: dict[str | int, Slot] = {}
    for card in scan.cards(module, progress):
        # OpenSC may show one card in several slots, one for each of its PINs.
        found.setdefault(card.serial or card.number, card)
    if not found:
        raise scan.finding()
    return list(found.values())


class _SlotScan:
    """Look at every slot once. A fault of one slot does not hide the card in another."""

    def __init__(self, reader: str | None) -> None:
        self._reader = reader
        self._names: list[str] = []
        self._looked = False
        self._foreign: str | None = None
        self._trouble: errors.CardError | None = None

    def cards(self, module: PyKCS11.PyKCS11Lib, progress: Progress) -> Iterator[Slot]:
        numbers = module.getSlotList(tokenPresent=False)
        names = self._names = _distinct([_reader_name(module, number) for number in numbers])
        for number, name in zip(numbers, names, strict=True):
            if not self._wants(name):
                continue
            self._looked = True
            card = self.look(module, number, name)
            progress()
            if card is not None:
                yield card

    def _wants(self, name: str) -> bool:
        if self._reader is None:
            return not is_virtual(name)
        if self._reader == name:
            return True
        return self._reader not in self._names and self._reader.lower() in name.lower()

    def finding(self) -> errors.CardError:
        if not self._names:
            return errors.SmartCardServiceMissing()
        if not self._looked and self._reader is not None:
            return errors.ReaderUnknown(reader=self._reader, known=", ".join(filter(None, self._names)))
        if self._foreign is not None:
            return errors.NotAnEid(reader=self._foreign)
        return self._trouble or errors.CardAbsent()

    def look(self, module: PyKCS11.PyKCS11Lib, number: int, name: str) -> Slot | None:
        """Return the eID in that slot, of the reader ``name``; None for anything else there, of which what `finding`
        needs is kept."""
        try:
            token = module.getTokenInfo(number)
        except PyKCS11.PyKCS11Error as error:
            if error.value == PyKCS11.CKR_TOKEN_NOT_RECOGNIZED:
                self._is_foreign(name)
            elif error.value not in (PyKCS11.CKR_TOKEN_NOT_PRESENT, PyKCS11.CKR_DEVICE_REMOVED):
                self._trouble = to_error(error.value)
            return None
        if _plain(token.label).startswith(EID_LABEL):
            protected = bool(token.flags & PyKCS11.CKF_PROTECTED_AUTHENTICATION_PATH)
            return Slot(number, name, _plain(token.serialNumber), protected)
        if token.flags & PyKCS11.CKF_TOKEN_INITIALIZED:
            self._is_foreign(name)
        return None

    def _is_foreign(self, name: str) -> None:
        if not is_virtual(name):
            self._foreign = name


def _reader_name(module: PyKCS11.PyKCS11Lib, number: int) -> str:
    try:
        return _plain(module.getSlotInfo(number).slotDescription)
    except PyKCS11.PyKCS11Error:
        return ""


def _distinct(names: list[str]) -> list[str]:
    """Return the names of readers, the second of equal ones as ``NAME (2)``; an empty name stays empty. A standard's
    field cuts long names off, and two readers of one make may then be called the same."""
    counts: Counter[str] = Counter()
    apart = []
    for name in names:
        counts[name] += 1
        apart.append(f"{name} ({counts[name]})" if name and counts[name] > 1 else name)
    return apart


def _plain(text: str) -> str:
    return text.strip(" \0")


# ── Return codes ─────────────────────────────────────────────────────────────────────────────────────────
LOAD_FAILED: Final = -1
"""PyKCS11's own code: the file is not there or is no library."""
NO_FUNCTION_LIST: Final = -4
"""PyKCS11's own code: a library, but not a PKCS#11 module."""

_MEANINGS: Final[Mapping[int, type[errors.CardError]]] = {
    PyKCS11.CKR_CANCEL: errors.PinCancelled,
    PyKCS11.CKR_FUNCTION_CANCELED: errors.PinCancelled,
    PyKCS11.CKR_PIN_INVALID: errors.PinMalformed,
    PyKCS11.CKR_PIN_LEN_RANGE: errors.PinMalformed,
    PyKCS11.CKR_PIN_LOCKED: errors.PinBlocked,
    PyKCS11.CKR_DEVICE_REMOVED: errors.CardRemoved,
    PyKCS11.CKR_SESSION_CLOSED: errors.CardRemoved,
    PyKCS11.CKR_SESSION_HANDLE_INVALID: errors.CardRemoved,
    PyKCS11.CKR_SLOT_ID_INVALID: errors.CardRemoved,
    PyKCS11.CKR_TOKEN_NOT_PRESENT: errors.CardAbsent,
}
_MALFORMED: Final = {
    ModuleKind.OFFICIAL: PyKCS11.CKR_FUNCTION_FAILED,
    ModuleKind.OPENSC: PyKCS11.CKR_ARGUMENTS_BAD,
}


def is_malformed(code: int, kind: ModuleKind) -> bool:
    """Return whether the answer to a login says that a PIN typed elsewhere (on the reader's key pad) was too short or
    too long and never reached the card. Both codes mean anything at all in other calls, and after a PIN of ours, whose
    form was looked at before."""
    return _MALFORMED.get(kind) == code


def to_error(code: int) -> errors.CardError:
    """Return our error for a return code.

    PIN_INCORRECT, TOKEN_NOT_RECOGNIZED and FUNCTION_NOT_SUPPORTED need to know more and are handled where they happen;
    a malformed PIN is decided by `is_malformed`.
    """
    meaning = _MEANINGS.get(code)
    return errors.CardFault(code=str(PyKCS11.CKR.get(code, hex(code)))) if meaning is None else meaning()
