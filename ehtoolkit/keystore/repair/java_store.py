"""Reads JKS and JCEKS, the keystore formats of older Java programs, so that they can be converted.

Both are an entry after the other, each key encrypted by itself, and a digest over everything with the
password in it (OpenJDK, ``JavaKeyStore`` and ``JceKeyStore``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.certificates import load_certificate
from ehtoolkit.keystore.codec import ber, limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.private_keys import key_id_of_pkcs8
from ehtoolkit.keystore.codec.reader import is_private_key
from ehtoolkit.keystore.entries import issuer_bags
from ehtoolkit.keystore.repair.integrity import is_sound_key, verified_certificates
from ehtoolkit.keystore.repair.java_keys import encoded_password, open_java_key
from ehtoolkit.secret import Secret

JAVA_KINDS: Final = ("jks", "jceks")

_VERSIONS: Final = (1, 2)
_KEY, _CERTIFICATE, _SECRET_KEY = 1, 2, 3
_WHITENER: Final = b"Mighty Aphrodite"
_DIGEST: Final = 20


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a Java keystore.

    Attributes:
        protected: the encrypted key, None for a certificate alone.
        chain: leaf first, DER.
    """

    alias: str
    protected: bytes | None = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)


def read_java_store(data: bytes, password: Secret) -> Pkcs12Contents:
    """Return the keys and certificates of a JKS or JCEKS file, with names as they are; each key and its certificate get
    SHA-1 of the public key as localKeyID, issuers become entries of their own.

    The password of the keys has to be that of the file. Raises `errors.NotAKeystore`,
    `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`, `errors.LimitExceeded`,
    `errors.KeystoreUnsupported` for a secret key in it.
    """
    return _read(data, _Opener(password))


def rescue_java_store(
    data: bytes, password: Secret
) -> tuple[Pkcs12Contents, tuple[str, ...], errors.KeystoreError | None]:
    """Return everything in a JKS or JCEKS file, no names and None, or what is sound in a damaged one with the names of
    keys that do not open and the error that says what is wrong with it.

    Nothing can be found behind an entry whose length is damaged or whose end is missing; before it, a key is
    proven by its numbers, a certificate as `verified_certificates` says. Raises what `read_java_store`
    raises when nothing is left, and `errors.KeystorePasswordWrong` where there are keys and none opens, unless the
    password is that of the file: then `errors.KeystoreDamaged` (reason ``contents``). Without a key,
    nothing tells another password from a damaged byte: only what is cut is rescued then.
    """
    opener = _Opener(password)
    try:
        return _read(data, opener), (), None
    except (errors.KeystoreDamaged, errors.KeystorePasswordWrong, errors.KeystoreUnsupported) as error:
        failure = error
    opened = [(entry, opener.open_if_sound(entry.protected)) for entry in _whole_entries(_Cursor(data))]
    closed = tuple(entry.alias for entry, pkcs8 in opened if entry.protected is not None and pkcs8 is None)
    no_key = all(pkcs8 is None for _, pkcs8 in opened)
    if (
        no_key and closed and failure.reason == "contents"
    ):  # the digest was right: the keys have other passwords
        raise failure
    if no_key and (closed or isinstance(failure, errors.KeystorePasswordWrong)):
        raise errors.KeystorePasswordWrong from failure
    key_ids = [key_id for _, pkcs8 in opened if pkcs8 is not None and (key_id := key_id_of_pkcs8(pkcs8))]
    bags = [CertificateBag(der) for entry, _ in opened for der in entry.chain]
    unsound = {bag.der for bag in bags} - {bag.der for bag in verified_certificates(bags, key_ids)}
    contents = _contents(opened, unsound)
    if not contents.keys and not contents.certificates:
        raise failure
    return contents, closed, failure


def _read(data: bytes, opener: _Opener) -> Pkcs12Contents:
    limits.check_size(len(data))
    kind = detect_file_type(data)
    if kind not in JAVA_KINDS:
        raise errors.NotAKeystore(kind="unknown" if kind is None else kind)
    cursor = _Cursor(data)
    entries = tuple(_read_entries(cursor))
    digest = hashlib.sha1(opener.secret + _WHITENER + data[: cursor.position], usedforsecurity=False).digest()
    if not hmac.compare_digest(digest, cursor.take(_DIGEST)):
        shown = next((entry.protected for entry in entries if entry.protected is not None), None)
        if shown is not None and opener.open(shown) is not None:
            raise errors.KeystoreDamaged(reason="integrity")
        raise errors.KeystorePasswordWrong
    opened = [(entry, None if entry.protected is None else opener.open(entry.protected)) for entry in entries]
    if any(entry.protected is not None and pkcs8 is None for entry, pkcs8 in opened):
        raise errors.KeystoreDamaged(reason="contents")
    for entry in entries:
        for der in entry.chain:
            load_certificate(der)  # damage shows here
    return _contents(opened)


class _Opener:
    """Decrypts keys, each once, and counts what that costs."""

    def __init__(self, password: Secret) -> None:
        self.secret = encoded_password(password)
        self._password = password
        self._opened: dict[bytes, bytes | None] = {}
        self._work = 0.0

    def open(self, protected: bytes) -> bytes | None:
        """Return the DER of a private key; None when the password is another."""
        if protected not in self._opened:
            algorithm, octets = ber.parse_whole(protected).parts(least=2)[:2]
            pkcs8 = open_java_key(algorithm, octets.octets(), self._password, self._spend)
            self._opened[protected] = pkcs8 if pkcs8 is not None and is_private_key(pkcs8) else None
        return self._opened[protected]

    def open_if_sound(self, protected: bytes | None) -> bytes | None:
        """Return the DER of a private key as `open` does; None also where there is none, or for one that is damaged or
        cannot be opened."""
        try:
            pkcs8 = None if protected is None else self.open(protected)
        except (errors.KeystoreDamaged, errors.KeystoreUnsupported):
            return None
        return pkcs8 if pkcs8 is not None and is_sound_key(pkcs8) else None

    def _spend(self, work: float) -> None:
        self._work += work
        limits.check_work(self._work)


class _Cursor:
    """Takes one value after the other, big-endian; past the end there is damage."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.position:
            raise errors.KeystoreDamaged(reason="truncated")
        self.position += length
        return self.data[self.position - length : self.position]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def text(self) -> str:
        """Take a text in Java's own UTF-8, in which every 16 bits are written by themselves."""
        units = self.take(self.number(2)).replace(b"\xc0\x80", b"\0")
        text = units.decode("utf-8", "surrogatepass" if b"\xed" in units else "replace")
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _read_entries(cursor: _Cursor) -> Iterator[_Entry]:
    cursor.take(4)
    version = cursor.number(4)
    if version not in _VERSIONS:
        raise errors.KeystoreDamaged(reason="structure")
    count = cursor.number(4)
    if count > limits.ELEMENTS:
        raise errors.LimitExceeded(reason="elements", value=count, limit=limits.ELEMENTS)
    for _ in range(count):
        kind = cursor.number(4)
        alias = _text(cursor)
        cursor.take(8)  # when it was made
        if kind == _SECRET_KEY:  # a Java object, whose length is unknown
            raise errors.KeystoreUnsupported(algorithm="JCEKS SecretKeyEntry")
        if kind == _CERTIFICATE:
            yield _Entry(alias, None, (_read_certificate(cursor, version),))
        elif kind == _KEY:
            protected = cursor.take(cursor.number(4))
            chain = tuple(_read_certificate(cursor, version) for _ in range(cursor.number(4)))
            yield _Entry(alias, protected, chain)
        else:
            raise errors.KeystoreDamaged(reason="structure")


def _whole_entries(cursor: _Cursor) -> Iterator[_Entry]:
    """Yield the entries before the first that is damaged."""
    try:
        yield from _read_entries(cursor)
    except (errors.KeystoreDamaged, errors.KeystoreUnsupported):
        return


def _text(cursor: _Cursor) -> str:
    try:
        return cursor.text()
    except UnicodeDecodeError as error:
        raise errors.KeystoreDamaged(reason="structure") from error


def _read_certificate(cursor: _Cursor, version: int) -> bytes:
    kind = _text(cursor) if version > 1 else "X.509"
    if kind != "X.509":
        raise errors.KeystoreUnsupported(algorithm=kind)
    return cursor.take(cursor.number(4))


def _contents(
    opened: Sequence[tuple[_Entry, bytes | None]], unsound: Collection[bytes] = ()
) -> Pkcs12Contents:
    """Return keys and certificates, but for those that are ``unsound``: where the first of a chain is, its issuer is
    not called as the key. The certificates of a key that did not open are entries of their own."""
    limits.check_bags(sum(1 + len(entry.chain) for entry, _ in opened))
    keys: list[Key] = []
    leaves: list[CertificateBag] = []
    others: list[CertificateBag] = []
    issuers: list[bytes] = []
    for entry, pkcs8 in opened:
        first = [der for der in entry.chain[:1] if der not in unsound]
        issuers += [der for der in entry.chain[1:] if der not in unsound]
        if pkcs8 is None:
            others += [CertificateBag(der, attributes_of(entry.alias, trusted=True)) for der in first]
            continue
        key_id = key_id_of_pkcs8(pkcs8) or hashlib.sha1(pkcs8, usedforsecurity=False).digest()
        attributes = attributes_of(entry.alias, key_id)
        keys.append(Key(Plain(pkcs8), attributes))
        leaves += [CertificateBag(der, attributes) for der in first]
    certificates = [*leaves, *others]
    return Pkcs12Contents(tuple(keys), (*certificates, *issuer_bags(issuers, certificates)))
