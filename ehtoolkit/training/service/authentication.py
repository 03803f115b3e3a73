"""Who signed a request: a citizen with his card, or the holder of a certificate of this platform."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.training.authority.trust import TrustStore, fingerprint
from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.registry.certificate_record import CertificateRecord, IssuanceStatus
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.refusals import Refusal
from ehtoolkit.training.service.requests import RequestActor

_STATUS_CODES: Final = {
    IssuanceStatus.REVOKED: "SIGNER_CERTIFICATE_REVOKED",
    IssuanceStatus.EXPIRED: "SIGNER_CERTIFICATE_EXPIRED",
}


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A request whose signature holds; ``element`` is what was signed and the only thing that may be read.
    Nothing says yet that the signer is to be believed."""

    element: Element
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def signer(self) -> str:
        """The certificate's fingerprint."""
        return fingerprint(self.certificate)

    @property
    def digest(self) -> str:
        """Of what was signed: the same for a request that is sent again, or signed again."""
        canonical = etree.tostring(self.element, method="c14n", exclusive=True)
        return hashlib.sha256(canonical).hexdigest()


@dataclass(frozen=True, slots=True)
class Citizen:
    """The person behind a card, as its certificate names him."""

    ssin: str
    first_names: str
    name: str

    def require_is(self, actor: RequestActor) -> None:
        """Refuse a request that names somebody else, or him with other names than the card."""
        self.require_number(actor.type, actor.number)
        if (actor.first_names or "", actor.name) != (self.first_names, self.name):
            raise Refusal("SIGNER_NAME_MISMATCH")

    def require_number(self, kind: str, number: str) -> None:
        if (kind, number) != ("SSIN", self.ssin):
            raise Refusal("SIGNER_MISMATCH")


class RequestAuthenticator:
    """Finds out who signed, and turns away who may not."""

    def __init__(self, trust: TrustStore, register: Register, clock: TrainingClock) -> None:
        self._trust = trust
        self._register = register
        self._clock = clock

    def verify(self, request: Element) -> SignedMessage:
        """Check the signature alone."""
        try:
            verified = verify_element(request)
        except errors.SignatureInvalid as error:
            raise Refusal("SIGNATURE_INVALID", Reason=str(error.facts.get("reason", ""))) from error
        return SignedMessage(verified.element, verified.certificate, verified.chain)

    def citizen(self, signed: SignedMessage, *, with_signature_key: bool) -> Citizen:
        """The citizen who signed, with the right one of the two keys of his card."""
        self._trust.require(signed.certificate, signed.chain[1:], self._clock.now())
        usage = _key_usage(signed.certificate)
        if not (usage.content_commitment if with_signature_key else usage.digital_signature):
            raise Refusal("SIGNER_KEY_USAGE_WRONG")
        subject = signed.certificate.subject
        ssin = _attribute(subject, NameOID.SERIAL_NUMBER)
        name = _attribute(subject, NameOID.SURNAME)
        if not (len(ssin) == 11 and ssin.isascii() and ssin.isdigit() and name):
            raise Refusal("SIGNER_NOT_TRUSTED", Subject="no citizen")
        return Citizen(ssin, _attribute(subject, NameOID.GIVEN_NAME), name)

    def holder(self, signed: SignedMessage, *, even_if_ended: bool = False) -> CertificateRecord:
        """The record of the eHealth certificate that signed; ``even_if_ended``: also one that is over."""
        record = self._register.of_certificate(signed.certificate)
        if record is None:
            raise Refusal("SIGNER_NOT_TRUSTED", Issuer=signed.certificate.issuer.rfc4514_string())
        now = self._clock.now()
        code = _STATUS_CODES.get(record.status(now))
        if code is not None and not even_if_ended:
            raise Refusal(code)
        if record.not_before is not None and now < record.not_before and not even_if_ended:
            raise Refusal("SIGNER_CERTIFICATE_NOT_YET_VALID", ValidNotBefore=_iso(record.not_before))
        return record


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise Refusal("SIGNER_KEY_USAGE_WRONG") from error


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else ""


def _iso(moment: datetime) -> str:
    return moment.isoformat()
