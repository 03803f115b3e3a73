"""Opens a file with a password, and tells a wrong password from damage."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterator
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import ber, limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.contents import CertificateBag, KeyBag, OtherBag, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import Derivation
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache, UnlockResult
from ehtoolkit.keystore.codec.protection import Encryption, Mac, UnsupportedAlgorithm
from ehtoolkit.keystore.codec.reader import is_private_key, read_bags
from ehtoolkit.keystore.codec.structure import Bag, EncryptedSafe, ShroudedKey, Structure


def unlock(structure: Structure, ring: DerivedKeyCache) -> Pkcs12Contents:
    """Return everything in the file, decrypted with the keys of ``ring``.

    The MAC right and a part that does not open: damage (reason ``contents``, which a private key under a
    password of its own shows too). The MAC wrong, but a part opens and makes sense: the password is right and
    the file damaged (reason ``integrity``). Else the password is wrong.

    Raises `errors.KeystoreUnsupported`, `errors.LimitExceeded`, both before any derivation where the file shows the
    reason without its password; `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`.
    """
    return _contents(structure, _unlock(structure, ring, keys=True))


def unlock_around_keys(
    structure: Structure, ring: DerivedKeyCache
) -> tuple[Pkcs12Contents, tuple[ShroudedKey, ...]]:
    """Return everything in the file as `unlock` does, but for the private keys that are encrypted by themselves: they
    stay closed, and come beside the rest. Takes half of the derivations or less. Raises as `unlock`."""
    bags = _unlock(structure, ring, keys=False)
    return _contents(structure, bags), tuple(bag for bag in bags if isinstance(bag, ShroudedKey))


def is_authentic(structure: Structure, ring: DerivedKeyCache) -> bool | None:
    """Return whether the MAC is right; None when there is none."""
    if not isinstance(structure.mac, Mac):
        return None
    mac = structure.mac
    for attempt in ring.keys(mac.key):
        value = hmac.digest(attempt.key, structure.authenticated, mac.digest)
        if hmac.compare_digest(value, mac.value):
            ring.settle(mac.key, attempt)
            return True
    return False


def open_key(bag: ShroudedKey, ring: DerivedKeyCache) -> KeyBag | None:
    """Return the private key, None when no form of the password opens it. Raises `errors.KeystoreUnsupported`,
    `errors.LimitExceeded`."""
    encryption = _supported(bag.encryption)
    for attempt, plain in _plain_texts(encryption, bag.data, ring):
        if is_private_key(plain):
            ring.settle(encryption.key, attempt)
            return KeyBag(plain, bag.attributes)
    return None


def open_safe(safe: EncryptedSafe, ring: DerivedKeyCache, *, iv: bool = True) -> tuple[Bag, ...] | None:
    """Return the bags that are encrypted together, None when no form of the password opens them. Without ``iv`` the
    initialisation vector is not derived where the bags are there without it. Raises as `open_key`."""
    encryption = _supported(safe.encryption)
    for attempt, plain in _plain_texts(encryption, safe.data, ring, iv=iv):
        try:
            bags = read_bags(plain)
        except errors.KeystoreDamaged:  # a padding that was right by chance
            continue
        except errors.LimitExceeded:
            if _is_framed(plain):
                raise
            continue
        ring.settle(encryption.key, attempt)
        return bags
    return None


class _Closed(Exception):
    """A part that none of the password's forms opens."""

    def __init__(self, parts_opened: bool) -> None:
        super().__init__()
        self.parts_opened = parts_opened


def _unlock(structure: Structure, ring: DerivedKeyCache, *, keys: bool) -> tuple[Bag, ...]:
    unsupported = structure.protection.unsupported()
    if unsupported is not None:
        raise errors.KeystoreUnsupported(algorithm=unsupported.algorithm)
    limits.check_work(sum(derivation.work for derivation in structure.protection.derivations()))
    authentic = is_authentic(structure, ring)
    if authentic is False:
        if _some_part_opens(structure, ring):
            raise errors.KeystoreDamaged(reason="integrity")
        raise errors.KeystorePasswordWrong
    try:
        bags = tuple(_open_bags(structure, ring, keys))
    except _Closed as error:
        if authentic or error.parts_opened or _some_part_opens(structure, ring):
            raise errors.KeystoreDamaged(reason="contents") from error
        raise errors.KeystorePasswordWrong from error
    limits.check_bags(len(bags))
    return bags


def _some_part_opens(structure: Structure, ring: DerivedKeyCache) -> bool:
    """Return whether a part, decrypted, is framed as it should be: damage in the middle leaves that as it is."""
    # One of each kind: every part costs a derivation, and a wrong password is common.
    shrouded = [bag for bag in structure.visible_bags if isinstance(bag, ShroudedKey)]
    sealed = [safe for safe in structure.safes if isinstance(safe, EncryptedSafe)]
    parts: list[ShroudedKey | EncryptedSafe] = [*shrouded[:1], *sealed[:1]]
    try:
        return any(
            _is_framed(plain)
            for part in parts
            for _, plain in _plain_texts(_supported(part.encryption), part.data, ring)
        )
    except errors.LimitExceeded:  # the odd forms of a password, which are not worth so much work
        return False


def _is_framed(plain: bytes) -> bool:
    """Return whether ``plain`` is one SEQUENCE from its first octet to its last, whatever is in it."""
    try:
        tag, length, content = ber.header(plain, 0)
    except (errors.KeystoreDamaged, IndexError):
        return False
    whole = plain.endswith(b"\0\0") if length is None else content + length == len(plain)
    return tag == ber.SEQUENCE and whole


def _contents(structure: Structure, bags: tuple[Bag, ...]) -> Pkcs12Contents:
    return Pkcs12Contents(
        keys=tuple(bag for bag in bags if isinstance(bag, KeyBag)),
        certificates=tuple(bag for bag in bags if isinstance(bag, CertificateBag)),
        others=tuple(bag for bag in bags if isinstance(bag, OtherBag)),
        protection=structure.protection,
    )


def _open_bags(structure: Structure, ring: DerivedKeyCache, keys: bool) -> Iterator[Bag]:
    opened = False
    for safe in structure.safes:
        bags = open_safe(safe, ring, iv=keys) if isinstance(safe, EncryptedSafe) else safe.bags
        if bags is None:
            raise _Closed(opened)
        opened = opened or isinstance(safe, EncryptedSafe)
        for bag in bags:
            if not keys or not isinstance(bag, ShroudedKey):
                yield bag
                continue
            key = open_key(bag, ring)
            if key is None:
                raise _Closed(opened)
            opened = True
            yield key


def _supported(encryption: Encryption | UnsupportedAlgorithm) -> Encryption:
    if isinstance(encryption, UnsupportedAlgorithm):
        raise errors.KeystoreUnsupported(algorithm=encryption.algorithm)
    return encryption


def _plain_texts(
    encryption: Encryption, data: bytes, ring: DerivedKeyCache, *, iv: bool = True
) -> Iterator[tuple[UnlockResult, bytes]]:
    """Yield what each form of the password gives, where the padding is right."""
    if not iv and isinstance(encryption.iv, Derivation):
        attempt = next(ring.keys(encryption.key))
        plain = decrypt(encryption.cipher, attempt.key, bytes(encryption.iv.length), data)
        whole = None if plain is None else with_first_block(plain)
        if whole is not None:
            yield attempt, whole
    for attempt in ring.attempts(encryption):
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
    """Return ``plain`` with the first eight bytes that it must have had in the place of those that it has, which do not
    count.

    None where that is not certain: the first bag is no certificate, a length has not two octets, or the values do not
    end where they should.
    """
    if not plain.startswith(_CERTIFICATE_BAG, _BLOCK):
        return None
    try:
        end = _end(plain, _BLOCK + len(_CERTIFICATE_BAG), ber.CONTEXT)
        if plain[end : end + 1] == bytes([ber.SET]):  # its attributes
            end = _end(plain, end, ber.SET)
    except (errors.KeystoreDamaged, IndexError):
        return None
    whole, first = len(plain) - _HEADER, end - _BLOCK
    if whole not in _LENGTHS or first not in _LENGTHS or end > len(plain):
        return None
    return struct.pack(">BBHBBH", ber.SEQUENCE, 0x82, whole, ber.SEQUENCE, 0x82, first) + plain[_BLOCK:]


def _end(data: bytes, position: int, tag: int) -> int:
    """Return where the value at ``position`` ends. Raises `errors.KeystoreDamaged`, IndexError when it is none of
    ``tag``."""
    found, length, content = ber.header(data, position)
    if found != tag or length is None:
        raise errors.KeystoreDamaged(reason="structure")
    return content + length
