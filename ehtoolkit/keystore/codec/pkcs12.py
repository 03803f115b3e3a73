"""Read PKCS#12 files: the outline without a password, everything with it; tell a wrong password from damage."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.der import CONTEXT, INDEFINITE, SEQUENCE, SET, BerError, header
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, OtherBag, Pkcs12Contents, Plain
from ehtoolkit.keystore.codec.derivation import Derivation, DerivedKeyCache, UnlockResult
from ehtoolkit.keystore.codec.file_type import detect_file_type, is_text_mode
from ehtoolkit.keystore.codec.protection import Encrypted, Encryption, Mac, UnsupportedAlgorithm
from ehtoolkit.keystore.codec.structure import Bag, Structure, is_private_key, read_bags, read_structure
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file


def outline_pkcs12(data: bytes) -> Structure:
    """Return what a file tells without its password.

    Raises `errors.NotAKeystore`, `errors.KeystoreDamaged`, `errors.LimitExceeded`,
    `errors.KeystoreUnsupported`.
    """
    kind = detect_file_type(data)
    if kind is not None:
        raise errors.NotAKeystore(kind=kind)
    try:
        return read_structure(data)
    except errors.KeystoreDamaged as error:
        if is_text_mode(data):
            raise errors.KeystoreDamaged(reason="text_mode") from error
        raise


def read_pkcs12(data: bytes, password: Secret) -> Pkcs12Contents:
    """Return everything in a file, names and order as they are.

    Raises what `outline_pkcs12` raises, and `errors.KeystorePasswordWrong`.
    """
    return unlock(outline_pkcs12(data), DerivedKeyCache(password))


# ── Does a password open a file ──────────────────────────────────────────────────────────────────────────
_WORK: Final = 700_000.0
"""Iterations of PBKDF2 with SHA-256 that one trial may cost: what real keystores ask for, and little more."""


def password_matches(path: Path, password: Secret) -> bool:
    """Return whether a password opens a file, by its integrity value; False also for what is no keystore, cannot be
    read, has no integrity value, or costs too much to try."""
    try:
        structure = outline_pkcs12(read_file(path, limits.SIZE))
        mac = structure.mac
        if not isinstance(mac, Mac) or mac.key.work > _WORK:
            return False
        return is_authentic(structure, DerivedKeyCache(password)) is True
    except (errors.KeystoreError, errors.FileUnreadable):
        return False


# ── Decrypt ──────────────────────────────────────────────────────────────────────────────────────────────
def unlock(structure: Structure, cache: DerivedKeyCache, *, keys: bool = True) -> Pkcs12Contents:
    """Return everything in the file, decrypted with the keys of ``cache``.

    Without ``keys``, private keys that are encrypted by themselves stay closed, which takes half of the derivations or
    less.

    The MAC right and a part that does not open: damage (reason ``contents``, which a private key under a
    password of its own shows too). The MAC wrong, but a part opens and makes sense: the password is right and
    the file damaged (reason ``integrity``). Else the password is wrong.

    Raises `errors.KeystoreUnsupported`, `errors.LimitExceeded`, both before any derivation where the file shows the
    reason without its password; `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`.
    """
    unsupported = structure.protection.unsupported()
    if unsupported is not None:
        raise errors.KeystoreUnsupported(algorithm=unsupported.algorithm)
    limits.check("work", sum(derivation.work for derivation in structure.protection.derivations()))
    authentic = is_authentic(structure, cache)
    if authentic is False:
        if _some_part_opens(structure, cache):
            raise errors.KeystoreDamaged(reason="integrity")
        raise errors.KeystorePasswordWrong
    try:
        bags = tuple(_open_bags(structure, cache, keys))
    except _Closed as error:
        if authentic or error.parts_opened or _some_part_opens(structure, cache):
            raise errors.KeystoreDamaged(reason="contents") from error
        raise errors.KeystorePasswordWrong from error
    limits.check("elements", len(bags))
    return Pkcs12Contents(
        keys=tuple(bag for bag in bags if isinstance(bag, Key)),
        certificates=tuple(bag for bag in bags if isinstance(bag, CertificateBag)),
        others=tuple(bag for bag in bags if isinstance(bag, OtherBag)),
        protection=structure.protection,
    )


def is_authentic(structure: Structure, cache: DerivedKeyCache) -> bool | None:
    """Return whether the MAC is right; None when there is none."""
    if not isinstance(structure.mac, Mac):
        return None
    mac = structure.mac
    for attempt in cache.attempts(mac.key):
        value = hmac.digest(attempt.key, structure.authenticated, mac.digest)
        if hmac.compare_digest(value, mac.value):
            cache.settle(mac.key, attempt)
            return True
    return False


def open_key(key: Key, cache: DerivedKeyCache) -> Key | None:
    """Return the private key opened, None when no form of the password opens it. Raises `errors.KeystoreUnsupported`,
    `errors.LimitExceeded`."""
    if isinstance(key.material, Plain):
        return key
    encryption = _supported(key.material)
    for attempt, plain in _plain_texts(encryption, key.material.data, cache):
        if is_private_key(plain):
            cache.settle(encryption.key, attempt)
            return replace(key, material=Plain(plain))
    return None


def open_safe(safe: Encrypted, cache: DerivedKeyCache, *, iv: bool = True) -> tuple[Bag, ...] | None:
    """Return the bags that are encrypted together, None when no form of the password opens them. Without ``iv`` the
    initialisation vector is not derived where the bags are there without it. Raises as `open_key`."""
    encryption = _supported(safe)
    for attempt, plain in _plain_texts(encryption, safe.data, cache, iv=iv):
        try:
            bags = read_bags(plain)
        except errors.KeystoreDamaged:  # a padding that was right by chance
            continue
        except errors.LimitExceeded:
            if _is_framed(plain):
                raise
            continue
        cache.settle(encryption.key, attempt)
        # Of the keys in what is encrypted together, Java sees those that are encrypted once more.
        return tuple(
            replace(bag, hidden=True) if isinstance(bag, Key) and not bag.closed else bag for bag in bags
        )
    return None


class _Closed(Exception):
    """A part that none of the password's forms opens."""

    def __init__(self, parts_opened: bool) -> None:
        super().__init__()
        self.parts_opened = parts_opened


def _some_part_opens(structure: Structure, cache: DerivedKeyCache) -> bool:
    """Return whether a part, decrypted, is framed as it should be: damage in the middle leaves that as it is."""
    # One of each kind: every part costs a derivation, and a wrong password is common.
    blocks = (*structure.closed_keys[:1], *structure.sealed_safes[:1])
    try:
        return any(
            _is_framed(plain)
            for part in blocks
            for _, plain in _plain_texts(_supported(part), part.data, cache)
        )
    except errors.LimitExceeded:  # the odd forms of a password, which are not worth so much work
        return False


def _is_framed(plain: bytes) -> bool:
    """Return whether ``plain`` is one SEQUENCE from its first octet to its last, whatever is in it."""
    try:
        tag, length, content = header(plain, 0)
    except (BerError, IndexError):
        return False
    whole = plain.endswith(b"\0\0") if length == INDEFINITE else content + length == len(plain)
    return tag == SEQUENCE and whole


def _open_bags(structure: Structure, cache: DerivedKeyCache, keys: bool) -> Iterator[Bag]:
    opened = False
    for safe in structure.safes:
        bags = open_safe(safe, cache, iv=keys) if isinstance(safe, Encrypted) else safe
        if bags is None:
            raise _Closed(opened)
        opened = opened or isinstance(safe, Encrypted)
        for bag in bags:
            if not keys or not isinstance(bag, Key) or not bag.closed:
                yield bag
                continue
            key = open_key(bag, cache)
            if key is None:
                raise _Closed(opened)
            opened = True
            yield key


def _supported(part: Encrypted) -> Encryption:
    if isinstance(part.encryption, UnsupportedAlgorithm):
        raise errors.KeystoreUnsupported(algorithm=part.encryption.algorithm)
    return part.encryption


def _plain_texts(
    encryption: Encryption, data: bytes, cache: DerivedKeyCache, *, iv: bool = True
) -> Iterator[tuple[UnlockResult, bytes]]:
    """Yield what each form of the password gives, where the padding is right."""
    if not iv and isinstance(encryption.iv, Derivation):
        attempt = next(cache.attempts(encryption.key))
        plain = decrypt(encryption.cipher, attempt.key, bytes(encryption.iv.length), data)
        whole = None if plain is None else with_first_block(plain)
        if whole is not None:
            yield attempt, whole
    for attempt in cache.attempts(encryption.key, encryption.iv):
        plain = decrypt(encryption.cipher, attempt.key, attempt.iv, data, encryption.tag_length)
        if plain is not None:
            yield attempt, plain


# ── Parts encrypted without the initialisation vector that the file states ───────────────────────────────
_BLOCK: Final = 8
_HEADER: Final = 4
"""Bytes of a tag, the octet that says that two octets of length follow, and these."""
_CERTIFICATE_BAG: Final = bytes.fromhex("060b2a864886f70d010c0a0103")
"""The object identifier with which a bag of a certificate begins (RFC 7292, section 4.2.3)."""
_LENGTHS: Final = range(0x100, 0x10000)


def with_first_block(plain: bytes) -> bytes | None:
    """Return ``plain`` with the first eight bytes that it must have had instead of those that it has, which do not
    count.

    None where that is not certain: the first bag is no certificate, a length has not two octets, or the values do not
    end where they should.
    """
    if not plain.startswith(_CERTIFICATE_BAG, _BLOCK):
        return None
    try:
        end = _end(plain, _BLOCK + len(_CERTIFICATE_BAG), CONTEXT)
        if plain[end : end + 1] == bytes([SET]):  # its attributes
            end = _end(plain, end, SET)
    except (BerError, IndexError):
        return None
    whole, first = len(plain) - _HEADER, end - _BLOCK
    if whole not in _LENGTHS or first not in _LENGTHS or end > len(plain):
        return None
    return struct.pack(">BBHBBH", SEQUENCE, 0x82, whole, SEQUENCE, 0x82, first) + plain[_BLOCK:]


def _end(data: bytes, position: int, tag: int) -> int:
    """Return where the value at ``position`` ends. Raises BerError, IndexError when it is none of ``tag``."""
    found, length, content = header(data, position)
    if found != tag or length == INDEFINITE:
        raise BerError("structure")
    return content + length
