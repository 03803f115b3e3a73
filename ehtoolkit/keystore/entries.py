"""Match the bags of a file: a key, its certificate, its issuers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.keys import KeyKind, kind_of
from ehtoolkit.crypto.signatures import is_issued_by
from ehtoolkit.keystore.certificates import (
    certificate_key_kind,
    entry_name_of,
    key_id_of,
    load_certificate,
    raw_key_id,
)
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, KeyBag, Pkcs12Contents, attributes_of
from ehtoolkit.keystore.codec.private_keys import key_id_of_key, load_private_key
from ehtoolkit.keystore.codec.structure import ShroudedKey

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey

AUTHENTICATION: Final = "authentication"
"""The name of the key that signs, in every eHealth keystore."""

_LONGEST_CHAIN: Final = 10
_SERIAL: Final = re.compile(r"\d{1,50}", re.ASCII)
_NUMBERED: Final = 3
"""Digits that no number of a key in a file exceeds, and every serial number of the platform does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What belongs to a private key, which may be closed.

    Attributes:
        alias: as in the file, empty when it has none there.
        local_key_id: as in the file.
        key_id: SHA-1 of the public key's bits.
        chain: leaf first, as far as the file has it; empty with the stand-in certificate or without any.
        kind: of the key.
    """

    alias: str
    local_key_id: bytes | None
    key_id: bytes
    chain: tuple[Certificate, ...] = field(repr=False)
    kind: KeyKind


@dataclass(frozen=True, slots=True)
class KeyEntry(Entry):
    """The same with the private key."""

    key: PrivateKey = field(repr=False, compare=False)


_E = TypeVar("_E", bound=Entry)


def is_authentication(alias: str | None) -> bool:
    """Return whether a name is that of the authentication key, in any case."""
    return alias is not None and alias.lower() == AUTHENTICATION


def is_serial(alias: str | None) -> bool:
    """Return whether a name is a serial number in decimal, as encryption keys are called."""
    return alias is not None and _SERIAL.fullmatch(alias) is not None


def serials_among(aliases: Sequence[str | None]) -> tuple[str, ...]:
    """Return the names of encryption keys among those of all private keys of a file, each once. The only key is none
    when Java has numbered it, as it does with keys that had no name."""
    numbered = len(aliases) == 1 and len(aliases[0] or "") <= _NUMBERED
    return () if numbered else tuple(dict.fromkeys(alias for alias in aliases if alias and is_serial(alias)))


def key_entries(contents: Pkcs12Contents) -> tuple[KeyEntry, tuple[KeyEntry, ...]]:
    """Return the authentication key and the others, in their order.

    A certificate belongs to the key whose public key it has: the localKeyIDs of some writers lack or repeat.
    Raises as `ehtoolkit.keystore.keystore.Keystore.of` does.
    """
    chains = _Chains(contents.certificates)
    entries = [_entry(bag, chains) for bag in contents.keys]
    if not entries:
        raise errors.NotAKeystore(kind="no_key")
    return _sorted(entries)


def claimed_entries(
    keys: Sequence[ShroudedKey], certificates: Sequence[CertificateBag]
) -> tuple[Entry, tuple[Entry, ...]] | None:
    """Return the authentication key and the others as `key_entries` does, of keys that are closed, by what the file
    says of them.

    A key is taken for that of a certificate when its localKeyID is the identifier of the certificate's public key, as
    BouncyCastle and we write it, and no other key has the same. None when that is not so of every key, or a certificate
    is damaged or of a kind of key that no eHealth keystore has.
    """
    try:
        kinds = {certificate_key_id(bag): certificate_key_kind(bag.der) for bag in certificates}
        chains = _Chains(certificates)
    except errors.KeystoreDamaged:
        return None
    entries = [
        Entry(key.alias or "", id_, id_, chains.of(id_), kinds[id_])
        for key in keys
        if (id_ := key.local_key_id) in kinds and kinds[id_].fault is None
    ]
    if not entries or len({entry.key_id for entry in entries}) < len(keys):
        return None
    return _sorted(entries)


def certificate_key_id(bag: CertificateBag) -> bytes:
    """Return the key identifier of the public key in a certificate, loaded or not. Raises `errors.KeystoreDamaged`."""
    certificate = load_certificate(bag.der)
    return raw_key_id(bag.der) if certificate is None else key_id_of(certificate)


def readable_key_id(bag: CertificateBag) -> bytes | None:
    """Return the same as `certificate_key_id`; None for a damaged certificate."""
    try:
        return certificate_key_id(bag)
    except errors.KeystoreDamaged:
        return None


def issuer_bags(issuers: Iterable[bytes], present: Sequence[CertificateBag]) -> list[CertificateBag]:
    """Return entries of their own for ``issuers``, called by their subject; one that is there is not
    doubled."""
    found = {bag.der for bag in present}
    aliases = {bag.alias.lower() for bag in present if bag.alias is not None}
    bags = []
    for der in issuers:
        if der in found:
            continue
        name = alias = entry_name_of(der)
        number = 2
        while alias.lower() in aliases:  # an issuer's older certificate has the same subject
            alias, number = f"{name} ({number})", number + 1
        aliases.add(alias.lower())
        found.add(der)
        bags.append(CertificateBag(der, attributes_of(alias, trusted=True)))
    return bags


def _entry(bag: KeyBag, chains: _Chains) -> KeyEntry:
    key = load_private_key(bag.pkcs8)
    key_id = key_id_of_key(key.public_key())
    return KeyEntry(bag.alias or "", bag.local_key_id, key_id, chains.of(key_id), kind_of(key), key)


class Proofs:
    """Find the issuer of a certificate, with a limit on the verifications: a hostile file can give a hundred
    certificates one name, so that each would be verified with each."""

    def __init__(self) -> None:
        self._left = limits.PROOFS

    def issued(self, issuer: Certificate, certificate: Certificate) -> bool:
        """Return whether ``issuer`` has issued ``certificate``; False, too, once too many were asked about."""
        if certificate.issuer != issuer.subject or self._left == 0:
            return False
        self._left -= 1
        return is_issued_by(certificate, issuer)


class _Chains:
    """Finds the certificates of keys, and who issued them, each question once: the keys of a file share their
    issuers."""

    def __init__(self, bags: Sequence[CertificateBag]) -> None:
        self._by_key: dict[bytes, list[Certificate]] = {}
        for bag in bags:
            certificate = load_certificate(bag.der)
            if certificate is not None:
                self._by_key.setdefault(key_id_of(certificate), []).append(certificate)
        self._certificates = [one for found in self._by_key.values() for one in found]
        self._found: dict[int, Certificate | None] = {}
        self._proofs = Proofs()

    def of(self, key_id: bytes) -> tuple[Certificate, ...]:
        """Return the newest certificate of a key and its issuers; empty without one."""
        own = self._by_key.get(key_id, ())
        leaf = max(own, key=lambda certificate: certificate.not_valid_before_utc, default=None)
        if leaf is None:
            return ()
        chain = [leaf]
        while chain[-1].issuer != chain[-1].subject and len(chain) < _LONGEST_CHAIN:
            issuer = self._issuer(chain[-1])
            if issuer is None or issuer in chain:
                break
            chain.append(issuer)
        return tuple(chain)

    def _issuer(self, certificate: Certificate) -> Certificate | None:
        if id(certificate) not in self._found:
            issuers = (each for each in self._certificates if self._proofs.issued(each, certificate))
            self._found[id(certificate)] = next(issuers, None)
        return self._found[id(certificate)]


def _sorted(entries: Sequence[_E]) -> tuple[_E, tuple[_E, ...]]:
    """Return the entry of the authentication key, and the others in their order."""
    authentication = _authentication(entries)
    return authentication, tuple(entry for entry in entries if entry is not authentication)


def _authentication(entries: Sequence[_E]) -> _E:
    """Return the entry of the authentication key: by its name; else the first key whose certificate somebody else
    issued; else the first."""
    named = (entry for entry in entries if is_authentication(entry.alias))
    issued = (entry for entry in entries if entry.chain and entry.chain[0].issuer != entry.chain[0].subject)
    return next(named, None) or next(issued, None) or entries[0]
