"""An eHealth keystore: authentication key with its chain, encryption keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import is_signed_by, key_identifier, only_common_name, signature_holds
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.identity import ISSUERS, DistinguishedName, Environment
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.entries import (
    AUTHENTICATION,
    authentication_among,
    claimed_keys,
    is_encryption_key,
    issuer_bags,
    matched_keys,
)
from ehtoolkit.keystore.key_pairs import (
    certificate_key_id,
    encoded,
    key_id_of,
    load_certificate,
    placeholder_certificate,
    store_private_key,
)
from ehtoolkit.keystore.state import State, state_at
from ehtoolkit.result_display import Displayed


class Certified(ABC):
    """What the holder's certificate tells, the first one of ``chain``."""

    __slots__ = ()

    @property
    @abstractmethod
    def chain(self) -> tuple[Certificate, ...]:
        """The certificate and its issuers as far as they are known; empty until it is installed."""

    @property
    def leaf(self) -> Certificate | None:
        """The certificate; None until it is installed, or while it cannot be seen."""
        return self.chain[0] if self.chain else None

    @property
    def holder(self) -> DistinguishedName | None:
        """Whose keystore it is; None without the certificate, and for a name of another form."""
        return None if self.leaf is None else DistinguishedName.of_holder(self.leaf)

    @property
    def environment(self) -> Environment | None:
        """Where the certificate is good, by its issuer; None if unknown."""
        name = None if self.leaf is None else only_common_name(self.leaf.issuer)
        return None if name is None else ISSUERS.get(name)

    @property
    def not_before(self) -> datetime | None:
        """The first moment of the certificate, in UTC; None without it."""
        return None if self.leaf is None else self.leaf.not_valid_before_utc

    @property
    def not_after(self) -> datetime | None:
        """The last moment of the certificate, in UTC; None without it."""
        return None if self.leaf is None else self.leaf.not_valid_after_utc


@dataclass(frozen=True, slots=True, repr=False)
class Keystore(Displayed, Certified):
    """A value: what changes it gives a new one, and everything that is not changed is kept as it was found.

    It shows itself as a card in Jupyter, by the computer's clock: a value knows of no other.

    Attributes:
        contents: the bags of the file, the keys matched with their certificates; two keystores are equal when these
            are.
        authentication: the key that signs; its chain is empty until the certificate is installed.

    The example goes on with that of `ehtoolkit.request_certificate`:

    >>> import ehtoolkit
    >>> keystore = ehtoolkit.open_keystore(asked.keystore, "Kine-2026")
    >>> keystore.holder.identifier.type, str(keystore.authentication.kind)
    ('SSIN', 'RSA-2048')
    """

    card_maker: ClassVar[str] = "ehtoolkit.keystore.html:keystore_card"

    contents: Pkcs12Contents = field(repr=False)
    authentication: Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "authentication", authentication_among(self.contents.keys))

    @classmethod
    def of(cls, contents: Pkcs12Contents) -> Keystore:
        """Return the keystore that a file holds.

        Raises `errors.NotAKeystore` (kind ``no_key``) without a private key, `errors.KeystoreDamaged` (reason
        ``key`` or ``certificate``), `errors.KeyUnfit` for a kind of key that no eHealth keystore has.
        """
        if not contents.keys:
            raise errors.NotAKeystore(kind="no_key")
        return cls(replace(contents, keys=matched_keys(contents)))

    @classmethod
    def claimed(cls, contents: Pkcs12Contents) -> Keystore | None:
        """Return the keystore of a file whose private keys stay closed, by what the file claims of them; None when they
        have to be opened to tell whose they are (`ehtoolkit.keystore.entries.claimed_keys`)."""
        keys = claimed_keys(contents)
        return None if keys is None else cls(replace(contents, keys=keys))

    @classmethod
    def prepare(cls, key: PrivateKey, now: datetime) -> Keystore:
        """Return a new keystore: ``key`` with the stand-in certificate, made at ``now`` (aware)."""
        attributes = attributes_of(AUTHENTICATION, key_identifier(key.public_key()))
        certificate = CertificateBag(placeholder_certificate(key, now), attributes)
        return cls.of(Pkcs12Contents((Key(Plain(store_private_key(key)), attributes),), (certificate,)))

    @property
    def encryption(self) -> tuple[Key, ...]:
        """All other keys, which open messages, the old ones too."""
        return tuple(key for key in self.contents.keys if key is not self.authentication)

    @property
    def lacks_authentication(self) -> bool:
        """Whether all keys are encryption keys: then ``authentication`` is one of them, and nothing can be done with
        the file but to merge it into another."""
        return all(is_encryption_key(key.alias, key.chain) for key in self.contents.keys)

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
    def current_encryption(self) -> tuple[Key, ...]:
        """The encryption keys of this certificate, newest last: their certificate has its subject and is
        signed by the authentication key. Those carried over from an older keystore are not among them."""
        if not self.chain:
            return ()
        subject, public_key = self.chain[0].subject, self.chain[0].public_key()
        found = [
            key
            for key in self.encryption
            if key.chain and key.chain[0].subject == subject and is_signed_by(key.chain[0], public_key)
        ]
        return tuple(sorted(found, key=lambda key: key.chain[0].not_valid_before_utc))

    def state(self, now: datetime) -> State:
        """Return the state at ``now`` (aware), by content alone."""
        has_key = bool(self.current_encryption)
        return state_at(now, self.not_before, self.not_after, has_encryption_key=has_key)

    @property
    def comes_first(self) -> bool:
        """Whether the certificate is in the file before its issuers. Among these no order is kept by any program, the
        official one included."""
        bags = [bag.der for bag in self.contents.certificates]
        places = [bags.index(encoded(certificate)) for certificate in self.chain]
        return not places or places[0] == min(places)

    @property
    def has_sound_chain(self) -> bool:
        """Whether the certificate comes before its issuers, and the nearest of them is there and has signed it; also
        while no certificate is installed."""
        chain = self.chain
        if not chain or not self.comes_first:
            return not chain
        if chain[-1].issuer == chain[-1].subject:
            return True
        false = any(_bears_an_issuers_name(bag, chain) for bag in self.contents.certificates)
        return len(chain) > 1 and not false

    def with_chain(self, chain: Sequence[Certificate]) -> Keystore:
        """Return the keystore with the certificate (``chain[0]``) instead of the stand-in or of an older one, and
        its issuers as entries; what only bears an issuer's name is left out, since programs take it for the issuer.

        Raises `errors.ResponseUntrusted`: reason ``key`` when the certificate is not of our key, reason
        ``chain`` when one certificate does not name the next as its issuer: either would ruin the keystore for Java.
        """
        if key_id_of(chain[0]) != self.authentication.key_id:
            raise errors.ResponseUntrusted(reason="key")
        if any(lower.issuer != upper.subject for lower, upper in pairwise(chain)):
            raise errors.ResponseUntrusted(reason="chain")
        alias, key_id = self.authentication.alias or AUTHENTICATION, self.authentication.key_id
        kept = [
            bag
            for bag in self.contents.certificates
            if certificate_key_id(bag.der) != key_id and not _bears_an_issuers_name(bag, chain)
        ]
        leaf = CertificateBag(encoded(chain[0]), attributes_of(alias, self.authentication.local_key_id))
        issuers = issuer_bags(map(encoded, chain[1:]), kept)
        return Keystore.of(replace(self.contents, certificates=(leaf, *kept, *issuers)))

    def with_encryption(self, key: RSAPrivateKey, certificate: Certificate) -> Keystore:
        """Return the keystore with one more encryption key, called by the serial number of its certificate in decimal.

        Raises `errors.ResponseUntrusted` (reason ``key``) when they do not belong together,
        `errors.DuplicateAlias` when there is an entry of that name.
        """
        alias, key_id = str(certificate.serial_number), key_identifier(key.public_key())
        if key_id_of(certificate) != key_id:
            raise errors.ResponseUntrusted(reason="key")
        if alias in self.contents.aliases:
            raise errors.DuplicateAlias(alias=alias)
        attributes = attributes_of(alias, key_id)
        keys = (*self.contents.keys, Key(Plain(store_private_key(key)), attributes))
        bag = CertificateBag(encoded(certificate), attributes)
        certificates = (*self.contents.certificates, bag)
        return Keystore.of(replace(self.contents, keys=keys, certificates=certificates))

    def displayed(self) -> Iterator[tuple[str, object]]:
        """Yield what it is, and nothing of what is in it but names and numbers."""
        yield "holder", None if self.holder is None else self.holder.text
        yield from (("environment", self.environment), ("installed", self.installed))
        yield from (("not_after", self.not_after), ("key_id", self.key_id))
        yield "encryption", tuple(key.alias or "" for key in self.encryption)


def _bears_an_issuers_name(bag: CertificateBag, chain: Sequence[Certificate]) -> bool:
    """Return whether a certificate has the name of an issuer of ``chain``, and has signed nothing of it."""
    certificate = None if bag.local_key_id is not None else load_certificate(bag.der)
    if certificate is None or certificate in chain:
        return False
    named = [each for each in chain if each.issuer == certificate.subject and each.issuer != each.subject]
    return bool(named) and all(signature_holds(each, certificate) is False for each in named)
