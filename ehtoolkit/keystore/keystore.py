"""An eHealth keystore: the authentication key with its chain, and the encryption keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, environment_of_issuer
from ehtoolkit.keystore.certificates import encoded, is_signed_by, issuer_name_of, key_id_of
from ehtoolkit.keystore.contents import CertificateBag, Contents, KeyBag, attributes_of
from ehtoolkit.keystore.dummy import dummy_certificate
from ehtoolkit.keystore.entries import (
    AUTHENTICATION,
    KeyEntry,
    certificate_key_id,
    issuer_bags,
    key_entries,
)
from ehtoolkit.keystore.rsa_keys import key_id_of_key, store_rsa_key
from ehtoolkit.keystore.state import KeystoreState, state_at

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Keystore:
    """A value: what changes it gives a new one, and everything that is not changed is kept as it was found.

    ``contents``: the bags of the file; two keystores are equal when these are. ``authentication``: the key
    that signs; its chain is empty until the certificate is installed. ``encryption``: all other keys, which
    open messages, the old ones too.

    It shows itself as a card in Jupyter, by the computer's clock: a value knows of no other.
    """

    contents: Contents = field(repr=False)
    authentication: KeyEntry = field(compare=False)
    encryption: tuple[KeyEntry, ...] = field(compare=False)

    @classmethod
    def of(cls, contents: Contents) -> Keystore:
        """The keystore that a file holds.

        Raises `errors.NotAKeystore` (kind ``no_key``) without a private key, `errors.KeystoreDamaged` (reason
        ``key`` or ``certificate``), `errors.KeystoreUnsupported` for keys that are not RSA.
        """
        authentication, encryption = key_entries(contents)
        return cls(contents, authentication, encryption)

    @classmethod
    def prepare(cls, key: RSAPrivateKey, now: datetime) -> Keystore:
        """A new keystore: ``key`` with the stand-in certificate, made at ``now`` (aware)."""
        attributes = attributes_of(AUTHENTICATION, key_id_of_key(key.public_key()))
        certificate = CertificateBag(dummy_certificate(key, now), attributes)
        return cls.of(Contents((KeyBag(store_rsa_key(key), attributes),), (certificate,)))

    def with_chain(self, chain: Sequence[Certificate]) -> Keystore:
        """The certificate (``chain[0]``) in the place of the stand-in or of an older one, its issuers as
        entries.

        Raises `errors.AnswerUntrusted`: reason ``key`` when the certificate is not of our key, reason
        ``chain`` when one certificate is not issued by the next: either would ruin the keystore for Java.
        """
        if key_id_of(chain[0]) != self.authentication.key_id:
            raise errors.AnswerUntrusted(reason="key")
        if any(lower.issuer != upper.subject for lower, upper in pairwise(chain)):
            raise errors.AnswerUntrusted(reason="chain")
        alias, key_id = self.authentication.alias or AUTHENTICATION, self.authentication.key_id
        kept = [bag for bag in self.contents.certificates if certificate_key_id(bag) != key_id]
        leaf = CertificateBag(encoded(chain[0]), attributes_of(alias, self.authentication.local_key_id))
        issuers = issuer_bags(map(encoded, chain[1:]), kept)
        return Keystore.of(replace(self.contents, certificates=(leaf, *kept, *issuers)))

    def with_encryption(self, key: RSAPrivateKey, certificate: Certificate) -> Keystore:
        """One more encryption key, called by the serial number of its certificate in decimal.

        Raises `errors.AnswerUntrusted` (reason ``key``) when they do not belong together,
        `errors.AliasesClash` when there is an entry of that name.
        """
        alias, key_id = str(certificate.serial_number), key_id_of_key(key.public_key())
        if key_id_of(certificate) != key_id:
            raise errors.AnswerUntrusted(reason="key")
        if alias in self.contents.aliases:
            raise errors.AliasesClash(alias=alias)
        attributes = attributes_of(alias, key_id)
        keys = (*self.contents.keys, KeyBag(store_rsa_key(key), attributes))
        bag = CertificateBag(encoded(certificate), attributes)
        certificates = (*self.contents.certificates, bag)
        return Keystore.of(replace(self.contents, keys=keys, certificates=certificates))

    @property
    def key_id(self) -> str:
        """The platform's PublicKeyIdentifier of the authentication key: 40 hexadecimal digits, upper case."""
        return self.authentication.key_id.hex().upper()

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The certificate and its issuers as far as they are in the file; empty until it is installed."""
        return self.authentication.chain

    @property
    def installed(self) -> bool:
        """Whether the real certificate is there."""
        return bool(self.chain)

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose keystore it is; None until the certificate is installed, and for a name of another form."""
        if not self.chain:
            return None
        try:
            return DistinguishedName.of_subject(self.chain[0].subject)
        except (errors.DistinguishedNameInvalid, ValueError):  # ValueError: a name that is no name
            return None

    @property
    def environment(self) -> Environment | None:
        """Where the certificate is good, by its issuer; None when nobody knows."""
        name = issuer_name_of(self.chain[0]) if self.chain else None
        return None if name is None else environment_of_issuer(name)

    @property
    def not_before(self) -> datetime | None:
        """The first moment of the certificate, in UTC; None until it is installed."""
        return self.chain[0].not_valid_before_utc if self.chain else None

    @property
    def not_after(self) -> datetime | None:
        """The last moment of the certificate, in UTC; None until it is installed."""
        return self.chain[0].not_valid_after_utc if self.chain else None

    @property
    def current_encryption(self) -> tuple[KeyEntry, ...]:
        """The encryption keys of this certificate, newest last: their certificate has its subject and is
        signed by the authentication key. Those carried over from an older keystore are not among them."""
        if not self.chain:
            return ()
        subject, public_key = self.chain[0].subject, self.authentication.key.public_key()
        found = [
            entry
            for entry in self.encryption
            if entry.chain and entry.chain[0].subject == subject and is_signed_by(entry.chain[0], public_key)
        ]
        return tuple(sorted(found, key=lambda entry: entry.chain[0].not_valid_before_utc))

    def state(self, now: datetime) -> KeystoreState:
        """The state at ``now`` (aware), by content alone."""
        if self.not_before is None or self.not_after is None:
            return state_at(now, None, has_encryption_key=False)
        validity = (self.not_before, self.not_after)
        return state_at(now, validity, has_encryption_key=bool(self.current_encryption))

    def _repr_html_(self) -> str:
        from ehtoolkit.clock import SystemClock
        from ehtoolkit.keystore.html import keystore_html
        from ehtoolkit.keystore.markup import texts_of_settings

        return keystore_html(self, texts_of_settings(), SystemClock().now())
