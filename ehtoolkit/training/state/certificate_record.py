"""One request for a certificate and what became of it, as a value and as a row of the training database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from cryptography import x509

from ehtoolkit.ehealth.certificate_info_xml import CertStatus, RegisteredContact
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.training.state.clock import add_months
from ehtoolkit.training.state.database import from_text, to_text

REPLACEMENT_MONTHS: Final = 3
"""The last months of the validity, in which a replacement may be asked for."""


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a certificate is: what goes into its name, and the names as they were written."""

    dn: DistinguishedName
    first_names: str | None
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}" if self.first_names else self.name


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """One request and what became of it.

    Attributes:
        signer: the number of the person who asked.
        der: None until the moment ``deliver_at`` has come.

    ``validation_code``, ``validate_by``: of a request that is not signed: its secret address, and until when the
    holder has to confirm it there.
    """

    key_id: str
    spki: bytes
    holder: Holder
    signer: str
    contact: RegisteredContact
    requested_at: datetime
    deliver_at: datetime
    base_services: tuple[str, ...] = ()
    automatic: bool = True
    replaces: str | None = None
    der: bytes | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    refused_at: datetime | None = None
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    validation_code: str | None = None
    validate_by: datetime | None = None
    validated_at: datetime | None = None

    @property
    def certificate(self) -> x509.Certificate | None:
        return None if self.der is None else x509.load_der_x509_certificate(self.der)

    @property
    def replacement_start(self) -> datetime | None:
        """From when a replacement may be asked for; None until delivered."""
        return None if self.not_after is None else add_months(self.not_after, -REPLACEMENT_MONTHS)

    def status(self, now: datetime) -> CertStatus:
        if self.refused_at is not None:
            return CertStatus.REFUSED
        if self.revoked_at is not None:
            return CertStatus.REVOKED
        if self.not_after is None:
            return CertStatus.IN_PROGRESS
        return CertStatus.EXPIRED if now > self.not_after else CertStatus.VALID_ACTIVE

    @property
    def awaits_validation(self) -> bool:
        """Whether its holder has not confirmed it yet: until then nothing is made of it."""
        return self.validate_by is not None and self.validated_at is None

    @property
    def validation_expired(self) -> bool:
        """Whether it was refused because its holder did not confirm it in time."""
        return self.awaits_validation and self.refused_at is not None and self.refused_at == self.validate_by


_MOMENTS: Final = (
    *("requested_at", "deliver_at", "not_before", "not_after", "refused_at", "revoked_at"),
    *("validate_by", "validated_at"),
)
_PLAIN: Final = ("key_id", "spki", "signer", "replaces", "der", "revocation_reason", "validation_code")
_CONTACT: Final = tuple(field.name for field in fields(RegisteredContact))


def to_row(record: CertificateRecord) -> dict[str, object]:
    """Return the columns of a record, each with its value as it is stored."""
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


def from_row(row: sqlite3.Row) -> CertificateRecord:
    """Return the record in a row of the table of certificates."""
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    values |= {name: None if row[name] is None else from_text(row[name]) for name in _MOMENTS}
    return CertificateRecord(
        holder=Holder(DistinguishedName.parse(row["dn"]), row["holder_first_names"], row["holder_name"]),
        contact=RegisteredContact(**{name: row[name] for name in _CONTACT}),
        base_services=tuple(row["base_services"].split()),
        automatic=bool(row["automatic"]),
        **values,
    )
