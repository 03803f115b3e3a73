"""The structure of PKCS#12 files, DER or BER: values within limits, and the parts before anything is decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.der import CONTEXT, SET
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Attribute, Attributes, CertificateBag, Key, OtherBag, Plain
from ehtoolkit.keystore.codec.protection import (
    Encrypted,
    Mac,
    Protection,
    UnsupportedAlgorithm,
    read_encryption,
    read_mac,
)


# ── Values within the limits of keystores ────────────────────────────────────────────────────────────────
class Element(der.BerElement):
    """A value of a keystore. Its methods raise `errors.KeystoreDamaged` for a value of another kind."""

    __slots__ = ()

    @staticmethod
    def fault(reason: der.Fault) -> Exception:
        return errors.KeystoreDamaged(reason=reason)

    @staticmethod
    def excess(reason: der.Excess, limit: int) -> Exception:
        return errors.LimitExceeded(
            reason="elements" if reason == "values" else reason, value=limit + 1, limit=limit
        )


def parse(data: bytes, position: int = 0, elements: int = limits.ELEMENTS) -> Element:
    """Return the value that begins at ``position``, with at most ``elements`` values in it; what follows it is ignored.

    Raises `errors.LimitExceeded` (reason ``nesting`` or ``elements``) over a limit, `errors.KeystoreDamaged` (reason
    ``truncated`` or ``structure``) when tags and lengths do not fit together.
    """
    return der.parse(Element, data, position, der.Limits(limits.NESTING, elements))


def parse_whole(data: bytes) -> Element:
    """Return the one value that ``data`` is, with nothing behind it. Raises as `parse`."""
    element = parse(data)
    if element.end != len(data):
        raise errors.KeystoreDamaged(reason="structure")
    return element


# ── The parts of a file ──────────────────────────────────────────────────────────────────────────────────
Bag = Key | CertificateBag | OtherBag


@dataclass(frozen=True, slots=True)
class Structure:
    """A whole file.

    Attributes:
        safes: groups of bags, encrypted together or as they are; keys among these may be closed.
        authenticated: the octets that the MAC is over.
        trailing: bytes that follow it.
    """

    safes: tuple[Encrypted | tuple[Bag, ...], ...]
    authenticated: bytes = field(repr=False)
    mac: Mac | UnsupportedAlgorithm | None
    trailing: int = 0

    @property
    def protection(self) -> Protection:
        return Protection(
            tuple(part.encryption for part in (*self.closed_keys, *self.sealed_safes)), self.mac
        )

    @property
    def sealed_safes(self) -> tuple[Encrypted, ...]:
        """Bags that are encrypted together."""
        return tuple(safe for safe in self.safes if isinstance(safe, Encrypted))

    @property
    def visible_bags(self) -> tuple[Bag, ...]:
        """What can be seen without the password, which in files of Java are all keys and no certificate."""
        return tuple(bag for safe in self.safes if not isinstance(safe, Encrypted) for bag in safe)

    @property
    def closed_keys(self) -> tuple[Encrypted, ...]:
        """The private keys that are encrypted by themselves."""
        keys = (bag.material for bag in self.visible_bags if isinstance(bag, Key))
        return tuple(material for material in keys if isinstance(material, Encrypted))


# ── Read the structure ───────────────────────────────────────────────────────────────────────────────────
DATA: Final = "1.2.840.113549.1.7.1"
ENCRYPTED_DATA: Final = "1.2.840.113549.1.7.6"
KEY: Final = "1.2.840.113549.1.12.10.1.1"
SHROUDED_KEY: Final = "1.2.840.113549.1.12.10.1.2"
CERTIFICATE: Final = "1.2.840.113549.1.12.10.1.3"
SYMMETRIC_KEY: Final = "1.2.840.113549.1.12.10.1.5"
NESTED_SAFE: Final = "1.2.840.113549.1.12.10.1.6"
X509: Final = "1.2.840.113549.1.9.22.1"

_NESTED_SAFES: Final = 4
_IMPLICIT_OCTETS: Final = 0x80
_KEY_VERSIONS: Final = (0, 1)


def read_structure(data: bytes) -> Structure:
    """Return the parts of a file, read without a password.

    Raises `errors.LimitExceeded` over a limit, `errors.KeystoreDamaged` (reason ``truncated`` or ``structure``) when it
    is no such file, `errors.KeystoreUnsupported` when it is made with public keys.
    """
    limits.check("size", len(data))
    whole = parse(data)
    version, content, *mac = whole.parts(least=2)
    version.number()
    authenticated = _octets(content)
    safes = tuple(_read_safe(part) for part in parse_whole(authenticated).parts())
    structure = Structure(safes, authenticated, read_mac(mac[0]) if mac else None, len(data) - whole.end)
    limits.check("elements", len(safes) + len(structure.visible_bags))
    return structure


def read_bags(data: bytes) -> tuple[Bag, ...]:
    """Return the bags of one safe; safes inside it are opened up. Raises as `read_structure` does."""
    bags = tuple(_read_safe_contents(parse_whole(data), _NESTED_SAFES))
    limits.check("elements", len(bags))
    return bags


def read_value(oid: str, value: Element, attributes: Attributes) -> Bag:
    """Return a bag, but for a safe, made of its parts. Raises as `read_structure` does."""
    if oid == SHROUDED_KEY:
        algorithm, data = value.parts(least=2)[:2]
        return Key(Encrypted(read_encryption(algorithm), data.octets()), attributes)
    if oid == KEY:
        return Key(Plain(value.der()), attributes)
    if oid == CERTIFICATE:
        kind, content = value.parts(least=2)[:2]
        if kind.identifier() == X509:
            return CertificateBag(_explicit(content).octets(), attributes)
    return OtherBag(oid, value.der(), attributes)


def read_attributes(attributes: Element) -> Attributes:
    """Return the attributes of a bag. Raises as `read_structure` does."""
    return tuple(_read_attribute(*part.parts(least=2)[:2]) for part in attributes.parts(SET))


def read_sealed(content: Element) -> Encrypted:
    """Return the bags of an EncryptedData, still encrypted. Raises as `read_structure` does."""
    info = content.parts(least=2)[1]
    _, algorithm, data = info.parts(least=3)[:3]
    return Encrypted(read_encryption(algorithm), data.octets(_IMPLICIT_OCTETS))


def is_private_key(data: bytes) -> bool:
    """Return whether ``data`` is a PrivateKeyInfo and nothing else, as far as its frame tells."""
    try:
        version, algorithm, key = parse_whole(data).parts(least=3)[:3]
        algorithm.parts(least=1)[0].identifier()
        return version.number() in _KEY_VERSIONS and bool(key.octets())
    except (errors.KeystoreDamaged, errors.LimitExceeded):
        return False


def _explicit(element: Element) -> Element:
    return element.parts(CONTEXT, least=1)[0]


def _content_info(info: Element) -> tuple[str, Element]:
    kind, content = info.parts(least=2)[:2]
    return kind.identifier(), _explicit(content)


def _octets(info: Element) -> bytes:
    kind, content = _content_info(info)
    if kind != DATA:
        raise errors.KeystoreUnsupported(algorithm=kind)
    return content.octets()


def _read_safe(info: Element) -> Encrypted | tuple[Bag, ...]:
    kind, content = _content_info(info)
    return read_sealed(content) if kind == ENCRYPTED_DATA else read_bags(_octets(info))


def _read_safe_contents(safe: Element, depth: int) -> Iterator[Bag]:
    for bag in safe.parts():
        oid, value, *rest = bag.parts(least=2)
        kind, inner = oid.identifier(), _explicit(value)
        attributes = read_attributes(rest[0]) if rest else ()
        if kind == NESTED_SAFE:
            if depth == 0:
                raise errors.LimitExceeded(reason="nesting", value=_NESTED_SAFES + 1, limit=_NESTED_SAFES)
            yield from map(_hidden, _read_safe_contents(inner, depth - 1))
        else:
            yield read_value(kind, inner, attributes)


def _hidden(bag: Bag) -> Bag:
    return bag if isinstance(bag, OtherBag) else replace(bag, hidden=True)


def _read_attribute(oid: Element, values: Element) -> Attribute:
    return Attribute(oid.identifier(), tuple(value.der() for value in values.parts(SET)))
