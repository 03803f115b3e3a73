"""The card port: what every card can do, in software or behind PKCS#11; checks before it signs; its PIN; which card."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.modules import find_module
from ehtoolkit.crypto.certificates import allows
from ehtoolkit.identity import Niss, Person
from ehtoolkit.result_display import Displayed
from ehtoolkit.secret import Secret


class CardKey(StrEnum):
    """The two keys of a Belgian eID, named by their labels on the card."""

    AUTHENTICATION = "Authentication"
    SIGNATURE = "Signature"


class PinEntry(StrEnum):
    """Program or device that asks for the PIN: the form announces which window the user is about to see."""

    HERE = "here"
    MIDDLEWARE = "middleware"
    READER = "reader"


@dataclass(frozen=True, slots=True, repr=False)
class CardIdentity(Displayed):
    """What the chip says of its holder. Only names and NISS are sure to be there: without the identity files (OpenSC)
    they come from the Authentication certificate and the rest is empty or None.

    Attributes:
        first_names: all first given names in one string, as on the chip, without the initial of the third.
        photo: JPEG bytes.
    """

    niss: Niss
    surname: str
    first_names: str
    third_name_initial: str = ""
    birth_date: date | None = None
    birth_place: str = ""
    nationality: str = ""
    gender: str = ""
    card_number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    document_type: str = ""
    photo: bytes | None = field(default=None, repr=False)

    @property
    def person(self) -> Person:
        """The holder as the platform wants him: names and number exactly as on the card."""
        return Person(niss=self.niss, first_names=self.first_names, name=self.surname)


@dataclass(frozen=True, slots=True)
class CardFiles:
    """Files of the chip, byte by byte, with which its data can be proven; what was not to be had is empty.

    The signatures are the National Register's, whose certificate (DER) is ``rrn_certificate``: over the
    identity file, and over the address file with the identity's signature behind it.
    """

    identity: bytes = field(default=b"", repr=False)
    identity_signature: bytes = field(default=b"", repr=False)
    address: bytes = field(default=b"", repr=False)
    address_signature: bytes = field(default=b"", repr=False)
    rrn_certificate: bytes = field(default=b"", repr=False)


class Card(Protocol):
    """A card that is in a reader now. Every method may raise an `ehtoolkit.errors.CardError`."""

    @property
    def reader(self) -> str:
        """The reader's name, as a user knows it."""
        ...

    def identity(self) -> CardIdentity: ...

    def files(self) -> CardFiles:
        """Return the signed files; all of them empty where the card's software does not give them (OpenSC)."""
        ...

    def chain(self, key: CardKey) -> Sequence[Certificate]:
        """Return the key's certificate, the citizen CA and the root, in this order.

        Raises `errors.CardCertificateMissing` when the card has no such certificate.
        """
        ...

    def require_key(self, key: CardKey) -> None:
        """Make sure, without a PIN, that `sign` can be asked to use ``key``.

        Raises `errors.CardCertificateMissing`, and `errors.SigningUnsupported` where the card's software
        cannot sign with it.
        """
        ...

    def pin_entry(self, key: CardKey) -> PinEntry: ...

    def pin_tries_left(self) -> int | None:
        """Return the tries that are left before the PIN blocks; None where the card does not say."""
        ...

    def sign(self, key: CardKey, data: bytes, pin: Secret | None) -> bytes:
        """Sign ``data`` over SHA-256: RSA PKCS#1 v1.5, or ECDSA as r‖s (as XML signatures want it).

        ``pin`` is None where the middleware or the reader asks. A wrong PIN is never tried twice.
        """
        ...

    def cancel(self) -> None:
        """End, from another thread, a wait for a person who types elsewhere: that call raises
        `errors.PinCancelled`. Does nothing while no PIN is awaited."""
        ...

    def close(self) -> None: ...


# ── The PIN, and a card's key as a signer of messages ────────────────────────────────────────────────────
PinPrompt = Callable[[CardKey], Secret | None]
"""Gives the PIN for a key: asked here, or None where the middleware or the reader asks."""
PinSource = Secret | PinPrompt | None
"""A PIN, or what asks for it once the card was checked; None where the middleware or the reader asks."""


def pin_for(key: CardKey, source: PinSource) -> Secret | None:
    """Return the PIN for ``key``, asked for now. Raises what a prompt raises."""
    return source(key) if callable(source) else source


class CardSigner:
    """Signs once or more with one key of one card; the PIN lives as long as this object."""

    def __init__(self, card: Card, key: CardKey, pin: Secret | None) -> None:
        self._card = card
        self._key = key
        self._pin = pin

    @property
    def chain(self) -> Sequence[Certificate]:
        """Leaf, citizen CA and root, as the platform wants them."""
        return self._card.chain(self._key)

    def sign(self, data: bytes) -> bytes:
        return self._card.sign(self._key, data, self._pin)


# ── Checks of a card's certificates before it signs ────────────────────────────────────────────────────
BOTH_KEYS: Final = (CardKey.AUTHENTICATION, CardKey.SIGNATURE)


def check_certificates(card: Card, now: datetime, keys: Iterable[CardKey] = BOTH_KEYS) -> None:
    """Make sure, before any PIN, that the card's certificates for ``keys`` can be used at ``now``.

    Raises what `check_certificate` raises, and `errors.SigningUnsupported` where the card's software cannot
    sign with one of them.
    """
    for key in keys:
        check_certificate(card.chain(key)[0], key, now)
        card.require_key(key)


def check_holder(card: Card, person: Person) -> None:
    """Make sure that the card in the reader is still that of ``person``: it may have been pulled, and another put in.

    Raises `errors.DifferentCardHolder`.
    """
    found = card.identity().person
    if found.niss != person.niss:
        raise errors.DifferentCardHolder(holder=person.full_name, card=found.full_name)


def check_certificate(certificate: Certificate, key: CardKey, now: datetime) -> None:
    """Make sure that ``certificate`` can stand for ``key`` at ``now``.

    Raises `errors.CardCertificateMissing` for one that was never activated, and
    `errors.CardCertificateExpired` with the moment at which it ended, or (reason ``not_yet_valid``) begins.
    """
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not is_usable_for(certificate, key):
        raise errors.CardCertificateMissing(certificate=key.value)
    if now > end:
        raise errors.CardCertificateExpired(certificate=key.value, date=end)
    if now < begin:
        raise errors.CardCertificateExpired(certificate=key.value, date=begin, reason="not_yet_valid")


def is_usable_for(certificate: Certificate, key: CardKey) -> bool:
    """Return whether ``certificate`` may stand for ``key``: a Signature certificate without nonRepudiation was never
    activated."""
    return key is CardKey.AUTHENTICATION or allows(certificate, "content_commitment", without=False)


# ── The form of a PIN ────────────────────────────────────────────────────────────────────────────────────
_FORM: Final = re.compile(r"[0-9]{4,12}")


def require_pin(pin: Secret | None) -> str:
    """Return the PIN as text, if there is one and it may be shown to a card.

    Raises `errors.PinNeeded` and `errors.PinMalformed`; neither costs a try.
    """
    if pin is None:
        raise errors.PinNeeded
    if not _FORM.fullmatch(pin.reveal()):
        raise errors.PinMalformed
    return pin.reveal()


# ── The card that a setting, a command or a form means ───────────────────────────────────────────────────
TRAINING: Final = "training"
PKCS11: Final = "pkcs11"


@dataclass(frozen=True, slots=True)
class CardSpec:
    """Where a card is: a training card, or a module and a reader.

    Attributes:
        name: of a training card, or the path of a module; empty: the first of the training cards, or the module that
            is installed.
        reader: its name or a part of it, for a computer with several; None: whichever has a card.
    """

    kind: str
    name: str = ""
    reader: str | None = None

    @classmethod
    def parse(cls, text: str) -> CardSpec:
        """Read ``training:NAME``, ``pkcs11:MODULE`` or ``pkcs11:MODULE#READER``. Raises `errors.SettingInvalid` for
        another form."""
        kind, _, rest = text.partition(":")
        if kind == TRAINING:
            return cls(kind, rest)
        if kind != PKCS11:
            raise errors.SettingInvalid(setting="card")
        module, _, reader = rest.partition("#")
        return cls(kind, module, reader.strip() or None)

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.name}" + (f"#{self.reader}" if self.reader else "")

    @property
    def module(self) -> Path:
        """Raises `errors.ModuleMissing` when none is named and none is installed."""
        return Path(self.name) if self.name else find_module()

    def in_reader(self, reader: str) -> CardSpec:
        return replace(self, reader=reader)
