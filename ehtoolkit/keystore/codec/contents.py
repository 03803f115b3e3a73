"""The contents of a PKCS#12 file: private keys, open or closed, and certificates, with names, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from cryptography.x509 import Certificate

from ehtoolkit.crypto import der
from ehtoolkit.crypto.keys import KeyKind, PrivateKey
from ehtoolkit.keystore.codec.protection import Encrypted, Protection

FRIENDLY_NAME: Final = "1.2.840.113549.1.9.20"
LOCAL_KEY_ID: Final = "1.2.840.113549.1.9.21"
TRUSTED_KEY_USAGE: Final = "2.16.840.1.113894.746875.1.1"
"""Oracle's attribute: without it Java does not list a certificate that belongs to no key."""
ANY_KEY_USAGE: Final = "2.5.29.37.0"

_BMP_STRING: Final = 0x1E

KEY_ID_LENGTH: Final = 20
"""Bytes of SHA-1, by which the platform, BouncyCastle and we call a key."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a bag: its type as dotted numbers, and the DER of each of its values, as they were
    found."""

    oid: str
    values: tuple[bytes, ...]

    @property
    def encoded(self) -> bytes:
        return der.sequence(der.object_identifier(self.oid), der.set_of(*self.values))


Attributes = tuple[Attribute, ...]


class Named:
    """What the attributes of a bag tell."""

    __slots__ = ()

    attributes: Attributes

    @property
    def alias(self) -> str | None:
        """The friendlyName, None without one; what is no character comes as U+FFFD."""
        value = self._first(FRIENDLY_NAME)
        if value is None:
            return None
        encoding = "utf-16-be" if value[0] == _BMP_STRING else "utf-8"
        return der.content(value).decode(encoding, "replace")

    @property
    def local_key_id(self) -> bytes | None:
        """What joins a key and its certificate; BouncyCastle and we write the key identifier, Java a time."""
        value = self._first(LOCAL_KEY_ID)
        return None if value is None else der.content(value)

    def _first(self, oid: str) -> bytes | None:
        found = (each.values[0] for each in self.attributes if each.oid == oid and each.values)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Plain:
    """A private key without encryption.

    Attributes:
        pkcs8: DER of its PrivateKeyInfo.
        loaded: the key to compute with; None until `Keystore.of` has checked it.
    """

    pkcs8: bytes = field(repr=False)
    loaded: PrivateKey | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class KeyOutline:
    """What may be shown of a private key, without the key itself.

    Attributes:
        alias: None without one.
        local_key_id: hexadecimal, upper case; None without one.
        kind: ``RSA-2048``, ``EC P-384``; None while it is not known.
    """

    alias: str | None
    local_key_id: str | None
    kind: str | None = None

    @property
    def key_id(self) -> str | None:
        """The localKeyID where it is a key identifier: Java writes others."""
        id_ = self.local_key_id
        return id_ if id_ is not None and len(id_) == 2 * KEY_ID_LENGTH else None


@dataclass(frozen=True, slots=True)
class Key(Named):
    """A private key of a file with its attributes.

    Attributes:
        material: the key, or what it is encrypted in.
        key_id: SHA-1 of the public key's bits. It, ``kind`` and ``chain`` are empty until a `Keystore` has matched the
            keys and certificates of the file; in a closed key they are what the file claims.
        chain: its certificate and the issuers of that, as far as the file has them; empty with the stand-in
            certificate or without any.
        hidden: it is where Java's own software does not look: in a safe within a safe, or without encryption of its own
            in an encrypted safe.
    """

    material: Plain | Encrypted
    attributes: Attributes = ()
    hidden: bool = field(default=False, compare=False)
    key_id: bytes = field(default=b"", compare=False)
    kind: KeyKind | None = field(default=None, compare=False)
    chain: tuple[Certificate, ...] = field(default=(), repr=False, compare=False)

    @property
    def closed(self) -> bool:
        """Whether it is still encrypted."""
        return isinstance(self.material, Encrypted)

    @property
    def pkcs8(self) -> bytes:
        """The DER of the PrivateKeyInfo. Raises ValueError for a closed key."""
        if isinstance(self.material, Encrypted):
            raise ValueError("the key is closed")
        return self.material.pkcs8

    @property
    def key(self) -> PrivateKey:
        """The key to compute with. Raises ValueError for a closed key, and for one that was not loaded."""
        if isinstance(self.material, Encrypted) or self.material.loaded is None:
            raise ValueError("the key is closed or not loaded")
        return self.material.loaded

    @property
    def outline(self) -> KeyOutline:
        local_key_id = self.local_key_id
        shown = None if local_key_id is None else local_key_id.hex().upper()
        return KeyOutline(self.alias, shown, None if self.kind is None else str(self.kind))


@dataclass(frozen=True, slots=True)
class CertificateBag(Named):
    """A certificate (``der``) with its attributes. ``hidden``: as in `Key`."""

    der: bytes = field(repr=False)
    attributes: Attributes = ()
    hidden: bool = field(default=False, compare=False)

    @property
    def is_trusted_entry(self) -> bool:
        """Whether Java lists it as an entry of its own."""
        return any(attribute.oid == TRUSTED_KEY_USAGE for attribute in self.attributes)


KeyOrCertificate = TypeVar("KeyOrCertificate", bound="Key | CertificateBag")


@dataclass(frozen=True, slots=True)
class OtherBag(Named):
    """A revocation list, a secret, or what is not known: carried along as it is (``value``: DER)."""

    oid: str
    value: bytes = field(repr=False)
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Pkcs12Contents:
    """Everything in a file: keys, certificates and others, each kind in its order. ``protection``: how it was
    protected; it does not count in ``==``."""

    keys: tuple[Key, ...]
    certificates: tuple[CertificateBag, ...]
    others: tuple[OtherBag, ...] = ()
    protection: Protection | None = field(default=None, compare=False)

    @property
    def bags(self) -> Sequence[Key | CertificateBag]:
        """The keys and then the certificates."""
        return (*self.keys, *self.certificates)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every name, in the order of `bags`; one that is there twice comes twice."""
        return tuple(bag.alias for bag in self.bags if bag.alias is not None)


def clashing_aliases(keys: Sequence[Key], certificates: Sequence[CertificateBag]) -> tuple[str, ...]:
    """Return the names that differ only in capitals from a key's, and that key's: Java would lose it.

    Certificates alone may clash: keytool repeats those of a chain under names in small letters. The certificate that a
    localKeyID joins to the key has no name of its own for Java.
    """
    spellings: dict[str, dict[str, None]] = {}
    for bag in (*keys, *certificates):
        if bag.alias is not None and not (isinstance(bag, CertificateBag) and _is_joined(bag, keys)):
            spellings.setdefault(bag.alias.lower(), {})[bag.alias] = None
    named = {key.alias for key in keys}
    clashes = (same for same in spellings.values() if len(same) > 1 and not named.isdisjoint(same))
    return tuple(alias for same in clashes for alias in same)


def _is_joined(certificate: CertificateBag, keys: Sequence[Key]) -> bool:
    """Return whether a certificate is joined to the key whose name it has, in any case, and to no other."""
    id_, alias = certificate.local_key_id, certificate.alias or ""
    joined = [key for key in keys if id_ is not None and key.local_key_id == id_]
    return len(joined) == 1 and (joined[0].alias or "").lower() == alias.lower()


def attributes_of(alias: str, local_key_id: bytes | None = None, *, trusted: bool = False) -> Attributes:
    """Return the attributes that this program gives to a bag; ``trusted``: an entry of its own, for Java."""
    name = der.value(_BMP_STRING, alias.encode("utf-16-be", "surrogatepass"))
    attributes = [Attribute(FRIENDLY_NAME, (name,))]
    if local_key_id is not None:
        attributes.append(Attribute(LOCAL_KEY_ID, (der.octet_string(local_key_id),)))
    if trusted:
        attributes.append(Attribute(TRUSTED_KEY_USAGE, (der.object_identifier(ANY_KEY_USAGE),)))
    return _in_order(attributes)


def _in_order(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """Return the same in the order of a SET OF in DER."""
    return tuple(sorted(attributes, key=lambda attribute: attribute.encoded))


def with_local_key_id(bag: KeyOrCertificate, local_key_id: bytes | None) -> KeyOrCertificate:
    """Return the same bag with this localKeyID, or without any; its other attributes stay."""
    if bag.local_key_id == local_key_id:
        return bag
    kept = tuple(attribute for attribute in bag.attributes if attribute.oid != LOCAL_KEY_ID)
    if local_key_id is None:
        return replace(bag, attributes=kept)
    attributes = (*kept, Attribute(LOCAL_KEY_ID, (der.octet_string(local_key_id),)))
    return replace(bag, attributes=_in_order(attributes))


def with_alias(bag: KeyOrCertificate, alias: str) -> KeyOrCertificate:
    """Return the same bag with this name instead of its own; its other attributes stay."""
    kept = tuple(attribute for attribute in bag.attributes if attribute.oid != FRIENDLY_NAME)
    return replace(bag, attributes=_in_order((*attributes_of(alias), *kept)))
