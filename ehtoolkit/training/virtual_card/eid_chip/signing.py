"""The algorithms that the card signs with: RSA on applet 1.7, ECDSA on applet 1.8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA224, SHA256, SHA384, SHA512, HashAlgorithm

from ehtoolkit.crypto.keys import PrivateKey, raw_signature

_PADDING_OVERHEAD: Final = 11
"""Bytes that PKCS#1 v1.5 takes from the length of the key."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm that MSE SET chooses; its signature is as long as an RSA key, or r‖s of an elliptic key.

    Attributes:
        digests: one of them is what the card receives, known by its length; none: the card pads any data (RSA).
        pss: the padding, with a salt as long as the digest, instead of PKCS#1 v1.5.
    """

    digests: tuple[HashAlgorithm, ...]
    pss: bool = False

    def takes(self, length: int, key: PrivateKey) -> bool:
        """Return whether ``key`` signs that many bytes."""
        if not self.digests:
            return 0 < length <= key.key_size // 8 - _PADDING_OVERHEAD
        return any(length == digest.digest_size for digest in self.digests)

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        """Return the signature of ``data``, whose length the algorithm takes."""
        if not self.digests and isinstance(key, RSAPrivateKey):
            return key.sign(data, PKCS1v15(), NoDigestInfo())  # it mostly is a DigestInfo already
        digest = next(digest for digest in self.digests if len(data) == digest.digest_size)
        if isinstance(key, RSAPrivateKey):
            padding = PSS(MGF1(digest), digest.digest_size) if self.pss else PKCS1v15()
            return key.sign(data, padding, Prehashed(digest))
        return raw_signature(key.sign(data, ECDSA(Prehashed(digest))), key.key_size)


RSA_ALGORITHMS: Final[Mapping[int, Algorithm]] = {
    0x01: Algorithm(()),
    0x02: Algorithm((SHA1(),)),  # noqa: S303  # the card has it, and old software asks for it
    0x08: Algorithm((SHA256(),)),
    0x10: Algorithm((SHA1(),), pss=True),  # noqa: S303
    0x20: Algorithm((SHA256(),), pss=True),
}
"""By the byte behind tag 80 of MSE SET."""

EC_ALGORITHMS: Final[Mapping[int, Algorithm]] = {
    0x01: Algorithm((SHA256(),)),
    0x02: Algorithm((SHA384(),)),
    0x04: Algorithm((SHA512(),)),
    0x40: Algorithm((SHA1(), SHA224(), SHA256(), SHA384(), SHA512())),  # noqa: S303
}
