"""Gives keys and certificates the localKeyIDs and names by which other programs find them, where they lack or mislead.

Java keeps one of several keys without any, silently, and BouncyCastle reads no such file at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ehtoolkit.keystore.certificates import load_certificate
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    Pkcs12Contents,
    with_alias,
    with_local_key_id,
)
from ehtoolkit.keystore.codec.private_keys import key_id_of_pkcs8
from ehtoolkit.keystore.entries import is_serial, readable_key_id

_Bag = TypeVar("_Bag", Key, CertificateBag)


def with_sound_ids(contents: Pkcs12Contents) -> Pkcs12Contents:
    """Return the same contents, in which each key and its certificate share a localKeyID that nothing else has, and
    encryption keys are called by their certificate's serial number where they were called by another number.

    What is so already stays as it was found; the others get SHA-1 of the public key's bits. A key of a kind
    that is not known keeps what it has.
    """
    keys = [key_id_of_pkcs8(key.pkcs8) for key in contents.keys]
    certificates = [readable_key_id(bag) for bag in contents.certificates]
    ids = _ids(contents, keys, certificates)
    pairs = _pairs(contents.certificates, keys, certificates, ids)
    taken = {*ids, *(key.local_key_id for key in contents.keys)} - {None}
    sound = replace(
        contents,
        keys=tuple(
            key
            if key.local_key_id == new
            else replace(key, attributes=with_local_key_id(key.attributes, new))
            for key, new in zip(contents.keys, ids, strict=True)
        ),
        certificates=tuple(
            _renamed(bag, pairs.get(place), taken) for place, bag in enumerate(contents.certificates)
        ),
    )
    return _called_by_serial(sound)


def _called_by_serial(contents: Pkcs12Contents) -> Pkcs12Contents:
    """Return the same contents with encryption keys and their certificates called by the certificate's serial number
    where they were called by another number. A name stays that is no number, or whose key would get a name that is
    taken; and that of a key whose certificate someone else issued, by which software finds it when it signs."""
    names: dict[bytes, str] = {}
    bags: Sequence[Key | CertificateBag] = (*contents.keys, *contents.certificates)
    for key in contents.keys:
        own = key.local_key_id
        if not own or not is_serial(key.alias):
            continue
        pair = next((bag for bag in contents.certificates if bag.local_key_id == own), None)
        certificate = None if pair is None else load_certificate(pair.der)
        if certificate is None or certificate.issuer != certificate.subject:
            continue
        serial = str(certificate.serial_number)
        others = {bag.alias for bag in bags if bag.local_key_id != own} | set(names.values())
        if serial != key.alias and serial not in others:
            names[own] = serial

    def called(bag: _Bag) -> _Bag:
        name = names.get(bag.local_key_id or b"")
        return bag if name is None else replace(bag, attributes=with_alias(bag.attributes, name))

    return replace(
        contents,
        keys=tuple(map(called, contents.keys)),
        certificates=tuple(map(called, contents.certificates)),
    )


def _renamed(bag: CertificateBag, local_key_id: bytes | None, taken: set[bytes | None]) -> CertificateBag:
    if local_key_id is None and bag.local_key_id not in taken:
        return bag
    if bag.local_key_id == local_key_id:
        return bag
    return replace(bag, attributes=with_local_key_id(bag.attributes, local_key_id))


def _ids(
    contents: Pkcs12Contents, keys: Sequence[bytes | None], certificates: Sequence[bytes | None]
) -> list[bytes | None]:
    """Return the localKeyID of each key, found or new; a key of a kind that is not known keeps what it has, None
    without one."""
    count = Counter(key.local_key_id for key in contents.keys)
    ids: list[bytes | None] = []
    for key, key_id in zip(contents.keys, keys, strict=True):
        found = key.local_key_id
        sound = found and count[found] == 1 and not _misleads(found, key_id, contents, certificates)
        ids.append(found if sound or key_id is None else None)
    for place, key_id in enumerate(keys):
        if ids[place] is None and key_id is not None:
            ids[place] = _unused(key_id, ids)
    return ids


def _misleads(
    local_key_id: bytes, key_id: bytes | None, contents: Pkcs12Contents, certificates: Sequence[bytes | None]
) -> bool:
    """Return whether a certificate of another key has this localKeyID."""
    bags = zip(contents.certificates, certificates, strict=True)
    return any(bag.local_key_id == local_key_id and own != key_id for bag, own in bags)


def _unused(key_id: bytes, ids: Sequence[bytes | None]) -> bytes:
    new, number = key_id, 2
    while new in ids:  # one key twice, or the name of another
        new, number = key_id + bytes([number]), number + 1
    return new


def _pairs(
    bags: Sequence[CertificateBag],
    keys: Sequence[bytes | None],
    certificates: Sequence[bytes | None],
    ids: Sequence[bytes | None],
) -> Mapping[int, bytes]:
    """Return the localKeyID of each certificate that belongs to a key, by its place."""
    pairs: dict[int, bytes] = {}
    for key_id, local_key_id in zip(keys, ids, strict=True):
        own = [place for place, found in enumerate(certificates) if found is not None and found == key_id]
        if local_key_id is None or not own:
            continue
        named = [place for place in own if bags[place].local_key_id == local_key_id]
        free = [place for place in own if place not in pairs]
        for place in named or sorted(free, key=lambda place: _rank(bags[place]))[:1]:
            pairs[place] = local_key_id
    return pairs


def _rank(bag: CertificateBag) -> tuple[float, bool]:
    """Return what sorts the certificates of a key: the newest first, the stand-in last; of two copies the one that is
    no entry of its own."""
    certificate = load_certificate(bag.der)
    begin = 0.0 if certificate is None else certificate.not_valid_before_utc.timestamp()
    return -begin, bag.is_trusted_entry
