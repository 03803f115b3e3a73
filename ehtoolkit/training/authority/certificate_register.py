"""The platform's register of certificates: who asked for which, when it is delivered, what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ehtoolkit.crypto import certificates
from ehtoolkit.crypto.keys import PublicKey
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.pki import Issuer, key_usage, status_extensions
from ehtoolkit.training.state.certificate_record import CertificateRecord, from_row, to_row
from ehtoolkit.training.state.clock import add_months
from ehtoolkit.training.state.database import to_text
from ehtoolkit.training.state.mailbox import MailKind, replace_ready_mail
from ehtoolkit.training.state.mandates import registered_mandates
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.state.scenarios import Scenario, is_on_for

VALIDITY_MONTHS: Final = 36
"""Every certificate that was seen since 2020 ran 36 months."""
POLICY: Final = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1.1")
"""Of certificates that prove nothing: from the arc that is kept for examples (RFC 5612)."""


# Each read gives the records as they are now: a certificate that has become due is made by the read, and dated from the
# time when it became due.
def get(platform: EmbeddedPlatform, key_id: str) -> CertificateRecord | None:
    return next(iter(_select(platform, "key_id = ?", key_id)), None)


def all_records(platform: EmbeddedPlatform) -> list[CertificateRecord]:
    """Return all records, the one asked for last first, as every list here."""
    return _select(platform, "TRUE")


def of_holder(platform: EmbeddedPlatform, dn: DistinguishedName) -> list[CertificateRecord]:
    """Return all records of one holder and application id."""
    records = of_actor(platform, dn.identifier)
    return [record for record in records if record.holder.dn.application_id == dn.application_id]


def of_actor(platform: EmbeddedPlatform, identifier: Identifier) -> list[CertificateRecord]:
    """Return all records of one person or organisation, with any application id."""
    return _select(platform, "identifier_type = ? AND identifier = ?", identifier.type, identifier.value)


def of_citizen(platform: EmbeddedPlatform, ssin: str) -> list[CertificateRecord]:
    """Return all records that a person can see and revoke: their own, those they asked for, those of their
    organisations."""
    organisations = registered_mandates(platform.database, ssin)
    found = {record.key_id: record for record in _select(platform, "signer = ?", ssin)}
    for identifier in (Identifier("SSIN", ssin), *(mandate.identifier for mandate in organisations)):
        found |= {record.key_id: record for record in of_actor(platform, identifier)}
    return sorted(found.values(), key=lambda record: record.requested_at, reverse=True)


def of_validation(platform: EmbeddedPlatform, code: str) -> CertificateRecord | None:
    """Return the record whose holder confirms it at the address that ends in ``code``; None where there is none."""
    return next(iter(_select(platform, "validation_code = ?", code)), None)


def of_certificate(platform: EmbeddedPlatform, certificate: x509.Certificate) -> CertificateRecord | None:
    """Return the record that exactly this certificate was delivered for; None where there is none."""
    record = get(platform, key_identifier(certificate.public_key()))
    return record if record is not None and record.der == certificate.public_bytes(Encoding.DER) else None


def add(platform: EmbeddedPlatform, record: CertificateRecord) -> None:
    platform.database.insert("certificate", **to_row(record))


def confirm(platform: EmbeddedPlatform, key_id: str, deliver_at: datetime, replaces: str | None) -> None:
    """Write down that its holder confirmed a request now, when it is delivered, and what it replaces."""
    now = platform.clock.now()
    _update(platform, key_id, validated_at=to_text(now), deliver_at=to_text(deliver_at), replaces=replaces)


def revoke(platform: EmbeddedPlatform, key_id: str, reason: str) -> None:
    """Write down that a certificate is revoked from now on."""
    _update(platform, key_id, revoked_at=to_text(platform.clock.now()), revocation_reason=reason)


def forget(platform: EmbeddedPlatform, key_id: str) -> None:
    """Delete a certificate, its token, and the e-mails and sealed messages that go with them."""
    with platform.database.writing():
        for table in ("sealed_letter", "mail", "token", "certificate"):
            platform.database.write(f"DELETE FROM {table} WHERE key_id = ?", key_id)  # noqa: S608


def is_withheld(platform: EmbeddedPlatform, record: CertificateRecord) -> bool:
    """Return whether the delivery of a certificate is kept back, however late it is."""
    if record.der is not None or record.refused_at is not None or record.awaits_validation:
        return False
    return is_on_for(platform.database, Scenario.NOT_YET_DELIVERED, record.signer)


def chain_of(platform: EmbeddedPlatform, record: CertificateRecord) -> tuple[x509.Certificate, ...]:
    """Return the delivered certificate and the authorities above it, the root last; nothing before it is
    delivered."""
    certificate = record.certificate
    if certificate is None:
        return ()
    issuers = platform.authorities.issuers
    issuer = next(issuer for issuer in issuers if issuer.certificate.subject == certificate.issuer)
    return (certificate, *issuer.chain)


def _update(
    platform: EmbeddedPlatform, key_id: str, *, only_pending: bool = False, **values: str | bytes | None
) -> None:
    """Set columns of a record. ``only_pending``: unless it was delivered meanwhile."""
    columns = ", ".join(f"{name} = ?" for name in values)
    condition = " AND der IS NULL" if only_pending else ""
    query = f"UPDATE certificate SET {columns} WHERE key_id = ?{condition}"  # noqa: S608
    platform.database.write(query, *values.values(), key_id)


def _select(platform: EmbeddedPlatform, condition: str, *values: str) -> list[CertificateRecord]:
    query = f"SELECT * FROM certificate WHERE {condition} ORDER BY requested_at DESC"  # noqa: S608
    records = [from_row(row) for row in platform.database.rows(query, *values)]
    now = platform.clock.now()
    return [
        _deliver(platform, record) if _is_due(record, now) and not is_withheld(platform, record) else record
        for record in records
    ]


def _is_due(record: CertificateRecord, now: datetime) -> bool:
    return record.der is None and record.refused_at is None and record.deliver_at <= now


def _deliver(platform: EmbeddedPlatform, record: CertificateRecord) -> CertificateRecord:
    """Make the certificate of a record, unless another process was faster, and return the record as it is then. A
    request whose holder let the time for their confirmation pass is refused instead."""
    with platform.database.writing():
        current = _stored(platform, record.key_id)
        if current.der is not None or current.refused_at is not None:
            return current
        if current.awaits_validation and current.validate_by is not None:
            _update(platform, record.key_id, refused_at=to_text(current.validate_by))
            return _stored(platform, record.key_id)
        certificate = issue(
            current.holder.dn,
            cast("PublicKey", load_der_public_key(current.spki)),
            current.deliver_at.replace(microsecond=0),
            platform.authorities.issuer_for(person_with_number(platform.database, current.signer)),
            after=_end_of_replaced(platform, current),
        )
        _update(
            platform,
            record.key_id,
            der=certificate.public_bytes(Encoding.DER),
            not_before=to_text(certificate.not_valid_before_utc),
            not_after=to_text(certificate.not_valid_after_utc),
        )
        return _stored(platform, record.key_id)


def _stored(platform: EmbeddedPlatform, key_id: str) -> CertificateRecord:
    return from_row(platform.database.rows("SELECT * FROM certificate WHERE key_id = ?", key_id)[0])


def _end_of_replaced(platform: EmbeddedPlatform, record: CertificateRecord) -> datetime | None:
    """Return when the certificate ends that this one renews, while it serves; None where this one renews none, and
    where that one was not delivered, was revoked, or has ended by the delivery of this one."""
    replaced = None if record.replaces is None else get(platform, record.replaces)
    if replaced is None or replaced.revoked_at is not None or replaced.not_after is None:
        return None
    return replaced.not_after if replaced.not_after > record.deliver_at else None


# ── Requests that nothing was decided about yet ──────────────────────────────────────────────────────────
def pending(platform: EmbeddedPlatform) -> list[CertificateRecord]:
    """Return the requests that nothing was decided about yet."""
    now = platform.clock.now()
    return [record for record in all_records(platform) if record.status(now) is CertStatus.IN_PROGRESS]


def refuse(platform: EmbeddedPlatform, record: CertificateRecord) -> None:
    """Refuse a request now, as the person who checks it would, and replace the e-mail that its certificate is
    ready."""
    now = platform.clock.now()
    _update(platform, record.key_id, only_pending=True, refused_at=to_text(now))
    replace_ready_mail(platform.database, record, MailKind.REFUSED, now)


def deliver(platform: EmbeddedPlatform, record: CertificateRecord) -> None:
    """Deliver a request now, whatever its time was."""
    now = platform.clock.now()
    _update(platform, record.key_id, only_pending=True, deliver_at=to_text(now))
    replace_ready_mail(platform.database, record, MailKind.READY, now)


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────
def key_identifier(key: CertificatePublicKeyTypes) -> str:
    """Return the SHA-1 of the bits of a public key (RFC 5280, method 1), 40 hexadecimal digits, upper case."""
    return certificates.key_identifier(key).hex().upper()


def issue(
    dn: DistinguishedName,
    public_key: PublicKey,
    start: datetime,
    issuer: Issuer,
    *,
    after: datetime | None = None,
) -> x509.Certificate:
    """Return a new eHealth certificate that is valid from ``start`` (aware, whole seconds) on.

    It ends `VALIDITY_MONTHS` later, or so long ``after`` the end of the one that it replaces: what is renewed early
    loses nothing.
    """
    return issuer.issue(
        dn.to_name(),
        public_key,
        (start, add_months(after or start, VALIDITY_MONTHS)),
        (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage("digital_signature", "content_commitment", "key_encipherment"), True),
            (
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
                ),
                False,
            ),
            (x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), False),
            *status_extensions(issuer),
        ),
    )
