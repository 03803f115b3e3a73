"""Sign what becomes a certificate, and verify who signed one, with RSA or EC."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asn1crypto.algos import SignedDigestAlgorithm
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
    from cryptography.x509 import Certificate

    from ehtoolkit.key_kinds import PrivateKey

    Digest = SHA256 | SHA384 | SHA512


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
    """Tell whether ``issuer``, by its name and its key, has issued ``certificate``."""
    from cryptography.exceptions import InvalidSignature

    from ehtoolkit.key_kinds import is_bounded
    from ehtoolkit.library_errors import UNREADABLE

    try:
        if certificate.issuer != issuer.subject or not is_bounded(issuer.public_key()):
            return False
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def is_signed_by(certificate: Certificate, key: CertificatePublicKeyTypes) -> bool:
    """Tell whether the signature of ``certificate`` is by ``key``, RSA (PKCS#1 v1.5) or EC.

    The issuer's name does not matter, and that it is no authority: holders sign their encryption certificates
    themselves.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from ehtoolkit.key_kinds import is_bounded
    from ehtoolkit.library_errors import UNREADABLE

    try:
        digest = certificate.signature_hash_algorithm
        if digest is None or not is_bounded(key):
            return False
        signature, signed = certificate.signature, certificate.tbs_certificate_bytes
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(digest))
        else:
            return False
    except (InvalidSignature, *UNREADABLE):
        return False
    return True
