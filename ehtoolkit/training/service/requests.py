"""The requests that the training platform understands, as values.

Own reading, apart from that of the clients, so that a mistake in one is not made good by the same in the
other. Whatever is not as the schema wants it raises `errors.MessageInvalid`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, COMMONS, DEPOT, ETKRA, XML, Element
from ehtoolkit.training.service.element_reader import ElementReader, invalid, text_of

REASONS: Final = ("keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation")
"""Why a certificate may be revoked."""


@dataclass(frozen=True, slots=True)
class RequestActor:
    """A person or an organisation as a request names it; nothing in it is checked yet."""

    type: str
    number: str
    first_names: str | None
    name: str


@dataclass(frozen=True, slots=True)
class RequestContact:
    """E-mail addresses and telephone numbers of a request: of the person, and of an organisation."""

    email: str
    phone: str
    general_email: str | None
    general_phone: str | None


@dataclass(frozen=True, slots=True)
class ReceivedContractRequest:
    """GenerateContractRequest."""

    contact: RequestContact
    signer: RequestActor
    actor: RequestActor
    application_id: str | None


@dataclass(frozen=True, slots=True)
class ReturnedContract:
    """A contract as it comes back; ``texts``: pairs of language and text, verbatim."""

    dn: str
    signer: RequestActor
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReceivedCertificateRequest:
    """GenerateCertificateRequest; ``csr``: PKCS#10 as DER."""

    contact: RequestContact
    csr: bytes
    contract: ReturnedContract
    base_services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceivedRevocationRequest:
    """GenerateRevocationContractRequest; ``reason``: one of the four."""

    key_id: str
    signer: RequestActor
    reason: str


@dataclass(frozen=True, slots=True)
class SignedRevocation:
    """RevokeRequest; ``reason``: the one in the contract."""

    key_id: str
    contract: ReturnedContract
    reason: str


@dataclass(frozen=True, slots=True)
class ReceivedForeignRequest:
    """SubmitCSRForForeignerRequest; ``csr``: PKCS#10 as DER."""

    person: RequestActor
    contact: RequestContact
    csr: bytes


@dataclass(frozen=True, slots=True)
class DepotSearch:
    """One identifier of GetEtkRequest. ``application_id``: None: whichever; empty: the one without."""

    type: str
    value: str
    application_id: str | None


def check_head(request: Element) -> None:
    """Check that ``IssueInstant``, which the schema requires, is a moment. Its value is not compared with the clock: a
    foreign client does not know how far the training clock was moved."""
    try:
        datetime.fromisoformat(request.get("IssueInstant", ""))
    except ValueError as error:
        raise invalid("IssueInstant") from error


def read_ssin(request: Element) -> str:
    """Return the number of the person that a GetActorQualitiesRequest asks about."""
    reader = ElementReader(request, CERTRA)
    ssin = reader.take("SSIN")
    reader.end()
    if ssin.get("Type") != "SSIN":
        raise invalid("SSIN")
    return text_of(ssin)


def read_contract_request(request: Element) -> ReceivedContractRequest:
    reader = ElementReader(request, CERTRA)
    contact = _contact(reader.take("ContactData"))
    signer = _actor(reader.take("Signer"))
    identifier = ElementReader(reader.take("CertificateIdentifier"), CERTRA_CORE)
    reader.end()
    actor = _actor(identifier.take("Actor"))
    application_id = identifier.maybe_text("ApplicationId")
    identifier.end()
    return ReceivedContractRequest(contact, signer, actor, application_id)


def read_certificate_request(request: Element) -> ReceivedCertificateRequest:
    reader = ElementReader(request, CERTRA)
    csr = ElementReader(reader.take("EHealthCSR"), CERTRA_CORE)
    reader.end()
    contact = _contact(csr.take("ContactData"))
    pkcs10 = csr.bytes("CSR")
    contract = _contract(csr.take("Contract"))
    services = tuple(text_of(element) for element in csr.many("BaseServiceUsage"))
    csr.end()
    return ReceivedCertificateRequest(contact, pkcs10, contract, services)


def read_revocation_request(request: Element) -> ReceivedRevocationRequest:
    reader = ElementReader(request, CERTRA)
    key_id = reader.key_id()
    signer = _actor(reader.take("Signer"))
    reason = _reason(reader)
    reader.end()
    return ReceivedRevocationRequest(key_id, signer, reason)


def read_signed_revocation(request: Element) -> SignedRevocation:
    reader = ElementReader(request, CERTRA)
    key_id = reader.key_id()
    contract = ElementReader(reader.take("Contract"), CERTRA_CORE)
    reader.end()
    dn = contract.text("DN")
    signer = _actor(contract.take("Signer"))
    reason = _reason(contract)
    texts = _texts(contract.take("Text"))
    contract.end()
    return SignedRevocation(key_id, ReturnedContract(dn, signer, texts), reason)


def read_foreign_wish(request: Element) -> ReceivedForeignRequest:
    reader = ElementReader(request, CERTRA)
    person = _actor(reader.take("ForeignPerson"))
    contact = _contact(reader.take("ContactData"))
    csr = reader.bytes("CSR")
    reader.end()
    return ReceivedForeignRequest(person, contact, csr)


def read_key_id(request: Element) -> str:
    """Return the key identifier in a GetCertificateRequest: 40 hexadecimal digits, upper case."""
    reader = ElementReader(request, CERTRA)
    key_id = reader.key_id()
    reader.end()
    return key_id


def read_organisation(request: Element) -> tuple[str, str]:
    """Return type and number of the organisation in a GetExistingApplicationIdsRequest."""
    reader = ElementReader(request, CERTRA)
    identifier = reader.take("OrganizationIdentifier")
    reader.end()
    return identifier.get("Type", ""), text_of(identifier)


def read_nothing(request: Element) -> None:
    """Check that a request has no content: it is only signed (or not even that)."""
    ElementReader(request, CERTRA).end()


def read_encryption_key(request: Element) -> bytes:
    """Return the public key in a StartETKRegistrationRequest: a SubjectPublicKeyInfo as DER."""
    return _only_bytes(request, "PublicEncryptionKey")


def read_encryption_certificate(request: Element) -> bytes:
    """Return the certificate in a CompleteETKRegistrationRequest, as DER."""
    return _only_bytes(request, "ToBeRegistered")


def read_depot_search(request: Element) -> tuple[DepotSearch, ...]:
    reader = ElementReader(request, DEPOT)
    criteria = ElementReader(reader.take("SearchCriteria"), DEPOT)
    reader.end()
    found = tuple(_search(element) for element in criteria.many("Identifier"))
    criteria.end()
    if not found:
        raise invalid("Identifier")
    return found


def _only_bytes(request: Element, name: str) -> bytes:
    reader = ElementReader(request, ETKRA)
    data = reader.bytes(name)
    reader.end()
    return data


def _search(element: Element) -> DepotSearch:
    reader = ElementReader(element, DEPOT)
    found = DepotSearch(reader.text("Type"), reader.text("Value"), reader.maybe_text("ApplicationID"))
    reader.end()
    return found


def _contract(element: Element) -> ReturnedContract:
    reader = ElementReader(element, CERTRA_CORE)
    dn = reader.text("DN")
    signer = _actor(reader.take("Signer"))
    texts = _texts(reader.take("Text"))
    reader.end()
    return ReturnedContract(dn, signer, texts)


def _texts(element: Element) -> tuple[tuple[str, str], ...]:
    """Return a TextType as pairs of language and text, verbatim."""
    reader = ElementReader(element, CERTRA_CORE)
    values = tuple((value.get(XML("lang"), ""), text_of(value)) for value in reader.many("Value"))
    reader.end()
    if not values:
        raise invalid("Value")
    return values


def _reason(reader: ElementReader) -> str:
    reason = reader.text("RevocationReason").strip()
    if reason not in REASONS:
        raise invalid("RevocationReason")
    return reason


def _actor(element: Element) -> RequestActor:
    reader = ElementReader(element, COMMONS)
    identifier = reader.take("Id")
    first_names = [text_of(one) for one in reader.many("FirstName")]
    name = reader.text("Name")
    reader.end()
    if identifier.get("Type") is None:
        raise invalid("Id")
    return RequestActor(
        identifier.get("Type", ""), text_of(identifier), " ".join(first_names) if first_names else None, name
    )


def _contact(element: Element) -> RequestContact:
    reader = ElementReader(element, CERTRA_CORE)
    email = reader.text("EmailPrivate")
    general_email = reader.maybe_text("EmailGeneral")
    phone = reader.text("PhonePrivate")
    general_phone = reader.maybe_text("PhoneGeneral")
    reader.end()
    return RequestContact(email, phone, general_email, general_phone)
