"""The key pairs of the sample's keystores: the same on every computer, and none of them a secret.

Sixteen numbers are drawn from a published text; the primes nearest above them, two at a time, make 120 pairs of RSA
2048. So a sample is made in a second, and known again whatever its files are called. Pairs that have a prime in common
can be broken by anybody: these guard nothing, as little as the sample's password, which is published too.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

from ehtoolkit.keystore.codec.private_keys import key_id_of_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

EXPONENT: Final = 65537
_TEXT: Final = "ehtoolkit training sample"
_BITS: Final = 1024
# How many odd numbers lie between each number drawn and the prime: to look for it would take half a second.
_STEPS: Final = (39, 1771, 553, 138, 28, 565, 392, 471, 1204, 2, 723, 515, 124, 443, 671, 373)

PRIMES: Final = len(_STEPS)
_COMBINED: Final = tuple(combinations(range(PRIMES), 2))
PAIRS: Final = len(_COMBINED)
AUTHENTICATION: Final = PAIRS // 2
"""So many pairs, the first ones, are for signing; the others are encryption keys."""


def prime(number: int) -> int:
    """One of the `PRIMES`, of 1024 bits, the two highest of which are set."""
    drawn = hashlib.shake_256(f"{_TEXT} {number}".encode()).digest(_BITS // 8)
    return (int.from_bytes(drawn, "big") | 3 << (_BITS - 2) | 1) + 2 * _STEPS[number]


def public_key(number: int) -> RSAPublicKey:
    """Of one of the `PAIRS`."""
    p, q = _primes(number)
    return RSAPublicNumbers(EXPONENT, p * q).public_key()


@cache
def key_ids() -> tuple[str, ...]:
    """Of all pairs, 40 hexadecimal digits each."""
    return tuple(key_id_of_key(public_key(one)).hex().upper() for one in range(PAIRS))


def signing_key_ids() -> tuple[str, ...]:
    """Of all pairs that sign: by these a file of the sample is known."""
    return key_ids()[:AUTHENTICATION]


def private_key(number: int) -> RSAPrivateKey:
    """Of one of the `PAIRS`."""
    p, q = _primes(number)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)  # a test proves the primes


def _primes(number: int) -> tuple[int, int]:
    first, second = _COMBINED[number]
    p, q = sorted((prime(first), prime(second)), reverse=True)
    return p, q
