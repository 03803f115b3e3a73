"""The parts of a PKCS#12 file before anything is decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ehtoolkit.keystore.codec.contents import (
    Attributes,
    CertificateBag,
    KeyBag,
    OtherBag,
    alias_in,
    local_key_id_in,
)
from ehtoolkit.keystore.codec.protection import Encryption, Mac, Protection, UnsupportedAlgorithm


@dataclass(frozen=True, slots=True)
class ShroudedKey:
    """A private key that is encrypted by itself; its names are in the clear."""

    encryption: Encryption | UnsupportedAlgorithm
    data: bytes = field(repr=False)
    attributes: Attributes

    @property
    def alias(self) -> str | None:
        return alias_in(self.attributes)

    @property
    def local_key_id(self) -> bytes | None:
        return local_key_id_in(self.attributes)


Bag = KeyBag | ShroudedKey | CertificateBag | OtherBag


@dataclass(frozen=True, slots=True)
class EncryptedSafe:
    """Bags that are encrypted together."""

    encryption: Encryption | UnsupportedAlgorithm
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlainSafe:
    """Bags that can be seen; keys among them may be shrouded."""

    bags: tuple[Bag, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """A whole file. ``authenticated``: the octets that the MAC is over."""

    safes: tuple[EncryptedSafe | PlainSafe, ...]
    authenticated: bytes = field(repr=False)
    mac: Mac | UnsupportedAlgorithm | None

    @property
    def protection(self) -> Protection:
        return Protection(tuple(self._encryptions()), self.mac)

    @property
    def visible_bags(self) -> tuple[Bag, ...]:
        """What can be seen without the password, which in files of Java are all keys and no certificate."""
        return tuple(bag for safe in self.safes if isinstance(safe, PlainSafe) for bag in safe.bags)

    def _encryptions(self) -> Iterator[Encryption | UnsupportedAlgorithm]:
        for safe in self.safes:
            if isinstance(safe, EncryptedSafe):
                yield safe.encryption
            else:
                yield from (bag.encryption for bag in safe.bags if isinstance(bag, ShroudedKey))
