"""Combine keys of several keystores or files: carry the decryption keys of an older keystore into a newer one, or make
one keystore of all that is in several files. Old messages are only read with the old keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import is_signed_by, name_text
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import (
    Attributes,
    CertificateBag,
    Key,
    Pkcs12Contents,
    attributes_of,
    with_alias,
    with_local_key_id,
)
from ehtoolkit.keystore.entries import (
    AUTHENTICATION,
    free_alias,
    is_authentication,
    is_encryption_key,
    issuer_bags,
    matched_keys,
)
from ehtoolkit.keystore.key_pairs import (
    certificate_key_id,
    key_id_of,
    key_id_of_pkcs8,
    load_certificate,
    readable_key_id,
)
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.key_names import check_alias, with_sound_ids
from ehtoolkit.keystore.repair.recovery import named_keys
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable


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
    for key in old.contents.keys:
        key_id = key.key_id
        if key_id == old.authentication.key_id and not is_encryption_key(key.alias, key.chain):
            continue
        own = [bag for bag in old.contents.certificates if certificate_key_id(bag.der) == key_id]
        matching = next((present for present in keys if present.key_id == key_id), None)
        others = [bag for bag in certificates if certificate_key_id(bag.der) != key_id]
        if matching is None:
            matching = _unmistakable(key, key_id, [*keys, *others])
            keys.append(matching)
        elif len(others) < len(certificates):
            continue
        certificates = _with_pair(certificates, own, key_id, matching.attributes)
    return Keystore.of(replace(new.contents, keys=tuple(keys), certificates=tuple(certificates)))


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


def _unmistakable(key: Key, key_id: bytes, present: list[Key | CertificateBag]) -> Key:
    """Return a key with a name and a localKeyID that nothing else has."""
    names = {bag.alias.lower() for bag in present if bag.alias is not None}
    if key.local_key_id in {None, *(bag.local_key_id for bag in present)}:
        key = with_local_key_id(key, key_id)
    alias = free_alias(key.alias or key_id.hex(), names)
    return key if alias == key.alias else with_alias(key, alias)


def _with_pair(
    certificates: list[CertificateBag], own: list[CertificateBag], key_id: bytes, attributes: Attributes
) -> list[CertificateBag]:
    """Return the certificates with those of one key (``own``), of which one takes the key's attributes: the first that
    has a localKeyID in ``own``, else the first. One that is there already stays in its place."""
    matching = [bag for bag in certificates if certificate_key_id(bag.der) == key_id]
    ders = {bag.der for bag in matching}
    wanted = [*matching, *(bag for bag in own if bag.der not in ders)]
    if not wanted:
        return certificates
    pair = max(wanted, key=lambda bag: any(bag.der == key.der and key.local_key_id for key in own))
    renamed = replace(pair, attributes=attributes)
    added = [bag for bag in wanted if bag not in matching]
    return [renamed if bag is pair else bag for bag in (*certificates, *added)]


# ── Several files become one keystore ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ImportSource:
    """What is in a file that is to be imported.

    Attributes:
        password: that opened it; None for a file, or a key, without encryption.
        is_keystore: PKCS#12, JKS or JCEKS, whose certificates need not belong to a key.
        open_keys: private keys that lie in it without encryption.
    """

    path: Path
    contents: Pkcs12Contents
    password: Secret | None = field(repr=False)
    is_keystore: bool
    open_keys: int


@dataclass(frozen=True, slots=True)
class CombinedKeys:
    """The content of a new keystore, made of ``sources``."""

    contents: Pkcs12Contents
    sources: tuple[ImportSource, ...]

    @property
    def password(self) -> Secret | None:
        """The password of all encrypted sources; None when there is none, or they have several."""
        found = [source.password for source in self.sources if source.password is not None]
        return found[0] if found and all(password == found[0] for password in found) else None

    @property
    def holders(self) -> tuple[str, ...]:
        """The holders that the certificates of the keys name, each once: one keystore is for one holder."""
        leaves = (key.chain[0] for key in matched_keys(self.contents) if key.chain)
        names = ((DistinguishedName.of_holder(leaf), name_text(leaf.subject)) for leaf in leaves)
        found = (text if name is None else name.identifier.text for name, text in names)
        return tuple(dict.fromkeys(printable(text) for text in found))

    @property
    def lacks_authentication(self) -> bool:
        """Whether no key is called as eHealth software expects."""
        return not any(is_authentication(key.alias) for key in self.contents.keys)


def combine_sources(sources: Sequence[ImportSource], alias: str | None = None) -> CombinedKeys:
    """Return the keys of ``sources`` with their certificates, matched by public key, and everything else that is in
    keystores among them. Names stay; a key without one is called as its certificate, or as usual in eHealth keystores.

    ``alias``: the name of the only key.

    Raises `errors.ImportConflict`, `errors.InputInvalid` (reason ``alias``), `errors.DuplicateAlias`.
    """
    if alias is not None:
        check_alias(alias)
    keys = tuple(_distinct_keys(sources))
    if not keys:
        raise errors.ImportConflict(reason="no_key")
    if alias is not None and len(keys) > 1:
        raise errors.ImportConflict(reason="alias")
    bags = _distinct_certificates(sources)
    _check_certificates(sources, Pkcs12Contents(keys, bags))
    if alias is None and len(keys) == 1 and keys[0].alias is None:
        own_id = key_id_of_pkcs8(keys[0].pkcs8)
        own = (bag.alias for bag in bags if bag.alias and readable_key_id(bag.der) == own_id)
        alias = next(own, AUTHENTICATION)
    named = tuple(named_keys(keys, bags))
    if alias is not None:
        named = (with_alias(named[0], alias),)
    kept = {id(bag) for source in sources if source.is_keystore for bag in source.contents.certificates}
    certificates = _with_attributes(named, bags, kept, anew=alias is not None)
    others = tuple(bag for source in sources for bag in source.contents.others)
    contents = with_sound_ids(Pkcs12Contents(named, certificates, others))
    _check_aliases(contents)
    return CombinedKeys(contents, tuple(sources))


def _distinct_keys(sources: Sequence[ImportSource]) -> Iterator[Key]:
    found: dict[bytes, Path] = {}
    for source in sources:
        for key in source.contents.keys:
            key_id = key_id_of_pkcs8(key.pkcs8)
            if key_id is None:
                raise errors.KeystoreDamaged(path=str(source.path), reason="key")
            if key_id in found:
                files = ", ".join(dict.fromkeys((str(found[key_id]), str(source.path))))
                raise errors.ImportConflict(reason="same_key", subject=key_id.hex().upper(), files=files)
            found[key_id] = source.path
            yield key


def _distinct_certificates(sources: Sequence[ImportSource]) -> tuple[CertificateBag, ...]:
    """Return each certificate once, as a keystore has it before as another file has it; those of one keystore stay as
    they are."""
    found: dict[bytes, None] = {}
    bags: list[CertificateBag] = []
    for source in sorted(sources, key=lambda source: not source.is_keystore):
        own = [bag for bag in source.contents.certificates if bag.der not in found]
        bags += own if source.is_keystore else list({bag.der: bag for bag in own}.values())
        found.update(dict.fromkeys(bag.der for bag in own))
    loose = {bag.der for source in sources if not source.is_keystore for bag in source.contents.certificates}
    return tuple(_without_stand_ins(bags, loose))


def _without_stand_ins(bags: Sequence[CertificateBag], loose: Set[bytes]) -> Iterator[CertificateBag]:
    """Yield the certificates, but for those that a key signed for itself when a file brings the one that it was issued.
    ``loose``: those that are not from keystores. Raises `errors.ImportConflict` (reason ``certificates``) when a key
    has several that were issued."""
    by_key: dict[bytes | None, set[bytes]] = {}
    for bag in bags:
        by_key.setdefault(readable_key_id(bag.der), set()).add(bag.der)
    for bag in bags:
        same = by_key[readable_key_id(bag.der)]
        if len(same) == 1 or not same & loose:
            yield bag
        elif not _is_self_signed(bag.der):
            if sum(not _is_self_signed(der) for der in same) > 1:
                raise errors.ImportConflict(reason="certificates", subject=_subject(bag))
            yield bag


def _is_self_signed(der: bytes) -> bool:
    certificate = load_certificate(der)
    return certificate is None or is_signed_by(certificate, certificate.public_key())


def _check_certificates(sources: Sequence[ImportSource], found: Pkcs12Contents) -> None:
    """Check that each key has its certificate, and that each certificate of a file that is no keystore is that of a key
    or issued one."""
    matched, loose = matched_keys(found), [source for source in sources if not source.is_keystore]
    own = {readable_key_id(bag.der) for bag in found.certificates}
    for source in loose:
        if any(key_id_of_pkcs8(key.pkcs8) not in own for key in source.contents.keys):
            raise errors.ImportConflict(reason="no_certificate", files=str(source.path))
    needed = {key_id_of(certificate) for key in matched for certificate in key.chain}
    for source in loose:
        for bag in source.contents.certificates:
            if bag in found.certificates and readable_key_id(bag.der) not in needed:
                raise errors.ImportConflict(reason="stray", subject=_subject(bag), files=str(source.path))


def _with_attributes(
    keys: Sequence[Key], bags: Sequence[CertificateBag], kept: set[int], *, anew: bool
) -> tuple[CertificateBag, ...]:
    """Return the certificates of keys with the name of their key, and issuers that come from no keystore as entries of
    their own. Names in keystores (``kept``) stay, unless the key was named ``anew``."""
    names = {key_id_of_pkcs8(key.pkcs8): key for key in keys}
    leaves: list[CertificateBag] = []
    issuers: list[bytes] = []
    for bag in bags:
        key = names.get(readable_key_id(bag.der))
        if key is None or bag.is_trusted_entry:
            if id(bag) in kept:
                leaves.append(bag)
            else:
                issuers.append(bag.der)
        elif id(bag) not in kept:
            id_ = key.local_key_id or key_id_of_pkcs8(key.pkcs8)
            leaves.append(replace(bag, attributes=attributes_of(key.alias or "", id_)))
        elif anew or bag.alias is None:
            leaves.append(with_alias(bag, key.alias or ""))
        else:
            leaves.append(bag)
    return (*leaves, *issuer_bags(issuers, leaves))


def _check_aliases(contents: Pkcs12Contents) -> None:
    """Raise `errors.DuplicateAlias` for a name that two keys have: Java would lose one of them."""
    names = [key.alias.lower() for key in contents.keys if key.alias is not None]
    for key in contents.keys:
        if key.alias is not None and names.count(key.alias.lower()) > 1:
            raise errors.DuplicateAlias(alias=printable(key.alias))


def _subject(bag: CertificateBag) -> str:
    certificate = load_certificate(bag.der)
    return "" if certificate is None else printable(name_text(certificate.subject))
