"""Read certificates of strangers whole, and sign and verify them, with RSA or EC."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.x509 import (
    Certificate,
    DuplicateExtension,
    InvalidVersion,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
)

from ehtoolkit.crypto.keys import is_bounded

if TYPE_CHECKING:
    from asn1crypto.algos import SignedDigestAlgorithm
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    from ehtoolkit.crypto.keys import PrivateKey

    Digest = SHA256 | SHA384 | SHA512


def read_certificate(der: bytes) -> Certificate | None:
    """Read a certificate, with all its parts.

    None for one of which a part cannot be read (an empty or zeroed file, say), whose serial number is none by RFC 5280
    (zero or below: a later `cryptography` does not load it), or with whose key a verification would take too long.
    """
    try:
        # It warns of names that break a rule: a country of more than two letters, an empty attribute.
        with warnings.catch_warnings(action="ignore"):
            certificate = load_der_x509_certificate(der)
            for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions"):
                getattr(certificate, part)
            _ = certificate.signature_hash_algorithm
            usable = certificate.serial_number > 0 and is_bounded(certificate.public_key())
            return certificate if usable else None
    except UNREADABLE:
        return None


# ── What libraries raise over certificates and keys of strangers ─────────────────────────────────────────
UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    InternalError,
    InvalidVersion,
    DuplicateExtension,
    UnsupportedGeneralNameType,
)
"""Found by feeding them a great many mutated files; what else they raise is caught where a whole file is read."""


# ── Signatures of certificates, RSA and EC ───────────────────────────────────────────────────────────────
def hash_for(key: PrivateKey) -> Digest:
    """Return the hash that the field signs with: SHA-256 with RSA, for EC the one as long as the curve.

    Source: the RA module of the public connector, `csr.signature.algorithm` (SHA256WithRSA), and the certificates
    of 2025 (ecdsa-with-SHA384 under P-384).
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    if isinstance(key, RSAPrivateKey) or key.key_size < SHA384.digest_size * 8:
        return SHA256()
    return SHA384() if key.key_size == SHA384.digest_size * 8 else SHA512()


def algorithm_of(key: PrivateKey, digest: Digest) -> SignedDigestAlgorithm:
    """Return the algorithm identifier of signatures by ``key`` over ``digest``."""
    from asn1crypto.algos import SignedDigestAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    kind = "rsa" if isinstance(key, RSAPrivateKey) else "ecdsa"
    return SignedDigestAlgorithm({"algorithm": f"{digest.name}_{kind}"})


def sign(key: PrivateKey, digest: Digest, data: bytes) -> bytes:
    """Sign ``data``: RSA PKCS#1 v1.5, or ECDSA in DER."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), digest)
    return key.sign(data, ECDSA(digest))


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Return whether ``issuer``, by its name and its key, has issued ``certificate``."""
    return signature_holds(certificate, issuer) is True


def signature_holds(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Return whether ``issuer`` has issued ``certificate``; None where its name is right and it cannot be told here.

    `cryptography` refuses to ask an issuer about SHA-1 and MD5, and does verify them by its key alone: that a
    signature is weak does not make it somebody else's. Some computers forbid even that, and other algorithms are
    not known at all.
    """
    from cryptography.exceptions import InvalidSignature

    from ehtoolkit.crypto.keys import is_bounded

    try:
        if certificate.issuer != issuer.subject:
            return False
        if not is_bounded(issuer.public_key()):
            return None
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except UNREADABLE:
        return _verified(certificate, issuer)
    return True


def weak_digest(certificate: Certificate) -> str | None:
    """Return how the digest of the signature is called, ``SHA-1`` or ``MD5``; None of one that is good or unknown."""
    from cryptography.hazmat.primitives.hashes import MD5, SHA1

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
    return _verified(certificate, key) is True


def _verified(certificate: Certificate, by: CertificatePublicKeyTypes | Certificate) -> bool | None:
    """Verify the signature by a key, or that of a certificate; None where that cannot be done here."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

    from ehtoolkit.crypto.keys import is_bounded

    try:
        key = by.public_key() if isinstance(by, Certificate) else by
        digest = certificate.signature_hash_algorithm
        if digest is None or not is_bounded(key):
            return None
        signature, signed = certificate.signature, certificate.tbs_certificate_bytes
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(digest))
        else:
            return None
    except InvalidSignature:
        return False
    except UNREADABLE:
        return None
    return True
