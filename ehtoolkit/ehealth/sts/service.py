"""The STS as a client asks it for a session: WS-Trust messages with their WS-Security header."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.operations import REQUEST_SECURITY_TOKEN
from ehtoolkit.ehealth.soap.signature import EXCLUSIVE, Signer, add_signature
from ehtoolkit.ehealth.soap.xml import (
    AUTHORIZATION,
    SAML,
    SECURITY,
    SIGNATURE,
    SOAP,
    TRUST,
    UTILITY,
    Element,
    add,
    add_base64,
    child,
    new_element,
    optional_child,
    parse,
    serialise,
    wrap,
)
from ehtoolkit.ehealth.sts.assertion import (
    PLATFORM_SIGNER,
    Assertion,
    Expected,
    SessionSigner,
    check_assertion,
)
from ehtoolkit.ehealth.sts.claims import Claim


@dataclass(frozen=True, slots=True)
class SecurityTokenService:
    """The client of the security token service.

    Attributes:
        authorities: those that may have issued the certificate of the STS, beside those in the chain of the requester;
            by default none.
        signer: how that certificate is named.

    Every method raises `errors.AssertionUntrusted`, the `errors.PlatformError` of its failure, and what the signers
    raise. Nothing that is asked here changes anything at the platform.
    """

    client: SoapClient
    clock: Clock
    authorities: Callable[[], Sequence[x509.Certificate]] = tuple
    signer: SessionSigner = PLATFORM_SIGNER

    def issue(self, signer: Signer, claims: Sequence[Claim]) -> Assertion:
        """Ask for a session with ``claims``, bound to the key of ``signer``, and return its assertion, checked."""
        try:
            return self._issue(signer, tuple(claims), self.clock.now())
        except errors.PlatformFault:
            # The clock of a training server may have been moved: ask again at the time in its answer.
            there = self.client.clock.there
            if self.client.clock.compares or there is None or _close(there, self.clock.now()):
                raise
        return self._issue(signer, tuple(claims), there)

    def _issue(self, signer: Signer, claims: tuple[Claim, ...], now: datetime) -> Assertion:
        context = str(uuid4())
        request = issue_request(context, claims, signer.chain[0], now)
        answer = self.client.ask_with_header(
            REQUEST_SECURITY_TOKEN,
            secured(request, signer, now),
            lambda response: read_response(response, context),
        )
        there = self.client.clock.there
        authorities = (*self.authorities(), *signer.chain[1:])
        try:
            return check_assertion(
                answer, Expected(signer.chain[0], claims, there or now, authorities, self.signer)
            )
        except errors.AssertionUntrusted as error:
            wrong = self.client.clock.wrong  # once: an answer in another thread may change it
            if wrong is not None:
                error.facts.update(here=wrong.here, there=wrong.there)
            raise


def _close(first: datetime, second: datetime) -> bool:
    return abs(first - second) < timedelta(minutes=1)


# ── WS-Trust 1.3: the request, and its answer ──────────────────────────────────────────────────────────
SAML_1_1: Final = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"
DIALECT: Final = f"{AUTHORIZATION}/authclaims"
PUBLIC_KEY: Final = "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey"
"""Without the hyphen that the standard has in ws-trust: all clients send it so."""

LIFETIME: Final = timedelta(hours=24)
ASSERTION: Final = SAML("Assertion")


def issue_request(context: str, claims: Sequence[Claim], holder: x509.Certificate, now: datetime) -> bytes:
    """Build the request for a token of ``claims``, bound to the key of ``holder``, that lives from ``now`` for
    `LIFETIME`."""
    prefixes = (AUTHORIZATION, SECURITY, SIGNATURE, UTILITY)
    request = new_element(TRUST, "RequestSecurityToken", prefixes)
    request.set("Context", context)
    add(request, TRUST, "TokenType", SAML_1_1)
    add(request, TRUST, "RequestType", f"{TRUST}/Issue")
    asked = add(request, TRUST, "Claims", Dialect=DIALECT)
    for claim in claims:
        kind = add(asked, AUTHORIZATION, "ClaimType", Uri=claim.uri)
        if claim.value is not None:
            add(kind, AUTHORIZATION, "Value", claim.value)
    life = add(request, TRUST, "Lifetime")
    add(life, UTILITY, "Created", written(now))
    add(life, UTILITY, "Expires", written(now + LIFETIME))
    add(request, TRUST, "KeyType", PUBLIC_KEY)
    reference = add(add(request, TRUST, "UseKey"), SECURITY, "SecurityTokenReference")
    data = add(reference, SIGNATURE, "X509Data")
    add_base64(data, SIGNATURE, "X509Certificate", holder.public_bytes(Encoding.DER))
    return serialise(request)


def read_response(response: Element, context: str) -> Element:
    """Return the one assertion in a RequestSecurityTokenResponse.

    Raises `errors.AssertionUntrusted` (reason ``context``: it answers someone else; ``no_token``; ``wrapping``: there
    is more than one assertion, and nothing says which was meant) and `errors.MessageInvalid`.
    """
    if response.get("Context", context) != context:
        raise errors.AssertionUntrusted(reason="context")
    assertions = list(response.getroottree().getroot().iter(ASSERTION))
    requested = optional_child(response, TRUST("RequestedSecurityToken"))
    if requested is None or not assertions:
        raise errors.AssertionUntrusted(reason="no_token")
    if len(assertions) != 1 or assertions[0].getparent() is not requested or len(requested) != 1:
        raise errors.AssertionUntrusted(reason="wrapping")
    return child(requested, ASSERTION)


# ── The WS-Security header ─────────────────────────────────────────────────────────────────────────────
LIFE: Final = timedelta(seconds=60)
"""How long a message holds (Java, e-Contract)."""
_PROFILES: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
X509_V3: Final = f"{_PROFILES}x509-token-profile-1.0#X509v3"
BASE64: Final = f"{_PROFILES}soap-message-security-1.0#Base64Binary"

ID: Final = UTILITY("Id")


def secured(message: bytes, signer: Signer, now: datetime) -> bytes:
    """Return the envelope with ``message`` in its body, signed by ``signer`` at ``now``: body, timestamp and
    certificate.

    Whatever ``signer.sign`` raises goes through.
    """
    body_id, token_id = f"id-{uuid4()}", f"X509-{uuid4()}"
    envelope = parse(wrap(message, body_id))
    header, body = envelope
    security = add(header, SECURITY, "Security")
    security.set(SOAP("mustUnderstand"), "1")
    timestamp = add(security, UTILITY, "Timestamp")
    timestamp.set(ID, f"TS-{uuid4()}")
    add(timestamp, UTILITY, "Created", written(now))
    add(timestamp, UTILITY, "Expires", written(now + LIFE))
    token = add_base64(security, SECURITY, "BinarySecurityToken", signer.chain[0].public_bytes(Encoding.DER))
    token.set("EncodingType", BASE64)
    token.set("ValueType", X509_V3)
    token.set(ID, token_id)
    signed = {part.get(ID, ""): part for part in (body, timestamp, token)}
    signature = add_signature(security, signer, signed, (EXCLUSIVE,), Id=f"SIG-{uuid4()}")
    reference = add(add(signature, SIGNATURE, "KeyInfo"), SECURITY, "SecurityTokenReference")
    add(reference, SECURITY, "Reference", URI=f"#{token_id}", ValueType=X509_V3)
    return serialise(envelope)


def written(moment: datetime) -> str:
    """Return ``moment`` in UTC with milliseconds and Z, as the platform writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
