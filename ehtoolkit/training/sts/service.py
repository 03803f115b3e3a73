"""The decisions of the training STS: who may ask, for what, and what the scenarios make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import is_issued_by
from ehtoolkit.crypto.keys import NewKeyKind, generate_key
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.platform import STS_PATH
from ehtoolkit.ehealth.soap.operations import CHALLENGE, REQUEST_SECURITY_TOKEN
from ehtoolkit.ehealth.soap.signature import KeySigner, verify_element
from ehtoolkit.ehealth.soap.xml import (
    SAML,
    SAML_PROTOCOL,
    SIGNATURE,
    TRUST,
    UTILITY,
    Element,
    add,
    new_element,
    serialise,
)
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import require_trusted
from ehtoolkit.training.service.authentication import affected_people
from ehtoolkit.training.state.refusal_reasons import Refusal
from ehtoolkit.training.state.scenarios import Scenario, switches_now
from ehtoolkit.training.sts.assertion import NewAssertion, attributes_for
from ehtoolkit.training.sts.request_signature import verified_request
from ehtoolkit.training.sts.requests import (
    ID_ATTRIBUTE,
    LONGEST,
    SAML_1_1,
    RequestedClaim,
    TokenRequest,
    certificate_in,
    only_child,
    only_descendant,
    read_saml_request,
    read_token_request,
    set_challenge,
    take_challenge,
    written,
)
from ehtoolkit.training.sts.service_faults import (
    DOWN,
    INVALID_REQUEST,
    NOT_AUTHENTICATED,
    NOT_AUTHORISED,
    UNABLE_TO_RENEW,
    UNSUPPORTED,
    ServiceFault,
)

OLDER_PATH: Final = "/IAM/Saml11TokenService/v1"
PATHS: Final = frozenset({STS_PATH, OLDER_PATH, "/IAM/Saml11TokenService/Legacy/v1"})
"""Where it is, the older services with it."""

_SIGNER_LIFE: Final = timedelta(days=3 * 365)
_ENDED: Final = timedelta(days=40)
"""How long ago the certificate of the signer ended in the scenario, as that of acceptance in 2026."""
_BOUND_CERTIFICATE: Final = (
    *(SAML("AuthenticationStatement"), SAML("Subject"), SAML("SubjectConfirmation")),
    *(SIGNATURE("KeyInfo"), SIGNATURE("X509Data"), SIGNATURE("X509Certificate")),
)
"""Where an assertion has the certificate whose key has to be shown with it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that the key of ``certificate`` has signed, and the scenarios that are on for it."""

    platform: EmbeddedPlatform
    message: Element
    certificate: x509.Certificate
    on: tuple[Scenario, ...]
    now: datetime


def answer_token_request(platform: EmbeddedPlatform, body: bytes, path: str) -> bytes:
    """Return the message that answers the envelope ``body`` posted to ``path``: sessions are issued to the holders of
    certificates of this platform. Raises `ServiceFault`, and `errors.MessageInvalid` for what is no message of the
    service."""
    now = platform.clock.now()
    signed = verified_request(body, now)
    people = affected_people(platform, signed.message)
    on = switches_now(platform.database).of(*people)
    call = _Call(platform, signed.message, signed.certificate, on, now)
    if Scenario.STS_DOWN in on:
        raise ServiceFault(DOWN, "Service is temporarily not available.")
    _require_valid(call, signed.certificate)
    if Scenario.STS_NOT_AUTHORISED in on:
        raise ServiceFault(NOT_AUTHORISED, "Service call not authorized.")
    if Scenario.STS_ONLY_RSA in on and isinstance(signed.certificate.public_key(), EllipticCurvePublicKey):
        raise ServiceFault(UNSUPPORTED, "Cannot find private key for signature: not an RSA key.")
    answer = _ANSWERS.get((path == STS_PATH, signed.message.tag))
    if answer is None:
        raise ServiceFault(INVALID_REQUEST, "Service or operation not recognised.")
    return answer(call)


def _issue(call: _Call) -> bytes:
    request = read_token_request(call.message)
    if request.renewed is not None:
        return _response(call, request, _renewed(call, request.renewed))
    holder = _checked_holder(call, request)
    if _is_signer(call, holder):
        return _response(call, request, _assertion(call, request, holder))
    answer = _new_response(request)
    challenge = set_challenge(call.platform, call.message, holder)
    add(add(answer, TRUST, "SignChallenge"), TRUST, "Challenge", challenge)
    return serialise(answer)


def _challenged(call: _Call) -> bytes:
    request = read_token_request(take_challenge(call.platform, call.message, call.certificate))
    if call.message.get("Context") not in (None, request.context):
        raise ServiceFault(INVALID_REQUEST, "The challenge belongs to another request.")
    return _response(call, request, _assertion(call, request, call.certificate))


def _older(call: _Call) -> bytes:
    """Return the answer to the samlp variant, for one key alone. Raises `ServiceFault` for a second key."""
    request = read_saml_request(call.message)
    holder = _checked_holder(call, request)
    if not _is_signer(call, holder):
        raise ServiceFault(INVALID_REQUEST, "Tokens for a second key are issued by the WS-Trust service.")
    head = {
        "ResponseID": f"_{uuid4().hex}",
        "InResponseTo": call.message.get("RequestID", ""),
        "IssueInstant": written(call.now),
        "MajorVersion": "1",
        "MinorVersion": "1",
    }
    answer = new_element(SAML_PROTOCOL, "Response", (SAML,))
    for name, value in head.items():
        answer.set(name, value)
    status = add(answer, SAML_PROTOCOL, "Status")
    add(status, SAML_PROTOCOL, "StatusCode", Value="samlp:Success")
    return _with_assertion(call, answer, answer, _assertion(call, request, holder))


_ANSWERS: Final[Mapping[tuple[bool, str], Callable[[_Call], bytes]]] = {
    (True, REQUEST_SECURITY_TOKEN.request_tag): _issue,
    (True, CHALLENGE.request_tag): _challenged,
    (False, SAML_PROTOCOL("Request")): _older,
}
"""By "is the path that of the WS-Trust service", and the name of the message."""


def _checked_holder(call: _Call, request: TokenRequest) -> x509.Certificate:
    """Return the certificate that the token is for: the one that the request names, as valid as the one that signed,
    or the latter. Raises `ServiceFault`."""
    if request.bound_to is not None and request.bound_to != call.certificate:
        _require_valid(call, request.bound_to)
    return request.bound_to or call.certificate


def _is_signer(call: _Call, holder: x509.Certificate) -> bool:
    """Return whether ``holder`` has the key that signed. Raises `ServiceFault` when it has that key under another
    name."""
    if holder.public_key() != call.certificate.public_key():
        return False
    if holder.subject != call.certificate.subject:
        raise ServiceFault(NOT_AUTHENTICATED, "The two certificates have one key and two names.")
    return True


def _assertion(call: _Call, request: TokenRequest, holder: x509.Certificate) -> NewAssertion:
    granted = Scenario.RIGHT_MISSING not in call.on
    attributes = attributes_for(call.platform.database, request.claims, _name_of(holder), granted=granted)
    latest = call.now + LONGEST
    expires = latest if request.expires is None else min(request.expires, latest)
    if expires <= call.now:
        raise ServiceFault(INVALID_REQUEST, "The token would have ended already.")
    bound = _other_certificate(call) if Scenario.STS_OTHER_KEY in call.on else holder
    return NewAssertion(bound, attributes, call.now, expires)


def _renewed(call: _Call, old: Element) -> NewAssertion:
    """Return a new assertion with what the old one has, for the key that it is bound to. Raises `ServiceFault` for one
    whose signature does not hold, that is not of this service, that is not bound to the key of the certificate, or that
    has ended."""
    signer = call.platform.authorities.sts_signer.certificate
    try:
        verified = verify_element(old, ID_ATTRIBUTE)
        ours = verified.certificate.public_key() == signer.public_key()
        bound = certificate_in(only_descendant(verified.element, *_BOUND_CERTIFICATE))
    except errors.MessageInvalid as error:
        raise ServiceFault(UNABLE_TO_RENEW, "The signature of the token does not hold.") from error
    if not ours or bound.public_key() != call.certificate.public_key():
        raise ServiceFault(UNABLE_TO_RENEW, "The token is not one of this service for this key.")
    # By WS-Trust 1.3 a token that has ended is renewed only where it was asked for with Renewing OK; that the real
    # service keeps to it is assumed.
    conditions = only_child(verified.element, SAML("Conditions"))
    if datetime.fromisoformat(conditions.get("NotOnOrAfter", "")) <= call.now:
        raise ServiceFault(UNABLE_TO_RENEW, "The token has ended.")
    number = _name_of(call.certificate).identifier.value
    claims = []
    for attribute in verified.element.iter(SAML("Attribute")):
        value = attribute.findtext(SAML("AttributeValue"))
        claims.append(RequestedClaim(attribute.get("AttributeName", ""), value if value == number else None))
    return _assertion(call, TokenRequest(None, tuple(claims)), call.certificate)


def _require_valid(call: _Call, certificate: x509.Certificate) -> None:
    """Check that a certificate is one of this platform's, or on a card that it trusts; in its days, and not revoked.
    Raises `ServiceFault`."""
    authorities = call.platform.authorities
    try:
        if not any(is_issued_by(certificate, issuer.certificate) for issuer in authorities.issuers):
            require_trusted(call.platform, certificate, authorities.citizen.chain)
    except Refusal as refusal:
        raise ServiceFault(NOT_AUTHENTICATED, refusal.message) from refusal
    if not certificate.not_valid_before_utc <= call.now <= certificate.not_valid_after_utc:
        raise ServiceFault(NOT_AUTHENTICATED, "The certificate that signed is not valid at this time.")
    record = certificate_register.of_certificate(call.platform, certificate)
    if record is not None and record.status(call.now) is CertStatus.REVOKED:
        raise ServiceFault(NOT_AUTHENTICATED, "The certificate that signed was revoked.")


def _signer(call: _Call) -> KeySigner:
    """Return the signer of assertions, in one scenario with a certificate that has ended."""
    signer, end = call.platform.authorities.sts_signer, call.now - _ENDED
    if Scenario.STS_SIGNER_ENDED not in call.on:
        return KeySigner(signer.key, (signer.certificate,))
    certificate = call.platform.authorities.issuing.issue(
        signer.certificate.subject, signer.key.public_key(), (end - _SIGNER_LIFE, end)
    )
    return KeySigner(signer.key, (certificate,))


def _other_certificate(call: _Call) -> x509.Certificate:
    """Return a new certificate of no holder, for a key that is not kept."""
    key, issuing = generate_key(NewKeyKind.RSA_2048), call.platform.authorities.issuing
    validity = (call.now - _ENDED, call.now + _ENDED)
    return issuing.issue(issuing.certificate.subject, key.public_key(), validity)


def _name_of(certificate: x509.Certificate) -> DistinguishedName:
    try:
        return DistinguishedName.of_subject(certificate.subject)
    except errors.DistinguishedNameInvalid as error:
        raise ServiceFault(NOT_AUTHORISED, "Tokens are for the holders of eHealth certificates.") from error


def _response(call: _Call, request: TokenRequest, assertion: NewAssertion) -> bytes:
    answer = _new_response(request)
    add(answer, TRUST, "TokenType", SAML_1_1)
    token = add(answer, TRUST, "RequestedSecurityToken")
    life = add(answer, TRUST, "Lifetime")
    add(life, UTILITY, "Created", written(assertion.issued))
    add(life, UTILITY, "Expires", written(assertion.expires))
    return _with_assertion(call, answer, token, assertion)


def _new_response(request: TokenRequest) -> Element:
    answer = new_element(TRUST, REQUEST_SECURITY_TOKEN.response_name)
    if request.context is not None:
        answer.set("Context", request.context)
    return answer


def _with_assertion(call: _Call, answer: Element, parent: Element, assertion: NewAssertion) -> bytes:
    """Return ``answer`` as bytes, with the signed assertion as the last child of ``parent``, byte for byte: moved into
    another tree, its prefixes, and with them its signature, could change."""
    mark = uuid4().hex
    place = add(parent, SAML, "Assertion", mark)
    around = serialise(answer)
    start = around.rindex(b"<", 0, around.index(mark.encode()))
    end = around.index(b">", around.index(mark.encode())) + 1
    parent.remove(place)
    return around[:start] + assertion.signed(_signer(call)) + around[end:]
