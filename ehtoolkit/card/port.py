"""The card port: what every card can do, in software or behind PKCS#11, and checks before it signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, KeyUsage, NameOID, ObjectIdentifier

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import extension_of
from ehtoolkit.crypto.signatures import der_signature, verify
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
    if key is CardKey.AUTHENTICATION:
        return True
    usage = extension_of(certificate, KeyUsage)
    return usage is not None and usage.content_commitment


def holder_of(certificate: Certificate) -> CardIdentity:
    """Return names and NISS from the subject of an Authentication certificate, for cards without identity files.

    Raises `errors.CardFault` (code ``subject``) when the subject is not that of an eID.
    """
    try:
        return CardIdentity(
            niss=Niss(_subject(certificate, NameOID.SERIAL_NUMBER)),
            surname=_subject(certificate, NameOID.SURNAME),
            first_names=_subject(certificate, NameOID.GIVEN_NAME),
        )
    except errors.IdentifierInvalid as error:
        raise errors.CardFault(code="subject") from error


def is_signature(certificate: Certificate, data: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` (PKCS#1 v1.5, or r‖s) over the SHA-256 of ``data`` is the certificate's key's."""
    key = certificate.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        if len(signature) != 2 * ((key.key_size + 7) // 8):
            return False
        signature = der_signature(signature)
    return verify(key, signature, data, SHA256()) is True


def _subject(certificate: Certificate, kind: ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(kind)
    return str(values[0].value) if values else ""
