"""Makes keys of passwords: PBKDF2 (RFC 8018) and PKCS#12's own function (RFC 7292, appendix B)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from ehtoolkit.keystore.codec import pkcs12_function


class Function(Enum):
    """How a key is made; the value is the purpose byte of PKCS#12's function."""

    PBKDF2 = 0
    PKCS12_KEY = 1
    PKCS12_IV = 2
    PKCS12_MAC = 3


_LENGTHS: Final = {
    "sha1": 20,
    "sha224": 28,
    "sha256": 32,
    "sha384": 48,
    "sha512": 64,
    "sha512_224": 28,
    "sha512_256": 32,
}
DIGESTS: Final[Mapping[str, int]] = MappingProxyType(
    {name: length for name, length in _LENGTHS.items() if name in hashlib.algorithms_available}
)
"""The hash functions that are known, by `hashlib`'s names, and the bytes that each gives."""

# Iterations of PBKDF2 with SHA-256 that one iteration is worth, measured: with 32-bit and with 64-bit hashes.
_PBKDF2_WORK: Final = (1.0, 3.0)
_COMPILED_WORK: Final = (0.5, 1.4)
_PYTHON_WORK: Final = (2.4, 3.6)
_LONG_DIGESTS: Final = frozenset({"sha384", "sha512", "sha512_224", "sha512_256"})


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything that makes a key but the password; equal derivations of one password give equal keys.

    ``digest``: one of `DIGESTS`. ``length``: of the key, in bytes.
    """

    function: Function
    digest: str
    salt: bytes
    iterations: int
    length: int

    @property
    def work(self) -> float:
        """What it costs, in iterations of PBKDF2 with SHA-256."""
        if self.function is Function.PBKDF2:
            weights = _PBKDF2_WORK
        else:
            weights = _COMPILED_WORK if pkcs12_function.is_compiled() else _PYTHON_WORK
        blocks = -(-self.length // DIGESTS[self.digest])
        return self.iterations * blocks * weights[self.digest in _LONG_DIGESTS]


def password_inputs(function: Function, password: str) -> tuple[bytes, ...]:
    """The bytes that programs feed to ``function`` for ``password``, the usual ones first.

    PBKDF2 takes UTF-8, PKCS#12's function big-endian UTF-16 with two zero bytes at the end. For the empty
    password some programs give it these zero bytes, others nothing. The other forms are Java's, each found in
    files that it wrote; the MAC always has the usual one.

    - Beside BouncyCastle, Java 17 takes for PBKDF2 what PKCS#12's function takes, without the upper bit of
      each byte (of ASCII too, where BouncyCastle comes first); Java 25 takes the same as if it were UTF-8.
      NSS once did so, too.
    - Java 25 alone takes for PKCS#12's function UTF-8, without the upper bits, as if it were Latin-1.
    """
    text = password.encode("utf-8", "surrogatepass")
    characters = _utf16(password)
    if function is Function.PBKDF2:
        mended = characters.decode("utf-8", "replace").encode("utf-8")
        return _distinct(text, _without_upper_bits(characters), mended) if password else (text,)
    if function is Function.PKCS12_MAC:
        return (characters,) if password else (characters, b"")
    others = _utf16(_without_upper_bits(text).decode("ascii")) if password else b""
    return _distinct(characters, others)


def _utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-be", "surrogatepass")


def _without_upper_bits(octets: bytes) -> bytes:
    return bytes(octet & 0x7F for octet in octets)


def _distinct(*forms: bytes) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(forms))


def derive(derivation: Derivation, password_input: bytes) -> bytes:
    """The key; releases the interpreter's lock where it is compiled."""
    if derivation.function is Function.PBKDF2:
        return hashlib.pbkdf2_hmac(
            derivation.digest, password_input, derivation.salt, derivation.iterations, derivation.length
        )
    return pkcs12_function.derive(
        password_input,
        derivation.salt,
        derivation.function.value,
        derivation.iterations,
        derivation.length,
        derivation.digest,
    )
