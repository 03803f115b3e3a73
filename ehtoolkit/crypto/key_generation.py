"""Make the authentication key of a new certificate."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ehtoolkit.crypto.key_kinds import EC, RSA, KeyKind

if TYPE_CHECKING:
    from ehtoolkit.crypto.key_kinds import PrivateKey


class NewKeyKind(StrEnum):
    """A kind of key that a certificate can be asked for with; the values are those of the setting.

    Source: certificates issued since 2025 have P-384 keys; before, and in the settings that the public connector
    ships with, they are RSA with 2048 bits.
    """

    EC_P384 = "ec-p384"
    RSA_2048 = "rsa-2048"

    @property
    def kind(self) -> KeyKind:
        """The same as a kind of key that a keystore has."""
        return _KINDS[self]

    @property
    def other(self) -> NewKeyKind:
        """The one to try where the platform refused this one."""
        return NewKeyKind.RSA_2048 if self is NewKeyKind.EC_P384 else NewKeyKind.EC_P384


_KINDS: Final = {
    NewKeyKind.EC_P384: KeyKind(EC, curve="P-384"),
    NewKeyKind.RSA_2048: KeyKind(RSA, 2048),
}


def generate_key(kind: NewKeyKind) -> PrivateKey:
    """Make a new private key."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if kind is NewKeyKind.EC_P384:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_kind_of(kind: KeyKind) -> NewKeyKind | None:
    """Tell which of the kinds that are asked for a key has; None for another, which foreign programs may have made."""
    return next((one for one, made in _KINDS.items() if made == kind), None)
