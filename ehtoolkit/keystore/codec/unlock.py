"""Opens a file with a password, and tells a wrong password from damage."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import decrypt
from ehtoolkit.keystore.codec.keyring import KeyRing
from ehtoolkit.keystore.codec.protection import Encryption, Mac, Unsupported
from ehtoolkit.keystore.codec.reader import is_private_key, read_bags
from ehtoolkit.keystore.codec.structure import Bag, SealedSafe, ShroudedKey, Structure
from ehtoolkit.keystore.contents import CertificateBag, Contents, KeyBag, OtherBag

OpenBag = KeyBag | CertificateBag | OtherBag


def unlock(structure: Structure, ring: KeyRing) -> Contents:
    """Everything in the file.

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
    authentic = _is_authentic(structure, ring)
    if authentic is False:
        if _some_part_opens(structure, ring):
            raise errors.KeystoreDamaged(reason="integrity")
        raise errors.KeystorePasswordWrong
    try:
        return _open_all(structure, ring)
    except _Closed as error:
        if authentic or error.parts_opened:
            raise errors.KeystoreDamaged(reason="contents") from error
        raise errors.KeystorePasswordWrong from error


class _Closed(Exception):
    """A part that none of the password's forms opens."""

    def __init__(self, parts_opened: bool) -> None:
        super().__init__()
        self.parts_opened = parts_opened


def _is_authentic(structure: Structure, ring: KeyRing) -> bool | None:
    """Whether the MAC is right; None when there is none."""
    if not isinstance(structure.mac, Mac):
        return None
    mac = structure.mac
    return any(
        hmac.compare_digest(hmac.digest(key, structure.authenticated, mac.key.digest), mac.value)
        for key in ring.keys(mac.key)
    )


def _some_part_opens(structure: Structure, ring: KeyRing) -> bool:
    # One of each kind: every part costs a derivation, and a wrong password is common.
    sealed = [safe for safe in structure.safes if isinstance(safe, SealedSafe)]
    shrouded = [bag for bag in structure.visible_bags if isinstance(bag, ShroudedKey)]
    return any(_open_safe(safe, ring) is not None for safe in sealed[:1]) or any(
        _open_key(bag, ring) is not None for bag in shrouded[:1]
    )


def _open_all(structure: Structure, ring: KeyRing) -> Contents:
    bags = tuple(_open_bags(structure, ring))
    return Contents(
        keys=tuple(bag for bag in bags if isinstance(bag, KeyBag)),
        certificates=tuple(bag for bag in bags if isinstance(bag, CertificateBag)),
        others=tuple(bag for bag in bags if isinstance(bag, OtherBag)),
        protection=structure.protection,
    )


def _open_bags(structure: Structure, ring: KeyRing) -> Iterator[OpenBag]:
    opened = False
    for safe in structure.safes:
        bags = _open_safe(safe, ring) if isinstance(safe, SealedSafe) else safe.bags
        if bags is None:
            raise _Closed(opened)
        opened = opened or isinstance(safe, SealedSafe)
        for bag in bags:
            open_bag = _open_key(bag, ring) if isinstance(bag, ShroudedKey) else bag
            if open_bag is None:
                raise _Closed(opened)
            opened = opened or isinstance(bag, ShroudedKey)
            yield open_bag


def _open_safe(safe: SealedSafe, ring: KeyRing) -> tuple[Bag, ...] | None:
    for plain in _plain_texts(safe.encryption, safe.data, ring):
        try:
            return read_bags(plain)
        except errors.KeystoreDamaged:  # a padding that was right by chance
            continue
    return None


def _open_key(bag: ShroudedKey, ring: KeyRing) -> KeyBag | None:
    plain_texts = _plain_texts(bag.encryption, bag.data, ring)
    return next((KeyBag(plain, bag.attributes) for plain in plain_texts if is_private_key(plain)), None)


def _plain_texts(encryption: Encryption | Unsupported, data: bytes, ring: KeyRing) -> Iterator[bytes]:
    """What each form of the password gives, where the padding is right."""
    if isinstance(encryption, Unsupported):
        raise errors.KeystoreUnsupported(algorithm=encryption.algorithm)
    for key, iv in ring.keys_and_ivs(encryption):
        plain = decrypt(encryption.cipher, key, iv, data)
        if plain is not None:
            yield plain
