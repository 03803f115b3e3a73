"""The encryption keys: which belong to the present certificate, which are old, which have lost their key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import RSA
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import Key
from ehtoolkit.keystore.diagnosis.content import HeldCertificate
from ehtoolkit.keystore.diagnosis.context import DiagnosisContext
from ehtoolkit.keystore.entries import is_serial
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
    leaf = context.content.leaf
    if leaf is not None and newest.not_valid_after_utc < context.now <= leaf.not_valid_after_utc:
        yield warning("etk_expired", date=newest.not_valid_after_utc)
    if not _may_encrypt(newest):
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
    leaf, owner = context.content.leaf, context.owner
    if leaf is None or certificate.subject == leaf.subject:
        return True
    holder = DistinguishedName.of_holder(certificate)
    return holder is not None and owner is not None and holder.same_holder(owner)


def _may_encrypt(certificate: Certificate) -> bool:
    """Return whether a key may be enciphered with a certificate, as the platform wants it; also when nothing is
    said."""

    try:
        return certificate.extensions.get_extension_for_class(KeyUsage).value.key_encipherment
    except ExtensionNotFound:
        return True
    except UNREADABLE:
        return False


def _serial(key: Key) -> str:
    return str(key.chain[0].serial_number)


def _serials(keys: Sequence[Key]) -> tuple[str, ...]:
    return tuple(map(_serial, keys))


def _aliases(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(key.alias or "" for key in keys)
