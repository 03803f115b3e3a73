"""The platform's register of certificates: who asked for which, when it is delivered, what became of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ehtoolkit.identity import ContactData, DistinguishedName, Identifier
from ehtoolkit.training.clock import TrainingClock, add_months
from ehtoolkit.training.people import person_of
from ehtoolkit.training.pki import Authorities, Issuer, key_usage
from ehtoolkit.training.state import Database, from_text, to_text

VALIDITY_MONTHS: Final = 39
REPLACEMENT_MONTHS: Final = 3
"""The last months of the validity, in which a replacement may be asked for."""


class CertificateStatus(StrEnum):
    """What an authentication certificate is, as the schema has it."""

    IN_PROGRESS = "IN_PROGRESS"
    VALID_ACTIVE = "VALID_ACTIVE"
    REFUSED = "REFUSED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a certificate is: what goes into its name, and the names as they were written."""

    dn: DistinguishedName
    first_names: str | None
    name: str


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """One request and what became of it. ``signer``: the number of the person who asked. ``der``: None until
    the moment ``deliver_at`` has come."""

    key_id: str
    spki: bytes
    holder: Holder
    signer: str
    contact: ContactData
    base_services: tuple[str, ...]
    automatic: bool
    replaces: str | None
    requested_at: datetime
    deliver_at: datetime
    der: bytes | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    refused_at: datetime | None = None
    revoked_at: datetime | None = None
    revocation_reason: str | None = None

    @property
    def certificate(self) -> x509.Certificate | None:
        return None if self.der is None else x509.load_der_x509_certificate(self.der)

    @property
    def replacement_start(self) -> datetime | None:
        """From when a replacement may be asked for; None until delivered."""
        return None if self.not_after is None else add_months(self.not_after, -REPLACEMENT_MONTHS)

    def status(self, now: datetime) -> CertificateStatus:
        if self.refused_at is not None:
            return CertificateStatus.REFUSED
        if self.revoked_at is not None:
            return CertificateStatus.REVOKED
        if self.not_after is None:
            return CertificateStatus.IN_PROGRESS
        return CertificateStatus.EXPIRED if now > self.not_after else CertificateStatus.VALID_ACTIVE

    def replaceable(self, now: datetime) -> bool:
        start = self.replacement_start
        return self.status(now) is CertificateStatus.VALID_ACTIVE and start is not None and now >= start


class Register:
    """Reads and writes records. Whoever reads one gets it as it is now: a certificate whose moment has come
    is made at that occasion, and dated from that moment."""

    def __init__(self, database: Database, authorities: Authorities, clock: TrainingClock) -> None:
        self._database = database
        self._authorities = authorities
        self._clock = clock

    def get(self, key_id: str) -> CertificateRecord | None:
        return next(iter(self._select("key_id = ?", (key_id,))), None)

    def of_holder(self, dn: DistinguishedName) -> list[CertificateRecord]:
        """All of one holder and application id, the one asked for last first."""
        return self._select(
            "identifier_type = ? AND identifier = ? AND application_id IS ?",
            (dn.identifier.type, dn.identifier.value, dn.application_id),
        )

    def of_actor(self, identifier: Identifier) -> list[CertificateRecord]:
        """All of one person or organisation, with whatever application id."""
        return self._select("identifier_type = ? AND identifier = ?", (identifier.type, identifier.value))

    def of_citizen(self, ssin: str, organisations: Iterable[Identifier]) -> list[CertificateRecord]:
        """All that a person can see: his own, those he asked for, those of his organisations."""
        found = {one.key_id: one for one in self._select("signer = ?", (ssin,))}
        for identifier in (Identifier("SSIN", ssin), *organisations):
            found |= {one.key_id: one for one in self.of_actor(identifier)}
        return sorted(found.values(), key=lambda one: one.requested_at, reverse=True)

    def all(self) -> list[CertificateRecord]:
        return self._select("TRUE", ())

    def of_certificate(self, certificate: x509.Certificate) -> CertificateRecord | None:
        """The record that exactly this certificate was delivered for."""
        der = certificate.public_bytes(Encoding.DER)
        record = self.get(public_key_identifier(certificate))
        return record if record is not None and record.der == der else None

    def add(self, record: CertificateRecord) -> None:
        row = _to_row(record)
        marks = ", ".join(f":{name}" for name in row)
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO certificate ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608

    def chain(self, record: CertificateRecord) -> tuple[x509.Certificate, ...]:
        """The delivered certificate and the authorities above it, the root last."""
        certificate = record.certificate
        if certificate is None:
            return ()
        issuer = next(
            one for one in self._authorities.issuers if one.certificate.subject == certificate.issuer
        )
        return (certificate, *issuer.chain)

    def _select(self, condition: str, values: Sequence[str | None]) -> list[CertificateRecord]:
        query = f"SELECT * FROM certificate WHERE {condition} ORDER BY requested_at DESC"  # noqa: S608
        with self._database.reading() as connection:
            records = [_from_row(row) for row in connection.execute(query, values)]
        now = self._clock.now()
        return [self._deliver(one) if _is_due(one, now) else one for one in records]

    def _deliver(self, record: CertificateRecord) -> CertificateRecord:
        """Make the certificate, unless another process was faster."""
        with self._database.writing() as connection:
            query = "SELECT * FROM certificate WHERE key_id = ?"
            current = _from_row(connection.execute(query, (record.key_id,)).fetchone())
            if current.der is not None or current.refused_at is not None:
                return current
            certificate = _issue(current, self._issuer_for(current))
            connection.execute(
                "UPDATE certificate SET der = ?, not_before = ?, not_after = ? WHERE key_id = ?",
                (
                    certificate.public_bytes(Encoding.DER),
                    to_text(certificate.not_valid_before_utc),
                    to_text(certificate.not_valid_after_utc),
                    record.key_id,
                ),
            )
            return _from_row(connection.execute(query, (record.key_id,)).fetchone())

    def _issuer_for(self, record: CertificateRecord) -> Issuer:
        person = person_of(record.signer)
        elliptic = person is not None and person.certificate_is_ec
        return self._authorities.issuing_ec if elliptic else self._authorities.issuing


def public_key_identifier(certificate: x509.Certificate) -> str:
    """SHA-1 of the public key's bits (RFC 5280, method 1), 40 hexadecimal digits, upper case."""
    return key_identifier(cast("RSAPublicKey", certificate.public_key()))


def key_identifier(key: RSAPublicKey) -> str:
    """The same of a key alone."""
    return x509.SubjectKeyIdentifier.from_public_key(key).digest.hex().upper()


def _is_due(record: CertificateRecord, now: datetime) -> bool:
    return record.der is None and record.refused_at is None and record.deliver_at <= now


def _issue(record: CertificateRecord, issuer: Issuer) -> x509.Certificate:
    start = record.deliver_at.replace(microsecond=0)
    return issuer.issue(
        record.holder.dn.to_name(),
        cast("RSAPublicKey", load_der_public_key(record.spki)),
        (start, add_months(start, VALIDITY_MONTHS)),
        (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage("digital_signature", "content_commitment", "key_encipherment"), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        ),
    )


_MOMENTS: Final = ("requested_at", "deliver_at", "not_before", "not_after", "refused_at", "revoked_at")
_PLAIN: Final = ("key_id", "spki", "signer", "replaces", "der", "revocation_reason")
_CONTACT: Final = tuple(field.name for field in fields(ContactData))


def _to_row(record: CertificateRecord) -> dict[str, object]:
    dn = record.holder.dn
    moments = {name: getattr(record, name) for name in _MOMENTS}
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        **{name: None if value is None else to_text(value) for name, value in moments.items()},
        **{name: getattr(record.contact, name) for name in _CONTACT},
        "identifier_type": dn.identifier.type,
        "identifier": dn.identifier.value,
        "application_id": dn.application_id,
        "dn": dn.text,
        "holder_first_names": record.holder.first_names,
        "holder_name": record.holder.name,
        "base_services": " ".join(record.base_services),
        "automatic": int(record.automatic),
    }


def _from_row(row: sqlite3.Row) -> CertificateRecord:
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    values |= {name: None if row[name] is None else from_text(row[name]) for name in _MOMENTS}
    return CertificateRecord(
        holder=Holder(DistinguishedName.parse(row["dn"]), row["holder_first_names"], row["holder_name"]),
        contact=ContactData(**{name: row[name] for name in _CONTACT}),
        base_services=tuple(row["base_services"].split()),
        automatic=bool(row["automatic"]),
        **values,
    )
