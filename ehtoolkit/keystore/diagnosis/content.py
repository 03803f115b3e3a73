"""What is known about one file, for the rules: its keys and certificates, opened or as far as they are visible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.keys import KeyKind
from ehtoolkit.finding import Finding
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import unlock
from ehtoolkit.keystore.codec.structure import Bag, Structure
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.entries import Chains, is_authentication
from ehtoolkit.keystore.key_pairs import (
    certificate_key_kind,
    is_placeholder,
    load_certificate,
    readable_key_id,
)
from ehtoolkit.keystore.keystore import Keystore


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

    @classmethod
    def of(
        cls,
        bags: Sequence[Bag],
        keystore: Keystore | None = None,
        failure: errors.KeystoreError | None = None,
        *,
        opened: bool,
    ) -> FileContent:
        """Return the content of a file with ``bags``, and the keystore that they make."""
        certificates = tuple(_hold(bag) for bag in bags if isinstance(bag, CertificateBag))
        if keystore is not None:
            return cls(opened, keystore.contents.keys, certificates, keystore, None, keystore.chain)
        keys = tuple(bag for bag in bags if isinstance(bag, Key))
        return cls(opened, keys, certificates, None, failure, _guessed_chain(keys, certificates))

    @property
    def matched_keys(self) -> tuple[Key, ...]:
        """Keys with their certificates, that of authentication first; none without a keystore."""
        return () if self.keystore is None else (self.keystore.authentication, *self.keystore.encryption)


def opened_content(contents: Pkcs12Contents) -> FileContent:
    """Return what is in an open file."""
    try:
        return FileContent.of(contents.bags, Keystore.of(contents), opened=True)
    except errors.KeystoreError as error:
        return FileContent.of(contents.bags, failure=error, opened=True)


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
    return FileContent.of(contents.bags, Keystore.claimed(contents), opened=opened)


def _hold(bag: CertificateBag) -> HeldCertificate:
    key_id = readable_key_id(bag.der)
    certificate = None if key_id is None else load_certificate(bag.der)
    is_dummy = certificate is None and key_id is not None and is_placeholder(bag.der)
    return HeldCertificate(bag, certificate, key_id, is_dummy)


def _guessed_chain(keys: Sequence[Key], entries: Sequence[HeldCertificate]) -> tuple[Certificate, ...]:
    """Return the holder's certificate, guessed by names and localKeyIDs alone, since no key is there to prove it with,
    and its issuers."""
    ids = {key.local_key_id for key in keys if is_authentication(key.alias)} - {None}
    loaded = [(each.bag, each.certificate) for each in entries if each.certificate is not None]
    for bag, certificate in loaded:
        if is_authentication(bag.alias) or bag.local_key_id in ids:
            return Chains([bag for bag, _ in loaded]).above(certificate)
    return ()


# ── Everything that is known ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DiagnosisContext:
    """What the rules look at.

    Attributes:
        seen: the diagnosis, without findings.
        wanted: the environment that the file is meant for, None if not said.
    """

    seen: Diagnosis
    content: FileContent
    wanted: Environment | None


Rule = Callable[[DiagnosisContext], Iterator[Finding]]
