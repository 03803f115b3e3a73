"""Loads and stores RSA private keys, without a check that takes as long as opening the file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_BITS: Final = range(1024, 8193)


def load_rsa_key(pkcs8: bytes) -> RSAPrivateKey:
    """The key, when its numbers belong together.

    A full check proves that both factors are prime, which takes as long as all derivations of a file together
    and guards against keys that were made to mislead. This key only has to be the one that was stored: the
    MAC says so, and arithmetic shows that no number of it has changed.

    Raises `errors.KeystoreDamaged` (reason ``key``), `errors.KeystoreUnsupported` for a key that is not RSA.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
    except UnsupportedAlgorithm as error:
        raise errors.KeystoreUnsupported(algorithm="private key") from error
    except (ValueError, TypeError) as error:
        raise errors.KeystoreDamaged(reason="key") from error
    if not isinstance(key, RSAPrivateKey):
        raise errors.KeystoreUnsupported(algorithm=type(key).__name__)
    if key.key_size not in _BITS or not _is_consistent(key):
        raise errors.KeystoreDamaged(reason="key")
    return key


def key_id_of_pkcs8(pkcs8: bytes) -> bytes | None:
    """As `key_id_of_key`, for a key of any kind; None for one that cannot be read."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from cryptography.x509 import SubjectKeyIdentifier

    try:
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
        return SubjectKeyIdentifier.from_public_key(key.public_key()).digest  # type: ignore[arg-type]
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None


def store_rsa_key(key: RSAPrivateKey) -> bytes:
    """DER of the PrivateKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def key_id_of_key(key: RSAPublicKey) -> bytes:
    """SHA-1 of the subjectPublicKey bits: the platform's PublicKeyIdentifier (RFC 5280, method 1)."""
    from cryptography.x509 import SubjectKeyIdentifier

    return SubjectKeyIdentifier.from_public_key(key).digest


def _is_consistent(key: RSAPrivateKey) -> bool:
    numbers = key.private_numbers()
    p, q, d = numbers.p, numbers.q, numbers.d
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    return (
        p > 2
        and q > 2
        and p * q == n
        and e % 2 == 1
        and e > 2
        and d * e % math.lcm(p - 1, q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )
