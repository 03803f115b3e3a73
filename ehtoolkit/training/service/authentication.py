"""Authenticate a request: a citizen by card, or the holder of a certificate; and find whom it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import allows, read_certificate
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.soap.signature import VerifiedSignature, verify_element
from ehtoolkit.ehealth.soap.xml import CERTRA, COMMONS, DEPOT, SECURITY, SIGNATURE, SOAP, Element, octets
from ehtoolkit.identity import PERSON_TYPE, Identifier
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import require_trusted
from ehtoolkit.training.service.actors import RequestActor
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.mandates import mandate_holders
from ehtoolkit.training.state.people_store import all_people
from ehtoolkit.training.state.refusal_reasons import Refusal

_STATUS_CODES: Final = {
    CertStatus.REVOKED: "SIGNER_CERTIFICATE_REVOKED",
    CertStatus.EXPIRED: "SIGNER_CERTIFICATE_EXPIRED",
}


@dataclass(frozen=True, slots=True)
class Citizen:
    """The person behind a card, as its certificate names him."""

    ssin: str
    first_names: str
    name: str

    def require_is(self, actor: RequestActor) -> None:
        """Refuse a request that names another person, or this one with other names than the card."""
        self.require_number(actor.type, actor.number)
        if (actor.first_names or "", actor.name) != (self.first_names, self.name):
            raise Refusal("SIGNER_NAME_MISMATCH")

    def require_number(self, kind: str, number: str) -> None:
        if (kind, number) != ("SSIN", self.ssin):
            raise Refusal("SIGNER_MISMATCH")


def verify(request: Element) -> VerifiedSignature:
    """Check the signature of a request and nothing else, and return what it signs. Raises `Refusal`."""
    try:
        return verify_element(request)
    except errors.SignatureInvalid as error:
        raise Refusal("SIGNATURE_INVALID", Reason=error.reason) from error


def require_citizen(
    platform: EmbeddedPlatform, signed: VerifiedSignature, *, with_signature_key: bool
) -> Citizen:
    """Return the citizen who signed, after checking that the certificate is trusted and its key the right one of the
    two keys of the card: the signature key when ``with_signature_key``, else the authentication key. Raises `Refusal`
    otherwise."""
    require_trusted(platform, signed.certificate, signed.chain[1:])
    use = "content_commitment" if with_signature_key else "digital_signature"
    if not allows(signed.certificate, use, without=False):
        raise Refusal("SIGNER_KEY_USAGE_WRONG")
    subject = signed.certificate.subject
    ssin = _attribute(subject, NameOID.SERIAL_NUMBER)
    name = _attribute(subject, NameOID.SURNAME)
    if not (len(ssin) == 11 and ssin.isascii() and ssin.isdigit() and name):
        raise Refusal("SIGNER_NOT_TRUSTED", Subject="no citizen")
    return Citizen(ssin, _attribute(subject, NameOID.GIVEN_NAME), name)


def require_holder(
    platform: EmbeddedPlatform, signed: VerifiedSignature, *, even_if_ended: bool
) -> CertificateRecord:
    """Return the record of the eHealth certificate that signed. Raises `Refusal` when the register does not have it,
    and, unless ``even_if_ended``, when it is revoked, expired or not valid yet."""
    record = certificate_register.of_certificate(platform, signed.certificate)
    if record is None:
        raise Refusal("SIGNER_NOT_TRUSTED", Issuer=signed.certificate.issuer.rfc4514_string())
    if even_if_ended:
        return record
    now = platform.clock.now()
    code = _STATUS_CODES.get(record.status(now))
    if code is not None:
        raise Refusal(code)
    if record.not_before is not None and now < record.not_before:
        raise Refusal("SIGNER_CERTIFICATE_NOT_YET_VALID", ValidNotBefore=record.not_before.isoformat())
    return record


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else ""


# ── Whom a request is about ──────────────────────────────────────────────────────────────────────────────
def affected_people(platform: EmbeddedPlatform, request: Element) -> tuple[str, ...]:
    """Return the short names of the training people that ``request`` is about; none when it is about none of them."""
    numbers = set(_affected_numbers(platform, request))
    people = all_people(platform.database)
    return tuple(person.name for person in people if person.person.niss.digits in numbers)


def _affected_numbers(platform: EmbeddedPlatform, request: Element) -> Iterable[str]:
    """Return the national numbers of the people that ``request`` is about."""
    certificate = _signer_certificate(request)
    if certificate is not None:
        ssin = _attribute(certificate.subject, NameOID.SERIAL_NUMBER)
        signing = certificate_register.key_identifier(certificate.public_key())
        return [ssin or _requester(platform, signing)]
    signer = request.find(f"{CERTRA('Signer')}/{COMMONS('Id')}")
    if signer is not None:
        return [(signer.text or "").strip()]
    key_id = request.findtext(CERTRA("PublicKeyIdentifier"))
    if key_id is not None:
        return [_requester(platform, key_id.strip().upper())]
    return (number for pair in _numbers(request) for number in _behind(platform.database, *pair))


def is_signed(request: Element) -> bool:
    """Return whether there is a signature, good or bad."""
    return request.find(SIGNATURE("Signature")) is not None or _security(request) is not None


def _signer_certificate(request: Element) -> x509.Certificate | None:
    security = _security(request)
    if security is not None:
        found = security.find(SECURITY("BinarySecurityToken"))
    else:
        found = request.find(f"{SIGNATURE('Signature')}//{SIGNATURE('X509Certificate')}")
    try:
        return None if found is None else read_certificate(octets(found))
    except errors.MessageInvalid:
        return None


def _security(request: Element) -> Element | None:
    """Return the header that names the requester of a session, from the envelope of ``request``; None without one."""
    envelope = request.getroottree().getroot()
    return envelope.find(f"{SOAP('Header')}/{SECURITY('Security')}")


def _requester(platform: EmbeddedPlatform, key_id: str) -> str:
    record = certificate_register.get(platform, key_id)
    return "" if record is None else record.signer


def _numbers(request: Element) -> Iterable[tuple[str, str]]:
    """Yield types and numbers in a request: of elements like ``<Id Type="…">``, and of the depot's ``Type`` and
    ``Value``."""
    for element in request.iter("*"):
        if element.get("Type") is not None:
            yield element.get("Type", ""), (element.text or "").strip()
        kind, value = (element.findtext(DEPOT(name)) for name in ("Type", "Value"))
        if kind is not None and value is not None:
            yield kind.strip(), value.strip()


def _behind(database: TrainingDatabase, kind: str, number: str) -> Iterable[str]:
    """Return the national numbers of the people behind a number: a person's own, or of those who act for an
    organisation."""
    if kind == PERSON_TYPE:
        return (number,)
    try:
        return [person.person.niss.digits for person in mandate_holders(database, Identifier(kind, number))]
    except errors.IdentifierInvalid:
        return ()
