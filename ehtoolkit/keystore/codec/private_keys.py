"""Load and store private keys: RSA and EC for eHealth, others as far as copying and comparing them needs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import EC, kind_of_private_key

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey, PublicKey


def load_private_key(pkcs8: bytes) -> PrivateKey:
    """Load an RSA or EC key when its numbers belong together.

    A full check of an RSA key proves that both factors are prime, which takes as long as all derivations of a file
    together and guards against keys that were made to mislead. This key only has to be the one that was stored: the
    MAC says so, and arithmetic shows that no number of it has changed. An EC key is checked by the library: the point
    is on the curve and belongs to the private number.

    Raises:
        errors.KeyUnfit: its kind, length or curve is none that eHealth uses; nothing was computed with it.
        errors.KeystoreDamaged: reason ``key``; ``key_point`` for an EC key whose point is not its own.
    """
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        kind = kind_of_private_key(pkcs8)
        if kind.fault is not None:
            raise errors.KeyUnfit(kind=str(kind), reason=str(kind.fault))
    except ValueError as error:
        raise errors.KeystoreDamaged(reason="key") from error
    try:
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
    except UNREADABLE as error:
        if kind.algorithm == EC:
            raise errors.KeystoreDamaged(reason="key_point") from error
        raise errors.KeystoreDamaged(reason="key") from error
    if isinstance(key, RSAPrivateKey):
        if not _is_consistent(key):
            raise errors.KeystoreDamaged(reason="key")
        return key
    assert isinstance(key, EllipticCurvePrivateKey)  # noqa: S101  # by its kind
    return key


def key_id_of_pkcs8(pkcs8: bytes) -> bytes | None:
    """Return the key identifier as `key_id_of_key` does, for a key of any kind; None for one that cannot be read, or
    that costs too much to read."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    from ehtoolkit.crypto.certificates import UNREADABLE
    from ehtoolkit.crypto.x509 import key_identifier

    try:
        if not kind_of_private_key(pkcs8).loadable:
            return None
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
        return key_identifier(key.public_key())  # type: ignore[arg-type]
    except UNREADABLE:
        return None


def store_private_key(key: PrivateKey) -> bytes:
    """Return the DER of the PrivateKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def key_id_of_key(key: PublicKey) -> bytes:
    """Return the SHA-1 of the subjectPublicKey bits: the platform's PublicKeyIdentifier (RFC 5280, method 1)."""
    from ehtoolkit.crypto.x509 import key_identifier

    return key_identifier(key)


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
