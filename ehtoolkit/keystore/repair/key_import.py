"""Make one PKCS#12 keystore of keys and certificates in several files: PEM, DER, PKCS#12, JKS, JCEKS."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.signatures import is_signed_by
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
    with_alias,
)
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type, plain_keys
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, reseal_secrets, seal
from ehtoolkit.keystore.entries import (
    AUTHENTICATION,
    is_authentication,
    issuer_bags,
    matched_keys,
    readable_key_id,
)
from ehtoolkit.keystore.key_pairs import key_id_of, key_id_of_pkcs8, load_certificate
from ehtoolkit.keystore.passwords import check_new_password
from ehtoolkit.keystore.repair.key_names import check_alias, with_sound_ids
from ehtoolkit.keystore.repair.pem import Ask, read_pem, read_pkcs7, read_private_key
from ehtoolkit.keystore.repair.recovery import named_keys, recover
from ehtoolkit.keystore.storage.keystore_file import about
from ehtoolkit.keystore.storage.writing import put_new, verify_by_password
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file
from ehtoolkit.system.text_safety import printable

_PEM: Final = b"-----BEGIN "
_CERTIFICATES_ALONE: Final = ("certificate", "cms")


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What is in a file that is to be imported.

    Attributes:
        password: that opened it; None for a file, or a key, without encryption.
        is_keystore: PKCS#12, JKS or JCEKS, whose certificates need not belong to a key.
        open_keys: private keys that lie in it without encryption.
    """

    path: Path
    contents: Pkcs12Contents
    password: Secret | None = field(repr=False)
    is_keystore: bool
    open_keys: int


@dataclass(frozen=True, slots=True)
class CombinedKeys:
    """The content of a new keystore, made of ``sources``."""

    contents: Pkcs12Contents
    sources: tuple[ImportSource, ...]

    @property
    def password(self) -> Secret | None:
        """The password of all encrypted sources; None when there is none, or they have several."""
        found = list[Secret]()
        for source in self.sources:
            if source.password is not None and source.password not in found:
                found.append(source.password)
        return found[0] if len(found) == 1 else None

    @property
    def lacks_authentication(self) -> bool:
        """Whether no key is called as eHealth software expects."""
        return not any(is_authentication(key.alias) for key in self.contents.keys)


# ── The sources ──────────────────────────────────────────────────────────────────────────────────────────
def read_source(path: Path, ask: Ask, key_password: Secret | None = None) -> ImportSource:
    """Read the keys and certificates in a file.

    Args:
        ask: called only for a file that is encrypted.
        key_password: of private keys that the file's password does not open.

    Raises `errors.KeystoreNotFound`, `errors.FileUnreadable`, `errors.NotAKeystore`, `errors.KeystoreDamaged`,
    `errors.KeystorePasswordWrong`, `errors.KeyPasswordWrong`, `errors.KeyUnfit`, `errors.KeystoreUnsupported`,
    `errors.LimitExceeded`, each with the fact ``path``.
    """
    data = read_file(path, limits.SIZE)
    with about(path):
        limits.check_size(len(data))
        kind, is_pem = detect_file_type(data), _PEM in data
        if kind in ("pem", "private_key") or (kind in _CERTIFICATES_ALONE and is_pem):
            return _read_keys(path, data, kind, ask, key_password)
        if kind in _CERTIFICATES_ALONE:
            return ImportSource(path, _certificates(data, kind), None, False, 0)
        contents, password = _first_that_opens(data, tuple(ask()), key_password)
        return ImportSource(path, contents, password, True, 0)


def _read_keys(
    path: Path, data: bytes, kind: str | None, ask: Ask, key_password: Secret | None
) -> ImportSource:
    """Read PEM, or a file with one private key."""
    tried, asked = list[Secret](), cache(lambda: tuple(ask()))

    def passwords() -> Iterator[Secret]:
        if key_password is not None:
            tried.append(key_password)
            yield key_password
        try:
            others = asked()
        except errors.OptionMissing:
            if key_password is None:
                raise
            return
        for password in others:
            tried.append(password)
            yield password

    try:
        if _PEM in data:
            contents = read_pem(data, passwords)
        else:
            contents = Pkcs12Contents((Key(Plain(read_private_key(data, passwords))),), ())
    except errors.KeystorePasswordWrong as error:
        raise errors.KeyPasswordWrong(alias=path.name, reason="file") from error
    used = tried[-1] if tried else None
    return ImportSource(path, contents, used, False, plain_keys(data) if kind != "certificate" else 0)


def _certificates(data: bytes, kind: str) -> Pkcs12Contents:
    if kind == "cms":
        return Pkcs12Contents((), tuple(read_pkcs7(data)))
    der = base64.b64decode(b"".join(data.split())) if data[:1] not in (b"0", b"\xef") else data
    load_certificate(der)
    return Pkcs12Contents((), (CertificateBag(der),))


def _first_that_opens(
    data: bytes, passwords: Sequence[Secret], key_password: Secret | None
) -> tuple[Pkcs12Contents, Secret]:
    failure: errors.KeystoreError = errors.KeystorePasswordWrong()
    for password in passwords:
        try:
            return recover(data, password, key_password=key_password, salvage=False).contents, password
        except errors.KeystorePasswordWrong as error:
            failure = error
    raise failure


# ── What they make together ──────────────────────────────────────────────────────────────────────────────
def combine_sources(sources: Sequence[ImportSource], alias: str | None = None) -> CombinedKeys:
    """Return the keys of ``sources`` with their certificates, matched by public key, and everything else that is in
    keystores among them. Names stay; a key without one is called as its certificate, or as usual in eHealth keystores.

    ``alias``: the name of the only key.

    Raises `errors.ImportConflict`, `errors.InputInvalid` (reason ``alias``), `errors.DuplicateAlias`.
    """
    if alias is not None:
        check_alias(alias)
    keys = tuple(_distinct_keys(sources))
    if not keys:
        raise errors.ImportConflict(reason="no_key")
    if alias is not None and len(keys) > 1:
        raise errors.ImportConflict(reason="alias")
    bags = _distinct_certificates(sources)
    _check_certificates(sources, keys, bags)
    if alias is None and len(keys) == 1 and keys[0].alias is None:
        alias = next(
            (bag.alias for bag in bags if bag.alias and readable_key_id(bag) == _id(keys[0])), AUTHENTICATION
        )
    named = tuple(named_keys(keys, bags))
    if alias is not None:
        named = (replace(named[0], attributes=with_alias(named[0].attributes, alias)),)
    kept = {id(bag) for source in sources if source.is_keystore for bag in source.contents.certificates}
    certificates = _with_attributes(named, bags, kept, anew=alias is not None)
    others = tuple(bag for source in sources for bag in source.contents.others)
    contents = with_sound_ids(Pkcs12Contents(named, certificates, others))
    _check_aliases(contents)
    return CombinedKeys(contents, tuple(sources))


def _id(key: Key) -> bytes | None:
    return key_id_of_pkcs8(key.pkcs8)


def _distinct_keys(sources: Sequence[ImportSource]) -> Iterator[Key]:
    found: dict[bytes, Path] = {}
    for source in sources:
        for key in source.contents.keys:
            key_id = _id(key)
            if key_id is None:
                raise errors.KeystoreDamaged(path=str(source.path), reason="key")
            if key_id in found:
                files = ", ".join(dict.fromkeys((str(found[key_id]), str(source.path))))
                raise errors.ImportConflict(reason="same_key", subject=key_id.hex().upper(), files=files)
            found[key_id] = source.path
            yield key


def _distinct_certificates(sources: Sequence[ImportSource]) -> tuple[CertificateBag, ...]:
    """Return each certificate once, as a keystore has it before as another file has it; those of one keystore stay as
    they are."""
    found: dict[bytes, None] = {}
    bags: list[CertificateBag] = []
    for source in sorted(sources, key=lambda source: not source.is_keystore):
        own = [bag for bag in source.contents.certificates if bag.der not in found]
        bags += own if source.is_keystore else list({bag.der: bag for bag in own}.values())
        found.update(dict.fromkeys(bag.der for bag in own))
    return tuple(_without_stand_ins(bags, sources))


def _without_stand_ins(
    bags: Sequence[CertificateBag], sources: Sequence[ImportSource]
) -> Iterator[CertificateBag]:
    """Yield the certificates, but for those that a key signed for itself when a file brings the one that it was issued.
    Raises `errors.ImportConflict` (reason ``certificates``) when a key has several that were issued."""
    loose = {bag.der for source in sources if not source.is_keystore for bag in source.contents.certificates}
    by_key: dict[bytes | None, set[bytes]] = {}
    for bag in bags:
        by_key.setdefault(readable_key_id(bag), set()).add(bag.der)
    for bag in bags:
        same = by_key[readable_key_id(bag)]
        if len(same) == 1 or not same & loose:
            yield bag
        elif not _is_self_signed(bag.der):
            if sum(not _is_self_signed(der) for der in same) > 1:
                raise errors.ImportConflict(reason="certificates", subject=_subject(bag))
            yield bag


def _is_self_signed(der: bytes) -> bool:
    certificate = load_certificate(der)
    return certificate is None or is_signed_by(certificate, certificate.public_key())


def _check_certificates(
    sources: Sequence[ImportSource], keys: Sequence[Key], bags: Sequence[CertificateBag]
) -> None:
    """Check that each key has its certificate, and that each certificate of a file that is no keystore is that of a key
    or issued one."""
    matched = matched_keys(Pkcs12Contents(tuple(keys), tuple(bags)))
    own = {readable_key_id(bag) for bag in bags}
    for source in sources:
        for key in source.contents.keys:
            key_id = _id(key)
            if key_id not in own and not source.is_keystore:
                raise errors.ImportConflict(reason="no_certificate", files=str(source.path))
    needed = {key_id_of(certificate) for key in matched for certificate in key.chain}
    for source in sources:
        for bag in source.contents.certificates:
            if not source.is_keystore and bag in bags and readable_key_id(bag) not in needed:
                raise errors.ImportConflict(reason="stray", subject=_subject(bag), files=str(source.path))


def _with_attributes(
    keys: Sequence[Key], bags: Sequence[CertificateBag], kept: set[int], *, anew: bool
) -> tuple[CertificateBag, ...]:
    """Return the certificates of keys with the name of their key, and issuers that come from no keystore as entries of
    their own. Names in keystores (``kept``) stay, unless the key was named ``anew``."""
    names = {_id(key): key for key in keys}
    leaves: list[CertificateBag] = []
    issuers: list[bytes] = []
    for bag in bags:
        key = names.get(readable_key_id(bag))
        if key is None or bag.is_trusted_entry:
            if id(bag) in kept:
                leaves.append(bag)
            else:
                issuers.append(bag.der)
        elif id(bag) not in kept:
            id_ = key.local_key_id or _id(key)
            leaves.append(replace(bag, attributes=attributes_of(key.alias or "", id_)))
        elif anew or bag.alias is None:
            leaves.append(replace(bag, attributes=with_alias(bag.attributes, key.alias or "")))
        else:
            leaves.append(bag)
    return (*leaves, *issuer_bags(issuers, leaves))


def _check_aliases(contents: Pkcs12Contents) -> None:
    """Raise `errors.DuplicateAlias` for a name that two keys have: Java would lose one of them."""
    names = [key.alias.lower() for key in contents.keys if key.alias is not None]
    for key in contents.keys:
        if key.alias is not None and names.count(key.alias.lower()) > 1:
            raise errors.DuplicateAlias(alias=printable(key.alias))


def _subject(bag: CertificateBag) -> str:
    certificate = load_certificate(bag.der)
    return "" if certificate is None else printable(certificate.subject.rfc4514_string())


# ── The new file ─────────────────────────────────────────────────────────────────────────────────────────
def write_combined(
    target: Path,
    combined: CombinedKeys,
    password: Secret,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
) -> Pkcs12Contents:
    """Write a new keystore, prove it by opening it, and return its contents.

    Raises `errors.PasswordNotAllowed`, `errors.DuplicateAlias`, and what
    `ehtoolkit.keystore.storage.writing.put_new` raises; then there is no file.
    """
    check_new_password(password, kept=password == combined.password)
    after, params = DerivedKeyCache(password), EncryptionParams.new(profile)
    others = tuple(
        bag
        for source in combined.sources
        if source.password is not None and source.contents.others
        for bag in reseal_secrets(source.contents, DerivedKeyCache(source.password), after, params).others
    )
    contents = replace(combined.contents, others=others)
    put_new(target, seal(contents, after, params), verify_by_password(target, contents, password))
    return contents
