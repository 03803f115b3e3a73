"""Makes the keystores of the sample as programs make real ones, with certificates of the training authority."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority.certificate_register import VALIDITY_MONTHS, issue, key_identifier
from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.state.clock import add_months

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PASSWORD: Final = "Training-2026"  # noqa: S105  # of invented keystores, and public
"""Of all files but the forgotten one's and the organisations'."""
ORGANISATIONS: Final = "Vuurtoren-2026"
"""Of the organisations' files. The table of passwords does not have it: the lesson shows what is readable without a
password."""
FORGOTTEN: Final = "nobody knows this any more"
"""Of the file whose password was forgotten."""
_SERIAL_BYTES: Final = 16


class KeystoreFactory:
    """``now``: aware. Each keystore has a pair of its own, in the order in which they are made."""

    def __init__(self, authorities: Authorities, now: datetime) -> None:
        self._issuer = authorities.issuing
        self.now = now.replace(microsecond=0)
        self._made = 0
        # One derivation for all files of a password: there is nothing in them that a salt of its own would guard.
        self._encryption = EncryptionParams.new(EncryptionProfile.COMPATIBLE)
        self._caches = {
            password: DerivedKeyCache(Secret(password)) for password in (PASSWORD, ORGANISATIONS, FORGOTTEN)
        }

    def complete(self, dn: DistinguishedName, *, ends_in: int) -> Keystore:
        """Return a keystore with certificate and encryption key. ``ends_in``: days until the certificate ends, negative
        for one that is over."""
        return self._encrypting(self._installed(dn, self._start(ends_in)))

    def renewed(self, dn: DistinguishedName, old: Keystore, *, days_ago: int) -> Keystore:
        """Return a complete keystore that was delivered so many days ago and replaces ``old``: its certificate ends
        `VALIDITY_MONTHS` after that one."""
        return self._encrypting(self._installed(dn, self.now - timedelta(days=days_ago), old.not_after))

    def to_come(self, dn: DistinguishedName, *, in_days: int) -> Keystore:
        """Return a complete keystore whose certificate is not valid yet: it begins ``in_days`` days from now."""
        return self._encrypting(self._installed(dn, self.now + timedelta(days=in_days)))

    def without_etk(self, dn: DistinguishedName, *, ends_in: int) -> Keystore:
        """Return a keystore whose certificate is installed, without an encryption key. ``ends_in``: as in
        `complete`."""
        return self._installed(dn, self._start(ends_in))

    def prepared(self) -> Keystore:
        """Return half a keystore: its certificate was asked for, and is not installed."""
        return Keystore.prepare(self._next_pair(), self.now)

    def sealed(self, keystore: Keystore, password: str = PASSWORD) -> bytes:
        """Return the file of a keystore. ``password``: `PASSWORD`, `ORGANISATIONS` or `FORGOTTEN`."""
        return seal(keystore.contents, self._caches[password], self._encryption)

    def _start(self, ends_in: int) -> datetime:
        """Return when a certificate begins that ends in so many days; two hours later in the day, so that the days left
        are whole."""
        return add_months(self.now + timedelta(days=ends_in, hours=2), -VALIDITY_MONTHS)

    def _installed(self, dn: DistinguishedName, start: datetime, after: datetime | None = None) -> Keystore:
        pair = self._next_pair()
        certificate = issue(dn, pair.public_key(), start, self._issuer, after=after)
        chain = (certificate, *self._issuer.chain[:-1])
        return Keystore.prepare(pair, start).with_chain(chain)

    def _encrypting(self, keystore: Keystore) -> Keystore:
        number = PAIRS - self._made
        pair, serial = private_key(number), _serial(number)
        der = encryption_certificate(
            keystore.authentication.key, keystore.chain[0], pair.public_key(), serial
        )
        return keystore.with_encryption(pair, x509.load_der_x509_certificate(der))

    def _next_pair(self) -> RSAPrivateKey:
        self._made += 1
        return private_key(self._made - 1)


def _serial(number: int) -> int:
    """Return a serial number of sixteen bytes, as the platform gives them; the same for the same pair."""
    digest = hashlib.sha256(f"serial {number}".encode()).digest()
    return int.from_bytes(digest[:_SERIAL_BYTES], "big") | 1


# ── Key pairs, the same on every computer ────────────────────────────────────────────────────────────────
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
    """Return one of the `PRIMES`, of 1024 bits, the two highest of which are set."""
    drawn = hashlib.shake_256(f"{_TEXT} {number}".encode()).digest(_BITS // 8)
    return (int.from_bytes(drawn, "big") | 3 << (_BITS - 2) | 1) + 2 * _STEPS[number]


def public_key(number: int) -> RSAPublicKey:
    """Return the public key of one of the `PAIRS`."""
    p, q = _primes(number)
    return RSAPublicNumbers(EXPONENT, p * q).public_key()


@cache
def key_ids() -> tuple[str, ...]:
    """Return the key identifiers of all pairs, 40 hexadecimal digits each, upper case."""
    return tuple(key_identifier(public_key(number)) for number in range(PAIRS))


def signing_key_ids() -> tuple[str, ...]:
    """Return the key identifiers of all pairs that sign: by these a file of the sample is known."""
    return key_ids()[:AUTHENTICATION]


def private_key(number: int) -> RSAPrivateKey:
    """Return the private key of one of the `PAIRS`."""
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
