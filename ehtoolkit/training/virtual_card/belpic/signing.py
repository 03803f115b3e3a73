"""The algorithms that the card signs with: RSA on applet 1.7, ECDSA on applet 1.8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, cast

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA224, SHA256, SHA384, SHA512, HashAlgorithm

from ehtoolkit.crypto.signatures import raw_signature

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey

_PADDING_OVERHEAD: Final = 11
"""Bytes that PKCS#1 v1.5 takes from the length of the key."""


class Algorithm(Protocol):
    """An algorithm that MSE SET chooses."""

    def takes(self, length: int, key: PrivateKey) -> bool:
        """Return whether ``key`` signs that many bytes."""
        ...

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        """Return the signature of ``data``, whose length the algorithm takes."""
        ...


@dataclass(frozen=True, slots=True)
class RsaAlgorithm:
    """RSA; the signature is as long as the key.

    Attributes:
        digest: the digest that the card receives; None: the card pads any data.
        pss: the padding, with a salt as long as the digest, instead of PKCS#1 v1.5.
    """

    digest: HashAlgorithm | None
    pss: bool = False

    def takes(self, length: int, key: PrivateKey) -> bool:
        if self.digest is None:
            return 0 < length <= key.key_size // 8 - _PADDING_OVERHEAD
        return length == self.digest.digest_size

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        key = cast("RSAPrivateKey", key)  # applet 1.7 has no other
        if self.digest is None:
            return key.sign(data, PKCS1v15(), NoDigestInfo())  # it mostly is a DigestInfo already
        prehashed = Prehashed(self.digest)
        if self.pss:
            return key.sign(data, PSS(MGF1(self.digest), self.digest.digest_size), prehashed)
        return key.sign(data, PKCS1v15(), prehashed)


@dataclass(frozen=True, slots=True)
class EcAlgorithm:
    """ECDSA; the signature is r‖s. ``digests``: one of them is what the card receives, known by its length."""

    digests: tuple[HashAlgorithm, ...]

    def takes(self, length: int, key: PrivateKey) -> bool:
        return any(length == digest.digest_size for digest in self.digests)

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        key = cast("EllipticCurvePrivateKey", key)  # applet 1.8 has no other
        digest = next(digest for digest in self.digests if len(data) == digest.digest_size)
        return raw_signature(key.sign(data, ECDSA(Prehashed(digest))), key.key_size)


RSA_ALGORITHMS: Final[Mapping[int, Algorithm]] = MappingProxyType(
    {
        0x01: RsaAlgorithm(None),
        0x02: RsaAlgorithm(SHA1()),  # noqa: S303  # the card has it, and old software asks for it
        0x08: RsaAlgorithm(SHA256()),
        0x10: RsaAlgorithm(SHA1(), pss=True),  # noqa: S303
        0x20: RsaAlgorithm(SHA256(), pss=True),
    }
)
"""By the byte behind tag 80 of MSE SET."""

EC_ALGORITHMS: Final[Mapping[int, Algorithm]] = MappingProxyType(
    {
        0x01: EcAlgorithm((SHA256(),)),
        0x02: EcAlgorithm((SHA384(),)),
        0x04: EcAlgorithm((SHA512(),)),
        0x40: EcAlgorithm((SHA1(), SHA224(), SHA256(), SHA384(), SHA512())),  # noqa: S303
    }
)
