"""Match the bags of a file, a key, its certificate, its issuers, and prove them without its MAC."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Final

from cryptography.x509 import AuthorityKeyIdentifier, Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import (
    extension_of,
    is_authority,
    is_issued_by,
    key_identifier,
    signature_holds,
)
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


def authentication_place(keys: Sequence[tuple[str | None, Sequence[Certificate]]]) -> int | None:
    """Return the place of the authentication key among all private keys of a file, each given by its name and its
    certificate with the issuers of that, as far as they are known; None where it cannot be told.

    It is the key of that name; else the first whose certificate someone else issued; else the only one, unless that is
    an encryption key.
    """
    named = [place for place, (alias, _) in enumerate(keys) if is_authentication(alias)]
    if len(named) == 1:
        return named[0]
    chains = [(place, keys[place][1]) for place in named or range(len(keys))]
    issued = (place for place, chain in chains if chain and chain[0].issuer != chain[0].subject)
    alone = 0 if len(keys) == 1 and not is_encryption_key(*keys[0]) else None
    return next(issued, alone)


def authentication_among(keys: Sequence[Key]) -> Key:
    """Return the authentication key, by `authentication_place`; where it cannot be told, the first of that name, else
    the first key."""
    place = authentication_place([(key.alias, key.chain) for key in keys])
    named = (key for key in keys if is_authentication(key.alias))
    return next(named, keys[0]) if place is None else keys[place]


def is_encryption_key(alias: str | None, chain: Sequence[Certificate]) -> bool:
    """Return whether a key, given as in `authentication_place`, is seen to be one that decrypts: its certificate has
    the holder's name as its issuer and is signed by another key, the one that authenticates. While the certificate
    cannot be seen, the name tells."""
    if not chain:
        return bool(serials_among([alias]))
    certificate = chain[0]
    is_own_issuer = certificate.issuer == certificate.subject
    return is_own_issuer and signature_holds(certificate, certificate) is False


def issuer_bags(issuers: Iterable[bytes], present: Sequence[CertificateBag]) -> list[CertificateBag]:
    """Return entries of their own for ``issuers``, called by their subject; one that is there is not doubled.

    The Java connector of the platform writes them so, and ours are to be like its keystores. keytool writes issuers
    without such entries; it reads both.
    """
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


def judge_certificates(bags: Sequence[CertificateBag], key_ids: Sequence[bytes]) -> tuple[bool | None, ...]:
    """Return of each of ``bags``, in their order, whether it is sound: True where that is proven, False where it is
    damaged, None where nothing tells.

    A certificate is proven by its signature, where its issuer is there or it is self-signed; and as the certificate of
    one of the keys (``key_ids``) while nobody of its issuer's name is there. It is damaged when it cannot be read, when
    a proven certificate of its issuer's name has not signed it, and when it is stored as that of one of the keys and
    has another public key. An encryption certificate that came from an older keystore is neither: the key that signed
    it is not in the file.
    """
    return _Judge(bags, key_ids).verdicts()


def _load(bag: CertificateBag) -> Certificate | None:
    try:
        return load_certificate(bag.der)
    except errors.KeystoreDamaged:
        return None


class _Judge:
    """Judges the certificates of a file. ``known``: those that can be loaded; ``proven``: those of them whose signature
    holds, or that have signed one whose does."""

    def __init__(self, bags: Sequence[CertificateBag], key_ids: Sequence[bytes]) -> None:
        self.key_ids = key_ids
        self.loaded = [(bag, _load(bag)) for bag in bags]
        self.known = [certificate for _, certificate in self.loaded if certificate is not None]
        asked = Proofs()
        self.proven = [each for each in self.known if any(asked.issued(other, each) for other in self.known)]
        self.proven += [
            certificate
            for bag, certificate in self.loaded
            if certificate is not None
            and self._verdict(bag, certificate) is not False
            and any(asked.issued(certificate, proof) for proof in self.proven)
        ]

    def verdicts(self) -> tuple[bool | None, ...]:
        return tuple(self._verdict(bag, certificate) for bag, certificate in self.loaded)

    def _verdict(self, bag: CertificateBag, certificate: Certificate | None) -> bool | None:
        key_id = readable_key_id(bag.der)
        is_ours = key_id in self.key_ids
        if certificate is None:
            return False if key_id is None else True if is_ours and is_placeholder(bag.der) else None
        if certificate in self.proven:
            return True
        if bag.local_key_id in self.key_ids and not is_ours:
            return False
        if certificate.issuer == certificate.subject:
            return is_ours or self._of_own_name(certificate)
        issuers = [each for each in self.known if each.subject == certificate.issuer]
        judges = [issuer for issuer in issuers if issuer in self.proven]
        if judges and not _names_another(certificate, judges):
            return False
        return True if is_ours and all(_names_another(certificate, [issuer]) for issuer in issuers) else None

    def _of_own_name(self, certificate: Certificate) -> bool | None:
        """Return the verdict on a certificate with its own name as issuer that its own key has not signed. The key of
        an older certificate signed encryption certificates that came from an older keystore; an authority signs
        itself."""
        names = {each.issuer for each in self.known if each.subject != certificate.subject}
        is_own = is_authority(certificate) or certificate.subject in names
        return False if is_own or _named_issuer(certificate) == key_id_of(certificate) else None


def _names_another(certificate: Certificate, issuers: Sequence[Certificate]) -> bool:
    """Return whether a certificate says that the key of its issuer is none of those that are there under the issuer's
    name."""
    named = _named_issuer(certificate)
    return named is not None and all(named != key_id_of(issuer) for issuer in issuers)


def _named_issuer(certificate: Certificate) -> bytes | None:
    """Return the key identifier of the issuer's key, as a certificate states it; None where it does not."""
    extension = extension_of(certificate, AuthorityKeyIdentifier)
    return None if extension is None else extension.key_identifier
