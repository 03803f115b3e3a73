"""The parts of a PKCS#12 file before anything is decrypted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    OtherBag,
)
from ehtoolkit.keystore.codec.protection import (
    Encrypted,
    Encryption,
    Mac,
    Protection,
    UnsupportedAlgorithm,
)

Bag = Key | CertificateBag | OtherBag


@dataclass(frozen=True, slots=True)
class PlainSafe:
    """Bags that can be seen; keys among them may be closed."""

    bags: tuple[Bag, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """A whole file.

    Attributes:
        safes: groups of bags, encrypted together or not.
        authenticated: the octets that the MAC is over.
    """

    safes: tuple[Encrypted | PlainSafe, ...]
    authenticated: bytes = field(repr=False)
    mac: Mac | UnsupportedAlgorithm | None

    @property
    def protection(self) -> Protection:
        return Protection(tuple(self._encryptions()), self.mac)

    @property
    def visible_bags(self) -> tuple[Bag, ...]:
        """What can be seen without the password, which in files of Java are all keys and no certificate."""
        return tuple(bag for safe in self.safes if isinstance(safe, PlainSafe) for bag in safe.bags)

    @property
    def closed_keys(self) -> tuple[Encrypted, ...]:
        """The private keys that are encrypted by themselves."""
        return tuple(encrypted_keys(self.visible_bags))

    def _encryptions(self) -> Iterator[Encryption | UnsupportedAlgorithm]:
        for safe in self.safes:
            if isinstance(safe, Encrypted):
                yield safe.encryption
            else:
                yield from (key.encryption for key in encrypted_keys(safe.bags))


def encrypted_keys(bags: Iterable[Bag]) -> Iterator[Encrypted]:
    """Yield the private keys among ``bags`` that are encrypted by themselves."""
    for bag in bags:
        if isinstance(bag, Key) and isinstance(bag.material, Encrypted):
            yield bag.material
