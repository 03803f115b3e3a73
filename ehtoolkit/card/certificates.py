"""Check the certificates of a card: usable or not, whose they are, what they signed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage, NameOID, ObjectIdentifier

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardIdentity, CardKey
from ehtoolkit.crypto.signatures import der_signature, verify
from ehtoolkit.identity import Niss, Person

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
    try:
        return certificate.extensions.get_extension_for_class(KeyUsage).value.content_commitment
    except (ExtensionNotFound, ValueError):
        return False


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
