"""Read JKS and JCEKS, the keystore formats of older Java programs: what shows, what a password opens, what is sound.

The entries of a file follow each other, each key is encrypted by itself, and a digest over everything with the password
in it comes last (OpenJDK, ``JavaKeyStore`` and ``JceKeyStore``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.protection import Encrypted, UnsupportedAlgorithm, salt_and_iterations
from ehtoolkit.keystore.codec.structure import Element, is_private_key, parse_whole
from ehtoolkit.keystore.entries import is_sound_key, issuer_bags, judge_certificates
from ehtoolkit.keystore.key_pairs import entry_name_of, key_id_of_pkcs8, load_certificate, readable_key_id
from ehtoolkit.keystore.repair.lost_items import LostItem, lost_key, shown_name, with_purposes
from ehtoolkit.secret import Secret

JAVA_KINDS: Final = ("jks", "jceks")

_WHITENER: Final = b"Mighty Aphrodite"


def outline_java_store(data: bytes, password: Secret | None = None) -> Pkcs12Contents:
    """Return everything in a JKS or JCEKS file, with private keys closed.

    Certificates are not encrypted in these formats. With ``password``, the file's digest proves that they are what was
    written; the keys may have other passwords.

    Raises `errors.NotAKeystore`, `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`, `errors.LimitExceeded`,
    `errors.KeystoreUnsupported` for a secret key in it.
    """
    entries = _entries(data, None if password is None else _Opener(password))
    return _contents([(entry, None) for entry in entries], closed=True)


def read_java_store(data: bytes, password: Secret, key_password: Secret | None = None) -> Pkcs12Contents:
    """Return the keys and certificates of a JKS or JCEKS file, with names as they are; each key and its certificate get
    SHA-1 of the public key as localKeyID, issuers become entries of their own.

    ``key_password``: of keys that the file's password does not open. Raises what `outline_java_store` raises, and
    `errors.KeyPasswordWrong` for a key that neither password opens.
    """
    return _read(data, _Opener(password, key_password))


@dataclass(frozen=True, slots=True)
class RescuedEntries:
    """What was saved of a JKS or JCEKS file.

    Attributes:
        contents: what is sound, and certificates of which nothing tells whether they are.
        lost: what could not be saved.
        unproven: the names of these certificates.
    """

    contents: Pkcs12Contents
    lost: tuple[LostItem, ...] = ()
    unproven: tuple[str, ...] = ()


def rescue_java_store(data: bytes, password: Secret, key_password: Secret | None = None) -> RescuedEntries:
    """Return everything in a JKS or JCEKS file, or what is sound in a damaged one and what is lost.

    Nothing can be found behind an entry whose length is damaged or whose end is missing; before it, a key is
    proven by its numbers, a certificate as `judge_certificates` says. Raises what `read_java_store`
    raises when nothing is left, and `errors.KeystorePasswordWrong` where there are keys and none opens, unless the
    password is that of the file: then `errors.KeyPasswordWrong`. Without a key,
    nothing tells another password from a damaged byte: only what is cut is rescued then.
    """
    opener = _Opener(password, key_password)
    try:
        return RescuedEntries(_read(data, opener))
    except (
        errors.KeystoreDamaged,
        errors.KeystorePasswordWrong,
        errors.KeyPasswordWrong,
        errors.KeystoreUnsupported,
        errors.LimitExceeded,
    ) as error:
        failure: errors.KeystoreError = error
    entries = tuple(whole_entries(Cursor(data)))
    opened = [(stored, opener.open_if_sound(stored.protected)) for stored in entries]
    closed = [stored for stored, pkcs8 in opened if stored.protected is not None and pkcs8 is None]
    no_key = all(pkcs8 is None for _, pkcs8 in opened)
    if no_key and closed and isinstance(failure, errors.KeyPasswordWrong | errors.LimitExceeded):
        raise failure
    if no_key and (closed or isinstance(failure, errors.KeystorePasswordWrong)):
        raise errors.KeystorePasswordWrong from failure
    key_ids = [key_id for _, pkcs8 in opened if pkcs8 is not None and (key_id := key_id_of_pkcs8(pkcs8))]
    bags = [CertificateBag(der) for stored in entries for der in stored.chain]
    verdicts = dict(zip((bag.der for bag in bags), judge_certificates(bags, key_ids), strict=True))
    unsound = {der for der, verdict in verdicts.items() if verdict is False}
    contents = _contents(opened, unsound)
    if not contents.keys and not any(verdicts.values()):
        raise failure
    rest = tuple(_lost_rest(data, opener))
    lost = [
        *(_lost_key(stored, opener, authentic=not rest) for stored in closed),
        *_lost_certificates(entries, unsound),
        *rest,
    ]
    unproven = (shown_name(bag) for bag in contents.certificates if verdicts[bag.der] is None)
    lost_items = with_purposes(lost, [bag for bag in bags if bag.der not in unsound])
    return RescuedEntries(contents, tuple(lost_items), tuple(dict.fromkeys(unproven)))


def _lost_key(entry: JavaEntry, opener: _Opener, *, authentic: bool) -> LostItem:
    """Return the key of an entry that cannot be saved. ``authentic``: no byte of the file was changed, so a key that
    does not open has another password."""
    key, protected = _closed_key(entry), entry.protected
    assert key is not None and protected is not None  # noqa: S101, PT018  # it is the entry of a key
    try:
        opened = opener.open(protected)
    except (errors.KeystoreUnsupported, errors.LimitExceeded):
        return lost_key(key, "unsupported")
    except errors.KeystoreDamaged:
        return lost_key(key, "damaged")
    return lost_key(key, "password" if authentic and opened is None else "damaged")


def _lost_certificates(entries: Sequence[JavaEntry], unsound: Collection[bytes]) -> Iterator[LostItem]:
    """Yield the damaged certificates, each once: the first of an entry under its name, an issuer under its subject, if
    it can be read."""
    names: dict[bytes, str] = {}
    for stored in entries:
        for der in stored.chain[1:]:
            names.setdefault(der, stored.alias if readable_key_id(der) is None else entry_name_of(der))
    names |= {stored.chain[0]: stored.alias for stored in entries if stored.chain}
    return (LostItem("certificate", "damaged", name) for der, name in names.items() if der in unsound)


def _lost_rest(data: bytes, opener: _Opener) -> Iterator[LostItem]:
    """Yield the end of the file, unless its digest proves that everything was read."""
    cursor = Cursor(data)
    try:
        for _ in read_entries(cursor):
            pass
        whole = hmac.compare_digest(opener.digest(data[: cursor.position]), cursor.take(_SHA1))
    except errors.KeystoreUnsupported:
        yield LostItem("rest", "unsupported")
    except errors.KeystoreDamaged as error:
        yield LostItem("rest", "truncated" if error.reason == "truncated" else "damaged")
    else:
        if not whole:
            yield LostItem("rest", "damaged")


def _read(data: bytes, opener: _Opener) -> Pkcs12Contents:
    opened: list[tuple[JavaEntry, bytes | None]] = []
    for entry in _entries(data, opener):
        pkcs8 = None if entry.protected is None else opener.open(entry.protected)
        if entry.protected is not None and pkcs8 is None:  # the digest is right: no byte was changed
            refused = errors.KeyPasswordWrong(alias=entry.alias)
            raise refused.with_facts(reason="given") if len(opener.passwords) > 1 else refused
        opened.append((entry, pkcs8))
    return _contents(opened)


def _entries(data: bytes, opener: _Opener | None) -> tuple[JavaEntry, ...]:
    """Return the entries of a whole file, proven by its digest where there is a password."""
    limits.check("size", len(data))
    kind = detect_file_type(data)
    if kind not in JAVA_KINDS:
        raise errors.NotAKeystore(kind="unknown" if kind is None else kind)
    cursor = Cursor(data)
    entries = tuple(read_entries(cursor))
    covered, digest = data[: cursor.position], cursor.take(_SHA1)
    if opener is not None and not hmac.compare_digest(opener.digest(covered), digest):
        shown = next((entry.protected for entry in entries if entry.protected is not None), None)
        if shown is not None and opener.open(shown) is not None:
            raise errors.KeystoreDamaged(reason="integrity")
        raise errors.KeystorePasswordWrong
    for entry in entries:
        for der in entry.chain:
            load_certificate(der)  # damage shows here
    return entries


class _Opener:
    """Decrypts keys, each once, and counts what that costs: as much for each of two passwords as for one.
    ``passwords``: that of keys first, if it was given."""

    def __init__(self, password: Secret, key_password: Secret | None = None) -> None:
        self._secret = encoded_password(password)
        self.passwords = [*([] if key_password is None else [key_password]), password]
        self._opened: dict[bytes, bytes | None] = {}
        self._work = [0.0 for _ in self.passwords]

    def digest(self, data: bytes) -> bytes:
        """Return the digest of the file that begins with ``data``."""
        return hashlib.sha1(self._secret + _WHITENER + data, usedforsecurity=False).digest()

    def open(self, protected: bytes) -> bytes | None:
        """Return the DER of a private key; None when no password opens it."""
        if protected not in self._opened:
            algorithm, octets = parse_whole(protected).parts(least=2)[:2]
            data = octets.octets()
            attempts = (
                open_java_key(algorithm, data, password, partial(self._spend, place))
                for place, password in enumerate(self.passwords)
            )
            self._opened[protected] = next(
                (pkcs8 for pkcs8 in attempts if pkcs8 is not None and is_private_key(pkcs8)), None
            )
        return self._opened[protected]

    def open_if_sound(self, protected: bytes | None) -> bytes | None:
        """Return the DER of a private key as `open` does; None also where there is none, or for one that is damaged or
        cannot be opened."""
        try:
            pkcs8 = None if protected is None else self.open(protected)
        except (errors.KeystoreDamaged, errors.KeystoreUnsupported, errors.LimitExceeded):
            return None
        return pkcs8 if pkcs8 is not None and is_sound_key(pkcs8) else None

    def _spend(self, place: int, work: float) -> None:
        limits.check("work", self._work[place] + work)
        self._work[place] += work


def _contents(
    opened: Sequence[tuple[JavaEntry, bytes | None]], unsound: Collection[bytes] = (), *, closed: bool = False
) -> Pkcs12Contents:
    """Return keys and certificates, but for those that are ``unsound``: where the first of a chain is, its issuer is
    not called as the key. The certificates of a key that did not open are entries of their own, unless keys are to
    stay ``closed``."""
    limits.check("elements", sum(1 + len(entry.chain) for entry, _ in opened))
    keys: list[Key] = []
    leaves: list[CertificateBag] = []
    others: list[CertificateBag] = []
    issuers: list[bytes] = []
    for entry, pkcs8 in opened:
        first = [der for der in entry.chain[:1] if der not in unsound]
        issuers += [der for der in entry.chain[1:] if der not in unsound]
        key = _closed_key(entry) if closed else None if pkcs8 is None else _open_key(entry, pkcs8)
        if key is None:
            others += [CertificateBag(der, attributes_of(entry.alias, trusted=True)) for der in first]
            continue
        keys.append(key)
        leaves += [CertificateBag(der, key.attributes) for der in first]
    certificates = [*leaves, *others]
    return Pkcs12Contents(tuple(keys), (*certificates, *issuer_bags(issuers, certificates)))


def _open_key(entry: JavaEntry, pkcs8: bytes) -> Key:
    key_id = key_id_of_pkcs8(pkcs8) or hashlib.sha1(pkcs8, usedforsecurity=False).digest()
    return Key(Plain(pkcs8), attributes_of(entry.alias, key_id))


def _closed_key(entry: JavaEntry) -> Key | None:
    """Return the key of an entry, with the key identifier of its certificate; None for a certificate alone."""
    if entry.protected is None:
        return None
    key_id = next((readable_key_id(der) for der in entry.chain[:1]), None)
    sealed = Encrypted(UnsupportedAlgorithm("Java"), entry.protected)
    return Key(sealed, attributes_of(entry.alias, key_id))


# ── The entries ──────────────────────────────────────────────────────────────────────────────────────────
_VERSIONS: Final = (1, 2)
_KEY, _CERTIFICATE, _SECRET_KEY = 1, 2, 3


@dataclass(frozen=True, slots=True)
class JavaEntry:
    """An entry of a Java keystore.

    Attributes:
        protected: the encrypted key, None for a certificate alone.
        chain: leaf first, DER.
    """

    alias: str
    protected: bytes | None = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)


class Cursor:
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
        try:
            text = units.decode("utf-8", "surrogatepass" if b"\xed" in units else "replace")
        except UnicodeDecodeError as error:
            raise errors.KeystoreDamaged(reason="structure") from error
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def read_entries(cursor: Cursor) -> Iterator[JavaEntry]:
    """Yield the entries of a file.

    Raises `errors.KeystoreDamaged`, `errors.LimitExceeded`, `errors.KeystoreUnsupported` for a secret key or a
    certificate of another kind.
    """
    cursor.take(4)
    version = cursor.number(4)
    if version not in _VERSIONS:
        raise errors.KeystoreDamaged(reason="structure")
    count = cursor.number(4)
    if count > limits.ELEMENTS:
        raise errors.LimitExceeded(reason="elements", value=count, limit=limits.ELEMENTS)
    for _ in range(count):
        kind = cursor.number(4)
        alias = cursor.text()
        cursor.take(8)  # when it was made
        if kind == _SECRET_KEY:  # a Java object, whose length is unknown
            raise errors.KeystoreUnsupported(algorithm="JCEKS SecretKeyEntry")
        if kind == _CERTIFICATE:
            yield JavaEntry(alias, None, (_read_certificate(cursor, version),))
        elif kind == _KEY:
            protected = cursor.take(cursor.number(4))
            chain = tuple(_read_certificate(cursor, version) for _ in range(cursor.number(4)))
            yield JavaEntry(alias, protected, chain)
        else:
            raise errors.KeystoreDamaged(reason="structure")


def whole_entries(cursor: Cursor) -> Iterator[JavaEntry]:
    """Yield the entries before the first that is damaged."""
    try:
        yield from read_entries(cursor)
    except (errors.KeystoreDamaged, errors.KeystoreUnsupported):
        return


def _read_certificate(cursor: Cursor, version: int) -> bytes:
    kind = cursor.text() if version > 1 else "X.509"
    if kind != "X.509":
        raise errors.KeystoreUnsupported(algorithm=kind)
    return cursor.take(cursor.number(4))


# ── The keys ─────────────────────────────────────────────────────────────────────────────────────────────
JKS_PROTECTOR: Final = "1.3.6.1.4.1.42.2.17.1.1"
JCEKS_PROTECTOR: Final = "1.3.6.1.4.1.42.2.19.1"
"""PBEWithMD5AndTripleDES."""

_SHA1: Final = 20
"""Bytes of the digest that ends a file, and of those around a key."""
_SALT: Final = 8
_MD5_WORK: Final = 4.0
"""What one iteration for both halves of a key costs, in iterations of PBKDF2 with SHA-256."""


def open_java_key(
    algorithm: Element, data: bytes, password: Secret, spend: Callable[[float], None]
) -> bytes | None:
    """Return the plain key of an entry; None when the password is another.

    ``spend`` is called with the work before it is done, and may refuse it. Raises `errors.KeystoreDamaged`,
    `errors.LimitExceeded`, `errors.KeystoreUnsupported`.
    """
    oid, *parameters = algorithm.parts(least=1)
    name = oid.identifier()
    if name == JKS_PROTECTOR:
        return _open_jks(data, password)
    if name != JCEKS_PROTECTOR or not parameters:
        raise errors.KeystoreUnsupported(algorithm=name)
    salt, iterations = parameters[0].parts(least=2)[:2]
    octets, count = salt_and_iterations(salt, iterations)
    if len(octets) != _SALT:
        raise errors.KeystoreDamaged(reason="structure")
    spend(count * _MD5_WORK)
    key = _derive(password.reveal().encode("utf-8", "surrogatepass"), octets, count)
    return decrypt("des-ede3-cbc", key[:24], key[24:], data)


def encoded_password(password: Secret) -> bytes:
    """Return a password as JKS hashes it."""
    return password.reveal().encode("utf-16-be", "surrogatepass")


def _open_jks(data: bytes, password: Secret) -> bytes | None:
    """Return the plain key; None when the password is another. A chain of SHA-1 over the password and the digest before
    it was added to the key, bit by bit."""
    if len(data) < 2 * _SHA1:
        raise errors.KeystoreDamaged(reason="structure")
    secret = encoded_password(password)
    link, hidden, check = data[:_SHA1], data[_SHA1:-_SHA1], data[-_SHA1:]
    stream = bytearray()
    while len(stream) < len(hidden):
        link = hashlib.sha1(secret + link, usedforsecurity=False).digest()
        stream += link
    size = len(hidden)
    plain = (int.from_bytes(hidden, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
    digest = hashlib.sha1(secret + plain, usedforsecurity=False).digest()
    return plain if hmac.compare_digest(digest, check) else None


def _derive(secret: bytes, salt: bytes, iterations: int) -> bytes:
    """Return 24 bytes of key and 8 of initialisation vector: each half of the salt hashed on with the password."""
    md5 = partial(hashlib.md5, usedforsecurity=False)
    halves = [salt[:4], salt[4:]]
    if halves[0] == halves[1]:
        halves[0] = halves[0][::-1]
    for place in (0, 1):
        link = halves[place]
        for _ in range(iterations):
            link = md5(link + secret).digest()
        halves[place] = link
    return b"".join(halves)
