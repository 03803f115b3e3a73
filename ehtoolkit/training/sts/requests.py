"""Read the body of a request to the training STS."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from ehtoolkit.ehealth.soap.xml import (
    AUTHORIZATION,
    SAML,
    SAML_PROTOCOL,
    SECURITY,
    SIGNATURE,
    TRUST,
    UTILITY,
    Element,
    certificate,
    child,
    child_text,
    optional_child,
    optional_text,
    optional_timestamp,
)
from ehtoolkit.ehealth.sts.claims import Claim
from ehtoolkit.ehealth.sts.messages import ASSERTION, ISSUE, PUBLIC_KEY, RENEW, SAML_1_1
from ehtoolkit.training.sts.refused import INVALID_REQUEST, TokenRefused

_KEY_TYPES: Final = frozenset({PUBLIC_KEY, PUBLIC_KEY.replace("/wstrust/", "/ws-trust/")})
LONGEST: Final = timedelta(hours=24)
"""How long a token lives unless the request asks for less."""
_MOST_CLAIMS: Final = 100
_X509: Final = f"{SIGNATURE('X509Data')}/{SIGNATURE('X509Certificate')}"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request, read and checked.

    Attributes:
        bound_to: whose key the token is for; None: the one that signed.
        expires: until when it is asked for; None: as long as there are.
        renewed: an assertion that is to be renewed.
    """

    context: str | None
    claims: tuple[Claim, ...] = ()
    bound_to: x509.Certificate | None = None
    expires: datetime | None = None
    renewed: Element | None = None


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """A challenge that comes back, in a message signed by the key that it was for."""

    context: str | None
    challenge: str


def read_token_request(request: Element) -> TokenRequest:
    """Read a RequestSecurityToken. Raises `errors.MessageInvalid`, and `TokenRefused` for what is not offered."""
    context, kind = request.get("Context"), child_text(request, TRUST("RequestType"))
    token_type = optional_text(request, TRUST("TokenType"))
    if token_type not in (None, SAML_1_1):
        raise TokenRefused(INVALID_REQUEST, "Only SAML 1.1 tokens are issued.")
    if kind == RENEW:
        target = child(request, TRUST("RenewTarget"))
        embedded = child(child(target, SECURITY("SecurityTokenReference")), SECURITY("Embedded"))
        return TokenRequest(context, renewed=child(embedded, ASSERTION))
    if kind != ISSUE:
        raise TokenRefused(INVALID_REQUEST, "Tokens are issued and renewed, nothing else.")
    key_type = optional_text(request, TRUST("KeyType"))
    if key_type not in (None, *_KEY_TYPES):
        raise TokenRefused(INVALID_REQUEST, "Only tokens for a public key are issued.")
    return TokenRequest(
        context, claims=_claims(request), bound_to=_use_key(request), expires=_expires(request)
    )


def read_challenge_answer(request: Element) -> ChallengeAnswer:
    """Read a RequestSecurityTokenResponse of a client. Raises `errors.MessageInvalid`."""
    response = child(request, TRUST("SignChallengeResponse"))
    return ChallengeAnswer(request.get("Context"), child_text(response, TRUST("Challenge")))


def read_saml_request(request: Element) -> TokenRequest:
    """Read a samlp:Request of the older service: an AttributeQuery whose subject confirmation holds what is asserted,
    and the key. Raises `errors.MessageInvalid`, and `TokenRefused` for too many claims."""
    query = child(request, SAML_PROTOCOL("AttributeQuery"))
    confirmed = child(child(query, SAML("Subject")), SAML("SubjectConfirmation"))
    bound = optional_child(confirmed, SIGNATURE("KeyInfo"))
    asserted = [Claim(one.get("AttributeName", ""), _value(one)) for one in confirmed.iter(SAML("Attribute"))]
    asked = [Claim(one.get("AttributeName", "")) for one in query.findall(SAML("AttributeDesignator"))]
    named = {one.uri for one in asserted}
    claims = (*asserted, *(one for one in asked if one.uri not in named))
    key = None if bound is None or bound.find(_X509) is None else certificate(child(bound, _X509))
    _require_few(claims)
    return TokenRequest(None, claims=claims, bound_to=key)


def _claims(request: Element) -> tuple[Claim, ...]:
    asked = optional_child(request, TRUST("Claims"))
    kinds = [] if asked is None else asked.findall(AUTHORIZATION("ClaimType"))
    _require_few(kinds)
    return tuple(Claim(one.get("Uri", ""), optional_text(one, AUTHORIZATION("Value"))) for one in kinds)


def _require_few(claims: Sized) -> None:
    if len(claims) > _MOST_CLAIMS:
        raise TokenRefused(INVALID_REQUEST, "There are too many claims.")


def _use_key(request: Element) -> x509.Certificate | None:
    use_key = optional_child(request, TRUST("UseKey"))
    if use_key is None:
        return None
    return certificate(child(child(use_key, SECURITY("SecurityTokenReference")), _X509))


def _expires(request: Element) -> datetime | None:
    lifetime = optional_child(request, TRUST("Lifetime"))
    return None if lifetime is None else optional_timestamp(lifetime, UTILITY("Expires"))


def _value(attribute: Element) -> str:
    return child_text(attribute, SAML("AttributeValue"))
