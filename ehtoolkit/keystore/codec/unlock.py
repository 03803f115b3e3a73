"""Opens a file with a password, and tells a wrong password from damage."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from ehtoolkit import errors
from ehtoolkit.keystore.codec import ber, limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.keyring import Attempt, KeyRing
from ehtoolkit.keystore.codec.protection import Encryption, Mac, Unsupported
from ehtoolkit.keystore.codec.reader import is_private_key, read_bags
from ehtoolkit.keystore.codec.structure import Bag, SealedSafe, ShroudedKey, Structure
from ehtoolkit.keystore.contents import CertificateBag, Contents, KeyBag, OtherBag

OpenBag = KeyBag | CertificateBag | OtherBag


def unlock(structure: Structure, ring: KeyRing, *, keys: bool = True) -> Contents:
    """Everything in the file; without ``keys``, those of them that are encrypted by themselves are left out,
    and with them a derivation each.

    The MAC right and a part that does not open: damage (reason ``contents``, which a private key under a
    password of its own shows too). The MAC wrong, but a part opens and makes sense: the password is right and
    the file damaged (reason ``integrity``). Else the password is wrong.

    Raises `errors.KeystoreUnsupported`, `errors.KeystoreHostile`, both before any derivation;
    `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged`.
    """
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
        return _open_all(structure, ring, keys)
    except _Closed as error:
        if authentic or error.parts_opened or _some_part_opens(structure, ring):
            raise errors.KeystoreDamaged(reason="contents") from error
        raise errors.KeystorePasswordWrong from error


def is_authentic(structure: Structure, ring: KeyRing) -> bool | None:
    """Whether the MAC is right; None when there is none."""
    if not isinstance(structure.mac, Mac):
        return None
    mac = structure.mac
    for attempt in ring.keys(mac.key):
        value = hmac.digest(attempt.key, structure.authenticated, mac.digest)
        if hmac.compare_digest(value, mac.value):
            ring.settle(mac.key, attempt)
            return True
    return False


def open_key(bag: ShroudedKey, ring: KeyRing) -> KeyBag | None:
    """The private key, None when no form of the password opens it. Raises `errors.KeystoreUnsupported`,
    `errors.KeystoreHostile`."""
    encryption = _supported(bag.encryption)
    for attempt, plain in _plain_texts(encryption, bag.data, ring):
        if is_private_key(plain):
            ring.settle(encryption.key, attempt)
            return KeyBag(plain, bag.attributes)
    return None


def open_safe(safe: SealedSafe, ring: KeyRing) -> tuple[Bag, ...] | None:
    """As `open_key`, for bags that are encrypted together."""
    encryption = _supported(safe.encryption)
    for attempt, plain in _plain_texts(encryption, safe.data, ring):
        try:
            bags = read_bags(plain)
        except errors.KeystoreDamaged:  # a padding that was right by chance
            continue
        except errors.KeystoreHostile:
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


def _some_part_opens(structure: Structure, ring: KeyRing) -> bool:
    """Whether a part, decrypted, is framed as it should be: damage in the middle leaves that as it is."""
    # One of each kind: every part costs a derivation, and a wrong password is common.
    shrouded = [bag for bag in structure.visible_bags if isinstance(bag, ShroudedKey)]
    sealed = [safe for safe in structure.safes if isinstance(safe, SealedSafe)]
    parts: list[ShroudedKey | SealedSafe] = [*shrouded[:1], *sealed[:1]]
    try:
        return any(
            _is_framed(plain)
            for part in parts
            for _, plain in _plain_texts(_supported(part.encryption), part.data, ring)
        )
    except errors.KeystoreHostile:  # the odd forms of a password, which are not worth so much work
        return False


def _is_framed(plain: bytes) -> bool:
    """Whether ``plain`` is one SEQUENCE from its first octet to its last, whatever is in it."""
    try:
        tag, length, content = ber.header(plain, 0)
    except (errors.KeystoreDamaged, IndexError):
        return False
    whole = plain.endswith(b"\0\0") if length is None else content + length == len(plain)
    return tag == ber.SEQUENCE and whole


def _open_all(structure: Structure, ring: KeyRing, keys: bool) -> Contents:
    bags = tuple(_open_bags(structure, ring, keys))
    limits.check_bags(len(bags))
    return Contents(
        keys=tuple(bag for bag in bags if isinstance(bag, KeyBag)),
        certificates=tuple(bag for bag in bags if isinstance(bag, CertificateBag)),
        others=tuple(bag for bag in bags if isinstance(bag, OtherBag)),
        protection=structure.protection,
    )


def _open_bags(structure: Structure, ring: KeyRing, keys: bool) -> Iterator[OpenBag]:
    opened = False
    for safe in structure.safes:
        bags = open_safe(safe, ring) if isinstance(safe, SealedSafe) else safe.bags
        if bags is None:
            raise _Closed(opened)
        opened = opened or isinstance(safe, SealedSafe)
        for bag in bags:
            if isinstance(bag, ShroudedKey) and not keys:
                continue
            open_bag = open_key(bag, ring) if isinstance(bag, ShroudedKey) else bag
            if open_bag is None:
                raise _Closed(opened)
            opened = opened or isinstance(bag, ShroudedKey)
            yield open_bag


def _supported(encryption: Encryption | Unsupported) -> Encryption:
    if isinstance(encryption, Unsupported):
        raise errors.KeystoreUnsupported(algorithm=encryption.algorithm)
    return encryption


def _plain_texts(encryption: Encryption, data: bytes, ring: KeyRing) -> Iterator[tuple[Attempt, bytes]]:
    """What each form of the password gives, where the padding is right."""
    for attempt in ring.attempts(encryption):
        plain = decrypt(encryption.cipher, attempt.key, attempt.iv, data, encryption.tag_length)
        if plain is not None:
            yield attempt, plain
