"""The challenge of startETKRegistration: a serial number that only the encryption key can read."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors

SERIAL_LENGTH: Final = 16
_HASH_LENGTH: Final = 32


def solve_challenge(challenge: bytes, key: RSAPrivateKey) -> int:
    """The serial number for the encryption certificate, 1 to 2**128 - 1.

    ``challenge`` is an RSA PKCS#1 v1.5 ciphertext and the SHA-256 of the serial; the serial is the first 16
    bytes of the plaintext, unsigned and big-endian. A wrong key gives no error but random bytes (implicit
    rejection, against Bleichenbacher's attack), so it is the hash that decides. Raises
    `errors.ResponseUntrusted` (reason ``challenge``).
    """
    length = (key.key_size + 7) // 8
    ciphertext, digest = challenge[:length], challenge[length:]
    if len(digest) != _HASH_LENGTH:
        raise errors.ResponseUntrusted(reason="challenge")
    try:
        serial = key.decrypt(ciphertext, PKCS1v15())[:SERIAL_LENGTH]
    except ValueError as error:
        raise errors.ResponseUntrusted(reason="challenge") from error
    matches = hmac.compare_digest(hashlib.sha256(serial).digest(), digest)
    if len(serial) != SERIAL_LENGTH or not any(serial) or not matches:
        raise errors.ResponseUntrusted(reason="challenge")
    return int.from_bytes(serial, "big")
