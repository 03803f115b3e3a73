"""CertRA, the registration authority for certificates: one method for each operation, its messages, built from values
and read into values, and checks of a delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.certificates import hash_for, key_identifier
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.ehealth.certificate_info_xml import (
    CertificateInfo,
    add_certificate_identifier,
    add_contact,
    add_identifier,
    add_person,
    read_certificate_info,
)
from ehtoolkit.ehealth.contract import Contract, RevocationReason, check_contract, read_contract
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient, nothing
from ehtoolkit.ehealth.soap.signature import Signer, sign_element
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
from ehtoolkit.identity import Actor, ContactData, DistinguishedName, Identifier, Person

Read = TypeVar("Read")


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


@dataclass(frozen=True, slots=True)
class CertRa:
    """Every method raises the `ehtoolkit.errors.PlatformError` of its failure, and what its ``signer``
    raises.

    Which key has to sign is said with each method: the card's Authentication or Signature key, or the
    keystore's authentication key. Requests without a signer are not signed.
    """

    client: SoapClient
    clock: Clock
    escape_contract_dn: bool = True

    def get_actor_qualities(self, person: Person, signer: Signer) -> ActorQualities:
        """Return whom ``person`` may ask certificates for. ``signer``: the card's Authentication key."""
        request = build_get_actor_qualities(self.clock.now(), person)
        return self._ask_signed(request, signer, read_actor_qualities)

    def generate_contract(
        self, signer: Person, actor: Actor, contact: ContactData, application_id: str | None = None
    ) -> Contract:
        """Return the contract that ``signer`` has to see and to sign for ``actor``, already checked to be theirs.

        Raises `errors.ResponseUntrusted` (reason ``contract``) when it is for someone else.
        """
        holder = DistinguishedName.for_actor(actor, application_id)
        request = build_generate_contract(self.clock.now(), signer, actor, contact, holder.application_id)
        contract = self.client.ask(request, read_contract)
        check_contract(contract, holder, signer)
        return contract

    def sign_certificate_request(
        self,
        csr: x509.CertificateSigningRequest,
        contract: Contract,
        contact: ContactData,
        signer: Signer,
        base_services: Sequence[str] = (),
    ) -> Element:
        """Return the request for a certificate, signed and not sent yet. ``signer``: the card's Signature key.

        People sign before they choose a password, and nothing may be sent before the key is on disk.
        """
        request = build_generate_certificate(
            self.clock.now(),
            csr.public_bytes(Encoding.DER),
            contract,
            contact,
            base_services,
            escape_dn=self.escape_contract_dn,
        )
        return sign_element(request, signer)

    def generate_certificate(self, signed: Element, key_id: str) -> RequestReceipt:
        """Send a signed request for a certificate of the key ``key_id``. Never sent twice by us.

        Raises `errors.ResponseLost`, upon which the platform has to be asked what it knows, and
        `errors.ResponseUntrusted` (reason ``key``) when another key was taken down.
        """
        accepted = self.client.ask(signed, read_accepted)
        if accepted.key_id != key_id:
            raise errors.ResponseUntrusted(reason="key")
        return accepted

    def get_certificate(self, key_id: str) -> tuple[x509.Certificate, ...]:
        """Return the delivered chain as it came; check it with `check_delivered`.

        Raises `errors.NotYetDelivered`: ask again later, ten seconds or more.
        """
        request = build_get_certificate(self.clock.now(), key_id)
        return self.client.ask(request, read_chain)

    def get_certificate_info(self, signer: Signer) -> CertificateInfo:
        """Return what the platform knows of the certificate of ``signer``, the keystore's authentication key.

        Raises `errors.ResponseUntrusted` (reason ``key``) for an answer about another certificate.
        """
        request = operations.GET_CERTIFICATE_INFO.new_request(self.clock.now())
        info = self._ask_signed(request, signer, read_own_certificate_info)
        if info.key_id != public_key_identifier(signer.chain[0].public_key()):
            raise errors.ResponseUntrusted(reason="key")
        return info

    def get_certificate_info_for_citizen(self, signer: Signer) -> tuple[CertificateInfo, ...]:
        """Return all certificates that the card's holder asked for. ``signer``: the card's Authentication key."""
        request = operations.GET_CERTIFICATE_INFO_FOR_CITIZEN.new_request(self.clock.now())
        return self._ask_signed(request, signer, read_certificate_infos)

    def generate_revocation_contract(
        self,
        key_id: str,
        signer: Person,
        reason: RevocationReason,
        holder: DistinguishedName | None = None,
    ) -> Contract:
        """Return the contract to see and to sign before a revocation. ``holder``: of the certificate, when known.

        Raises `errors.ResponseUntrusted` (reason ``contract``).
        """
        request = build_generate_revocation_contract(self.clock.now(), key_id, signer, reason)
        contract = self.client.ask(request, read_contract)
        check_contract(contract, holder, signer)
        if contract.revocation_reason != reason:
            raise errors.ResponseUntrusted(reason="contract")
        return replace(contract, key_id=key_id)

    def revoke(self, key_id: str, contract: Contract, signer: Signer) -> None:
        """Revoke the certificate of ``key_id``. ``signer``: the card's Signature key. Never sent twice by us
        (`errors.ResponseLost`)."""
        request = build_revoke(self.clock.now(), key_id, contract)
        self._ask_signed(request, signer, nothing)

    def submit_csr_for_foreigner(
        self, person: Person, contact: ContactData, csr: x509.CertificateSigningRequest
    ) -> ForeignRequest:
        """Ask for the certificate of a person without eID, and return the web address at which they then prove who they
        are, and until when."""
        request = build_submit_csr_for_foreigner(
            self.clock.now(), person, contact, csr.public_bytes(Encoding.DER)
        )
        return self.client.ask(request, read_foreign_request)

    def get_generic_organization_types(self) -> tuple[OrganisationType, ...]:
        """Return the platform's own list of identifier types."""
        request = operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(self.clock.now())
        return self.client.ask(request, read_organisation_types)

    def get_existing_application_ids(self, organisation: Identifier) -> tuple[str | None, ...]:
        """Return the application ids that ``organisation`` has certificates under; None: one without."""
        request = build_get_existing_application_ids(self.clock.now(), organisation)
        return self.client.ask(request, read_application_ids)

    def _ask_signed(self, request: Element, signer: Signer, read: Callable[[Element], Read]) -> Read:
        return self.client.ask(sign_element(request, signer), read)


# ── Requests for certificates (PKCS#10), and what is delivered ─────────────────────────────────────────
def public_key_identifier(public_key: CertificatePublicKeyTypes) -> str:
    """Return what the platform calls a key by: SHA-1 of the subjectPublicKey bits (RFC 5280, method 1), 40
    hexadecimal digits in upper case."""
    return key_identifier(public_key).hex().upper()


def check_delivered(
    chain: Sequence[x509.Certificate], public_key: CertificatePublicKeyTypes, holder: DistinguishedName | None
) -> None:
    """Check that the first certificate of ``chain`` is for ``public_key`` and for ``holder``, and that each is signed
    by the next one. ``holder`` is compared by type, number and application id; None where it is not known whom it was
    asked for.

    Raises `errors.ResponseUntrusted` with reason ``chain_order`` (ours, but not first; or a link does not hold: a
    reversed chain ruins a Java keystore without a word), ``key``, ``name`` or ``certificate`` (a key or a name cannot
    be read).
    """
    try:
        ours = [certificate.public_key() == public_key for certificate in chain]
        if not any(ours):
            raise errors.ResponseUntrusted(reason="key")
        if not ours[0] or not all(map(_is_link, chain, chain[1:])):
            raise errors.ResponseUntrusted(reason="chain_order")
        if holder is not None and not DistinguishedName.of_subject(chain[0].subject).same_holder(holder):
            raise errors.ResponseUntrusted(reason="name")
    except errors.DistinguishedNameInvalid as error:
        raise errors.ResponseUntrusted(reason="name") from error
    except (ValueError, UnsupportedAlgorithm) as error:  # pyca reads keys and names when they are asked for
        raise errors.ResponseUntrusted(reason="certificate") from error


def _is_link(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether ``issuer`` has issued ``certificate``, by a signature that other programs accept: by SHA-2, and of
    the algorithm that the certificate itself names."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def certificate_request(key: PrivateKey, name: DistinguishedName) -> x509.CertificateSigningRequest:
    """Make a request for ``name``, which is the one in the contract, without extensions.

    Signed with SHA256withRSA, or SHA384withECDSA for P-384.
    """
    return x509.CertificateSigningRequestBuilder().subject_name(name.to_name()).sign(key, hash_for(key))


# ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────
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
