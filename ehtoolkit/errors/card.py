"""Errors of the card, the reader and their software, and of the PIN."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ehtoolkit.errors.base import EhToolkitError


class CardError(EhToolkitError):
    """An error of the card, the reader or their software."""

    exit_code = 4
    certificate: str | None = None


class SmartCardServiceMissing(CardError):
    """No card reader was found."""

    key = "no_reader"


class ModuleMissing(CardError):
    """The PKCS#11 module cannot be loaded (facts: module, reason = extra for a missing PyKCS11)."""

    module: str
    reason: Literal["extra"] | None = None


class CardAbsent(CardError):
    """No card is in the reader."""


class NotAnEid(CardError):
    """The card in the reader is not a Belgian identity card (facts: reader)."""

    key = "card_foreign"
    reader: str


class CardRemoved(CardError):
    """The card was removed during the operation."""


class DifferentCardHolder(CardError):
    """The card in the reader belongs to another person than at the start (facts: holder, card)."""

    key = "card_of_another"
    holder: str
    card: str


class MultipleCards(CardError):
    """There are cards in several readers, and none was chosen (facts: readers)."""

    key = "cards_several"
    readers: str


class ReaderUnknown(CardError):
    """No connected reader has this name (facts: reader, known)."""

    reader: str
    known: str


class RealCardRefused(CardError):
    """A card in a reader, and a training platform on another computer (facts: host)."""

    host: str


class CardUnknown(CardError):
    """There is no training card with that name (facts: name, known)."""

    name: str
    known: str


class CardTimeout(CardError):
    """The card or its software did not respond in time (facts: seconds)."""

    seconds: float


class CardFault(CardError):
    """The card's software returned an error that a user cannot act on.

    (facts: code = worker | profile | signature | no_private_key | identity | subject | PKCS#11's own)
    """

    code: str


class PinError(CardError):
    """An error of the PIN."""


class PinWrong(PinError):
    """The PIN is wrong (facts: tries_left, reason = last_try for 1 | unknown_tries for None)."""

    tries_left: int | None
    reason: Literal["last_try", "unknown_tries"] | None = None


class PinBlocked(PinError):
    """The PIN is blocked after three wrong tries."""


class PinMalformed(PinError):
    """A PIN has 4 to 12 digits; this one was not sent to the card."""


class PinCancelled(PinError):
    """The PIN dialog was closed."""


class SignatureWithheld(PinError):
    """The middleware asked for the PIN and returned no signature."""


class PinNeeded(PinError):
    """This card needs a PIN, and none was given."""


class CardCertificateMissing(CardError):
    """The card has no such certificate (facts: certificate, reason = signature_alone)."""

    certificate: str
    reason: Literal["signature_alone"] | None = None


class CardCertificatesHidden(CardError):
    """The card's software shows no certificate before the PIN is given (facts: module)."""

    module: str


class CardCertificateExpired(CardError):
    """A certificate on the card is out of date (facts: certificate, date, reason = not_yet_valid)."""

    certificate: str
    date: datetime
    reason: Literal["not_yet_valid"] | None = None


class SigningUnsupported(CardError):
    """This module cannot sign with that key; the official one can (facts: module, certificate)."""

    module: str
    certificate: str


class VirtualReaderMissing(CardError):
    """No virtual reader of the smart-card service is listening (facts: reader, port)."""

    reader: int
    port: int


class VirtualReaderTaken(CardError):
    """Another card is in that virtual reader (facts: reader)."""

    reader: int
