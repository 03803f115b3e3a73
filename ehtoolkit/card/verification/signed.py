"""Signatures of the National Register over the files of a card, and the hash of the photo."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import Certificate

from ehtoolkit.crypto.library_errors import UNREADABLE

_HASHES: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA1())  # noqa: S303  # of old cards
"""Cards of all ages: SHA-1 first, SHA-256 then, SHA-384 with EC keys. The file does not name the one it took."""
_PHOTO_HASHES: Final = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Algorithm by the length of its value in bytes."""


def has_signed(certificate: Certificate, data: bytes, signature: bytes) -> bool:
    """Whether ``signature`` over ``data`` is by the key of ``certificate``: RSA PKCS#1 v1.5, or ECDSA as r‖s or DER,
    over any of the hashes that cards have had."""
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return any(_rsa_holds(key, data, signature, one) for one in _HASHES)
    if isinstance(key, EllipticCurvePublicKey):
        forms = list(_forms(signature, (key.key_size + 7) // 8))
        return any(_ec_holds(key, data, form, one) for form in forms for one in _HASHES)
    return False


def is_photo(photo: bytes, digest: bytes) -> bool | None:
    """Whether ``digest`` is of ``photo``, with or without the zeros that fill its file; None for a kind of hash that
    is not known."""
    algorithm = _PHOTO_HASHES.get(len(digest))
    if algorithm is None:
        return None
    values = (hashlib.new(algorithm, one, usedforsecurity=False) for one in (photo, photo.rstrip(b"\0")))
    return any(hmac.compare_digest(value.digest(), digest) for value in values)


def _rsa_holds(key: RSAPublicKey, data: bytes, signature: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(signature, data, PKCS1v15(), algorithm)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _ec_holds(
    key: EllipticCurvePublicKey, data: bytes, signature: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    try:
        key.verify(signature, data, ECDSA(algorithm))
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _forms(signature: bytes, half: int) -> Iterator[bytes]:
    """The DER signatures that ``signature`` can mean."""
    if len(signature) == 2 * half:
        yield encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    yield signature
