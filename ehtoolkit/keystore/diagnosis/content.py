"""What a file is and what is in it: its bytes, its outline without a password, its keys and certificates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto.keys import KeyKind
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.pkcs12 import unlock
from ehtoolkit.keystore.codec.protection import Encryption, Mac, UnsupportedAlgorithm
from ehtoolkit.keystore.codec.structure import Bag, Structure
from ehtoolkit.keystore.entries import Chains, is_authentication, is_encryption_key
from ehtoolkit.keystore.key_pairs import (
    certificate_key_kind,
    is_placeholder,
    load_certificate,
    readable_key_id,
)
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.filenames import KeystoreName, parse_name, time_of_change
from ehtoolkit.system.files import read_file
from ehtoolkit.system.text_safety import printable

PKCS12: Final = "pkcs12"
"""The kind of what begins as a keystore does, sound or not."""

DRIVE: Final = "drive"
"""The kind of a file whose drive does not answer."""

UNREAD: Final = ("missing", "unreadable", DRIVE, "folder", "special", "loop", "broken_link")
"""The kinds of files that gave no bytes."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is before it is opened.

    Attributes:
        path: None for bytes that were handed over.
        name: None if unknown.
        size: in bytes, None when there is nothing to measure.
        kind: `PKCS12`, a word of `ehtoolkit.keystore.codec.file_type.detect_file_type`, or ``missing``,
            ``unreadable``, `DRIVE`, ``folder``, ``special`` (a pipe or a device), ``loop`` (a link that leads
            back to itself), ``broken_link`` (one that leads to no file).
        changed: of the file system, Belgian time without a zone, as names hold it.
    """

    path: Path | None
    name: str | None
    size: int | None
    kind: str
    changed: datetime | None = None

    @property
    def named(self) -> KeystoreName | None:
        """What the name says, a hint."""
        return None if self.name is None else parse_name(self.name)

    @property
    def shown(self) -> str | None:
        """The path, else the name; characters that no text can hold are replaced."""
        shown = self.name if self.path is None else str(self.path)
        return None if shown is None else printable(shown)


def inspect_bytes(source: Path | bytes, name: str | None = None) -> tuple[FileFacts, bytes]:
    """Return the facts and the content (of a file over `limits.SIZE`, its beginning). Never raises: a file that cannot
    be read is a fact too, with no content.

    ``name``: what the bytes, or the file at its place, were called; else the path's own name.
    """
    if isinstance(source, bytes):
        return FileFacts(None, name, len(source), _kind(source)), source
    name = source.name if name is None else name
    try:
        data = read_file(source, limits.SIZE)
        status = source.stat()
        size = max(status.st_size, len(data))
        return FileFacts(source, name, size, _kind(data), time_of_change(status)), data
    except errors.KeystoreNotFound:
        kind = "broken_link" if source.is_symlink() else "missing"
    except errors.NotAKeystore as error:
        kind = error.kind
    except errors.FileUnreadable as error:
        kind = DRIVE if error.reason == DRIVE else "unreadable"
    except (OSError, ValueError):  # ValueError: a name that no system takes
        kind = "unreadable"
    return FileFacts(source, name, None, kind), b""


def _kind(data: bytes) -> str:
    return detect_file_type(data) or PKCS12


# ── The outline, without a password ──────────────────────────────────────────────────────────────────────
PBMAC1: Final = "pbmac1"
"""How the MAC of RFC 9879 is called here made with."""

_JAVA_TIME: Final = re.compile(rb"Time (\d{12,14})")


@dataclass(frozen=True, slots=True)
class Outline:
    """How a file is made.

    Attributes:
        key_ciphers, safe_ciphers: of private keys and of what is sealed together, usually certificates; each name
            once.
        iterations: of each encrypted part.
        mac: name of its digest, `PBMAC1`, or None.
        last_written: by the times that Java puts into localKeyIDs.
        open_keys: private keys that lie in the file without encryption.
        open_certificates: certificates that can be seen.
        sealed: whether a part cannot be seen without the password.
        has_pbes2: whether a part is encrypted in the newer way.
        hidden_keys: private keys, those with a hidden certificate among them, that Java's own software does not find.
        is_segmented: whether a part is encrypted with parameters that Java's own software refuses.
    """

    key_ciphers: tuple[str, ...]
    safe_ciphers: tuple[str, ...]
    iterations: tuple[int, ...] = field(repr=False)
    mac: str | None
    mac_iterations: int | None
    last_written: datetime | None
    open_keys: int
    open_certificates: int
    sealed: bool
    has_pbes2: bool
    hidden_keys: int = 0
    is_segmented: bool = False

    @property
    def ciphers(self) -> tuple[str, ...]:
        """Every cipher once."""
        return _once((*self.key_ciphers, *self.safe_ciphers))


def outline_of(structure: Structure, content: FileContent) -> Outline:
    """Describe how a file is made. ``content``: all that is known; more than ``structure`` shows once the file is
    open."""
    visible, mac = structure.visible_bags, structure.mac
    shrouded = [key.encryption for key in structure.closed_keys]
    sealed = [safe.encryption for safe in structure.sealed_safes]
    known = [each for each in (*shrouded, *sealed) if isinstance(each, Encryption)]
    return Outline(
        key_ciphers=_once(map(_cipher, shrouded)),
        safe_ciphers=_once(map(_cipher, sealed)),
        iterations=tuple(encryption.key.iterations for encryption in known),
        mac=_mac_name(mac),
        mac_iterations=mac.key.iterations if isinstance(mac, Mac) else None,
        last_written=max(_times(content.keys), default=None),
        open_keys=sum(isinstance(bag, Key) and not bag.closed for bag in visible),
        open_certificates=sum(isinstance(bag, CertificateBag) for bag in visible),
        sealed=bool(sealed),
        has_pbes2=any(encryption.is_pbes2 for encryption in known),
        hidden_keys=len(_hidden_keys(content)),
        is_segmented=any(encryption.is_segmented for encryption in known),
    )


def _hidden_keys(content: FileContent) -> list[Key]:
    certificates = [stored.bag for stored in content.certificates if stored.bag.hidden]
    ids = {bag.local_key_id for bag in certificates} - {None}
    return [key for key in content.keys if key.hidden or key.local_key_id in ids]


def _cipher(part: Encryption | UnsupportedAlgorithm) -> str:
    if not isinstance(part, Encryption):
        return part.algorithm
    # With PBES2 it is another thing to Java than PKCS#12's own, which has no mark here.
    return f"pbes2-{part.cipher}" if part.is_pbes2 and part.cipher.startswith("des-") else part.cipher


def _mac_name(mac: Mac | UnsupportedAlgorithm | None) -> str | None:
    if isinstance(mac, Mac):
        return PBMAC1 if mac.is_pbmac1 else mac.digest
    return None if mac is None else mac.algorithm


def _times(keys: Sequence[Key]) -> Iterator[datetime]:
    for key in keys:
        match = _JAVA_TIME.fullmatch(key.local_key_id or b"")
        if match is not None:
            yield datetime.fromtimestamp(int(match[1]) / 1000, UTC)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


# ── Keys and certificates, opened or as far as they are visible ──────────────────────────────────────────
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

    @property
    def damaged(self) -> bool:
        return self.key_id is None

    @property
    def kind(self) -> KeyKind | None:
        """The kind of its key; None when that cannot be read."""
        return None if self.damaged else certificate_key_kind(self.bag.der)

    @property
    def is_stand_in(self) -> bool:
        """Whether it stands for the certificate that is yet to come."""
        return not self.damaged and is_placeholder(self.bag.der)


@dataclass(frozen=True, slots=True)
class FileContent:
    """What was found in a file.

    Attributes:
        opened: everything was decrypted, or nothing is encrypted; private keys may be closed (`claimed_content`).
        keys, certificates: in the order of the file.
        keystore: None when it was not opened or makes none; ``failure`` tells why.
        chain: the holder's certificate and its issuers; without a keystore a guess by names and localKeyIDs; empty
            where the authentication key is missing.
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
            chain = () if keystore.lacks_authentication else keystore.chain
            return cls(opened, keystore.contents.keys, certificates, keystore, None, chain)
        keys = tuple(bag for bag in bags if isinstance(bag, Key))
        return cls(opened, keys, certificates, None, failure, _guessed_chain(keys, certificates))

    @property
    def lacks_authentication(self) -> bool:
        """Whether it has nothing but encryption keys: by their certificates, while these cannot be seen by name."""
        if self.keystore is not None:
            return self.keystore.lacks_authentication
        return (
            not self.opened and bool(self.keys) and all(is_encryption_key(key.alias, ()) for key in self.keys)
        )

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
    return HeldCertificate(bag, None if key_id is None else load_certificate(bag.der), key_id)


def _guessed_chain(keys: Sequence[Key], entries: Sequence[HeldCertificate]) -> tuple[Certificate, ...]:
    """Return the holder's certificate, guessed by names and localKeyIDs alone, since no key is there to prove it with,
    and its issuers."""
    ids = {key.local_key_id for key in keys if is_authentication(key.alias)} - {None}
    loaded = [(each.bag, each.certificate) for each in entries if each.certificate is not None]
    for bag, certificate in loaded:
        if is_authentication(bag.alias) or bag.local_key_id in ids:
            return Chains([bag for bag, _ in loaded]).above(certificate)
    return ()
