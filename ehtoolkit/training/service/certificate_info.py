"""CertRA: what the platform has, for the person who manages it and for its holder."""

from __future__ import annotations

from typing import Final

from cryptography import x509

from ehtoolkit.ehealth.certificate_info import CertStatus, RegisteredContact
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, COMMONS, Element, add
from ehtoolkit.training.authority import register
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.service.answers import add_boolean, date_time
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.element_reader import read_nothing
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.service.etkra import token_status
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder


def is_replaceable(platform: EmbeddedPlatform, record: CertificateRecord) -> bool:
    """Return whether a replacement may be asked for now: in its period, and not asked for yet."""
    now = platform.clock.now()
    in_force = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)
    for newest in register.of_holder(platform, record.holder.dn):
        if newest.status(now) in in_force and not newest.awaits_validation:
            return newest.key_id == record.key_id and record.replaceable(now)
    return False


def _info_for_citizen(platform: EmbeddedPlatform, call: Call, _: None) -> Element:
    citizen: Citizen = call.signer
    answer = call.success()
    for record in register.of_citizen(platform, citizen.ssin):
        _add_info(answer, platform, record)
    return answer


def _info(platform: EmbeddedPlatform, call: Call, _: None) -> Element:
    answer = call.success()
    _add_info(answer, platform, call.signer)
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
    _add_contact(info, record.contact)
    for service in record.base_services:
        add(info, CERTRA_CORE, "BaseServiceUsage", service)


def _add_entity(info: Element, holder: Holder) -> None:
    person = holder.dn.identifier.is_person
    entity = add(
        info, CERTRA_CORE, "CertificateEntity", EntityType="NaturalPerson" if person else "Organization"
    )
    identifier = add(entity, CERTRA_CORE, "CertificateIdentifier")
    actor = add(identifier, CERTRA_CORE, "Actor")
    add(actor, COMMONS, "Id", holder.dn.identifier.value, Type=holder.dn.identifier.type)
    if holder.first_names:
        add(actor, COMMONS, "FirstName", holder.first_names)
    add(actor, COMMONS, "Name", holder.name)
    if holder.dn.application_id is not None:
        add(identifier, CERTRA_CORE, "ApplicationId", holder.dn.application_id)


def _add_details(info: Element, certificate: x509.Certificate, record: CertificateRecord) -> None:
    details = add(info, CERTRA_CORE, "AuthenticationCertificateDetails")
    add(details, CERTRA_CORE, "SerialNumber", str(certificate.serial_number))
    add(details, CERTRA_CORE, "DN", record.holder.dn.text)
    add(details, CERTRA_CORE, "IssuerDN", certificate.issuer.rfc4514_string())
    add(details, CERTRA_CORE, "ValidNotBefore", date_time(certificate.not_valid_before_utc))
    add(details, CERTRA_CORE, "ValidNotAfter", date_time(certificate.not_valid_after_utc))


def _add_contact(info: Element, contact: RegisteredContact) -> None:
    element = add(info, CERTRA_CORE, "ContactData")
    for name, value in (
        ("EmailPrivate", contact.email),
        ("EmailGeneral", contact.general_email),
        ("PhonePrivate", contact.phone),
        ("PhoneGeneral", contact.general_phone),
    ):
        if value is not None:
            add(element, CERTRA_CORE, name, value)


ENDPOINTS: Final = (
    Endpoint(op.GET_CERTIFICATE_INFO_FOR_CITIZEN, "citizen", read_nothing, _info_for_citizen),
    Endpoint(op.GET_CERTIFICATE_INFO, "any_holder", read_nothing, _info),
)
