"""Give keys and certificates of a keystore the names and localKeyIDs by which other programs find them.

Java keeps one of several keys without any, silently, and BouncyCastle reads no such file at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    Pkcs12Contents,
    with_alias,
    with_local_key_id,
)
from ehtoolkit.keystore.entries import is_authentication, is_serial
from ehtoolkit.keystore.key_pairs import key_id_of_pkcs8, load_certificate, readable_key_id
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, about
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

_POSITION: Final = "#"
_LONGEST: Final = 200
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class RenamedKey:
    """A key that got another name.

    Attributes:
        path: the keystore, as it was named.
        old: the name that the key had; None without one.
        new: its name now.
        key_id: 40 hexadecimal digits, upper case.
        backup: the copy of the keystore as it was; None when the key had the new name already.
        authentication_missing: no key is called ``authentication`` any more, as eHealth software expects.
    """

    path: Path
    old: str | None
    new: str
    key_id: str
    backup: Path | None
    authentication_missing: bool


def rename_key(path: Path, password: Secret, key: str, new: str) -> RenamedKey:
    """Give one key of a PKCS#12 keystore, and its certificate, the name ``new``; everything else stays.

    ``key``: its name, its position (``#1``), or its key identifier.

    Raises `errors.InputInvalid` (reason ``alias``), `errors.KeyNotFound`, `errors.DuplicateAlias`, and what
    `KeystoreFile.open` and `KeystoreFile.save` raise. Then the file is as it was.
    """
    check_alias(new)
    file = KeystoreFile.open(path, password)
    contents = file.keystore.contents
    with about(path):
        place = find_key(contents, key)
        found = contents.keys[place]
        renamed = with_key_name(contents, place, new)
    backup = None if renamed == contents else file.save(Keystore.of(renamed))
    missing = is_authentication(found.alias) and not any(
        is_authentication(each.alias) for each in renamed.keys
    )
    return RenamedKey(path, found.alias, new, found.key_id.hex().upper(), backup, missing)


def check_alias(alias: str) -> None:
    """Raise `errors.InputInvalid` (reason ``alias``) for a name that not every program takes."""
    if not alias.strip() or alias != alias.strip() or len(alias) > _LONGEST or alias != printable(alias):
        raise errors.InputInvalid(reason="alias")


def find_key(contents: Pkcs12Contents, key: str) -> int:
    """Return the place of the key that is meant: by its name, as written or else in any case; by its position, ``#1``;
    by its key identifier or localKeyID in hexadecimal.

    Raises `errors.KeyNotFound`, also (reason ``several``) for a name that several keys have.
    """
    tests = (
        lambda place, bag: bag.alias == key,
        lambda place, bag: bag.alias is not None and bag.alias.lower() == key.lower(),
        lambda place, bag: key == f"{_POSITION}{place + 1}",
        lambda place, bag: key.lower() in _identifiers(bag),
    )
    for is_meant in tests:
        found = [place for place, bag in enumerate(contents.keys) if is_meant(place, bag)]
        if len(found) == 1:
            return found[0]
        if found:
            raise errors.KeyNotFound(name=key, keys=_listed(contents), reason="several")
    raise errors.KeyNotFound(name=key, keys=_listed(contents))


def with_key_name(contents: Pkcs12Contents, place: int, new: str) -> Pkcs12Contents:
    """Return the same contents, with the name ``new`` for the key at ``place`` and for its certificate. Raises
    `errors.DuplicateAlias` when another entry has that name, or one that differs only in case."""
    key = contents.keys[place]
    own = {id(key), *(id(bag) for bag in contents.certificates if _is_certificate_of(bag, key, new))}
    others = (bag.alias for bag in contents.bags if id(bag) not in own)
    if any(alias is not None and alias.lower() == new.lower() for alias in others):
        raise errors.DuplicateAlias(alias=new)
    return contents if key.alias == new else _called(contents, own, new)


def _called(contents: Pkcs12Contents, own: Set[int], alias: str) -> Pkcs12Contents:
    """Return the same contents, with a name for the bags with these identities."""
    keys = tuple(with_alias(key, alias) if id(key) in own else key for key in contents.keys)
    certificates = tuple(with_alias(bag, alias) if id(bag) in own else bag for bag in contents.certificates)
    return replace(contents, keys=keys, certificates=certificates)


def _is_certificate_of(bag: CertificateBag, key: Key, new: str) -> bool:
    """Return whether a certificate is the one that programs join to ``key`` by its public key and its name or
    localKeyID, or has the name ``new`` already without being an entry of its own."""
    names = (key.alias,) if bag.is_trusted_entry else (key.alias, new)
    joined = (bag.alias is not None and bag.alias in names) or (
        key.local_key_id is not None and bag.local_key_id == key.local_key_id
    )
    return joined and readable_key_id(bag.der) == key_id_of_pkcs8(key.pkcs8)


def _identifiers(bag: Key) -> set[str]:
    ids = (key_id_of_pkcs8(bag.pkcs8), bag.local_key_id)
    return {each.hex() for each in ids if each}


def _listed(contents: Pkcs12Contents) -> str:
    names = (bag.alias or "–" for bag in contents.keys)
    return ", ".join(f"{_POSITION}{number} {printable(name)}" for number, name in enumerate(names, 1))


# ── Missing and misleading localKeyIDs ───────────────────────────────────────────────────────────────────
def with_sound_ids(contents: Pkcs12Contents) -> Pkcs12Contents:
    """Return the same contents, in which each key and its certificate share a localKeyID that nothing else has, and
    encryption keys are called by their certificate's serial number where they were called by another number.

    What is so already stays as it was found; the others get SHA-1 of the public key's bits. A key of a kind
    that is not known keeps what it has.
    """
    keys = [key_id_of_pkcs8(key.pkcs8) for key in contents.keys]
    certificates = [readable_key_id(bag.der) for bag in contents.certificates]
    ids = _ids(contents, keys, certificates)
    pairs = _pairs(contents.certificates, keys, certificates, ids)
    taken = {*ids, *(key.local_key_id for key in contents.keys)} - {None}
    return _called_by_serial(
        replace(
            contents,
            keys=tuple(map(with_local_key_id, contents.keys, ids)),
            certificates=tuple(
                bag
                if place not in pairs and bag.local_key_id not in taken
                else with_local_key_id(bag, pairs.get(place))
                for place, bag in enumerate(contents.certificates)
            ),
        )
    )


def _called_by_serial(contents: Pkcs12Contents) -> Pkcs12Contents:
    """Return the same contents with encryption keys and their certificates called by the certificate's serial number
    where they were called by another number. A name stays that is no number, or whose key would get a name that is
    taken; and that of a key whose certificate someone else issued, by which software finds it when it signs."""
    for key in contents.keys:
        own = key.local_key_id
        pair = next((bag for bag in contents.certificates if own and bag.local_key_id == own), None)
        certificate = None if pair is None or not is_serial(key.alias) else load_certificate(pair.der)
        if certificate is None or certificate.issuer != certificate.subject:
            continue
        serial = str(certificate.serial_number)
        others = (bag.alias for bag in contents.bags if bag.local_key_id != own)
        if serial not in (key.alias, *others):
            contents = _called(
                contents, {id(bag) for bag in contents.bags if bag.local_key_id == own}, serial
            )
    return contents


def _ids(
    contents: Pkcs12Contents, keys: Sequence[bytes | None], certificates: Sequence[bytes | None]
) -> list[bytes | None]:
    """Return the localKeyID of each key, found or new; a key of a kind that is not known keeps what it has, None
    without one. One that another key, or a certificate of another key, has too is not kept."""
    count = Counter(key.local_key_id for key in contents.keys)
    claims = [
        (bag.local_key_id, owner) for bag, owner in zip(contents.certificates, certificates, strict=True)
    ]
    ids: list[bytes | None] = []
    for key, key_id in zip(contents.keys, keys, strict=True):
        found = key.local_key_id
        misleads = any(claimed == found and owner != key_id for claimed, owner in claims)
        ids.append(found if key_id is None or (found and count[found] == 1 and not misleads) else None)
    for place, key_id in enumerate(keys):
        if ids[place] is None and key_id is not None:  # one key twice, or the name of another, gets a number
            new = (key_id, *(key_id + bytes([number]) for number in range(2, 256)))
            ids[place] = next(id_ for id_ in new if id_ not in ids)
    return ids


def _pairs(
    bags: Sequence[CertificateBag],
    keys: Sequence[bytes | None],
    certificates: Sequence[bytes | None],
    ids: Sequence[bytes | None],
) -> Mapping[int, bytes]:
    """Return the localKeyID of each certificate that belongs to a key, by its place."""
    pairs: dict[int, bytes] = {}
    for key_id, local_key_id in zip(keys, ids, strict=True):
        if key_id is None or local_key_id is None:
            continue
        own = [place for place, found in enumerate(certificates) if found == key_id]
        named = [place for place in own if bags[place].local_key_id == local_key_id]
        free = sorted((place for place in own if place not in pairs), key=lambda place: _rank(bags[place]))
        pairs.update(dict.fromkeys(named or free[:1], local_key_id))
    return pairs


def _rank(bag: CertificateBag) -> tuple[float, bool]:
    """Return what sorts the certificates of a key: the newest first, the stand-in last; of two copies the one that is
    no entry of its own."""
    certificate = load_certificate(bag.der)
    begin = 0.0 if certificate is None else certificate.not_valid_before_utc.timestamp()
    return -begin, bag.is_trusted_entry
