"""Check the certificates of a card: usable or not, whose they are, what they signed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage, NameOID, ObjectIdentifier

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardIdentity, CardKey
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
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), SHA256())
        elif isinstance(key, EllipticCurvePublicKey):
            half = (key.key_size + 7) // 8
            if len(signature) != 2 * half:
                return False
            r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            key.verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def raw_signature(signature: bytes, key_size: int) -> bytes:
    """Return an ECDSA signature in DER as r‖s, as cards and XML signatures have it; ``key_size`` in bits."""
    half = (key_size + 7) // 8
    r, s = decode_dss_signature(signature)
    return r.to_bytes(half) + s.to_bytes(half)


def _subject(certificate: Certificate, kind: ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(kind)
    return str(values[0].value) if values else ""
