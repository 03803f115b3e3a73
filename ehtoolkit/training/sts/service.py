"""The decisions of the training STS: who may ask, for what, and what the scenarios make of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from ehtoolkit import errors
from ehtoolkit.crypto.signatures import is_issued_by
from ehtoolkit.ehealth.certificate_info import CertStatus
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
from ehtoolkit.ehealth.soap.xml import certificate as read_certificate
from ehtoolkit.ehealth.sts.assertion import ID_ATTRIBUTE
from ehtoolkit.ehealth.sts.claims import Claim
from ehtoolkit.ehealth.sts.messages import SAML_1_1, written
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.authority.trust import TrustStore, fingerprint
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.authentication import affected_people
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.mandates import Mandates
from ehtoolkit.training.state.refusals import Refusal
from ehtoolkit.training.state.scenarios import Scenario, Scenarios
from ehtoolkit.training.sts.assertion import NewAssertion
from ehtoolkit.training.sts.attributes import Attributes
from ehtoolkit.training.sts.challenges import Challenges
from ehtoolkit.training.sts.header import SignedTokenRequest, verified_request
from ehtoolkit.training.sts.refused import (
    DOWN,
    FAILED_AUTHENTICATION,
    INVALID_REQUEST,
    NOT_AUTHENTICATED,
    NOT_AUTHORISED,
    UNABLE_TO_RENEW,
    UNSUPPORTED,
    TokenRefused,
)
from ehtoolkit.training.sts.requests import (
    LONGEST,
    TokenRequest,
    read_challenge_answer,
    read_saml_request,
    read_token_request,
)

OLDER_PATH: Final = "/IAM/Saml11TokenService/v1"
PATHS: Final = frozenset({STS_PATH, OLDER_PATH, "/IAM/Saml11TokenService/Legacy/v1"})
"""Where it is, the older services with it."""

_SAML_REQUEST: Final = SAML_PROTOCOL("Request")
_SIGNER_LIFE: Final = timedelta(days=3 * 365)
_ENDED: Final = timedelta(days=40)
"""How long ago the certificate of the signer ended in the scenario, as that of acceptance in 2026."""


class TrainingSts:
    """Issues sessions to the holders of certificates of this platform. `answer` raises `TokenRefused`, and
    `errors.MessageInvalid` for what is no message of the service."""

    def __init__(
        self,
        authorities: Authorities,
        trust: TrustStore,
        register: Register,
        mandates: Mandates,
        scenarios: Scenarios,
        challenges: Challenges,
        clock: TrainingClock,
    ) -> None:
        self._authorities = authorities
        self._trust = trust
        self._register = register
        self._mandates = mandates
        self._scenarios = scenarios
        self._challenges = challenges
        self._clock = clock
        self._attributes = Attributes(register, mandates)

    def answer(self, body: bytes, path: str) -> bytes:
        """Return the message that answers the envelope ``body`` posted to ``path``. Raises `TokenRefused`, and
        `errors.MessageInvalid` for what is no message of the service."""
        now = self._clock.now()
        signed = verified_request(body, now)
        people = affected_people(signed.message, self._register, self._mandates)
        switches = self._scenarios.now()
        on = frozenset(one for one in Scenario if switches.is_on(one, people))
        if Scenario.STS_DOWN in on:
            raise TokenRefused(DOWN, "Service is temporarily not available.")
        self._require_believed(signed.certificate, now)
        if Scenario.STS_NOT_AUTHORISED in on:
            raise TokenRefused(NOT_AUTHORISED, "Service call not authorized.")
        if Scenario.STS_ONLY_RSA in on and isinstance(
            signed.certificate.public_key(), EllipticCurvePublicKey
        ):
            raise TokenRefused(UNSUPPORTED, "Cannot find private key for signature: not an RSA key.")
        tag = signed.message.tag
        if path == STS_PATH and tag == REQUEST_SECURITY_TOKEN.request_tag:
            return self._issue(signed, on, now)
        if path == STS_PATH and tag == CHALLENGE.request_tag:
            return self._challenged(signed, on, now)
        if path != STS_PATH and tag == _SAML_REQUEST:
            return self._older(signed, on, now)
        raise TokenRefused(INVALID_REQUEST, "Service or operation not recognised.")

    def _issue(self, signed: SignedTokenRequest, on: frozenset[Scenario], now: datetime) -> bytes:
        request = read_token_request(signed.message)
        if request.renewed is not None:
            return _response(request, self._renewed(request.renewed, signed.certificate, on, now))
        holder = request.bound_to or signed.certificate
        if holder.public_key() == signed.certificate.public_key():
            return _response(request, self._assertion(request, holder, on, now))
        self._require_believed(holder, now)
        answer = _new_response(request)
        challenge = self._challenges.set(signed.message, holder)
        add(add(answer, TRUST, "SignChallenge"), TRUST, "Challenge", challenge)
        return serialise(answer)

    def _challenged(self, signed: SignedTokenRequest, on: frozenset[Scenario], now: datetime) -> bytes:
        given = read_challenge_answer(signed.message)
        waiting = self._challenges.take(given.challenge)
        if waiting is None:
            raise TokenRefused(
                FAILED_AUTHENTICATION, "This challenge is unknown, was answered, or is too old."
            )
        if waiting.holder != fingerprint(signed.certificate):
            raise TokenRefused(FAILED_AUTHENTICATION, "The challenge was signed by another key.")
        request = read_token_request(waiting.request)
        if given.context not in (None, request.context):
            raise TokenRefused(INVALID_REQUEST, "The challenge belongs to another request.")
        return _response(request, self._assertion(request, signed.certificate, on, now))

    def _older(self, signed: SignedTokenRequest, on: frozenset[Scenario], now: datetime) -> bytes:
        """Return the answer to the samlp variant, for one key alone. Raises `TokenRefused` for a second key."""
        request = read_saml_request(signed.message)
        holder = request.bound_to or signed.certificate
        if holder.public_key() != signed.certificate.public_key():
            raise TokenRefused(INVALID_REQUEST, "Tokens for a second key are issued by the WS-Trust service.")
        answer = new_element(SAML_PROTOCOL, "Response", (SAML,))
        for name, value in (
            ("ResponseID", f"_{uuid4().hex}"),
            ("InResponseTo", signed.message.get("RequestID", "")),
            ("IssueInstant", written(now)),
            ("MajorVersion", "1"),
            ("MinorVersion", "1"),
        ):
            answer.set(name, value)
        status = add(answer, SAML_PROTOCOL, "Status")
        add(status, SAML_PROTOCOL, "StatusCode", Value="samlp:Success")
        return _with_assertion(answer, answer, self._assertion(request, holder, on, now).xml)

    def _assertion(
        self, request: TokenRequest, holder: x509.Certificate, on: frozenset[Scenario], now: datetime
    ) -> _Issued:
        name = _holder_of(holder)
        granted = Scenario.RIGHT_MISSING not in on
        attributes = self._attributes.answer(request.claims, name, granted=granted)
        latest = now + LONGEST
        expires = latest if request.expires is None else min(request.expires, latest)
        if expires <= now:
            raise TokenRefused(INVALID_REQUEST, "The token would have ended already.")
        bound = self._another(now) if Scenario.STS_OTHER_KEY in on else holder
        signer = self._signer(now, ended=Scenario.STS_SIGNER_ENDED in on)
        return _Issued(NewAssertion(bound, attributes, now, expires).signed(signer), now, expires)

    def _renewed(
        self, old: Element, certificate: x509.Certificate, on: frozenset[Scenario], now: datetime
    ) -> _Issued:
        """Return a new assertion with what the old one has, for the key that it is bound to. Raises `TokenRefused` for
        one whose signature does not hold, that is not of this service, that is not bound to the key of
        ``certificate``, or that has ended."""
        try:
            verified = verify_element(old, ID_ATTRIBUTE)
            ours = verified.certificate.public_key() == self._authorities.sts_signer.certificate.public_key()
            bound = read_certificate(_only(verified.element, f".//{SIGNATURE('X509Certificate')}"))
        except errors.MessageInvalid as error:
            raise TokenRefused(UNABLE_TO_RENEW, "The signature of the token does not hold.") from error
        if not ours or bound.public_key() != certificate.public_key():
            raise TokenRefused(UNABLE_TO_RENEW, "The token is not one of this service for this key.")
        # By WS-Trust 1.3 a token that has ended is renewed only where it was asked for with Renewing OK; that the real
        # service keeps to it is assumed.
        conditions = _only(verified.element, SAML("Conditions"))
        if datetime.fromisoformat(conditions.get("NotOnOrAfter", "")) <= now:
            raise TokenRefused(UNABLE_TO_RENEW, "The token has ended.")
        values = [
            (one.get("AttributeName", ""), one.findtext(SAML("AttributeValue")) or "")
            for one in verified.element.iter(SAML("Attribute"))
        ]
        number = _holder_of(certificate).identifier.value
        claims = tuple(Claim(uri, value if value == number else None) for uri, value in values)
        return self._assertion(TokenRequest(None, claims), certificate, on, now)

    def _require_believed(self, certificate: x509.Certificate, now: datetime) -> None:
        """Check that a certificate is one of this platform's, or on a card that it trusts; in its days, and not
        revoked. Raises `TokenRefused`."""
        issuer = next(
            (one for one in self._authorities.issuers if is_issued_by(certificate, one.certificate)), None
        )
        try:
            if issuer is None:
                self._trust.require(certificate, self._authorities.citizen.chain, now)
        except Refusal as refusal:
            raise TokenRefused(NOT_AUTHENTICATED, refusal.message) from refusal
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise TokenRefused(NOT_AUTHENTICATED, "The certificate that signed is not valid at this time.")
        record = self._register.of_certificate(certificate)
        if record is not None and record.status(now) is CertStatus.REVOKED:
            raise TokenRefused(NOT_AUTHENTICATED, "The certificate that signed was revoked.")

    def _signer(self, now: datetime, *, ended: bool) -> KeySigner:
        signer = self._authorities.sts_signer
        if not ended:
            return KeySigner(signer.key, (signer.certificate,))
        end = now - _ENDED
        certificate = self._authorities.issuing.issue(
            signer.certificate.subject, signer.key.public_key(), (end - _SIGNER_LIFE, end)
        )
        return KeySigner(signer.key, (certificate,))

    def _another(self, now: datetime) -> x509.Certificate:
        """Return a new certificate of no holder, for a key that is not kept."""
        key = rsa.generate_private_key(65537, 2048)
        issuing = self._authorities.issuing
        return issuing.issue(issuing.certificate.subject, key.public_key(), (now - _ENDED, now + _ENDED))


class _Issued:
    """A signed assertion and its time."""

    __slots__ = ("begins", "ends", "xml")

    def __init__(self, xml: bytes, begins: datetime, ends: datetime) -> None:
        self.xml = xml
        self.begins = begins
        self.ends = ends


def _holder_of(certificate: x509.Certificate) -> DistinguishedName:
    try:
        return DistinguishedName.of_subject(certificate.subject)
    except errors.DistinguishedNameInvalid as error:
        raise TokenRefused(NOT_AUTHORISED, "Tokens are for the holders of eHealth certificates.") from error


def _response(request: TokenRequest, issued: _Issued) -> bytes:
    answer = _new_response(request)
    add(answer, TRUST, "TokenType", SAML_1_1)
    token = add(answer, TRUST, "RequestedSecurityToken")
    life = add(answer, TRUST, "Lifetime")
    add(life, UTILITY, "Created", written(issued.begins))
    add(life, UTILITY, "Expires", written(issued.ends))
    return _with_assertion(answer, token, issued.xml)


def _new_response(request: TokenRequest) -> Element:
    answer = new_element(TRUST, REQUEST_SECURITY_TOKEN.response_name)
    if request.context is not None:
        answer.set("Context", request.context)
    return answer


def _with_assertion(answer: Element, parent: Element, assertion: bytes) -> bytes:
    """Return ``answer`` as bytes, with the assertion as the last child of ``parent``, byte for byte: moved into another
    tree, its prefixes, and with them its signature, could change."""
    mark = uuid4().hex
    place = add(parent, SAML, "Assertion", mark)
    around = serialise(answer)
    start = around.rindex(b"<", 0, around.index(mark.encode()))
    end = around.index(b">", around.index(mark.encode())) + 1
    parent.remove(place)
    return around[:start] + assertion + around[end:]


def _only(element: Element, path: str) -> Element:
    found = element.findall(path)
    if len(found) != 1:
        raise errors.MessageInvalid(reason="content", element="KeyInfo")
    return found[0]
