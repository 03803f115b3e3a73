"""An eHealth keystore: authentication key with its chain, encryption keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.crypto.signatures import signature_holds
from ehtoolkit.i18n import texts_of_settings
from ehtoolkit.keystore.certificates import (
    encoded,
    key_id_of,
    load_certificate,
    placeholder_certificate,
)
from ehtoolkit.keystore.codec.contents import CertificateBag, KeyBag, Pkcs12Contents, attributes_of
from ehtoolkit.keystore.codec.private_keys import key_id_of_key, store_private_key
from ehtoolkit.keystore.entries import (
    AUTHENTICATION,
    KeyEntry,
    certificate_key_id,
    issuer_bags,
    key_entries,
)
from ehtoolkit.keystore.html import keystore_html
from ehtoolkit.keystore.view import KeystoreView
from ehtoolkit.result_display import Displayed, masked

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey


@dataclass(frozen=True, slots=True, repr=False)
class Keystore(Displayed, KeystoreView[KeyEntry]):
    """A value: what changes it gives a new one, and everything that is not changed is kept as it was found.

    ``contents``: the bags of the file; two keystores are equal when these are. The entries have their keys.

    It shows itself as a card in Jupyter, by the computer's clock: a value knows of no other.

    The example goes on with that of `ehtoolkit.request_certificate`:

    >>> import ehtoolkit
    >>> keystore = ehtoolkit.open_keystore(asked.keystore, "Kine-2026")
    >>> keystore.holder.identifier.type, str(keystore.authentication.kind)
    ('SSIN', 'RSA-2048')
    """

    contents: Pkcs12Contents = field(repr=False)

    @classmethod
    def of(cls, contents: Pkcs12Contents) -> Keystore:
        """Return the keystore that a file holds.

        Raises `errors.NotAKeystore` (kind ``no_key``) without a private key, `errors.KeystoreDamaged` (reason
        ``key`` or ``certificate``), `errors.KeyUnfit` for a kind of key that no eHealth keystore has.
        """
        authentication, encryption = key_entries(contents)
        return cls(authentication, encryption, contents)

    @classmethod
    def prepare(cls, key: PrivateKey, now: datetime) -> Keystore:
        """Return a new keystore: ``key`` with the stand-in certificate, made at ``now`` (aware)."""
        attributes = attributes_of(AUTHENTICATION, key_id_of_key(key.public_key()))
        certificate = CertificateBag(placeholder_certificate(key, now), attributes)
        return cls.of(Pkcs12Contents((KeyBag(store_private_key(key), attributes),), (certificate,)))

    @property
    def has_sound_chain(self) -> bool:
        """Whether the certificate comes before its issuers, and the nearest of them is there and has signed it; also
        while no certificate is installed."""
        chain, bags = self.chain, [bag.der for bag in self.contents.certificates]
        if not chain:
            return True
        places = [bags.index(encoded(one)) for one in chain]
        if places[0] != min(places):
            return False
        if chain[-1].issuer == chain[-1].subject:
            return True
        false = any(_bears_an_issuers_name(bag, chain) for bag in self.contents.certificates)
        return len(chain) > 1 and not false

    def with_chain(self, chain: Sequence[Certificate]) -> Keystore:
        """Return the keystore with the certificate (``chain[0]``) in the place of the stand-in or of an older one, and
        its issuers as entries; what only bears an issuer's name is left out, since programs take it for the issuer.

        Raises `errors.ResponseUntrusted`: reason ``key`` when the certificate is not of our key, reason
        ``chain`` when one certificate is not issued by the next: either would ruin the keystore for Java.
        """
        if key_id_of(chain[0]) != self.authentication.key_id:
            raise errors.ResponseUntrusted(reason="key")
        if any(lower.issuer != upper.subject for lower, upper in pairwise(chain)):
            raise errors.ResponseUntrusted(reason="chain")
        alias, key_id = self.authentication.alias or AUTHENTICATION, self.authentication.key_id
        kept = [
            bag
            for bag in self.contents.certificates
            if certificate_key_id(bag) != key_id and not _bears_an_issuers_name(bag, chain)
        ]
        leaf = CertificateBag(encoded(chain[0]), attributes_of(alias, self.authentication.local_key_id))
        issuers = issuer_bags(map(encoded, chain[1:]), kept)
        return Keystore.of(replace(self.contents, certificates=(leaf, *kept, *issuers)))

    def with_encryption(self, key: RSAPrivateKey, certificate: Certificate) -> Keystore:
        """Return the keystore with one more encryption key, called by the serial number of its certificate in decimal.

        Raises `errors.ResponseUntrusted` (reason ``key``) when they do not belong together,
        `errors.DuplicateAlias` when there is an entry of that name.
        """
        alias, key_id = str(certificate.serial_number), key_id_of_key(key.public_key())
        if key_id_of(certificate) != key_id:
            raise errors.ResponseUntrusted(reason="key")
        if alias in self.contents.aliases:
            raise errors.DuplicateAlias(alias=alias)
        attributes = attributes_of(alias, key_id)
        keys = (*self.contents.keys, KeyBag(store_private_key(key), attributes))
        bag = CertificateBag(encoded(certificate), attributes)
        certificates = (*self.contents.certificates, bag)
        return Keystore.of(replace(self.contents, keys=keys, certificates=certificates))

    def displayed(self) -> Iterator[tuple[str, object]]:
        """Yield what it is, and nothing of what is in it but names and numbers."""
        yield "holder", None if self.holder is None else self.holder.text
        yield from (("environment", self.environment), ("installed", self.installed))
        yield from (("not_after", self.not_after), ("key_id", self.key_id))
        yield "encryption", tuple(entry.alias for entry in self.encryption)

    def _repr_html_(self) -> str:

        return masked(keystore_html(self, texts_of_settings(), SystemClock().now()))


def _bears_an_issuers_name(bag: CertificateBag, chain: Sequence[Certificate]) -> bool:
    """Return whether a certificate has the name of an issuer of ``chain``, and has signed nothing of it."""
    certificate = None if bag.local_key_id is not None else load_certificate(bag.der)
    if certificate is None or certificate in chain:
        return False
    named = [one for one in chain if one.issuer == certificate.subject and one.issuer != one.subject]
    return bool(named) and all(signature_holds(one, certificate) is False for one in named)
