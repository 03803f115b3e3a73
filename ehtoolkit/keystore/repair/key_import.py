"""Read keys and certificates from files, PEM, DER, PKCS#12, JKS, JCEKS, and write what is made of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type, plain_keys
from ehtoolkit.keystore.codec.pem import BOM, decode_base64, is_pem
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, reseal_secrets, seal
from ehtoolkit.keystore.key_pairs import load_certificate
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.repair.merging import CombinedKeys, ImportSource
from ehtoolkit.keystore.repair.pem import Ask, read_pem, read_pkcs7, read_private_key
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.storage.keystore_file import about, put_new, verify_contents
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file

_CERTIFICATES_ALONE: Final = ("certificate", "cms")
_TEXT_OR_DER: Final = (*_CERTIFICATES_ALONE, "unknown")
_NEVER_ENCRYPTED: Final = ("empty", "zeros", "html", "pdf", "archive", "image")


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
        limits.check("size", len(data))
        kind = detect_file_type(data)
        if kind in ("pem", "private_key") or (kind in _TEXT_OR_DER and is_pem(data)):
            return _read_keys(path, data, kind, ask, key_password)
        if kind in _CERTIFICATES_ALONE:
            return ImportSource(path, _certificates(data, kind), None, False, 0)
        if kind in _NEVER_ENCRYPTED:  # a password would not help
            raise errors.NotAKeystore(kind=kind)
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
        if is_pem(data):
            contents = read_pem(data, passwords)
            if kind == "unknown":  # none of its blocks is a key or a certificate
                raise errors.NotAKeystore(kind=kind)
        else:
            contents = Pkcs12Contents((Key(Plain(read_private_key(data, passwords))),), ())
    except errors.KeystorePasswordWrong as error:
        raise errors.KeyPasswordWrong(alias=path.name, reason="file") from error
    used = tried[-1] if tried else None
    return ImportSource(path, contents, used, False, plain_keys(data) if kind != "certificate" else 0)


def _certificates(data: bytes, kind: str) -> Pkcs12Contents:
    if kind == "cms":
        return Pkcs12Contents((), tuple(read_pkcs7(data)))
    text = data.removeprefix(BOM)
    der = text if text.startswith(b"0") else decode_base64(text)
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


# ── The new file ─────────────────────────────────────────────────────────────────────────────────────────
def write_combined(
    target: Path,
    combined: CombinedKeys,
    password: Secret,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
) -> Pkcs12Contents:
    """Write a new keystore, prove it by opening it, and return its contents.

    Raises `errors.PasswordNotAllowed`, `errors.DuplicateAlias`, and what
    `ehtoolkit.keystore.storage.keystore_file.put_new` raises; then there is no file.
    """
    check_new_password(password, names_in(None, target), kept=password == combined.password)
    after, params = DerivedKeyCache(password), EncryptionParams.new(profile)
    others = tuple(
        bag
        for source in combined.sources
        if source.password is not None and source.contents.others
        for bag in reseal_secrets(source.contents, DerivedKeyCache(source.password), after, params).others
    )
    contents = replace(combined.contents, others=others)
    put_new(
        target, seal(contents, after, params), verify_contents(target, contents, DerivedKeyCache(password))
    )
    return contents
