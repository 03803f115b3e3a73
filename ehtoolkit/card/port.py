"""The card port: what every card can do, in software or behind PKCS#11."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from cryptography.x509 import Certificate

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


# ── A card's key as a signer of messages ─────────────────────────────────────────────────────────────────
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
