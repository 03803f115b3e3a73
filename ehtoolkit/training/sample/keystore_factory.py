"""Makes the keystores of the sample as programs make real ones, with certificates of the training authority."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit.ehealth.certificates.encryption_certificate import encryption_certificate
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import EncryptionProfile, Keystore
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.writer import EncryptionParams, seal
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.clock import add_months
from ehtoolkit.training.registry.certificate_register import VALIDITY_MONTHS, issue
from ehtoolkit.training.sample import key_pairs

PASSWORD: Final = "Training-2026"  # noqa: S105  # of invented keystores, and told to everybody
"""Of all files but the forgotten one's and the organisations'."""
ORGANISATIONS: Final = "Vuurtoren-2026"
"""Of the organisations' files. The table of passwords does not have it: what shows without is part of the lesson."""
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
        self._sealing = EncryptionParams.new(EncryptionProfile.COMPATIBLE)
        self._rings = {
            password: DerivedKeyCache(Secret(password)) for password in (PASSWORD, ORGANISATIONS, FORGOTTEN)
        }

    def complete(self, dn: DistinguishedName, *, ends_in: int) -> Keystore:
        """With certificate and encryption key. ``ends_in``: days until the certificate ends, negative for one that is
        over."""
        return self._encrypting(self._installed(dn, self._start(ends_in)))

    def renewed(self, dn: DistinguishedName, old: Keystore, *, days_ago: int) -> Keystore:
        """Complete, and delivered so many days ago in the place of ``old``: it lasts from the end of that one."""
        return self._encrypting(self._installed(dn, self.now - timedelta(days=days_ago), old.not_after))

    def to_come(self, dn: DistinguishedName, *, in_days: int) -> Keystore:
        """Complete, with a certificate that is not valid yet."""
        return self._encrypting(self._installed(dn, self.now + timedelta(days=in_days)))

    def without_etk(self, dn: DistinguishedName, *, ends_in: int) -> Keystore:
        """The certificate is installed, and that was all."""
        return self._installed(dn, self._start(ends_in))

    def prepared(self) -> Keystore:
        """Half a keystore: the certificate was asked for."""
        return Keystore.prepare(self._next_pair(), self.now)

    def sealed(self, keystore: Keystore, password: str = PASSWORD) -> bytes:
        """The file of it."""
        return seal(keystore.contents, self._rings[password], self._sealing)

    def _start(self, ends_in: int) -> datetime:
        """Of a certificate that ends then; a few hours later in the day, so that the days left are whole."""
        return add_months(self.now + timedelta(days=ends_in, hours=2), -VALIDITY_MONTHS)

    def _installed(self, dn: DistinguishedName, start: datetime, after: datetime | None = None) -> Keystore:
        pair = self._next_pair()
        certificate = issue(dn, pair.public_key(), start, self._issuer, after=after)
        chain = (certificate, *self._issuer.chain[:-1])
        return Keystore.prepare(pair, start).with_chain(chain)

    def _encrypting(self, keystore: Keystore) -> Keystore:
        number = key_pairs.PAIRS - self._made
        pair, serial = key_pairs.private_key(number), _serial(number)
        der = encryption_certificate(
            keystore.authentication.key, keystore.chain[0], pair.public_key(), serial
        )
        return keystore.with_encryption(pair, x509.load_der_x509_certificate(der))

    def _next_pair(self) -> RSAPrivateKey:
        self._made += 1
        return key_pairs.private_key(self._made - 1)


def _serial(number: int) -> int:
    """Sixteen bytes, as the platform gives them; the same for the same pair."""
    digest = hashlib.sha256(f"serial {number}".encode()).digest()
    return int.from_bytes(digest[:_SERIAL_BYTES], "big") | 1
