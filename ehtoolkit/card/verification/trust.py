"""Roots of identity cards, the path to one of them, and signatures of the National Register."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509 import Certificate

from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import common_name, is_authority
from ehtoolkit.crypto.signatures import der_signature, is_issued_by, signature_holds, verify
from ehtoolkit.finding import FindingFactory

_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class CardRoots:
    """The roots that cards are trusted by.

    Attributes:
        anchors: believed as they are, down to the last byte.
        names: the common names of roots that are believed by name when they have signed themselves; that tells a card
            of another country or of a trainer, and would not tell a forger who makes a root of that name.
        training: they are those of the training platform.
    """

    anchors: tuple[Certificate, ...] = ()
    names: frozenset[str] = frozenset()
    training: bool = False

    def anchors_with(self, others: Sequence[Certificate]) -> list[Certificate]:
        """Return the anchors, and those of ``others`` that are believed by name."""
        return [*self.anchors, *(other for other in others if self._is_named(other))]

    def _is_named(self, certificate: Certificate) -> bool:
        return common_name(certificate.subject) in self.names and is_root(certificate)


BELGIAN_ROOTS: Final = CardRoots(
    names=frozenset({"Belgium Root CA3", "Belgium Root CA4", "Belgium Root CA6"})
)


def path_to_root(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> list[Certificate] | None:
    """Return ``certificate`` and the authorities above it, from ``others``, up to one of ``anchors``; None without a
    way.

    Signatures and the right to sign certificates are looked at, dates are not. Of several ways it is the shortest, and
    the first of those: an authority whose key is in two certificates is a way by each of them.
    """
    left = [
        fromkey
        for fromkey in dict.fromkeys((*anchors, *others))
        if fromkey != certificate and is_authority(fromkey)
    ]
    paths = [[certificate]]
    for path in paths:  # longer ones are added at the end
        if path[-1] in anchors:
            return path
        if len(path) < _DEPTH:
            above = [issuer for issuer in left if is_issued_by(path[-1], issuer)]
            # Each is an issuer once: those that sign each other would else be gone through in every order.
            left = [certificate for certificate in left if certificate not in above]
            paths += ([*path, issuer] for issuer in above)
    return None


def is_root(certificate: Certificate) -> bool:
    """Return whether it issued itself. A self-signature that this computer cannot verify (SHA-1, on some systems) is
    accepted: it proves nothing about an anchor."""
    return signature_holds(certificate, certificate) is not False


# ── Findings about a card ────────────────────────────────────────────────────────────────────────────────
_CARD: Final = FindingFactory("card")
error, warning, info, ok = _CARD.error, _CARD.warning, _CARD.info, _CARD.ok


# ── Signatures of the National Register ──────────────────────────────────────────────────────────────────
_HASHES: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA1())  # noqa: S303  # of old cards
"""Cards of all ages: SHA-1 first, SHA-256 then, SHA-384 with EC keys. The file does not name the one it took."""
_PHOTO_HASHES: Final = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Algorithm by the length of its value in bytes."""


def has_signed(certificate: Certificate, data: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` over ``data`` is by the key of ``certificate``: RSA PKCS#1 v1.5, or ECDSA as r‖s or
    DER, with or without the zeros that fill its file, over any of the hashes that cards have had."""
    key, forms = certificate.public_key(), [signature]
    if isinstance(key, EllipticCurvePublicKey):
        forms = list(_forms(signature, (key.key_size + 7) // 8))
    return any(verify(key, form, data, digest) for form in forms for digest in _HASHES)


def is_photo(photo: bytes, digest: bytes) -> bool | None:
    """Return whether ``digest`` is of ``photo``, with or without the zeros that fill its file; None for a kind of hash
    that is not known."""
    algorithm = _PHOTO_HASHES.get(len(digest))
    if algorithm is None:
        return None
    values = (
        hashlib.new(algorithm, content, usedforsecurity=False) for content in (photo, photo.rstrip(b"\0"))
    )
    return any(hmac.compare_digest(value.digest(), digest) for value in values)


def _forms(signature: bytes, half: int) -> Iterator[bytes]:
    """Yield the DER signatures that ``signature`` can mean. On cards of applet 1.8 the file has one size, and zeros
    after a shorter signature."""
    if len(signature) == 2 * half:
        yield der_signature(signature)
    yield der.first_value(signature)
