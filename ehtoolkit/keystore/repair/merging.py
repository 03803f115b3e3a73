"""Carries the decryption keys of an older keystore into a newer one: old messages are only read with them."""

from __future__ import annotations

from dataclasses import replace

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import (
    Attributes,
    CertificateBag,
    Key,
    with_alias,
    with_local_key_id,
)
from ehtoolkit.keystore.entries import certificate_key_id
from ehtoolkit.keystore.key_pairs import key_id_of_pkcs8
from ehtoolkit.keystore.keystore import Keystore


def merge_old_keys(new: Keystore, old: Keystore) -> Keystore:
    """Return ``new`` with every encryption key of ``old`` that it lacks, each with its certificates.

    What ``new`` holds stays, but for two things: a certificate of such a key that it has as an entry of its
    own (some programs carry nothing else over) becomes the certificate of that key; and a name that is taken
    gets a number. Both have to be installed and of one holder, by type, number and application id.

    Raises `errors.CertificateMissing` for a keystore without its certificate, `errors.HoldersDiffer`.
    """
    check_same_holder(new, old)
    return carry_old_keys(new, old)


def carry_old_keys(new: Keystore, old: Keystore) -> Keystore:
    """Return the same as `merge_old_keys`, without a check of the holders: a keystore whose certificate is yet to come
    does not name its holder."""
    keys, certificates = list(new.contents.keys), list(new.contents.certificates)
    present = {key_id_of_pkcs8(key.pkcs8) for key in keys}
    for key in old.contents.keys:
        key_id = key_id_of_pkcs8(key.pkcs8)
        if key_id is None or (key_id == old.authentication.key_id and not _decrypts(old.authentication)):
            continue
        own = [bag for bag in old.contents.certificates if certificate_key_id(bag) == key_id]
        if key_id not in present:
            attributes = _attributes(key, key_id, [*keys, *_others(certificates, key_id)])
            keys.append(replace(key, attributes=attributes))
            present.add(key_id)
            certificates = _with_pair(certificates, own, key_id, attributes)
        elif not any(certificate_key_id(bag) == key_id for bag in certificates):
            matching = next(bag for bag in keys if key_id_of_pkcs8(bag.pkcs8) == key_id)
            certificates = _with_pair(certificates, own, key_id, matching.attributes)
    return Keystore.of(replace(new.contents, keys=tuple(keys), certificates=tuple(certificates)))


def _decrypts(authentication: Key) -> bool:
    """Return whether a key that is taken for the authentication key is called as an encryption key, by the serial
    number of its certificate: the one that signed may be lost."""
    chain = authentication.chain
    return bool(chain) and authentication.alias == str(chain[0].serial_number)


def check_same_holder(new: Keystore, old: Keystore) -> None:
    """Raise `errors.CertificateMissing` or `errors.HoldersDiffer` unless the certificates of both are of one holder.
    A name that is no eHealth name has to be the same to the letter."""
    for keystore in (new, old):
        if not keystore.installed:
            raise errors.CertificateMissing
    holders = new.holder, old.holder
    if holders[0] is not None and holders[1] is not None:
        same = holders[0].same_holder(holders[1])
    else:
        same = new.chain[0].subject == old.chain[0].subject
    if not same:
        raise errors.HoldersDiffer(new=_shown(new), old=_shown(old))


def _shown(keystore: Keystore) -> str:
    return keystore.chain[0].subject.rfc4514_string() if keystore.holder is None else keystore.holder.text


def _others(certificates: list[CertificateBag], key_id: bytes) -> list[CertificateBag]:
    return [bag for bag in certificates if certificate_key_id(bag) != key_id]


def _attributes(key: Key, key_id: bytes, present: list[Key | CertificateBag]) -> Attributes:
    """Return the attributes of a key, with a name and a localKeyID that nothing else has."""
    names = {bag.alias.lower() for bag in present if bag.alias is not None}
    ids = {bag.local_key_id for bag in present}
    attributes = key.attributes
    if key.local_key_id is None or key.local_key_id in ids:
        attributes = with_local_key_id(attributes, key_id)
    wanted = alias = key.alias or key_id.hex()
    number = 2
    while alias.lower() in names:
        alias, number = f"{wanted} ({number})", number + 1
    return attributes if alias == key.alias else with_alias(attributes, alias)


def _with_pair(
    certificates: list[CertificateBag], own: list[CertificateBag], key_id: bytes, attributes: Attributes
) -> list[CertificateBag]:
    """Return the certificates with those of one key (``own``), of which one takes the key's attributes: the first that
    has a localKeyID in ``own``, else the first. One that is there already stays in its place."""
    matching = [bag for bag in certificates if certificate_key_id(bag) == key_id]
    ders = {bag.der for bag in matching}
    wanted = [*matching, *(bag for bag in own if bag.der not in ders)]
    if not wanted:
        return certificates
    pair = max(wanted, key=lambda bag: any(bag.der == key.der and key.local_key_id for key in own))
    renamed = replace(pair, attributes=attributes)
    added = [bag for bag in wanted if bag not in matching]
    return [renamed if bag is pair else bag for bag in (*certificates, *added)]
