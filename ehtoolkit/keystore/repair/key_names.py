"""Give a private key of a keystore another name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, with_alias
from ehtoolkit.keystore.codec.private_keys import key_id_of_pkcs8
from ehtoolkit.keystore.entries import is_authentication, readable_key_id
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
        key_id: 40 hexadecimal digits, upper case; None for a key of an unknown kind.
        backup: the copy of the keystore as it was; None when the key had the new name already.
        authentication_missing: no key is called ``authentication`` any more, as eHealth software expects.
    """

    path: Path
    old: str | None
    new: str
    key_id: str | None
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
    key_id = key_id_of_pkcs8(found.pkcs8)
    return RenamedKey(
        path, found.alias, new, None if key_id is None else key_id.hex().upper(), backup, missing
    )


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
    own = [_is_certificate_of(bag, key) for bag in contents.certificates]
    others = [bag.alias for bag in contents.keys if bag is not key]
    others += [bag.alias for bag, is_own in zip(contents.certificates, own, strict=True) if not is_own]
    if any(alias is not None and alias.lower() == new.lower() for alias in others):
        raise errors.DuplicateAlias(alias=new)
    if key.alias == new:
        return contents
    keys = tuple(
        replace(bag, attributes=with_alias(bag.attributes, new)) if bag is key else bag
        for bag in contents.keys
    )
    certificates = tuple(
        replace(bag, attributes=with_alias(bag.attributes, new)) if is_own else bag
        for bag, is_own in zip(contents.certificates, own, strict=True)
    )
    return replace(contents, keys=keys, certificates=certificates)


def _is_certificate_of(bag: CertificateBag, key: Key) -> bool:
    """Return whether a certificate is the one that programs join to ``key`` by its public key and its name or
    localKeyID."""
    joined = (key.alias is not None and bag.alias == key.alias) or (
        key.local_key_id is not None and bag.local_key_id == key.local_key_id
    )
    return joined and readable_key_id(bag) == key_id_of_pkcs8(key.pkcs8)


def _identifiers(bag: Key) -> set[str]:
    ids = (key_id_of_pkcs8(bag.pkcs8), bag.local_key_id)
    return {each.hex() for each in ids if each}


def _listed(contents: Pkcs12Contents) -> str:
    names = (bag.alias or "–" for bag in contents.keys)
    return ", ".join(f"{_POSITION}{number} {printable(name)}" for number, name in enumerate(names, 1))
