"""Builds what the training platform answers: success, refusal, fault, and the larger pieces inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit.ehealth.certificate_info import CertStatus, EtkStatus, RegisteredContact
from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    COMMONS,
    COMMONS_1,
    DEPOT,
    ETEE,
    SOA_ERRORS,
    SOAP,
    SUCCESS,
    XML,
    Element,
    Namespace,
    add,
    new_element,
)
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.system.text_safety import REPLACEMENT, printable
from ehtoolkit.training.service.contracts import ContractText
from ehtoolkit.training.service.tokens import DepotEntry
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.refusals import Refusal

REFUSED: Final = "urn:be:fgov:ehealth:2.0:status:Requester"
ENVIRONMENT: Final = "Training"

_NOT_XML: Final = re.compile("[\ufffe\uffff]")
"""What XML does not have beside control characters; the name of an issuer may have it."""


def date_time(moment: datetime) -> str:
    """Return ``moment`` as an xs:dateTime in Brussels time, to the millisecond."""
    return moment.astimezone(BRUSSELS).isoformat(timespec="milliseconds")


def new_answer(operation: Operation, request_id: str | None, now: datetime) -> Element:
    """Return the root of an answer, without Status."""
    answer = new_element(operation.namespace, operation.response_name, _prefixes(operation))
    answer.set("Id", f"_{uuid4()}")
    if operation.namespace != DEPOT:
        if request_id:
            answer.set("InResponseTo", request_id)
        answer.set("IssueInstant", date_time(now))
    return answer


def success(operation: Operation, request_id: str | None, now: datetime) -> Element:
    """Return the root of an answer with a Status of success; the payload follows."""
    answer = new_answer(operation, request_id, now)
    if operation.namespace == DEPOT:
        status = add(answer, COMMONS_1, "Status")
        _plain(status, "Code", "200")
        _plain(status, "Message", "Success").set("Lang", "EN")
    else:
        add(add(answer, COMMONS, "Status"), COMMONS, "StatusCode", Value=SUCCESS)
    return answer


def refusal(operation: Operation, request_id: str | None, now: datetime, why: Refusal) -> Element:
    """Return an answer without payload; StatusMessage and StatusDetail are always there, since clients read them."""
    answer = new_answer(operation, request_id, now)
    status = add(answer, COMMONS, "Status")
    add(status, COMMONS, "StatusCode", Value=REFUSED)
    add(status, COMMONS, "StatusMessage", why.message)
    error = _plain(add(add(status, COMMONS, "StatusDetail"), ETEE, "EteeStatusDetail"), "Errors")
    _plain(error, "Code", why.code)
    _plain(error, "Message", why.message)
    for name, value in why.parameters.items():
        parameter = _plain(error, "Parameters")
        _plain(parameter, "Name", name)
        _plain(parameter, "Value", _NOT_XML.sub(REPLACEMENT, printable(value)))
    return answer


def fault(code: str, message: str, *, sender: bool) -> Element:
    """Return a SOAP 1.1 Fault. ``sender``: the one who asked made the mistake, not the platform."""
    root = etree.Element(SOAP("Fault"), nsmap={"soap": SOAP, "soa": SOA_ERRORS})
    _plain(root, "faultcode", "soap:Client" if sender else "soap:Server")
    _plain(root, "faultstring", message)
    kind = "BusinessError" if sender else "SystemError"
    error = add(_plain(root, "detail"), SOA_ERRORS, kind, Id=f"_{uuid4()}")
    _plain(error, "Origin", "Consumer" if sender else "Provider")
    _plain(error, "Code", code)
    _plain(error, "Message", message).set(XML("lang"), "en")
    if not sender:
        _plain(error, "Retry", "true")
    add(error, SOA_ERRORS, "Environment", ENVIRONMENT)
    return root


def add_text(parent: Element, namespace: Namespace, name: str, texts: Mapping[str, str]) -> None:
    """Add a TextType to ``parent``: one Value per language."""
    element = add(parent, namespace, name)
    for language, text in texts.items():
        add(element, CERTRA_CORE, "Value", text).set(XML("lang"), language)


def add_certificate(parent: Element, certificate: x509.Certificate) -> None:
    add_base64(parent, CERTRA, "X509Certificate", certificate.public_bytes(Encoding.DER))


def add_base64(parent: Element, namespace: Namespace, name: str, data: bytes) -> None:
    add(parent, namespace, name, base64.b64encode(data).decode())


def add_boolean(parent: Element, namespace: Namespace, name: str, value: bool) -> None:
    add(parent, namespace, name, "true" if value else "false")


def add_contract(parent: Element, contract: ContractText, reason: str | None = None) -> None:
    """Add a ContractType to ``parent``; with a ``reason`` a RevocationContractType."""
    element = add(parent, CERTRA, "Contract")
    add(element, CERTRA_CORE, "DN", contract.holder.dn.text)
    signer = add(element, CERTRA_CORE, "Signer")
    add(signer, COMMONS, "Id", contract.signer.niss.digits, Type="SSIN")
    if contract.signer.first_names:
        add(signer, COMMONS, "FirstName", contract.signer.first_names)
    add(signer, COMMONS, "Name", contract.signer.name)
    if reason is not None:
        add(element, CERTRA_CORE, "RevocationReason", reason)
    add_text(element, CERTRA_CORE, "Text", contract.texts)


def add_certificate_info(
    parent: Element,
    record: CertificateRecord,
    status: CertStatus,
    token_status: EtkStatus,
    replaceable: bool,
) -> None:
    """Add a CertificateInfo to ``parent``; its details are left out until the certificate is delivered."""
    info = add(parent, CERTRA, "CertificateInfo")
    add(info, CERTRA_CORE, "RequestedDate", date_time(record.requested_at))
    add(info, CERTRA_CORE, "PublicKeyIdentifier", record.key_id)
    _add_entity(info, record.holder)
    add(info, CERTRA_CORE, "AuthenticationCertificateStatus", status)
    add(info, CERTRA_CORE, "ETKStatus", token_status)
    add_boolean(info, CERTRA_CORE, "AutomaticallyValidated", record.automatic)
    certificate = record.certificate
    if certificate is not None:
        _add_details(info, certificate, record)
    add_boolean(info, CERTRA_CORE, "Revocable", status is CertStatus.VALID_ACTIVE)
    add_boolean(info, CERTRA_CORE, "Replaceable", replaceable)
    if record.replacement_start is not None:
        add(info, CERTRA_CORE, "ReplacementPeriodStartDate", date_time(record.replacement_start))
    _add_contact(info, record.contact)
    for service in record.base_services:
        add(info, CERTRA_CORE, "BaseServiceUsage", service)


def add_identifier(parent: Element, kind: str, number: str, application_id: str | None) -> None:
    """Add an Identifier of the depot to ``parent``; an application id of None is left out."""
    identifier = add(parent, DEPOT, "Identifier")
    add(identifier, DEPOT, "Type", kind)
    add(identifier, DEPOT, "Value", number)
    if application_id is not None:
        add(identifier, DEPOT, "ApplicationID", application_id)


def add_match(parent: Element, entry: DepotEntry) -> None:
    """Add a MatchingEtk to ``parent``, which says under what the token can be looked up; it always has an
    ApplicationID, empty for the token without one."""
    dn = entry.record.holder.dn
    match = add(parent, DEPOT, "MatchingEtk")
    add_identifier(match, dn.identifier.type, dn.identifier.value, dn.application_id or "")


def _prefixes(operation: Operation) -> tuple[Namespace, ...]:
    if operation.namespace == DEPOT:
        return (COMMONS_1,)
    return (COMMONS, ETEE, CERTRA_CORE) if operation.namespace == CERTRA else (COMMONS, ETEE)


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


def _plain(parent: Element, name: str, text: str | None = None) -> Element:
    """Add a child without namespace, as these services have them below a Status and in a fault, and return it."""
    child = etree.SubElement(parent, name)
    child.text = text
    return child
