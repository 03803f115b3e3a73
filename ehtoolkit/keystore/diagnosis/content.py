"""What is known about one file, for the rules: its keys and certificates, opened or as far as they are visible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.x509 import Certificate, Name

from ehtoolkit import errors
from ehtoolkit.crypto.keys import KeyKind
from ehtoolkit.finding import Finding
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, environment_of_issuer
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import unlock
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.diagnosis.file import FileFacts, FolderListing, Outline
from ehtoolkit.keystore.entries import is_authentication
from ehtoolkit.keystore.key_pairs import (
    certificate_key_kind,
    is_placeholder,
    issuer_name_of,
    key_id_of,
    load_certificate,
    raw_key_id,
)
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import CertificateState, state_at


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate of the file.

    Attributes:
        certificate: None for the stand-in and for what cannot be loaded.
        key_id: of its public key, None when that cannot be read either: it is ``damaged``.
    """

    bag: CertificateBag
    certificate: Certificate | None = field(repr=False)
    key_id: bytes | None
    is_dummy: bool

    @property
    def damaged(self) -> bool:
        return self.key_id is None

    @property
    def kind(self) -> KeyKind | None:
        """The kind of its key; None when that cannot be read."""
        return None if self.damaged else certificate_key_kind(self.bag.der)


@dataclass(frozen=True, slots=True)
class FileContent:
    """What was found in a file.

    Attributes:
        opened: everything was decrypted, or nothing is encrypted; private keys may be closed (`claimed_content`).
        keys, certificates: in the order of the file.
        keystore: None when it was not opened or makes none; ``failure`` tells why.
        chain: the holder's certificate and its issuers; without a keystore a guess by names and localKeyIDs.
    """

    opened: bool
    keys: tuple[Key, ...]
    certificates: tuple[HeldCertificate, ...]
    keystore: Keystore | None
    failure: errors.KeystoreError | None
    chain: tuple[Certificate, ...] = field(repr=False)

    @property
    def leaf(self) -> Certificate | None:
        """The holder's certificate; None until it is installed, or while it cannot be seen."""
        return self.chain[0] if self.chain else None

    @property
    def matched_keys(self) -> tuple[Key, ...]:
        """Keys with their certificates, that of authentication first; none without a keystore."""
        return () if self.keystore is None else (self.keystore.authentication, *self.keystore.encryption)


def visible_content(structure: Structure) -> FileContent:
    """Return what can be seen of a file that was not opened."""
    bags = structure.visible_bags
    keys = tuple(bag for bag in bags if isinstance(bag, Key))
    certificates = tuple(_hold(bag) for bag in bags if isinstance(bag, CertificateBag))
    return FileContent(False, keys, certificates, None, None, _guessed_chain(keys, certificates))


def opened_content(contents: Pkcs12Contents) -> FileContent:
    """Return what is in an open file."""
    certificates = tuple(map(_hold, contents.certificates))
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError as error:
        return FileContent(
            True, contents.keys, certificates, None, error, _guessed_chain(contents.keys, certificates)
        )
    return FileContent(True, keystore.contents.keys, certificates, keystore, None, keystore.chain)


def claimed_content(structure: Structure, cache: DerivedKeyCache) -> FileContent | None:
    """Return what is in a file, of which private keys stay closed; None when they have to be opened to tell whose they
    are.

    The MAC proves that keys and names are what was written; whether the program that wrote them had the password of
    the keys, and gave each its own name, is trusted. Raises as `ehtoolkit.keystore.codec.pkcs12.unlock`.
    """
    if structure.mac is None:
        return None
    content = closed_content(unlock(structure, cache, keys=False), opened=True)
    return None if content.keystore is None else content


def closed_content(contents: Pkcs12Contents, *, opened: bool) -> FileContent:
    """Return what is in a file whose private keys stay closed, by what the file claims; ``opened``: whether its
    password proves the claims."""
    certificates = tuple(map(_hold, contents.certificates))
    keystore = Keystore.claimed(contents)
    if keystore is None:
        return FileContent(
            opened, contents.keys, certificates, None, None, _guessed_chain(contents.keys, certificates)
        )
    return FileContent(opened, keystore.contents.keys, certificates, keystore, None, keystore.chain)


def _hold(bag: CertificateBag) -> HeldCertificate:
    try:
        certificate = load_certificate(bag.der)
        key_id = raw_key_id(bag.der) if certificate is None else key_id_of(certificate)
    except errors.KeystoreDamaged:
        return HeldCertificate(bag, None, None, is_dummy=False)
    return HeldCertificate(bag, certificate, key_id, certificate is None and is_placeholder(bag.der))


def _guessed_chain(keys: Sequence[Key], entries: Sequence[HeldCertificate]) -> tuple[Certificate, ...]:
    """Return the holder's certificate and its issuers, guessed by names and localKeyIDs alone: no key is there to prove
    it with."""
    ids = {key.local_key_id for key in keys if is_authentication(key.alias)} - {None}
    leaf = next(
        (
            each.certificate
            for each in entries
            if each.certificate is not None
            and (is_authentication(each.bag.alias) or each.bag.local_key_id in ids)
        ),
        None,
    )
    chain = [] if leaf is None else [leaf]
    certificates = [each.certificate for each in entries if each.certificate is not None]
    while chain and chain[-1].issuer != chain[-1].subject:
        issuer = next(
            (certificate for certificate in certificates if certificate.subject == chain[-1].issuer), None
        )
        if issuer is None or issuer in chain:
            break
        chain.append(issuer)
    return tuple(chain)


# ── Everything that is known ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DiagnosisContext:
    """What a diagnosis knows beside the file.

    Attributes:
        now: aware.
        wanted: the environment that the file is meant for, None if not said.
        listing: what lies in the same folder, None if not looked for.
    """

    file: FileFacts
    outline: Outline
    content: FileContent
    now: datetime
    wanted: Environment | None
    listing: FolderListing | None

    @property
    def owner(self) -> DistinguishedName | None:
        """Of the certificate; None while there is none, and for a name of another form."""
        return None if self.content.leaf is None else DistinguishedName.of_holder(self.content.leaf)

    @property
    def environment(self) -> Environment | None:
        """By the issuer's whole name."""
        issuer = None if self.content.leaf is None else issuer_name_of(self.content.leaf)
        return None if issuer is None else environment_of_issuer(issuer)

    @property
    def identifier(self) -> Identifier | None:
        """Of the owner; while he is not known, what the file name says."""
        if self.owner is not None:
            return self.owner.identifier
        return None if self.file.named is None else self.file.named.identifier

    @property
    def application_id(self) -> str | None:
        if self.owner is not None:
            return self.owner.application_id
        return None if self.file.named is None else self.file.named.application_id

    @property
    def state(self) -> CertificateState | None:
        """By content alone; None when that does not tell."""
        keystore, leaf = self.content.keystore, self.content.leaf
        if leaf is None:
            waiting = any(certificate.is_dummy for certificate in self.content.certificates)
            return CertificateState.PREPARED if waiting else None
        if keystore is not None:
            return keystore.state(self.now)
        validity = (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
        return state_at(self.now, validity, has_encryption_key=bool(self.outline.etk_serials))


Rule = Callable[[DiagnosisContext], Iterator[Finding]]


def name_text(name: Name) -> str:
    """Return a name in one line, whatever is in it; empty where it cannot be written."""
    try:
        return name.rfc4514_string()
    except ValueError:
        return ""
