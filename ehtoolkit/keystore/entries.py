"""Match the bags of a file, a key, its certificate, its issuers, and prove them without its MAC."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Final

from cryptography.x509 import AuthorityKeyIdentifier, Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import extension_of, is_issued_by, key_identifier
from ehtoolkit.crypto.keys import kind_of
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.key_pairs import (
    certificate_key_id,
    certificate_key_kind,
    entry_name_of,
    is_placeholder,
    key_id_of,
    key_id_of_pkcs8,
    load_certificate,
    load_private_key,
    readable_key_id,
)

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
    chains = Chains(contents.certificates)
    return tuple(_matched(key, chains) for key in contents.keys)


def claimed_keys(contents: Pkcs12Contents) -> tuple[Key, ...] | None:
    """Return the private keys, which are closed, each with its certificate by what the file claims.

    A key is taken for that of a certificate when its localKeyID is the identifier of the certificate's public key, as
    BouncyCastle and we write it, and no other key has the same. None when that is not so of every key, when a key is
    not closed, or when a certificate is damaged or of a kind of key that no eHealth keystore has.
    """
    keys, certificates = contents.keys, contents.certificates
    try:
        kinds = {certificate_key_id(bag.der): certificate_key_kind(bag.der) for bag in certificates}
        chains = Chains(certificates)
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


def issuer_bags(issuers: Iterable[bytes], present: Sequence[CertificateBag]) -> list[CertificateBag]:
    """Return entries of their own for ``issuers``, called by their subject; one that is there is not
    doubled."""
    found = {bag.der for bag in present}
    aliases = {bag.alias.lower() for bag in present if bag.alias is not None}
    bags = []
    for der in issuers:
        if der in found:
            continue
        alias = free_alias(entry_name_of(der), aliases)  # an issuer's older certificate has the same subject
        aliases.add(alias.lower())
        found.add(der)
        bags.append(CertificateBag(der, attributes_of(alias, trusted=True)))
    return bags


def free_alias(wanted: str, taken: Collection[str]) -> str:
    """Return ``wanted``, with a number where it is among ``taken``, which are in small letters."""
    numbered = (f"{wanted} ({number})" for number in count(2))
    return next(alias for alias in chain((wanted,), numbered) if alias.lower() not in taken)


def _matched(key: Key, chains: Chains) -> Key:
    known = key.material.loaded if isinstance(key.material, Plain) else None
    loaded = known or load_private_key(key.pkcs8)
    key_id = key_identifier(loaded.public_key())
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


class Chains:
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
        return self.above(leaf)

    def above(self, leaf: Certificate) -> tuple[Certificate, ...]:
        """Return a certificate and its issuers."""
        found = [leaf]
        while found[-1].issuer != found[-1].subject and len(found) < _LONGEST_CHAIN:
            issuer = self._issuer(found[-1])
            if issuer is None or issuer in found:
                break
            found.append(issuer)
        return tuple(found)

    def _issuer(self, certificate: Certificate) -> Certificate | None:
        if id(certificate) not in self._found:
            issuers = (each for each in self._certificates if self._proofs.issued(each, certificate))
            self._found[id(certificate)] = next(issuers, None)
        return self._found[id(certificate)]


# ── Proofs without the MAC ───────────────────────────────────────────────────────────────────────────────
def is_sound_key(pkcs8: bytes) -> bool:
    """Return whether a private key is sound: the numbers of an RSA or EC key belong together, any other can be
    loaded."""
    try:
        load_private_key(pkcs8)
    except errors.KeyUnfit:
        return key_id_of_pkcs8(pkcs8) is not None
    except errors.KeystoreDamaged:
        return False
    return True


def verified_certificates(
    bags: Sequence[CertificateBag], key_ids: Sequence[bytes]
) -> tuple[CertificateBag, ...]:
    """Return those of ``bags`` that show no damage, in their order.

    A certificate is proven by its signature, where its issuer is there or it is self-signed. Without its issuer it has
    to belong to one of the keys (``key_ids``), or to have signed one that is proven.
    """
    asked = Proofs()
    loaded = [_load(bag) for bag in bags]
    known = [certificate for certificate in loaded if certificate is not None]
    verdicts = [
        _verdict(bag, certificate, known, key_ids, asked)
        for bag, certificate in zip(bags, loaded, strict=True)
    ]
    proofs = [found for found, verdict in zip(loaded, verdicts, strict=True) if verdict and found is not None]
    for place, certificate in enumerate(loaded):
        if verdicts[place] is None and certificate is not None:
            verdicts[place] = any(asked.issued(certificate, proof) for proof in proofs)
    return tuple(bag for bag, verdict in zip(bags, verdicts, strict=True) if verdict)


def _load(bag: CertificateBag) -> Certificate | None:
    try:
        return load_certificate(bag.der)
    except errors.KeystoreDamaged:
        return None


def _verdict(
    bag: CertificateBag,
    certificate: Certificate | None,
    known: Sequence[Certificate],
    key_ids: Sequence[bytes],
    asked: Proofs,
) -> bool | None:
    """Return whether a certificate is sound; None when nothing tells."""
    if certificate is None:
        return is_placeholder(bag.der) and readable_key_id(bag.der) in key_ids
    issuers = [issuer for issuer in known if issuer.subject == certificate.issuer]
    if any(asked.issued(issuer, certificate) for issuer in issuers):
        return True
    is_ours = readable_key_id(bag.der) in key_ids
    if certificate.issuer == certificate.subject:
        # An encryption certificate that came from an older keystore was signed with the older key.
        return is_ours
    if issuers and not _names_another(certificate, issuers):
        return False
    return True if is_ours else None


def _names_another(certificate: Certificate, issuers: Sequence[Certificate]) -> bool:
    """Return whether a certificate says that the key of its issuer is none of those that are there under the issuer's
    name."""
    extension = extension_of(certificate, AuthorityKeyIdentifier)
    named = None if extension is None else extension.key_identifier
    return named is not None and all(named != key_id_of(issuer) for issuer in issuers)
