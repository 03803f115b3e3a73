"""Finds the eID among all slots of a PKCS#11 module. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import PyKCS11

from ehtoolkit import errors
from ehtoolkit.card import codes
from ehtoolkit.card.virtual_readers import is_virtual

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
    """The slot with the eID: the one of ``serial`` where it is given, of ``reader`` where that is given, else
    the first.

    Raises `errors.CardRemoved` when the card of ``serial`` is not there any more; without a ``serial``,
    `errors.SmartCardServiceMissing` when there is no slot, `errors.CardForeign` when there are only cards of
    other kinds, `errors.CardFault` when there is nothing but a slot in trouble, else `errors.CardAbsent`.
    """
    walk = _Walk()
    for card in walk.cards(module, reader, progress):
        if serial is None or card.serial == serial:
            return card
    if serial is not None:
        raise errors.CardRemoved
    raise walk.finding()


class _Walk:
    """One look at every slot. Whatever is wrong with one of them does not hide the card in another."""

    def __init__(self) -> None:
        self._slots = 0
        self._foreign: str | None = None
        self._trouble: errors.CardError | None = None

    def cards(self, module: PyKCS11.PyKCS11Lib, reader: str | None, progress: Progress) -> Iterator[Slot]:
        for number in module.getSlotList(tokenPresent=False):
            name = _reader_name(module, number)
            if reader is not None and reader != name:
                continue
            self._slots += 1
            card = self._look(module, number, name)
            progress()
            if card is not None:
                yield card

    def finding(self) -> errors.CardError:
        if self._slots == 0:
            return errors.SmartCardServiceMissing()
        if self._foreign is not None:
            return errors.CardForeign(reader=self._foreign)
        return self._trouble or errors.CardAbsent()

    def _look(self, module: PyKCS11.PyKCS11Lib, number: int, name: str) -> Slot | None:
        try:
            token = module.getTokenInfo(number)
        except PyKCS11.PyKCS11Error as error:
            if error.value == codes.TOKEN_NOT_RECOGNIZED:
                self._is_foreign(name)
            elif error.value not in (codes.TOKEN_NOT_PRESENT, codes.DEVICE_REMOVED):
                self._trouble = codes.error_of(
                    error.value, str(PyKCS11.CKR.get(error.value, hex(error.value)))
                )
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


def _plain(text: str) -> str:
    return text.strip(" \0")
