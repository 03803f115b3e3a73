"""Takes what is sound out of a damaged keystore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.certificates import load_certificate
from ehtoolkit.keystore.codec import ber, limits
from ehtoolkit.keystore.codec.ciphers import decrypt_beginning
from ehtoolkit.keystore.codec.decryption import open_key, open_safe, unlock
from ehtoolkit.keystore.codec.derived_keys import KeyRing
from ehtoolkit.keystore.codec.file_type import kind_of
from ehtoolkit.keystore.codec.java_store import JAVA_KINDS, rescue_java_store
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.private_keys import key_id_of_pkcs8
from ehtoolkit.keystore.codec.protection import Unsupported
from ehtoolkit.keystore.codec.salvage import Part, Sealed, find_parts
from ehtoolkit.keystore.codec.structure import Bag, SealedSafe, ShroudedKey
from ehtoolkit.keystore.contents import FRIENDLY_NAME, CertificateBag, Contents, KeyBag, attributes_of
from ehtoolkit.keystore.entries import AUTHENTICATION, certificate_key_id
from ehtoolkit.keystore.repair.integrity import is_sound_key, proven
from ehtoolkit.keystore.repair.local_key_ids import with_sound_ids
from ehtoolkit.keystore.repair.transfer_damage import mend
from ehtoolkit.secret import Secret

_PERHAPS_DAMAGED: Final = frozenset({"unknown", "certificate", "private_key", "cms"})
"""What a keystore can look like whose first bytes are damaged."""
_DEPTH: Final = 3
"""Parts within decrypted parts."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that could not be saved.

    ``kind``: ``key``, ``certificate``, ``certificates`` (those that are encrypted together, or some of them)
    or ``rest`` (the end of the file, in which nobody knows what there was). ``alias``: its name, where that
    is left. ``reason``: ``truncated``, ``damaged`` or ``unsupported``.
    """

    kind: str
    reason: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Rescued:
    """``contents``: what was proven sound. ``lost``: what was not. ``mended``: what was undone in the file as
    a whole, a word of `ehtoolkit.keystore.repair.transfer_damage.Mended.how`."""

    contents: Contents
    lost: tuple[Lost, ...] = ()
    mended: str | None = None


def rescue(data: bytes, password: Secret) -> Rescued:
    """Every private key and every certificate of a PKCS#12 file that can be proven sound, names and order as
    they are as far as they are left; localKeyIDs and names that are lost are given anew. A sound file, one
    whose damage can be undone and a JKS or JCEKS file give everything.

    Raises `errors.KeystorePasswordWrong` when the password opens nothing, `errors.NotAKeystore`,
    `errors.KeystoreDamaged` when nothing is left, `errors.KeystoreHostile`, `errors.KeystoreUnsupported`.
    """
    return rescue_with(data, KeyRing(password), password)


def rescue_with(data: bytes, ring: KeyRing, password: Secret) -> Rescued:
    """As `rescue`, with keys that were derived before."""
    limits.check_size(len(data))
    if kind_of(data) in JAVA_KINDS:
        return _rescue_java(data, password)
    mended = mend(data)
    whole, how = (data, None) if mended is None else (mended.data, mended.how)
    try:
        return Rescued(unlock(outline_pkcs12(whole), ring), (), how)
    except (errors.KeystoreDamaged, errors.KeystorePasswordWrong, errors.KeystoreUnsupported) as error:
        return _salvage(whole, ring, how, error)
    except errors.NotAKeystore as error:
        if error.facts["kind"] not in _PERHAPS_DAMAGED:
            raise
        return _salvage(whole, ring, how, error)


def _rescue_java(data: bytes, password: Secret) -> Rescued:
    contents, failure = rescue_java_store(data, password)
    if failure is None:
        return Rescued(contents)
    return Rescued(
        contents, (Lost("rest", "truncated" if failure.facts.get("reason") == "truncated" else "damaged"),)
    )


def _salvage(data: bytes, ring: KeyRing, how: str | None, failure: errors.KeystoreError) -> Rescued:
    opened = _Opened(ring)
    opened.add(find_parts(data), _DEPTH)
    keys = tuple(key for key in opened.keys if is_sound_key(key.pkcs8))
    certificates = tuple(opened.certificates)
    key_ids = [key_id for key in keys if (key_id := key_id_of_pkcs8(key.pkcs8)) is not None]
    sound = proven(certificates, key_ids)
    if not keys and not sound:
        if opened.closed:
            raise errors.KeystorePasswordWrong from failure
        raise failure
    lost = [
        *opened.lost,
        *(Lost("key", "damaged", key.alias) for key in opened.keys if key not in keys),
        *(Lost("certificate", "damaged", bag.alias) for bag in certificates if bag not in sound),
    ]
    if failure.facts.get("reason") == "truncated":
        lost.append(Lost("rest", "truncated"))
    contents = Contents(tuple(_named(keys, sound)), sound)
    return Rescued(with_sound_ids(contents), tuple(dict.fromkeys(lost)), how)


class _Opened:
    """What the password opened of the parts that were found. ``closed``: whether it failed to open one whose
    end is there."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.keys: list[KeyBag] = []
        self.certificates: list[CertificateBag] = []
        self.lost: list[Lost] = []
        self.closed = False

    def add(self, parts: Sequence[Part | Bag], depth: int) -> None:
        for part in parts:
            if isinstance(part, KeyBag):
                self.keys.append(part)
            elif isinstance(part, CertificateBag):
                self.certificates.append(part)
            elif isinstance(part, ShroudedKey):
                self._add_key(part, whole=True)
            elif isinstance(part, Sealed) and part.is_key:
                self._add_key(ShroudedKey(part.encryption, part.data, part.attributes), part.whole)
            elif isinstance(part, Sealed) and depth:
                self._add_safe(part, depth)

    def _add_key(self, key: ShroudedKey, whole: bool) -> None:
        try:
            opened = open_key(key, self.ring) if whole else None
        except (errors.KeystoreUnsupported, errors.KeystoreHostile):
            self.lost.append(Lost("key", "unsupported", key.alias))
            return
        if opened is not None:
            self.keys.append(opened)
            return
        self.closed = self.closed or whole
        self.lost.append(Lost("key", "damaged" if whole else "truncated", key.alias))

    def _add_safe(self, safe: Sealed, depth: int) -> None:
        try:
            bags = open_safe(SealedSafe(safe.encryption, safe.data), self.ring) if safe.whole else None
            parts = self._readable(safe) if bags is None else bags
        except (errors.KeystoreUnsupported, errors.KeystoreHostile):
            self.lost.append(Lost("certificates", "unsupported"))
            return
        self.add(parts or (), depth - 1)
        if bags is None:
            self.closed = self.closed or parts is None
            self.lost.append(Lost("certificates", "damaged" if safe.whole else "truncated"))

    def _readable(self, safe: Sealed) -> tuple[Part, ...] | None:
        """The parts in what can be decrypted; None when the password is wrong."""
        encryption = safe.encryption
        if isinstance(encryption, Unsupported):
            raise errors.KeystoreUnsupported(algorithm=encryption.algorithm)
        plausible = False
        for attempt in self.ring.attempts(encryption):
            plain = decrypt_beginning(encryption.cipher, attempt.key, attempt.iv, safe.data)
            parts = find_parts(plain)
            if parts:
                return parts
            plausible = plausible or not plain or plain[0] == ber.SEQUENCE
        return () if plausible else None


def _named(keys: Sequence[KeyBag], certificates: Sequence[CertificateBag]) -> Iterator[KeyBag]:
    """The keys, those without a name called as their certificate is, or as the field calls them."""
    taken = {key.alias.lower() for key in keys if key.alias is not None}
    for key in keys:
        if key.alias is not None or any(item.oid == FRIENDLY_NAME for item in key.attributes):
            yield key
            continue
        alias = next((name for name in _names(key, certificates) if name.lower() not in taken), None)
        if alias is None:
            yield key
            continue
        taken.add(alias.lower())
        yield replace(key, attributes=(*key.attributes, *attributes_of(alias)))


def _names(key: KeyBag, certificates: Sequence[CertificateBag]) -> Iterator[str]:
    key_id = key_id_of_pkcs8(key.pkcs8)
    for bag in certificates:
        certificate = load_certificate(bag.der)
        if certificate is not None and certificate_key_id(bag) == key_id:
            if bag.alias is not None and not bag.is_trusted_entry:
                yield bag.alias
            is_own = certificate.issuer == certificate.subject
            yield str(certificate.serial_number) if is_own else AUTHENTICATION
    yield AUTHENTICATION
    for number in range(2, 100):
        yield f"key {number}"
