"""Takes what is sound out of a damaged keystore."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.der import INDEFINITE, SEQUENCE, BerError, header
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import decrypt_beginning
from ehtoolkit.keystore.codec.contents import (
    FRIENDLY_NAME,
    CertificateBag,
    Key,
    OtherBag,
    Pkcs12Contents,
    attributes_of,
)
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type, undo_transfer_damage
from ehtoolkit.keystore.codec.pkcs12 import open_key, open_safe, outline_pkcs12, unlock
from ehtoolkit.keystore.codec.protection import Encrypted, UnsupportedAlgorithm
from ehtoolkit.keystore.codec.salvage import Part, find_parts
from ehtoolkit.keystore.codec.structure import Bag, parse
from ehtoolkit.keystore.entries import AUTHENTICATION, is_sound_key, judge_certificates
from ehtoolkit.keystore.key_pairs import (
    certificate_key_id,
    key_id_of_pkcs8,
    load_certificate,
    load_private_key,
)
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS, read_java_store, rescue_java_store
from ehtoolkit.keystore.repair.key_names import with_sound_ids
from ehtoolkit.keystore.repair.lost_items import LostItem, lost_key, shown_name, with_purposes
from ehtoolkit.secret import Secret

_PERHAPS_DAMAGED: Final = frozenset({"unknown", "certificate", "private_key", "cms"})
"""What a keystore can look like whose first bytes are damaged."""
_COSTLY: Final = frozenset({"iterations", "salt", "work"})
"""Limits that one part can exceed while others do not."""
_DEPTH: Final = 3
"""Parts within decrypted parts."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was recovered from a damaged file.

    Attributes:
        contents: what is sound, and certificates of which nothing tells whether they are.
        lost: what could not be saved.
        unproven: the names of these certificates.
        mended: what was undone in the file as a whole, a word of
            `ehtoolkit.keystore.codec.file_type.Repaired.how`.
    """

    contents: Pkcs12Contents
    lost: tuple[LostItem, ...] = ()
    unproven: tuple[str, ...] = ()
    mended: str | None = None


def recover(
    data: bytes,
    password: Secret,
    *,
    key_password: Secret | None = None,
    cache: DerivedKeyCache | None = None,
    salvage: bool = True,
) -> Recovered:
    """Return every private key and every certificate in a PKCS#12, JKS or JCEKS file, also in one as base64 or PEM
    text, or whose line ends or characters a transfer changed, where that can be undone.

    Args:
        key_password: of private keys in a JKS or JCEKS file that ``password`` does not open.
        cache: of ``password``, with the keys that were derived before.
        salvage: take what can be proven sound out of a damaged file, names and order as they are as far as they are
            left; localKeyIDs and names that are lost are given again. Without it, the file has to be whole.

    Raises `errors.KeystorePasswordWrong` when the password opens nothing, `errors.KeyPasswordWrong`,
    `errors.NotAKeystore`,
    `errors.KeystoreDamaged` when nothing is left, `errors.LimitExceeded`, `errors.KeystoreUnsupported`.
    """
    limits.check("size", len(data))
    if detect_file_type(data) in JAVA_KINDS:
        if salvage:
            return _rescue_java(data, password, key_password)
        return Recovered(read_java_store(data, password, key_password))
    cache = cache or DerivedKeyCache(password)
    mended = undo_transfer_damage(data)
    whole, how = (data, None) if mended is None else (mended.data, mended.how)
    if not salvage:
        return Recovered(unlock(outline_pkcs12(whole), cache), mended=how)
    try:
        return _without_damaged(unlock(outline_pkcs12(whole), cache), how)
    except (errors.KeystoreDamaged, errors.KeystorePasswordWrong, errors.KeystoreUnsupported) as error:
        return _salvage(whole, cache, how, error)
    except errors.LimitExceeded as error:
        if error.reason not in _COSTLY:
            raise
        return _salvage(whole, cache, how, error)
    except errors.NotAKeystore as error:
        if error.kind not in _PERHAPS_DAMAGED:
            raise
        return _salvage(whole, cache, how, error)


def _without_damaged(contents: Pkcs12Contents, how: str | None) -> Recovered:
    """Return what a whole file holds, but for keys and certificates that were damaged before it was written; keys of
    kinds that are not ours stay. Raises `errors.KeystoreDamaged` when nothing else is left."""
    keys = tuple(bag for bag in contents.keys if _is_readable(load_private_key, bag.pkcs8))
    certificates = tuple(bag for bag in contents.certificates if _is_readable(certificate_key_id, bag.der))
    lost = [*_damaged_keys(contents.keys, keys), *_damaged(contents.certificates, certificates)]
    if lost and not keys and not certificates:
        raise errors.KeystoreDamaged(reason="key" if contents.keys else "certificate")
    left = replace(contents, keys=keys, certificates=certificates)
    return Recovered(left, tuple(with_purposes(lost, certificates)), mended=how)


def _is_readable(read: Callable[[bytes], object], der: bytes) -> bool:
    try:
        read(der)
    except errors.KeyUnfit:
        return True
    except errors.KeystoreDamaged:
        return False
    return True


def _damaged_keys(found: Sequence[Key], sound: Sequence[Key]) -> Iterator[LostItem]:
    return (lost_key(key, "damaged") for key in found if key not in sound)


def _damaged(found: Sequence[CertificateBag], left: Sequence[CertificateBag]) -> Iterator[LostItem]:
    return (LostItem("certificate", "damaged", bag.alias) for bag in found if bag not in left)


def _rescue_java(data: bytes, password: Secret, key_password: Secret | None) -> Recovered:
    found = rescue_java_store(data, password, key_password)
    return Recovered(found.contents, found.lost, found.unproven)


def _salvage(
    data: bytes, cache: DerivedKeyCache, how: str | None, failure: errors.KeystoreError
) -> Recovered:
    opened = _Opened(cache)
    opened.add(find_parts(data), _DEPTH)
    keys = tuple(key for key in opened.keys if is_sound_key(key.pkcs8))
    certificates = tuple(opened.certificates)
    key_ids = [key_id for key in keys if (key_id := key_id_of_pkcs8(key.pkcs8)) is not None]
    verdicts = judge_certificates(certificates, key_ids)
    proven = [bag for bag, verdict in zip(certificates, verdicts, strict=True) if verdict]
    left = tuple(bag for bag, verdict in zip(certificates, verdicts, strict=True) if verdict is not False)
    # Certificates that anybody can read say nothing about the password, which opened nothing of a file that is whole.
    wrong = opened.closed and not opened.proven and isinstance(failure, errors.KeystorePasswordWrong)
    if not keys and (wrong or not proven):
        if opened.closed:
            raise errors.KeystorePasswordWrong from failure
        raise failure
    lost = [*opened.lost, *_damaged_keys(opened.keys, keys), *_damaged(certificates, left)]
    if failure.reason == "truncated" and not _lacks_only_the_mac(data):
        lost.append(LostItem("rest", "truncated"))
    contents = with_sound_ids(Pkcs12Contents(tuple(named_keys(keys, left)), left))
    unproven = (bag for bag in left if bag not in proven)
    return Recovered(
        contents,
        tuple(dict.fromkeys(with_purposes(lost, certificates))),
        tuple(dict.fromkeys(map(shown_name, unproven))),
        how,
    )


def _lacks_only_the_mac(data: bytes) -> bool:
    """Return whether all keys and certificates of a file whose end is missing are there, as far as its lengths
    tell."""
    try:
        _, _, begin = header(data, 0)
        _, length, content = header(data, parse(data, begin).end)
    except (BerError, IndexError, errors.KeystoreError):
        return False
    return length != INDEFINITE and content + length <= len(data)


class _Opened:
    """What the password opened of the parts that were found. ``proven``: whether it opened one; ``closed``: whether it
    failed to open one whose end is there."""

    def __init__(self, cache: DerivedKeyCache) -> None:
        self.cache = cache
        self.keys: list[Key] = []
        self.certificates: list[CertificateBag] = []
        self.lost: list[LostItem] = []
        self.proven = self.closed = False

    def add(self, elements: Sequence[Part | Bag], depth: int) -> None:
        for part in elements:
            if isinstance(part, Key):
                self._add_key(part)
            elif isinstance(part, CertificateBag):
                self.certificates.append(part)
            elif isinstance(part, OtherBag):
                self.lost.append(LostItem("other", "unproven", part.alias))
            elif depth:
                self._add_safe(part, depth)

    def _add_key(self, key: Key) -> None:
        if not isinstance(key.material, Encrypted):
            self.keys.append(key)
            return
        whole = key.material.whole
        try:
            opened = open_key(key, self.cache) if whole else None
        except (errors.KeystoreUnsupported, errors.LimitExceeded):
            self.lost.append(lost_key(key, "unsupported"))
            return
        if opened is not None:
            self.proven = True
            self.keys.append(opened)
            return
        self.closed = self.closed or whole
        self.lost.append(lost_key(key, "damaged" if whole else "truncated"))

    def _add_safe(self, safe: Encrypted, depth: int) -> None:
        try:
            bags = open_safe(safe, self.cache) if safe.whole else None
            elements = self._readable(safe) if bags is None else bags
        except (errors.KeystoreUnsupported, errors.LimitExceeded):
            self.lost.append(LostItem("certificates", "unsupported"))
            return
        self.proven = self.proven or bool(elements)
        self.add(elements or (), depth - 1)
        if bags is None:
            self.closed = self.closed or elements is None
            self.lost.append(LostItem("certificates", "damaged" if safe.whole else "truncated"))

    def _readable(self, safe: Encrypted) -> tuple[Part, ...] | None:
        """Return the parts in what can be decrypted; None when the password is wrong."""
        encryption = safe.encryption
        if isinstance(encryption, UnsupportedAlgorithm):
            raise errors.KeystoreUnsupported(algorithm=encryption.algorithm)
        plausible = False
        for attempt in self.cache.attempts(encryption.key, encryption.iv):
            plain = decrypt_beginning(encryption.cipher, attempt.key, attempt.iv, safe.data)
            elements = find_parts(plain)
            if elements:
                return elements
            plausible = plausible or not plain or plain[0] == SEQUENCE
        return () if plausible else None


def named_keys(keys: Sequence[Key], certificates: Sequence[CertificateBag]) -> Iterator[Key]:
    """Yield the keys, those without a name called as their certificate is, or as is usual in eHealth keystores."""
    taken = {key.alias.lower() for key in keys if key.alias is not None}
    for key in keys:
        if key.alias is not None or any(attribute.oid == FRIENDLY_NAME for attribute in key.attributes):
            yield key
            continue
        alias = next(name for name in _names(key, certificates) if name.lower() not in taken)
        taken.add(alias.lower())
        yield replace(key, attributes=(*key.attributes, *attributes_of(alias)))


def _names(key: Key, certificates: Sequence[CertificateBag]) -> Iterator[str]:
    key_id = key_id_of_pkcs8(key.pkcs8)
    for bag in certificates:
        certificate = load_certificate(bag.der)
        if certificate is not None and certificate_key_id(bag.der) == key_id:
            if bag.alias is not None and not bag.is_trusted_entry:
                yield bag.alias
            is_own = certificate.issuer == certificate.subject
            yield str(certificate.serial_number) if is_own else AUTHENTICATION
    yield AUTHENTICATION
    yield from (f"key {number}" for number in count(2))
