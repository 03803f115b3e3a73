"""Read the entries of JKS and JCEKS files, which follow each other.

Each key is encrypted by itself, and a digest over everything with the password in it comes last (OpenJDK,
``JavaKeyStore`` and ``JceKeyStore``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits

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
        text = units.decode("utf-8", "surrogatepass" if b"\xed" in units else "replace")
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
        alias = _text(cursor)
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


def _text(cursor: Cursor) -> str:
    try:
        return cursor.text()
    except UnicodeDecodeError as error:
        raise errors.KeystoreDamaged(reason="structure") from error


def _read_certificate(cursor: Cursor, version: int) -> bytes:
    kind = _text(cursor) if version > 1 else "X.509"
    if kind != "X.509":
        raise errors.KeystoreUnsupported(algorithm=kind)
    return cursor.take(cursor.number(4))
