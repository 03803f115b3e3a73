"""Which bags of a file belong together: a key, its certificate, the issuers of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.keystore.certificates import java_name, key_id_of, load_certificate, raw_key_id
from ehtoolkit.keystore.contents import CertificateBag, Contents, KeyBag, attributes_of
from ehtoolkit.keystore.rsa_keys import key_id_of_key, load_rsa_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

AUTHENTICATION: Final = "authentication"
"""The name of the key that signs, in every eHealth keystore."""

_LONGEST_CHAIN: Final = 10


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A private key and its certificates.

    ``alias``: as in the file, empty when it has none there. ``local_key_id``: as in the file. ``key_id``:
    SHA-1 of the public key's bits. ``chain``: leaf first, as far as the file has it; empty with the stand-in
    certificate or without any.
    """

    alias: str
    local_key_id: bytes | None
    key_id: bytes
    key: RSAPrivateKey = field(repr=False, compare=False)
    chain: tuple[Certificate, ...] = field(repr=False)


def key_entries(contents: Contents) -> tuple[KeyEntry, tuple[KeyEntry, ...]]:
    """The authentication key and the others, in their order.

    A certificate belongs to the key whose public key it has: the localKeyIDs of some writers lack or repeat.
    Raises as `ehtoolkit.keystore.keystore.Keystore.of` does.
    """
    certificates = _certificates_by_key(contents.certificates)
    issuers = _Issuers([certificate for found in certificates.values() for certificate in found])
    entries = [_entry(bag, certificates, issuers) for bag in contents.keys]
    if not entries:
        raise errors.NotAKeystore(kind="no_key")
    authentication = _authentication(entries)
    return authentication, tuple(entry for entry in entries if entry is not authentication)


def certificate_key_id(bag: CertificateBag) -> bytes:
    """The key identifier of the public key in a certificate, loaded or not."""
    certificate = load_certificate(bag.der)
    return raw_key_id(bag.der) if certificate is None else key_id_of(certificate)


def issuer_bags(issuers: Iterable[bytes], present: Sequence[CertificateBag]) -> list[CertificateBag]:
    """Entries of their own for ``issuers``, called as Java prints their subject; one that is there is not
    doubled."""
    found = {bag.der for bag in present}
    aliases = {bag.alias.lower() for bag in present if bag.alias is not None}
    bags = []
    for der in issuers:
        if der in found:
            continue
        name = alias = java_name(der)
        number = 2
        while alias.lower() in aliases:  # an issuer's older certificate has the same subject
            alias, number = f"{name} ({number})", number + 1
        aliases.add(alias.lower())
        found.add(der)
        bags.append(CertificateBag(der, attributes_of(alias, trusted=True)))
    return bags


def _certificates_by_key(bags: Sequence[CertificateBag]) -> Mapping[bytes, Sequence[Certificate]]:
    found: dict[bytes, list[Certificate]] = {}
    for bag in bags:
        certificate = load_certificate(bag.der)
        if certificate is not None:
            found.setdefault(key_id_of(certificate), []).append(certificate)
    return found


def _entry(bag: KeyBag, certificates: Mapping[bytes, Sequence[Certificate]], issuers: _Issuers) -> KeyEntry:
    key = load_rsa_key(bag.pkcs8)
    key_id = key_id_of_key(key.public_key())
    own = certificates.get(key_id, ())
    leaf = max(own, key=lambda certificate: certificate.not_valid_before_utc, default=None)
    chain = () if leaf is None else issuers.chain(leaf)
    return KeyEntry(bag.alias or "", bag.local_key_id, key_id, key, chain)


class _Issuers:
    """Finds who issued a certificate, each question once: the keys of a file share their issuers."""

    def __init__(self, certificates: Sequence[Certificate]) -> None:
        self._certificates = certificates
        self._found: dict[int, Certificate | None] = {}

    def chain(self, leaf: Certificate) -> tuple[Certificate, ...]:
        chain = [leaf]
        while chain[-1].issuer != chain[-1].subject and len(chain) < _LONGEST_CHAIN:
            issuer = self._issuer(chain[-1])
            if issuer is None or issuer in chain:
                break
            chain.append(issuer)
        return tuple(chain)

    def _issuer(self, certificate: Certificate) -> Certificate | None:
        if id(certificate) not in self._found:
            issuers = (each for each in self._certificates if _issued(each, certificate))
            self._found[id(certificate)] = next(issuers, None)
        return self._found[id(certificate)]


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False  # another name, another key, another kind of key
    return True


def _authentication(entries: Sequence[KeyEntry]) -> KeyEntry:
    """By its name; else the first key whose certificate somebody else issued; else the first."""
    named = (entry for entry in entries if entry.alias.lower() == AUTHENTICATION)
    issued = (entry for entry in entries if entry.chain and entry.chain[0].issuer != entry.chain[0].subject)
    return next(named, None) or next(issued, None) or entries[0]
