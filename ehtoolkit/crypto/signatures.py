"""Sign and verify with RSA and EC: data, certificates by their issuers, and paths of certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from ehtoolkit.crypto.certificates import UNREADABLE, is_authority
from ehtoolkit.crypto.keys import is_bounded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
    from cryptography.x509 import Certificate

    from ehtoolkit.crypto.keys import PrivateKey

Digest = SHA256 | SHA384 | SHA512
_PKCS1: Final = PKCS1v15()


# ── Data ─────────────────────────────────────────────────────────────────────────────────────────────────
def sign(key: PrivateKey, digest: HashAlgorithm, data: bytes) -> bytes:
    """Sign ``data``: RSA PKCS#1 v1.5, or ECDSA in DER."""
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, _PKCS1, digest)
    return key.sign(data, ECDSA(digest))


def verify(
    key: object,
    signature: bytes,
    data: bytes,
    digest: HashAlgorithm,
    *,
    salt: int | None = None,
    prehashed: bool = False,
) -> bool | None:
    """Return whether ``signature`` over ``data`` is by ``key``; None where this computer cannot verify it.

    Args:
        key: public; RSA, or EC with a signature in DER.
        signature: as it was made.
        data: what should be signed.
        digest: that the signature is over.
        salt: bytes of salt of RSASSA-PSS; None for RSA PKCS#1 v1.5.
        prehashed: ``data`` is the digest itself.
    """
    algorithm = Prehashed(digest) if prehashed else digest
    try:
        if isinstance(key, RSAPublicKey):
            padding = _PKCS1 if salt is None else PSS(MGF1(digest), salt)
            key.verify(signature, data, padding, algorithm)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(algorithm))
        else:
            return None
    except InvalidSignature:
        return False
    except UNREADABLE:
        return None
    return True


def raw_signature(signature: bytes, key_size: int) -> bytes:
    """Return an ECDSA signature in DER as r‖s, as cards and XML signatures have it; ``key_size`` in bits."""
    half = (key_size + 7) // 8
    r, s = decode_dss_signature(signature)
    return r.to_bytes(half) + s.to_bytes(half)


def der_signature(signature: bytes) -> bytes:
    """Return an ECDSA signature that is r‖s in DER; the inverse of `raw_signature`."""
    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────
def hash_for(key: PrivateKey) -> Digest:
    """Return the hash that the field signs with: SHA-256 with RSA, for EC the one as long as the curve.

    Source: the RA module of the public connector, `csr.signature.algorithm` (SHA256WithRSA), and the certificates
    of 2025 (ecdsa-with-SHA384 under P-384).
    """
    if isinstance(key, RSAPrivateKey) or key.key_size < SHA384.digest_size * 8:
        return SHA256()
    return SHA384() if key.key_size == SHA384.digest_size * 8 else SHA512()


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Return whether ``issuer``, by its name and its key, has issued ``certificate``."""
    return signature_holds(certificate, issuer) is True


def signature_holds(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Return whether ``issuer`` has issued ``certificate``; None where its name is right and it cannot be told here.

    `cryptography` refuses to ask an issuer about SHA-1 and MD5, and does verify them by its key alone: that a
    signature is weak does not make it someone else's. Some computers forbid even that, and other algorithms are
    not known at all.
    """
    try:
        if certificate.issuer != issuer.subject:
            return False
        if not is_bounded(issuer.public_key()):
            return None
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except UNREADABLE:
        return _verified(certificate, issuer.public_key)
    return True


def path_to_anchor(
    certificate: Certificate,
    candidates: Iterable[Certificate],
    anchors: Sequence[Certificate],
    has_issued: Callable[[Certificate, Certificate, int], bool],
    longest: int,
) -> tuple[Certificate, ...] | None:
    """Return ``certificate`` and the authorities above it up to one of ``anchors``; None without such a path.

    Of several paths it is the shortest, and the first of those: an authority whose key is in two certificates is on a
    path by each of them.

    Args:
        candidates: authorities that may be on the path, anchors too.
        has_issued: whether an authority (the second) has issued a certificate (the first), with so many authorities
            between the leaf and itself.
        longest: certificates of the longest path.
    """
    left = [candidate for candidate in dict.fromkeys(candidates) if candidate != certificate]
    paths: list[tuple[Certificate, ...]] = [(certificate,)]
    for path in paths:  # longer ones are added at the end
        if path[-1] in anchors:
            return path
        if len(path) < longest:
            above = [candidate for candidate in left if has_issued(path[-1], candidate, len(path) - 1)]
            # Each is an issuer once: those that sign each other would else be gone through in every order.
            left = [candidate for candidate in left if candidate not in above]
            paths += [(*path, issuer) for issuer in above]
    return None


_DEPTH: Final = 5
"""Certificates on a path to a root of cards."""


def path_to_root(
    certificate: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> tuple[Certificate, ...] | None:
    """Return ``certificate`` and the authorities above it, from ``others``, up to one of ``anchors``; None without a
    way.

    Signatures and the right to sign certificates are looked at, dates are not.
    """

    def has_issued(lower: Certificate, upper: Certificate, _: int) -> bool:
        return is_authority(upper) and is_issued_by(lower, upper)

    return path_to_anchor(certificate, (*anchors, *others), anchors, has_issued, _DEPTH)


def weak_digest(certificate: Certificate) -> str | None:
    """Return how the digest of the signature is called, ``SHA-1`` or ``MD5``; None of one that is good or unknown."""
    try:
        digest = certificate.signature_hash_algorithm
    except UNREADABLE:
        return None
    return "SHA-1" if isinstance(digest, SHA1) else "MD5" if isinstance(digest, MD5) else None


def is_signed_by(certificate: Certificate, key: CertificatePublicKeyTypes) -> bool:
    """Return whether the signature of ``certificate`` is by ``key``, RSA (PKCS#1 v1.5) or EC.

    The issuer's name does not matter, and that it is no authority: holders sign their encryption certificates
    themselves.
    """
    return _verified(certificate, lambda: key) is True


def _verified(certificate: Certificate, public_key: Callable[[], object]) -> bool | None:
    """Verify the signature of ``certificate`` by a public key; None where that cannot be done here."""
    try:
        key, digest = public_key(), certificate.signature_hash_algorithm
        if digest is None or not is_bounded(key):
            return None
        return verify(key, certificate.signature, certificate.tbs_certificate_bytes, digest)
    except UNREADABLE:
        return None
