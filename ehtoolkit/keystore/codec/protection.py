"""Protection of the parts of a file: ciphers, derivations and the MAC, as the file states them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ehtoolkit.keystore.codec.derivation import Derivation, Function


@dataclass(frozen=True, slots=True)
class Encryption:
    """How one part is encrypted.

    Attributes:
        cipher: a name of `ehtoolkit.keystore.codec.ciphers.CIPHERS`.
        iv: the initialisation vector, or how it too comes from the password.
        tag_length: of ciphers that authenticate, the bytes at the end that do so.
    """

    cipher: str
    key: Derivation
    iv: bytes | Derivation
    tag_length: int = 0

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        return (self.key, self.iv) if isinstance(self.iv, Derivation) else (self.key,)

    @property
    def is_pbes2(self) -> bool:
        """Whether it is of the newer kind (PBKDF2 and a named cipher), which old software does not read."""
        return self.key.function is Function.PBKDF2


@dataclass(frozen=True, slots=True)
class Mac:
    """The check over the whole content: HMAC with ``digest``, under the key of ``key``."""

    key: Derivation
    digest: str
    value: bytes

    @property
    def is_pbmac1(self) -> bool:
        """Whether it is of the newer kind (RFC 9879), which Java 17 and 25 and BouncyCastle refuse."""
        return self.key.function is Function.PBKDF2


@dataclass(frozen=True, slots=True)
class UnsupportedAlgorithm:
    """A cipher, a derivation or a MAC that is not read. ``algorithm``: its name or its dotted numbers."""

    algorithm: str


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What is encrypted by itself: one private key, or bags together. ``whole``: whether its end is there."""

    encryption: Encryption | UnsupportedAlgorithm
    data: bytes = field(repr=False)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Protection:
    """What a file states about itself, readable without the password.

    Attributes:
        encryptions: of each encrypted part, in their order.
        mac: None when the file has none.
    """

    encryptions: tuple[Encryption | UnsupportedAlgorithm, ...]
    mac: Mac | UnsupportedAlgorithm | None

    def derivations(self) -> Iterator[Derivation]:
        """Yield each derivation that opening everything takes, once."""
        seen: set[Derivation] = set()
        for part in (*self.encryptions, self.mac):
            if isinstance(part, Encryption):
                seen.update(part.derivations)
            elif isinstance(part, Mac):
                seen.add(part.key)
        yield from seen

    def unsupported(self) -> UnsupportedAlgorithm | None:
        """Return the first part that is not read, None when all are."""
        algorithms = (*self.encryptions, self.mac)
        return next((part for part in algorithms if isinstance(part, UnsupportedAlgorithm)), None)
