"""What the chip's RSA engine makes of what it is given, by the algorithm that MSE SET has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

_PADDING_OVERHEAD: Final = 11
"""Bytes that PKCS#1 v1.5 takes from the length of the key."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """``digest``: what the card is given the value of; None: it pads whatever comes. ``pss``: the padding, with
    a salt as long as the digest, in the place of PKCS#1 v1.5."""

    digest: SHA1 | SHA256 | None
    pss: bool = False

    def takes(self, length: int, key: RSAPrivateKey) -> bool:
        """Whether that many bytes can be signed."""
        if self.digest is None:
            return 0 < length <= key.key_size // 8 - _PADDING_OVERHEAD
        return length == self.digest.digest_size


ALGORITHMS: Final[Mapping[int, Algorithm]] = MappingProxyType(
    {
        0x01: Algorithm(None),
        0x02: Algorithm(SHA1()),  # noqa: S303  # the card has it, and software of old asks for it
        0x08: Algorithm(SHA256()),
        0x10: Algorithm(SHA1(), pss=True),  # noqa: S303
        0x20: Algorithm(SHA256(), pss=True),
    }
)
"""By the byte behind tag 80 of MSE SET."""


def sign(key: RSAPrivateKey, algorithm: Algorithm, data: bytes) -> bytes:
    """The signature, as long as the key. ``data`` has a length that the algorithm takes."""
    if algorithm.digest is None:
        return _sign_as_given(key, data)
    prehashed = Prehashed(algorithm.digest)
    if algorithm.pss:
        return key.sign(data, PSS(MGF1(algorithm.digest), algorithm.digest.digest_size), prehashed)
    return key.sign(data, PKCS1v15(), prehashed)


def _sign_as_given(key: RSAPrivateKey, data: bytes) -> bytes:
    """PKCS#1 v1.5 around ``data``, which mostly is a DigestInfo (RFC 8017, 9.2); by the Chinese remainders."""
    numbers, length = key.private_numbers(), key.key_size // 8
    padded = b"\x00\x01" + b"\xff" * (length - len(data) - 3) + b"\x00" + data
    message = int.from_bytes(padded)
    of_p = pow(message, numbers.dmp1, numbers.p)
    of_q = pow(message, numbers.dmq1, numbers.q)
    signature = of_q + (of_p - of_q) * numbers.iqmp % numbers.p * numbers.q
    return signature.to_bytes(length)
