"""The messages of CertRA: requests built from values, answers read into values. Signing is not done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import (
    CertificateInfo,
    add_certificate_identifier,
    add_contact,
    add_identifier,
    add_person,
    read_certificate_info,
)
from ehtoolkit.ehealth.contract import Contract, RevocationReason
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.transport import is_web_address
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    Element,
    add,
    add_base64,
    boolean,
    certificate,
    child,
    child_text,
    incomplete,
    key_id,
    optional_text,
    text,
    text_or_none,
    texts,
    texts_by_language,
    timestamp,
)
from ehtoolkit.identity import Actor, ContactData, Identifier, Person


@dataclass(frozen=True, slots=True)
class NamedOrganisation:
    """An organisation that someone may act for; ``names`` by language, ``type`` perhaps one that we do not
    know."""

    type: str
    number: str
    names: Mapping[str, str]

    @property
    def identifier(self) -> Identifier | None:
        """Type and number; None where this program does not know the type, or not so."""
        try:
            return Identifier(self.type, self.number)
        except errors.IdentifierInvalid:
            return None


@dataclass(frozen=True, slots=True)
class ActorQualities:
    """Whom a person may ask certificates for: himself or not, and which organisations."""

    natural_person: bool
    organisations: tuple[NamedOrganisation, ...]


@dataclass(frozen=True, slots=True)
class OrganisationType:
    """A type of identifier that the platform takes. ``pattern`` is a regular expression in Java's syntax; the
    names of the check-digit algorithms are not public."""

    type: str
    names: Mapping[str, str]
    pattern: str | None
    check_digits: tuple[str, ...]
    base_services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestReceipt:
    """A certificate request that the platform took. ``automatically_validated`` False: a person looks at it,
    up to ten days. ``replaces``: the key identifier of the certificate that this one renews."""

    key_id: str
    automatically_validated: bool
    replaces: str | None


@dataclass(frozen=True, slots=True)
class ForeignRequest:
    """A foreigner's request: where he proves who he is, and until when."""

    validation_url: str
    expires: datetime


def build_get_actor_qualities(at: datetime, person: Person) -> Element:
    request = operations.GET_ACTOR_QUALITIES.new_request(at)
    add_identifier(request, CERTRA, "SSIN", person.identifier)
    return request


def read_actor_qualities(response: Element) -> ActorQualities:
    return ActorQualities(
        natural_person=boolean(response, CERTRA("NaturalPersonAuthorization")),
        organisations=tuple(
            _read_organisation(organisation)
            for organisation in response.findall(CERTRA("OrganizationAuthorization"))
        ),
    )


def build_generate_contract(
    at: datetime, signer: Person, actor: Actor, contact: ContactData, application_id: str | None = None
) -> Element:
    """Build the request for a contract: ``signer`` asks for ``actor``, who is the signer or an organisation."""
    request = operations.GENERATE_CONTRACT.new_request(at)
    add_contact(request, CERTRA, contact)
    add_person(request, CERTRA, "Signer", signer)
    add_certificate_identifier(request, actor, signer, application_id)
    return request


def build_generate_certificate(
    at: datetime,
    csr: bytes,
    contract: Contract,
    contact: ContactData,
    base_services: Sequence[str] = (),
    *,
    escape_dn: bool = True,
) -> Element:
    """Build the request for a certificate.

    Args:
        csr: PKCS#10, DER.
        base_services: of tsa, consultrn, codage, other.
    """
    request = operations.GENERATE_CERTIFICATE.new_request(at)
    ehealth_csr = add(request, CERTRA, "EHealthCSR")
    add_contact(ehealth_csr, CERTRA_CORE, contact)
    add_base64(ehealth_csr, CERTRA_CORE, "CSR", csr)
    contract.copy_into(ehealth_csr, CERTRA_CORE, escape_dn=escape_dn)
    for service in base_services:
        add(ehealth_csr, CERTRA_CORE, "BaseServiceUsage", service)
    return request


def read_accepted(response: Element) -> RequestReceipt:
    replaces = optional_text(response, CERTRA("ReplacesCertificate"))
    return RequestReceipt(
        key_id=key_id(child_text(response, CERTRA("PublicKeyIdentifier"))),
        automatically_validated=boolean(response, CERTRA("AutomaticallyValidated")),
        replaces=None if replaces is None else key_id(replaces),
    )


def build_get_certificate(at: datetime, key_identifier: str) -> Element:
    request = operations.GET_CERTIFICATE.new_request(at)
    _add_key_id(request, key_identifier)
    return request


def read_chain(response: Element) -> tuple[x509.Certificate, ...]:
    """Return the certificates in the order of the answer, at least one. Raises `errors.MessageInvalid` without one."""
    chain = tuple(certificate(element) for element in response.findall(CERTRA("X509Certificate")))
    if not chain:
        raise incomplete("X509Certificate")
    return chain


def read_own_certificate_info(response: Element) -> CertificateInfo:
    return read_certificate_info(child(response, CERTRA("CertificateInfo")))


def read_certificate_infos(response: Element) -> tuple[CertificateInfo, ...]:
    return tuple(read_certificate_info(info) for info in response.findall(CERTRA("CertificateInfo")))


def build_generate_revocation_contract(
    at: datetime, key_identifier: str, signer: Person, reason: RevocationReason
) -> Element:
    request = operations.GENERATE_REVOCATION_CONTRACT.new_request(at)
    _add_key_id(request, key_identifier)
    add_person(request, CERTRA, "Signer", signer)
    add(request, CERTRA, "RevocationReason", reason)
    return request


def build_revoke(at: datetime, key_identifier: str, contract: Contract) -> Element:
    """Build the request for a revocation. The contract goes back wholly unchanged, its DN too."""
    request = operations.REVOKE.new_request(at)
    _add_key_id(request, key_identifier)
    contract.copy_into(request, CERTRA)
    return request


def build_submit_csr_for_foreigner(at: datetime, person: Person, contact: ContactData, csr: bytes) -> Element:
    """Build the request for a certificate of ``person``, who has a BIS number and no eID.

    ``csr``: PKCS#10, DER, its name built by ourselves.
    """
    request = operations.SUBMIT_CSR_FOR_FOREIGNER.new_request(at)
    add_person(request, CERTRA, "ForeignPerson", person)
    add_contact(request, CERTRA, contact)
    add_base64(request, CERTRA, "CSR", csr)
    return request


def read_foreign_request(response: Element) -> ForeignRequest:
    """Return where the person proves who they are, and until when. Raises `errors.MessageInvalid` also for an address
    that is none for a browser: people are sent there."""
    url = child_text(response, CERTRA("ValidationUrl"))
    if not is_web_address(url):
        raise incomplete("ValidationUrl")
    return ForeignRequest(validation_url=url, expires=timestamp(response, CERTRA("ExpirationDate")))


def read_organisation_types(response: Element) -> tuple[OrganisationType, ...]:
    return tuple(
        OrganisationType(
            type=child_text(type_element, CERTRA_CORE("IdentifierType")),
            names=texts_by_language(child(type_element, CERTRA_CORE("Name")), CERTRA_CORE("Value")),
            pattern=optional_text(type_element, CERTRA_CORE("ValidationRegEx")),
            check_digits=texts(type_element, CERTRA_CORE("CheckDigitAlgorithm")),
            base_services=texts(type_element, CERTRA_CORE("AvailableBaseService")),
        )
        for type_element in response.findall(CERTRA("OrganizationType"))
    )


def build_get_existing_application_ids(at: datetime, organisation: Identifier) -> Element:
    request = operations.GET_EXISTING_APPLICATION_IDS.new_request(at)
    add_identifier(request, CERTRA, "OrganizationIdentifier", organisation)
    return request


def read_application_ids(response: Element) -> tuple[str | None, ...]:
    """Return the application ids with a certificate; None (nil in the answer) stands for one without application id."""
    return tuple(text_or_none(element) for element in response.findall(CERTRA("ApplicationId")))


def _add_key_id(request: Element, key_identifier: str) -> None:
    try:
        add(request, CERTRA, "PublicKeyIdentifier", key_id(key_identifier))
    except errors.MessageInvalid as error:
        raise errors.IdentifierInvalid(kind="key_id", reason="characters") from error


def _read_organisation(element: Element) -> NamedOrganisation:
    identifier = child(element, CERTRA_CORE("Identifier"))
    names = texts_by_language(child(element, CERTRA_CORE("Name")), CERTRA_CORE("Value"))
    return NamedOrganisation(identifier.get("Type", ""), text(identifier), names)
