"""Open private keys as JKS and JCEKS hold them, each encrypted by itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec.algorithms import salt_and_iterations
from ehtoolkit.keystore.codec.ber import Element
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.secret import Secret

JKS_PROTECTOR: Final = "1.3.6.1.4.1.42.2.17.1.1"
JCEKS_PROTECTOR: Final = "1.3.6.1.4.1.42.2.19.1"
"""PBEWithMD5AndTripleDES."""

_SHA1: Final = 20
_SALT: Final = 8
_MD5_WORK: Final = 4.0
"""What one iteration for both halves of a key costs, in iterations of PBKDF2 with SHA-256."""


def open_java_key(
    algorithm: Element, data: bytes, password: Secret, spend: Callable[[float], None]
) -> bytes | None:
    """Return the plain key of an entry; None when the password is another.

    ``spend`` is called with the work before it is done, and may refuse it. Raises `errors.KeystoreDamaged`,
    `errors.LimitExceeded`, `errors.KeystoreUnsupported`.
    """
    oid, *parameters = algorithm.parts(least=1)
    name = oid.identifier()
    if name == JKS_PROTECTOR:
        return _open_jks(data, password)
    if name != JCEKS_PROTECTOR or not parameters:
        raise errors.KeystoreUnsupported(algorithm=name)
    salt, iterations = parameters[0].parts(least=2)[:2]
    octets, count = salt_and_iterations(salt, iterations)
    if len(octets) != _SALT:
        raise errors.KeystoreDamaged(reason="structure")
    spend(count * _MD5_WORK)
    key = _derive(password.reveal().encode("utf-8", "surrogatepass"), octets, count)
    return decrypt("des-ede3-cbc", key[:24], key[24:], data)


def encoded_password(password: Secret) -> bytes:
    """Return a password as JKS hashes it."""
    return password.reveal().encode("utf-16-be", "surrogatepass")


def _open_jks(data: bytes, password: Secret) -> bytes | None:
    """Return the plain key; None when the password is another. A chain of SHA-1 over the password and the digest before
    it was added to the key, bit by bit."""
    if len(data) < 2 * _SHA1:
        raise errors.KeystoreDamaged(reason="structure")
    secret = encoded_password(password)
    link, hidden, check = data[:_SHA1], data[_SHA1:-_SHA1], data[-_SHA1:]
    stream = bytearray()
    while len(stream) < len(hidden):
        link = hashlib.sha1(secret + link, usedforsecurity=False).digest()
        stream += link
    size = len(hidden)
    plain = (int.from_bytes(hidden, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
    digest = hashlib.sha1(secret + plain, usedforsecurity=False).digest()
    return plain if hmac.compare_digest(digest, check) else None


def _derive(secret: bytes, salt: bytes, iterations: int) -> bytes:
    """Return 24 bytes of key and 8 of initialisation vector: each half of the salt hashed on with the password."""
    md5 = partial(hashlib.md5, usedforsecurity=False)
    halves = [salt[:4], salt[4:]]
    if halves[0] == halves[1]:
        halves[0] = halves[0][::-1]
    for place in (0, 1):
        link = halves[place]
        for _ in range(iterations):
            link = md5(link + secret).digest()
        halves[place] = link
    return b"".join(halves)
