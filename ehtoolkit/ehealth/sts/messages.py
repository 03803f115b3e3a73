"""WS-Trust 1.3 messages: requests to the STS with their WS-Security header, and its answers: a challenge or a token."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.signature import EXCLUSIVE, Signer, add_signature
from ehtoolkit.ehealth.soap.xml import (
    AUTHORIZATION,
    PREFIXES,
    SAML,
    SECURITY,
    SIGNATURE,
    SOAP,
    TRUST,
    UTILITY,
    Element,
    Namespace,
    add,
    child,
    child_text,
    new_element,
    optional_child,
    parse,
    serialise,
)
from ehtoolkit.ehealth.sts.claims import Claim

SAML_1_1: Final = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"
ISSUE: Final = f"{TRUST}/Issue"
RENEW: Final = f"{TRUST}/Renew"
DIALECT: Final = f"{AUTHORIZATION}/authclaims"
PUBLIC_KEY: Final = "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey"
"""Without the hyphen that the standard has in ws-trust: all clients send it so."""

LIFETIME: Final = timedelta(hours=24)
ASSERTION: Final = SAML("Assertion")


@dataclass(frozen=True, slots=True)
class SignChallenge:
    """What the STS wants signed by the key that the token will be bound to."""

    text: str


def issue_request(
    context: str,
    claims: Sequence[Claim],
    holder: x509.Certificate,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> bytes:
    """Build the request for a token of ``claims``, bound to the key of ``holder``, that lives from ``now`` for
    ``lifetime``."""
    request = _request(context, ISSUE, AUTHORIZATION, SECURITY, SIGNATURE, UTILITY)
    asked = add(request, TRUST, "Claims", Dialect=DIALECT)
    for claim in claims:
        kind = add(asked, AUTHORIZATION, "ClaimType", Uri=claim.uri)
        if claim.value is not None:
            add(kind, AUTHORIZATION, "Value", claim.value)
    life = add(request, TRUST, "Lifetime")
    add(life, UTILITY, "Created", written(now))
    add(life, UTILITY, "Expires", written(now + lifetime))
    add(request, TRUST, "KeyType", PUBLIC_KEY)
    reference = add(add(request, TRUST, "UseKey"), SECURITY, "SecurityTokenReference")
    encoded = base64.b64encode(holder.public_bytes(Encoding.DER)).decode()
    add(add(reference, SIGNATURE, "X509Data"), SIGNATURE, "X509Certificate", encoded)
    return serialise(request)


def renew_request(context: str, assertion: bytes) -> bytes:
    """Build the request for a token like ``assertion``, which is embedded byte for byte: moved into another tree, its
    prefixes, and with them its signature, could change."""
    request = _request(context, RENEW, SECURITY, UTILITY)
    reference = add(add(request, TRUST, "RenewTarget"), SECURITY, "SecurityTokenReference")
    embedded = add(reference, SECURITY, "Embedded")
    embedded.set(ID, f"token-{uuid4()}")
    embedded.text = mark = uuid4().hex
    return serialise(request).replace(mark.encode(), assertion)


def challenge_response(challenge: SignChallenge, context: str) -> bytes:
    """Build the message that sends the challenge back, for a header signed by the key that is to be proven."""
    answer = new_element(TRUST, "RequestSecurityTokenResponse")
    answer.set("Context", context)
    add(add(answer, TRUST, "SignChallengeResponse"), TRUST, "Challenge", challenge.text)
    return serialise(answer)


def read_response(response: Element, context: str) -> SignChallenge | Element:
    """Return the challenge in a RequestSecurityTokenResponse, or the one assertion.

    Raises `errors.AssertionUntrusted` (reason ``context``: it answers someone else; ``no_token``; ``wrapping``: there
    is more than one assertion, and nothing says which was meant) and `errors.MessageInvalid`.
    """
    if response.get("Context", context) != context:
        raise errors.AssertionUntrusted(reason="context")
    challenge = optional_child(response, TRUST("SignChallenge"))
    if challenge is not None:
        return SignChallenge(child_text(challenge, TRUST("Challenge")))
    assertions = list(response.getroottree().getroot().iter(ASSERTION))
    requested = optional_child(response, TRUST("RequestedSecurityToken"))
    if requested is None or not assertions:
        raise errors.AssertionUntrusted(reason="no_token")
    if len(assertions) != 1 or assertions[0].getparent() is not requested or len(requested) != 1:
        raise errors.AssertionUntrusted(reason="wrapping")
    return child(requested, ASSERTION)


def _request(context: str, request_type: str, *prefixes: Namespace) -> Element:
    request = new_element(TRUST, "RequestSecurityToken", prefixes)
    request.set("Context", context)
    add(request, TRUST, "TokenType", SAML_1_1)
    add(request, TRUST, "RequestType", request_type)
    return request


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

    The message is put into the envelope as bytes, so that a signature inside it stays as it is. Whatever
    ``signer.sign`` raises goes through.
    """
    body_id, token_id = f"id-{uuid4()}", f"X509-{uuid4()}"
    envelope = parse(_envelope(message, body_id))
    header, body = envelope
    security = add(header, SECURITY, "Security")
    security.set(SOAP("mustUnderstand"), "1")
    timestamp = add(security, UTILITY, "Timestamp")
    timestamp.set(ID, f"TS-{uuid4()}")
    add(timestamp, UTILITY, "Created", written(now))
    add(timestamp, UTILITY, "Expires", written(now + LIFE))
    certificate = signer.chain[0]
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    token = add(security, SECURITY, "BinarySecurityToken", encoded, EncodingType=BASE64, ValueType=X509_V3)
    token.set(ID, token_id)
    signed = {part.get(ID, ""): part for part in (body, timestamp, token)}
    signature = add_signature(security, signer, signed, (EXCLUSIVE,), Id=f"SIG-{uuid4()}")
    reference = add(add(signature, SIGNATURE, "KeyInfo"), SECURITY, "SecurityTokenReference")
    add(reference, SECURITY, "Reference", URI=f"#{token_id}", ValueType=X509_V3)
    return serialise(envelope)


def written(moment: datetime) -> str:
    """Return ``moment`` in UTC with milliseconds and Z, as the platform writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _envelope(message: bytes, body_id: str) -> bytes:
    soap, utility = PREFIXES[SOAP], PREFIXES[UTILITY]
    opening = (
        f'<{soap}:Envelope xmlns:{soap}="{SOAP}"><{soap}:Header/>'
        f'<{soap}:Body xmlns:{utility}="{UTILITY}" {utility}:Id="{body_id}">'
    )
    return opening.encode() + message + f"</{soap}:Body></{soap}:Envelope>".encode()
