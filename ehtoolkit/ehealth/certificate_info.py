"""Read what the platform knows of a certificate: its state, its token's, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ehtoolkit.ehealth.actors import CertificateHolder, RegisteredContact, read_contact, read_holder
from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, Element
from ehtoolkit.ehealth.soap.xml_values import (
    boolean,
    child,
    child_text,
    children,
    key_id,
    optional_child,
    optional_timestamp,
    text,
    timestamp,
)


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    """The delivered certificate; serial number and names as the platform writes them."""

    serial_number: str
    dn: str
    issuer_dn: str
    not_before: datetime
    not_after: datetime


class CertStatus(StrEnum):
    """What an authentication certificate is, in the words of the schema."""

    IN_PROGRESS = "IN_PROGRESS"
    VALID_ACTIVE = "VALID_ACTIVE"
    REFUSED = "REFUSED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class EtkStatus(StrEnum):
    """What the encryption token of a certificate is, in the words of the schema."""

    NOT_REQUESTED = "NOT_REQUESTED"
    IN_REQUEST = "IN_REQUEST"
    WAIT_FOR_ACTIVATION = "WAIT_FOR_ACTIVATION"
    VALID_ACTIVE = "VALID_ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """A CertificateInfoType.

    ``status`` is a `CertStatus`, ``etk_status`` an `EtkStatus`; both may be something new. ``details``
    and ``replaceable_from`` are None until the certificate was delivered. ``entity_type``: NaturalPerson or
    Organization, None where it is not said.
    """

    key_id: str
    requested_at: datetime
    holder: CertificateHolder
    entity_type: str | None
    status: str
    etk_status: str
    automatically_validated: bool
    revocable: bool
    replaceable: bool
    contact: RegisteredContact
    details: CertificateDetails | None = None
    replaceable_from: datetime | None = None
    base_services: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether the certificate serves, for the platform."""
        return self.status == CertStatus.VALID_ACTIVE

    @property
    def has_token(self) -> bool:
        """Whether the platform has its encryption token, active or not."""
        return self.etk_status in (EtkStatus.WAIT_FOR_ACTIVATION, EtkStatus.VALID_ACTIVE)

    @property
    def token_waits(self) -> bool:
        """Whether its encryption token is still to be activated."""
        return self.etk_status == EtkStatus.WAIT_FOR_ACTIVATION


def read_certificate_info(info: Element) -> CertificateInfo:
    """Return what a CertificateInfoType says. Raises `errors.MessageInvalid` (reason ``incomplete``)."""
    entity = child(info, CERTRA_CORE("CertificateEntity"))
    details = optional_child(info, CERTRA_CORE("AuthenticationCertificateDetails"))
    return CertificateInfo(
        key_id=key_id(child_text(info, CERTRA_CORE("PublicKeyIdentifier"))),
        requested_at=timestamp(info, CERTRA_CORE("RequestedDate")),
        holder=read_holder(child(entity, CERTRA_CORE("CertificateIdentifier"))),
        entity_type=entity.get("EntityType"),
        status=child_text(info, CERTRA_CORE("AuthenticationCertificateStatus")),
        etk_status=child_text(info, CERTRA_CORE("ETKStatus")),
        automatically_validated=boolean(info, CERTRA_CORE("AutomaticallyValidated")),
        revocable=boolean(info, CERTRA_CORE("Revocable")),
        replaceable=boolean(info, CERTRA_CORE("Replaceable")),
        contact=read_contact(child(info, CERTRA_CORE("ContactData"))),
        details=None if details is None else _read_details(details),
        replaceable_from=optional_timestamp(info, CERTRA_CORE("ReplacementPeriodStartDate")),
        base_services=tuple(text(one) for one in children(info, CERTRA_CORE("BaseServiceUsage"))),
    )


def _read_details(details: Element) -> CertificateDetails:
    return CertificateDetails(
        serial_number=child_text(details, CERTRA_CORE("SerialNumber")),
        dn=child_text(details, CERTRA_CORE("DN")),
        issuer_dn=child_text(details, CERTRA_CORE("IssuerDN")),
        not_before=timestamp(details, CERTRA_CORE("ValidNotBefore")),
        not_after=timestamp(details, CERTRA_CORE("ValidNotAfter")),
    )
