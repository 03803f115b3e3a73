"""What is in an opened keystore: its keys, its certificates, and what may be handed out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import common_names, name_text
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.entries import is_serial
from ehtoolkit.keystore.key_pairs import encoded, is_placeholder, key_id_of, key_id_of_pkcs8, load_certificate
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.pem import CertificateFormat, ExportedPart, export_certificates

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

    from ehtoolkit.keystore.codec.contents import CertificateBag, Key

KeyRole = Literal["authentication", "current", "older", "by_name", "other"]
"""What a key is for: to sign; to decrypt, with the encryption certificate of today or an older one, or by its name
alone; not known."""
CertificateRole = Literal["holder", "authority", "etk", "dummy", "other", "damaged"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A private key.

    Attributes:
        serial, until: of its certificate; None without one.
    """

    alias: str | None
    role: KeyRole
    serial: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate. ``subject``, ``issuer``: common names, else the whole name; empty where nothing is readable."""

    role: CertificateRole
    subject: str = ""
    issuer: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublicPart:
    """Certificates to be handed out: nothing in them is secret."""

    part: ExportedPart
    form: CertificateFormat
    ending: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in an opened keystore.

    Attributes:
        is_keystore: there is a key that the platform can be asked about.
        installed: the certificate of the holder is there.
        has_older_keys: there are decryption keys of earlier certificates, as after a renewal.
        holder: his name in it; None without it, and for a name of another form.
    """

    keys: tuple[KeyRow, ...]
    certificates: tuple[CertificateRow, ...]
    public_files: tuple[PublicPart, ...]
    is_keystore: bool
    installed: bool
    has_older_keys: bool
    holder: DistinguishedName | None


def take_stock(contents: Pkcs12Contents) -> Inventory:
    """Return the inventory of an open file, or of what could be saved of one."""
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError:
        keystore = None
    bags = [(bag, _load(bag)) for bag in contents.certificates]
    own = {key_id_of(certificate): certificate for _, certificate in bags if certificate is not None}
    return Inventory(
        tuple(_key_row(bag, keystore, own) for bag in contents.keys),
        tuple(_certificate_row(bag, certificate, keystore) for bag, certificate in bags),
        () if keystore is None else tuple(_parts(keystore)),
        keystore is not None,
        keystore is not None and keystore.installed,
        keystore is not None and len(keystore.encryption) > len(keystore.current_encryption),
        None if keystore is None else keystore.holder,
    )


def _load(bag: CertificateBag) -> Certificate | None:
    try:
        return load_certificate(bag.der)
    except errors.KeystoreDamaged:
        return None


def _key_row(bag: Key, keystore: Keystore | None, own: dict[bytes, Certificate]) -> KeyRow:
    key_id = key_id_of_pkcs8(bag.pkcs8)
    certificate = None if key_id is None else own.get(key_id)
    return KeyRow(
        alias=bag.alias,
        role=_key_role(bag, key_id, keystore),
        serial=None if certificate is None else str(certificate.serial_number),
        until=None if certificate is None else certificate.not_valid_after_utc,
    )


def _key_role(bag: Key, key_id: bytes | None, keystore: Keystore | None) -> KeyRole:
    unknown: KeyRole = "by_name" if is_serial(bag.alias) else "other"
    if keystore is None or key_id is None:
        return unknown
    if key_id == keystore.authentication.key_id and not keystore.lacks_authentication:
        return "authentication"
    if key_id in {key.key_id for key in keystore.current_encryption[-1:]}:
        return "current"
    decrypts = any(key.key_id == key_id and key.chain for key in keystore.encryption)
    return "older" if decrypts else unknown


def _certificate_row(
    bag: CertificateBag, certificate: Certificate | None, keystore: Keystore | None
) -> CertificateRow:
    if certificate is None:
        return CertificateRow("dummy" if is_placeholder(bag.der) else "damaged", bag.alias or "")
    return CertificateRow(
        _certificate_role(certificate, keystore),
        _common_name(certificate.subject),
        _common_name(certificate.issuer),
        certificate.not_valid_after_utc,
    )


def _certificate_role(certificate: Certificate, keystore: Keystore | None) -> CertificateRole:
    if keystore is None:
        return "other"
    der = encoded(certificate)
    if keystore.chain and der == encoded(keystore.chain[0]):
        return "holder"
    if any(der == encoded(certificate) for certificate in keystore.chain[1:]):
        return "authority"
    holders = {key.chain[0].subject for key in (keystore.authentication, *keystore.encryption) if key.chain}
    if certificate.subject == certificate.issuer and certificate.subject in holders:
        return "etk"
    return "other"


def _common_name(name: Name) -> str:
    return next(reversed(common_names(name)), "") or name_text(name)


def _parts(keystore: Keystore) -> Iterator[PublicPart]:
    counts: dict[ExportedPart, int] = {
        "certificate": 1,
        "chain": len(keystore.chain),
        "etk": sum(bool(e.chain) for e in keystore.encryption),
    }
    for part, count in counts.items():
        for form in CertificateFormat:
            try:
                data = export_certificates(keystore, part, form)
            except errors.CertificateMissing:
                break
            several = form is CertificateFormat.DER and count > 1
            yield PublicPart(
                part, form, ".p7b" if several else ".cer" if form is CertificateFormat.DER else ".pem", data
            )
