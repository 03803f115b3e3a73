"""Rules on keys: encryption keys, names and localKeyIDs, by which Java puts keys and certificates together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cryptography.x509 import Certificate

from ehtoolkit.crypto.certificates import allows
from ehtoolkit.crypto.keys import RSA
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import Key, clashing_aliases
from ehtoolkit.keystore.diagnosis.content import HeldCertificate
from ehtoolkit.keystore.diagnosis.diagnosis import DiagnosisContext
from ehtoolkit.keystore.entries import is_authentication, is_serial
from ehtoolkit.keystore.keystore import Keystore


def encryption(context: DiagnosisContext) -> Iterator[Finding]:
    keystore = context.content.keystore
    if keystore is None:
        return
    yield from _without_key(context, keystore)
    bare = _aliases(key for key in keystore.encryption if not key.chain)
    if bare:
        yield warning("etk_certificate_missing", aliases=bare)
    odd = _aliases(key for key in keystore.encryption if key.kind is not None and key.kind.algorithm != RSA)
    if odd:
        yield warning("etk_not_rsa", aliases=odd)
    keys = [key for key in keystore.encryption if key.chain]
    foreign = [key for key in keys if not _is_of_holder(context, key.chain[0])]
    if foreign:
        yield warning("etk_foreign", aliases=_aliases(foreign))
    current = keystore.current_encryption
    old = [key for key in keys if key not in foreign and key not in current]
    if old:
        yield info("etk_old", count=len(old), serials=_serials(old))
    yield from _current(context, current)
    misnamed = _aliases(key for key in keys if is_serial(key.alias) and key.alias != _serial(key))
    if misnamed:
        yield warning("etk_alias_differs", aliases=misnamed)


def _current(context: DiagnosisContext, current: Sequence[Key]) -> Iterator[Finding]:
    """Report which encryption key is the present one, whether there are several, and whether its certificate has
    expired or does not allow encryption. ``current``: newest last."""
    if not current:
        return
    newest = current[-1].chain[0]
    yield ok("etk_current", serial=_serial(current[-1]), date=newest.not_valid_after_utc)
    if len(current) > 1:
        yield info("etk_several", count=len(current), serials=_serials(current))
    leaf = context.seen.leaf
    if leaf is not None and newest.not_valid_after_utc < context.seen.now <= leaf.not_valid_after_utc:
        yield warning("etk_expired", date=newest.not_valid_after_utc)
    if not allows(newest, "key_encipherment"):
        yield warning("etk_usage", serial=_serial(current[-1]))


def _without_key(context: DiagnosisContext, keystore: Keystore) -> Iterator[Finding]:
    """Report encryption certificates whose private key is not here: some merging software leaves it behind."""
    key_ids = {key.key_id for key in context.content.matched_keys}
    serials = tuple(
        str(certificate.certificate.serial_number)
        for certificate in context.content.certificates
        if certificate.certificate is not None
        and certificate.key_id not in key_ids
        and (is_serial(certificate.bag.alias) or _is_made_by_holder(certificate, keystore))
    )
    if serials:
        yield error(
            "etk_key_missing", count=len(dict.fromkeys(serials)), serials=tuple(dict.fromkeys(serials))
        )


def _is_made_by_holder(certificate: HeldCertificate, keystore: Keystore) -> bool:
    """Return whether a certificate has the holder as its subject and as its issuer, as an encryption certificate
    does."""
    if certificate.certificate is None or not keystore.chain:
        return False
    return certificate.certificate.subject == certificate.certificate.issuer == keystore.chain[0].subject


def _is_of_holder(context: DiagnosisContext, certificate: Certificate) -> bool:
    leaf, owner = context.seen.leaf, context.seen.owner
    if leaf is None or certificate.subject == leaf.subject:
        return True
    holder = DistinguishedName.of_holder(certificate)
    return holder is not None and owner is not None and holder.same_holder(owner)


def _serial(key: Key) -> str:
    return str(key.chain[0].serial_number)


def _serials(keys: Sequence[Key]) -> tuple[str, ...]:
    return tuple(map(_serial, keys))


def _aliases(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(key.alias or "" for key in keys)


# ── Names and localKeyIDs ────────────────────────────────────────────────────────────────────────────────
_MANY_COPIES = 3


def pairing(context: DiagnosisContext) -> Iterator[Finding]:
    yield from _alias_findings(context)
    yield from _local_key_ids(context)
    yield from _order(context)
    copies = Counter(certificate.bag.der for certificate in context.content.certificates)
    # Twice is usual: as the end of a chain and as an entry of its own.
    if copies and max(copies.values()) >= _MANY_COPIES:
        yield info("certificates_doubled", count=copies.total(), distinct=len(copies))


def _alias_findings(context: DiagnosisContext) -> Iterator[Finding]:
    keys = [key.alias for key in context.content.keys]
    if None in keys:
        yield warning("alias_missing", count=keys.count(None))
    elif keys and not any(is_authentication(alias) for alias in keys):
        yield warning("authentication_name_missing", aliases=tuple(str(alias) for alias in keys))
    repeated = tuple(alias for alias, count in Counter(keys).items() if alias is not None and count > 1)
    if repeated:
        yield error("aliases_repeated", aliases=repeated)
    certificates = [certificate.bag.alias for certificate in context.content.certificates]
    clashing = clashing_aliases(keys, certificates)
    if clashing:
        yield error("aliases_case", aliases=clashing)


def _local_key_ids(context: DiagnosisContext) -> Iterator[Finding]:
    ids = [key.local_key_id for key in context.content.keys]
    count = len(ids)
    if None in ids:
        # With a single key Java finds the certificate all the same.
        yield (error if count > 1 else info)("local_key_ids_missing", count=ids.count(None), keys=count)
    known = [id_ for id_ in ids if id_ is not None]
    if len(set(known)) < len(known):
        yield warning("local_key_ids_repeated", keys=count)
    for key in context.content.matched_keys:
        if key.local_key_id is not None and known.count(key.local_key_id) == 1:
            yield from _pair(context, key, key.local_key_id)


def _pair(context: DiagnosisContext, key: Key, local_key_id: bytes) -> Iterator[Finding]:
    """Report where the file joins this key with certificates of which none is its own, or with none although its own is
    there."""
    of_this_key = [
        certificate
        for certificate in context.content.certificates
        if certificate.bag.local_key_id == local_key_id
    ]
    joined = {certificate.key_id for certificate in of_this_key}
    if key.key_id in joined:
        return
    alias = key.alias or ""
    if joined:
        kinds = [certificate.kind for certificate in of_this_key if certificate.kind is not None]
        if kinds and key.kind is not None and all(kind.algorithm != key.kind.algorithm for kind in kinds):
            yield error("key_kind_mismatch", alias=alias, kind=str(key.kind), other=str(kinds[0]))
        else:
            yield error("key_mismatch", alias=alias)
    elif any(certificate.key_id == key.key_id for certificate in context.content.certificates):
        yield info("local_key_ids_differ", alias=alias)


def _order(context: DiagnosisContext) -> Iterator[Finding]:
    keys = context.content.keys
    if any(is_authentication(key.alias) for key in keys) and not is_authentication(keys[0].alias):
        yield info("authentication_not_first", alias=keys[0].alias or "")
