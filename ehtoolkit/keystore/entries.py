"""Match the bags of a file: a key, its certificate, its issuers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.keys import kind_of
from ehtoolkit.crypto.signatures import is_issued_by
from ehtoolkit.keystore.certificates import (
    certificate_key_kind,
    entry_name_of,
    key_id_of,
    load_certificate,
    raw_key_id,
)
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.private_keys import key_id_of_key, load_private_key

AUTHENTICATION: Final = "authentication"
"""The name of the key that signs, in every eHealth keystore."""

_LONGEST_CHAIN: Final = 10
_SERIAL: Final = re.compile(r"\d{1,50}", re.ASCII)
_NUMBERED: Final = 3
"""Digits that no number of a key in a file exceeds, and every serial number of the platform does."""


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


def matched_keys(contents: Pkcs12Contents) -> tuple[Key, ...]:
    """Return the private keys loaded, each with its certificate, in their order.

    A certificate belongs to the key whose public key it has: the localKeyIDs of some writers lack or repeat. Raises as
    `ehtoolkit.keystore.keystore.Keystore.of` does.
    """
    chains = _Chains(contents.certificates)
    return tuple(_matched(key, chains) for key in contents.keys)


def claimed_keys(contents: Pkcs12Contents) -> tuple[Key, ...] | None:
    """Return the private keys, which are closed, each with its certificate by what the file claims.

    A key is taken for that of a certificate when its localKeyID is the identifier of the certificate's public key, as
    BouncyCastle and we write it, and no other key has the same. None when that is not so of every key, when a key is
    not closed, or when a certificate is damaged or of a kind of key that no eHealth keystore has.
    """
    keys, certificates = contents.keys, contents.certificates
    try:
        kinds = {certificate_key_id(bag): certificate_key_kind(bag.der) for bag in certificates}
        chains = _Chains(certificates)
    except errors.KeystoreDamaged:
        return None
    matched = [
        replace(key, key_id=id_, kind=kinds[id_], chain=chains.of(id_))
        for key in keys
        if key.closed and (id_ := key.local_key_id) in kinds and kinds[id_].fault is None
    ]
    if not matched or len({key.key_id for key in matched}) < len(keys):
        return None
    return tuple(matched)


def authentication_among(keys: Sequence[Key]) -> Key:
    """Return the authentication key: by its name; else the first key whose certificate someone else issued; else the
    first."""
    named = (key for key in keys if is_authentication(key.alias))
    issued = (key for key in keys if key.chain and key.chain[0].issuer != key.chain[0].subject)
    return next(named, None) or next(issued, None) or keys[0]


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


def _matched(key: Key, chains: _Chains) -> Key:
    known = key.material.loaded if isinstance(key.material, Plain) else None
    loaded = known or load_private_key(key.pkcs8)
    key_id = key_id_of_key(loaded.public_key())
    return replace(
        key,
        material=Plain(key.pkcs8, loaded),
        key_id=key_id,
        kind=kind_of(loaded),
        chain=chains.of(key_id),
    )


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
        self._certificates = [certificate for found in self._by_key.values() for certificate in found]
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
