"""Read the entries of JKS and JCEKS files, which follow each other.

Each key is encrypted by itself, and a digest over everything with the password in it comes last (OpenJDK,
``JavaKeyStore`` and ``JceKeyStore``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.protection import salt_and_iterations
from ehtoolkit.keystore.codec.structure import Element
from ehtoolkit.secret import Secret

DIGEST_LENGTH: Final = 20
"""Bytes of the digest that ends a file."""

_VERSIONS: Final = (1, 2)
_KEY, _CERTIFICATE, _SECRET_KEY = 1, 2, 3


@dataclass(frozen=True, slots=True)
class JavaEntry:
    """An entry of a Java keystore.

    Attributes:
        protected: the encrypted key, None for a certificate alone.
        chain: leaf first, DER.
    """

    alias: str
    protected: bytes | None = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)


class Cursor:
    """Takes one value after the other, big-endian; past the end there is damage."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.position:
            raise errors.KeystoreDamaged(reason="truncated")
        self.position += length
        return self.data[self.position - length : self.position]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def text(self) -> str:
        """Take a text in Java's own UTF-8, in which every 16 bits are written by themselves."""
        units = self.take(self.number(2)).replace(b"\xc0\x80", b"\0")
        try:
            text = units.decode("utf-8", "surrogatepass" if b"\xed" in units else "replace")
        except UnicodeDecodeError as error:
            raise errors.KeystoreDamaged(reason="structure") from error
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def read_entries(cursor: Cursor) -> Iterator[JavaEntry]:
    """Yield the entries of a file.

    Raises `errors.KeystoreDamaged`, `errors.LimitExceeded`, `errors.KeystoreUnsupported` for a secret key or a
    certificate of another kind.
    """
    cursor.take(4)
    version = cursor.number(4)
    if version not in _VERSIONS:
        raise errors.KeystoreDamaged(reason="structure")
    count = cursor.number(4)
    if count > limits.ELEMENTS:
        raise errors.LimitExceeded(reason="elements", value=count, limit=limits.ELEMENTS)
    for _ in range(count):
        kind = cursor.number(4)
        alias = cursor.text()
        cursor.take(8)  # when it was made
        if kind == _SECRET_KEY:  # a Java object, whose length is unknown
            raise errors.KeystoreUnsupported(algorithm="JCEKS SecretKeyEntry")
        if kind == _CERTIFICATE:
            yield JavaEntry(alias, None, (_read_certificate(cursor, version),))
        elif kind == _KEY:
            protected = cursor.take(cursor.number(4))
            chain = tuple(_read_certificate(cursor, version) for _ in range(cursor.number(4)))
            yield JavaEntry(alias, protected, chain)
        else:
            raise errors.KeystoreDamaged(reason="structure")


def whole_entries(cursor: Cursor) -> Iterator[JavaEntry]:
    """Yield the entries before the first that is damaged."""
    try:
        yield from read_entries(cursor)
    except (errors.KeystoreDamaged, errors.KeystoreUnsupported):
        return


def _read_certificate(cursor: Cursor, version: int) -> bytes:
    kind = cursor.text() if version > 1 else "X.509"
    if kind != "X.509":
        raise errors.KeystoreUnsupported(algorithm=kind)
    return cursor.take(cursor.number(4))


# ── The keys ─────────────────────────────────────────────────────────────────────────────────────────────
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
