"""Show what the platform has: certificates to clients of CertRA, and all of them as values for a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.ehealth.certificate_info_xml import CertStatus, EtkStatus, add_actor, add_contact
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, Element, add, add_base64
from ehtoolkit.identity import Identifier
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service.answers import add_boolean, date_time
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.certra import replaced_by
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.service.etkra import token_status
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.state.refusal_reasons import Refusal


def is_replaceable(platform: EmbeddedPlatform, record: CertificateRecord) -> bool:
    """Return whether a replacement may be asked for now: in its period, and not asked for yet."""
    try:
        return replaced_by(platform, record.holder.dn, platform.clock.now()) == record.key_id
    except Refusal:
        return False


def _info_for_citizen(call: Call) -> Element:
    call.reader().end()
    citizen: Citizen = call.signer
    answer = call.success()
    for record in certificate_register.of_citizen(call.platform, citizen.ssin):
        _add_info(answer, call.platform, record)
    return answer


def _info(call: Call) -> Element:
    call.reader().end()
    answer = call.success()
    _add_info(answer, call.platform, call.signer)
    return answer


def _add_info(answer: Element, platform: EmbeddedPlatform, record: CertificateRecord) -> None:
    """Add a CertificateInfo; its details are left out until the certificate is delivered."""
    status, certificate = record.status(platform.clock.now()), record.certificate
    info = add(answer, CERTRA, "CertificateInfo")
    add(info, CERTRA_CORE, "RequestedDate", date_time(record.requested_at))
    add(info, CERTRA_CORE, "PublicKeyIdentifier", record.key_id)
    _add_entity(info, record.holder)
    add(info, CERTRA_CORE, "AuthenticationCertificateStatus", status)
    add(info, CERTRA_CORE, "ETKStatus", token_status(platform, record))
    add_boolean(info, CERTRA_CORE, "AutomaticallyValidated", record.automatic)
    if certificate is not None:
        _add_details(info, certificate, record)
    add_boolean(info, CERTRA_CORE, "Revocable", status is CertStatus.VALID_ACTIVE)
    add_boolean(info, CERTRA_CORE, "Replaceable", is_replaceable(platform, record))
    if record.replacement_start is not None:
        add(info, CERTRA_CORE, "ReplacementPeriodStartDate", date_time(record.replacement_start))
    add_contact(info, CERTRA_CORE, record.contact)
    for service in record.base_services:
        add(info, CERTRA_CORE, "BaseServiceUsage", service)


def _add_entity(info: Element, holder: Holder) -> None:
    person = holder.dn.identifier.is_person
    entity = add(
        info, CERTRA_CORE, "CertificateEntity", EntityType="NaturalPerson" if person else "Organization"
    )
    identifier = add(entity, CERTRA_CORE, "CertificateIdentifier")
    add_actor(identifier, CERTRA_CORE, "Actor", holder.dn.identifier, holder.first_names, holder.name)
    if holder.dn.application_id is not None:
        add(identifier, CERTRA_CORE, "ApplicationId", holder.dn.application_id)


def _add_details(info: Element, certificate: x509.Certificate, record: CertificateRecord) -> None:
    details = add(info, CERTRA_CORE, "AuthenticationCertificateDetails")
    add(details, CERTRA_CORE, "SerialNumber", str(certificate.serial_number))
    add(details, CERTRA_CORE, "DN", record.holder.dn.text)
    add(details, CERTRA_CORE, "IssuerDN", certificate.issuer.rfc4514_string())
    add(details, CERTRA_CORE, "ValidNotBefore", date_time(certificate.not_valid_before_utc))
    add(details, CERTRA_CORE, "ValidNotAfter", date_time(certificate.not_valid_after_utc))


def _certificate(call: Call) -> Element:
    """Answer the certificate for a key and the authorities above it, without the root."""
    reader = call.reader()
    key_id = reader.key_id()
    reader.end()
    record = certificate_register.get(call.platform, key_id)
    if record is None:
        raise Refusal("CERT_UNKNOWN", PublicKeyIdentifier=key_id)
    status = record.status(call.now)
    if status is CertStatus.REFUSED:
        code = "CERT_VALIDATION_EXPIRED" if record.validation_expired else "CERT_REFUSED"
        raise Refusal(code, PublicKeyIdentifier=key_id)
    if status is CertStatus.IN_PROGRESS:
        raise Refusal("CERT_NOT_YET_DELIVERED", PublicKeyIdentifier=key_id)
    answer = call.success()
    for certificate in certificate_register.chain_of(call.platform, record)[:-1]:
        add_base64(answer, CERTRA, "X509Certificate", certificate.public_bytes(Encoding.DER))
    return answer


ENDPOINTS: Final = (
    Endpoint(op.GET_CERTIFICATE, "unsigned", _certificate),
    Endpoint(op.GET_CERTIFICATE_INFO_FOR_CITIZEN, "citizen", _info_for_citizen),
    Endpoint(op.GET_CERTIFICATE_INFO, "any_holder", _info),
)


@dataclass(frozen=True, slots=True)
class PlatformCertificate:
    """One certificate, or one request for it.

    Attributes:
        person: the short name of the training person who asked, None for a stranger.
        withheld: its delivery is kept back.
        awaits_validation: its holder has to confirm it first.
        replaceable: a replacement may be asked for now.
        replacement_start: from when, None until delivered. Moments are aware and in UTC; None for what has not
            happened.
    """

    key_id: str
    identifier: Identifier
    application_id: str | None
    holder: str
    person: str | None
    status: CertStatus
    token_status: EtkStatus
    automatic: bool
    withheld: bool
    awaits_validation: bool
    replaceable: bool
    replaces: str | None
    requested_at: datetime
    deliver_at: datetime
    not_before: datetime | None
    not_after: datetime | None
    replacement_start: datetime | None
    refused_at: datetime | None
    revoked_at: datetime | None
    revocation_reason: str | None


def platform_certificates(platform: EmbeddedPlatform) -> tuple[PlatformCertificate, ...]:
    """Return every certificate and request of the register, the one asked for last first."""
    return tuple(_as_value(platform, record) for record in certificate_register.all_records(platform))


_OF_RECORD: Final = (
    *("key_id", "automatic", "awaits_validation", "replaces", "requested_at", "deliver_at", "not_before"),
    *("not_after", "replacement_start", "refused_at", "revoked_at", "revocation_reason"),
)


def _as_value(platform: EmbeddedPlatform, record: CertificateRecord) -> PlatformCertificate:
    dn, requester = record.holder.dn, person_with_number(platform.database, record.signer)
    return PlatformCertificate(
        **{name: getattr(record, name) for name in _OF_RECORD},
        identifier=dn.identifier,
        application_id=dn.application_id,
        holder=record.holder.full_name,
        person=None if requester is None else requester.name,
        status=record.status(platform.clock.now()),
        token_status=token_status(platform, record),
        withheld=certificate_register.is_withheld(platform, record),
        replaceable=is_replaceable(platform, record),
    )
