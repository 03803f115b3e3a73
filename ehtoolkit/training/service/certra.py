"""CertRA: who may have a certificate, for which key, and what to say about it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ehtoolkit import errors
from ehtoolkit.crypto.keys import PublicKey
from ehtoolkit.ehealth.certificate_info_xml import CertStatus, RegisteredContact
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, XSI, Element, add
from ehtoolkit.identity import DistinguishedName, Person
from ehtoolkit.identity.distinguished_name import normalise_application_id, normalise_name
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.request_checks import check_csr, spki
from ehtoolkit.training.service.actors import (
    RequestActor,
    check_contact,
    identifier_of,
    read_actor,
    read_contact,
)
from ehtoolkit.training.service.answers import add_boolean, add_text
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.contracts import (
    ReturnedContract,
    offer_contract,
    read_contract,
    signed_contract,
)
from ehtoolkit.training.service.element_reader import ElementReader, invalid, text_of
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.service.organisation_types import (
    ORGANISATION_TYPES,
    base_services_of,
    names_of,
    rule_of,
)
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.mailbox import MailKind, write_mail
from ehtoolkit.training.state.mandates import may_request, registered_mandates
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.state.refusal_reasons import Refusal
from ehtoolkit.training.state.scenarios import Scenario, is_on_for

MANUAL_DELAY: Final = timedelta(days=10)
"""How long a person takes who checks what the registers do not know (the platform says: up to ten days)."""


# ── what people may ask for ──────────────────────────────────────────────────────────────────────────────
def _qualities(call: Call) -> Element:
    """Answer what the signer may ask for: for himself, and for which organisations. He can only ask about himself."""
    element = call.reader().only("SSIN")
    if element.get("Type") != "SSIN":
        raise invalid("SSIN")
    citizen: Citizen = call.signer
    ssin, database = text_of(element), call.platform.database
    citizen.require_number("SSIN", ssin)
    person = person_with_number(database, ssin)
    answer = call.success()
    add_boolean(answer, CERTRA, "NaturalPersonAuthorization", person is None or person.qualified)
    for mandate in registered_mandates(database, ssin):
        organisation = add(answer, CERTRA, "OrganizationAuthorization")
        add_text(organisation, CERTRA_CORE, "Name", {"fr": mandate.name_fr, "nl": mandate.name_nl})
        identifier = mandate.identifier
        add(organisation, CERTRA_CORE, "Identifier", identifier.value, Type=identifier.type)
    return answer


def _organisation_types(call: Call) -> Element:
    call.reader().end()
    answer = call.success()
    for kind in ORGANISATION_TYPES:
        element = add(answer, CERTRA, "OrganizationType")
        pattern, algorithms = rule_of(kind)
        add_text(element, CERTRA_CORE, "Name", names_of(kind))
        add(element, CERTRA_CORE, "IdentifierType", kind)
        add(element, CERTRA_CORE, "ValidationRegEx", pattern)
        for algorithm in algorithms:
            add(element, CERTRA_CORE, "CheckDigitAlgorithm", algorithm)
        for service in base_services_of(kind):
            add(element, CERTRA_CORE, "AvailableBaseService", service)
    return answer


def _application_ids(call: Call) -> Element:
    """Answer the application ids that certificates of an organisation use now, nil for one without. The answer has no
    Status, so that an organisation that cannot exist has an empty list."""
    organisation = call.reader().only("OrganizationIdentifier")
    answer = call.new_answer()
    try:
        identifier = identifier_of(organisation.get("Type", ""), text_of(organisation))
    except Refusal:
        return answer
    used = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)
    records = certificate_register.of_actor(call.platform, identifier)
    found = {record.holder.dn.application_id for record in records if record.status(call.now) in used}
    for application_id in sorted(found, key=lambda text: text or ""):
        element = add(answer, CERTRA, "ApplicationId", application_id)
        if application_id is None:
            element.set(XSI("nil"), "true")
    return answer


# ── the contract ─────────────────────────────────────────────────────────────────────────────────────────
def _contract(call: Call) -> Element:
    """Write the contract for a request that is not signed: who signs the contract is what gets checked."""
    reader = call.reader()
    contact = read_contact(reader.take("ContactData"))
    asking = read_actor(reader.take("Signer"))
    identifier = ElementReader(reader.take("CertificateIdentifier"), CERTRA_CORE)
    reader.end()
    actor = read_actor(identifier.take("Actor"))
    application_id = identifier.maybe_text("ApplicationId")
    identifier.end()
    signer = asking.person
    holder = holder_of(actor, application_id, signer)
    check_contact(contact)
    return offer_contract(call, holder, signer, contact)


def holder_of(actor: RequestActor, application_id: str | None, signer: Person) -> Holder:
    """Return the holder of a certificate that ``signer`` requests for ``actor``. Raises `Refusal`."""
    identifier = actor.identifier
    try:
        if identifier.is_person:
            # A person signs for himself. Clients repeat him as the actor, without application id.
            if actor.person != signer or application_id is not None:
                raise Refusal("ACTOR_MISMATCH")
            return Holder(DistinguishedName.for_person(signer), signer.first_names, signer.name)
        # The first names that clients send with an organisation are the signer's and mean nothing.
        application_id = None if application_id is None else normalise_application_id(application_id)
        dn = DistinguishedName(identifier, normalise_name(actor.name), application_id)
    except errors.DistinguishedNameInvalid as error:
        code = "APPLICATION_ID_INVALID" if error.reason == "application_id" else "NAME_INVALID"
        raise Refusal(code) from error
    return Holder(dn, None, actor.name)


# ── the certificate ──────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ReceivedCertificateRequest:
    """GenerateCertificateRequest; ``csr``: PKCS#10 as DER."""

    contact: RegisteredContact
    csr: bytes
    contract: ReturnedContract
    base_services: tuple[str, ...]


def read_certificate_request(reader: ElementReader) -> ReceivedCertificateRequest:
    csr = ElementReader(reader.only("EHealthCSR"), CERTRA_CORE)
    contact = read_contact(csr.take("ContactData"))
    pkcs10 = csr.bytes("CSR")
    contract = read_contract(csr.take("Contract"))
    services = tuple(text_of(element) for element in csr.many("BaseServiceUsage"))
    csr.end()
    return ReceivedCertificateRequest(contact, pkcs10, contract, services)


def _request(call: Call) -> Element:
    record = _accepted(call.platform, call.signer, read_certificate_request(call.reader()))
    answer = call.success()
    add(answer, CERTRA, "PublicKeyIdentifier", record.key_id)
    add_boolean(answer, CERTRA, "AutomaticallyValidated", record.automatic)
    if record.replaces is not None:
        add(answer, CERTRA, "ReplacesCertificate", record.replaces)
    return answer


def _accepted(
    platform: EmbeddedPlatform, citizen: Citizen, asked: ReceivedCertificateRequest
) -> CertificateRecord:
    """Accept a signed request. The same key for the same holder again is answered as the first time."""
    holder, _ = signed_contract(platform.database, asked.contract)
    citizen.require_is(asked.contract.signer)
    check_contact(asked.contact)
    unknown = set(asked.base_services) - set(base_services_of(holder.dn.identifier.type))
    if unknown:
        raise Refusal("BASE_SERVICE_UNKNOWN", BaseService=min(unknown))
    key = check_csr(asked.csr, holder.dn)
    require_wanted(platform, key, citizen.ssin)
    key_id = certificate_register.key_identifier(key)
    earlier = certificate_register.get(platform, key_id)
    if earlier is not None:
        if (earlier.holder.dn, earlier.signer) != (holder.dn, citizen.ssin):
            raise Refusal("KEY_ALREADY_USED")
        if earlier.refused_at is not None:
            raise Refusal("CERT_REFUSED", PublicKeyIdentifier=key_id)
        return earlier
    now = platform.clock.now()
    automatic = _is_automatic(platform, citizen.ssin, holder.dn)
    record = CertificateRecord(
        key_id=key_id,
        spki=spki(key),
        holder=holder,
        signer=citizen.ssin,
        contact=asked.contact,
        base_services=asked.base_services,
        automatic=automatic,
        replaces=replaced_by(platform, holder.dn, now),
        requested_at=now,
        deliver_at=now + (platform.delivery if automatic else MANUAL_DELAY),
    )
    certificate_register.add(platform, record)
    write_mail(platform.database, record, MailKind.RECEIVED, now)
    write_mail(platform.database, record, MailKind.READY, record.deliver_at)
    if is_on_for(platform.database, Scenario.REFUSED, citizen.ssin):
        certificate_register.refuse(platform, record)
    return record


def _is_automatic(platform: EmbeddedPlatform, ssin: str, dn: DistinguishedName) -> bool:
    """Return whether no person checks the request: the registers know enough, and no trainer wants a check."""
    checked = (Scenario.MANUAL_VALIDATION, Scenario.REFUSED)
    return may_request(platform.database, ssin, dn) and not any(
        is_on_for(platform.database, scenario, ssin) for scenario in checked
    )


def require_wanted(platform: EmbeddedPlatform, key: PublicKey, ssin: str) -> None:
    """Raise `Refusal` for a key of a kind that a trainer has the platform refuse to that person."""
    unwanted = Scenario.ONLY_EC if isinstance(key, RSAPublicKey) else Scenario.ONLY_RSA
    if is_on_for(platform.database, unwanted, ssin):
        raise Refusal("KEY_UNFIT")


def replaced_by(platform: EmbeddedPlatform, dn: DistinguishedName, now: datetime) -> str | None:
    """Return the key identifier of the certificate that a new one would replace; None when there is none. Refuses
    where it is too early for a new one, or where one is being made already.

    A request that its holder has not confirmed blocks no other, since anybody can make one.
    """
    by_status: dict[CertStatus, CertificateRecord] = {}
    for record in certificate_register.of_holder(platform, dn):
        if not record.awaits_validation:
            by_status.setdefault(record.status(now), record)
    waiting = by_status.get(CertStatus.IN_PROGRESS)
    if waiting is not None:
        raise Refusal("CERT_ALREADY_REQUESTED", PublicKeyIdentifier=waiting.key_id)
    active = by_status.get(CertStatus.VALID_ACTIVE)
    if active is None:
        return None
    start = active.replacement_start
    if start is not None and now < start:
        raise Refusal(
            "CERT_ALREADY_ACTIVE",
            PublicKeyIdentifier=active.key_id,
            ReplacementPeriodStartDate=start.isoformat(),
        )
    return active.key_id


ENDPOINTS: Final = (
    Endpoint(op.GET_ACTOR_QUALITIES, "citizen", _qualities),
    Endpoint(op.GET_GENERIC_ORGANIZATION_TYPES, "unsigned", _organisation_types),
    Endpoint(op.GET_EXISTING_APPLICATION_IDS, "unsigned", _application_ids),
    Endpoint(op.GENERATE_CONTRACT, "unsigned", _contract),
    Endpoint(op.GENERATE_CERTIFICATE, "citizen_signing", _request),
)
