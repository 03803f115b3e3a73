"""Read requests to the training STS, and store those whose challenge is not answered yet."""

from __future__ import annotations

import secrets
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
    parse,
    serialise,
)
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import fingerprint
from ehtoolkit.training.state.database import from_text, to_text
from ehtoolkit.training.sts.request_values import (
    certificate_in,
    child_moment,
    child_text,
    maybe_child,
    maybe_text,
    only_child,
    only_descendant,
)
from ehtoolkit.training.sts.token_refusals import INVALID_REQUEST, TokenRefused

SAML_1_1: Final = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"
ID_ATTRIBUTE: Final = "AssertionID"
_ISSUE: Final = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue"
_RENEW: Final = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Renew"
_KEY_TYPES: Final = (
    "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey",  # as all clients write it
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey",  # as the standard has it
)
LONGEST: Final = timedelta(hours=24)
"""How long a token lives unless the request asks for less."""
_MOST_CLAIMS: Final = 100
_X509: Final = (SIGNATURE("X509Data"), SIGNATURE("X509Certificate"))


@dataclass(frozen=True, slots=True)
class RequestedClaim:
    """An attribute in a request: asserted with its ``value``, or asked for without one."""

    uri: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request, read and checked.

    Attributes:
        bound_to: whose key the token is for; None: the one that signed.
        expires: until when it is asked for; None: as long as there are.
        renewed: an assertion that is to be renewed.
    """

    context: str | None
    claims: tuple[RequestedClaim, ...] = ()
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
    token_type = maybe_text(request, TRUST("TokenType"))
    if token_type not in (None, SAML_1_1):
        raise TokenRefused(INVALID_REQUEST, "Only SAML 1.1 tokens are issued.")
    if kind == _RENEW:
        target = only_descendant(
            request, TRUST("RenewTarget"), SECURITY("SecurityTokenReference"), SECURITY("Embedded")
        )
        return TokenRequest(context, renewed=only_child(target, SAML("Assertion")))
    if kind != _ISSUE:
        raise TokenRefused(INVALID_REQUEST, "Tokens are issued and renewed, nothing else.")
    key_type = maybe_text(request, TRUST("KeyType"))
    if key_type not in (None, *_KEY_TYPES):
        raise TokenRefused(INVALID_REQUEST, "Only tokens for a public key are issued.")
    return TokenRequest(
        context, claims=_claims(request), bound_to=_use_key(request), expires=_expires(request)
    )


def read_challenge_answer(request: Element) -> ChallengeAnswer:
    """Read a RequestSecurityTokenResponse of a client. Raises `errors.MessageInvalid`."""
    response = only_child(request, TRUST("SignChallengeResponse"))
    return ChallengeAnswer(request.get("Context"), child_text(response, TRUST("Challenge")))


def read_saml_request(request: Element) -> TokenRequest:
    """Read a samlp:Request of the older service: an AttributeQuery whose subject confirmation holds what is asserted,
    and the key. Raises `errors.MessageInvalid`, and `TokenRefused` for too many claims."""
    query = only_child(request, SAML_PROTOCOL("AttributeQuery"))
    confirmed = only_descendant(query, SAML("Subject"), SAML("SubjectConfirmation"))
    bound = maybe_child(confirmed, SIGNATURE("KeyInfo"))
    asserted = [
        RequestedClaim(attribute.get("AttributeName", ""), _value(attribute))
        for attribute in confirmed.iter(SAML("Attribute"))
    ]
    asked = [
        RequestedClaim(designator.get("AttributeName", ""))
        for designator in query.findall(SAML("AttributeDesignator"))
    ]
    named = {claim.uri for claim in asserted}
    claims = (*asserted, *(claim for claim in asked if claim.uri not in named))
    key = None if bound is None or maybe_child(bound, _X509[0]) is None else _certificate_of(bound)
    _require_few(claims)
    return TokenRequest(None, claims=claims, bound_to=key)


def _claims(request: Element) -> tuple[RequestedClaim, ...]:
    asked = maybe_child(request, TRUST("Claims"))
    kinds = [] if asked is None else asked.findall(AUTHORIZATION("ClaimType"))
    _require_few(kinds)
    return tuple(
        RequestedClaim(kind.get("Uri", ""), maybe_text(kind, AUTHORIZATION("Value"))) for kind in kinds
    )


def _require_few(claims: Sized) -> None:
    if len(claims) > _MOST_CLAIMS:
        raise TokenRefused(INVALID_REQUEST, "There are too many claims.")


def _use_key(request: Element) -> x509.Certificate | None:
    use_key = maybe_child(request, TRUST("UseKey"))
    if use_key is None:
        return None
    return _certificate_of(only_child(use_key, SECURITY("SecurityTokenReference")))


def _certificate_of(key: Element) -> x509.Certificate:
    return certificate_in(only_descendant(key, *_X509))


def _expires(request: Element) -> datetime | None:
    lifetime = maybe_child(request, TRUST("Lifetime"))
    if lifetime is None or maybe_text(lifetime, UTILITY("Expires")) is None:
        return None
    return child_moment(lifetime, UTILITY("Expires"))


def _value(attribute: Element) -> str:
    return child_text(attribute, SAML("AttributeValue"))


_LIFE: Final = timedelta(minutes=5)
_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class PendingChallenge:
    """A challenge that waits for its answer.

    Attributes:
        request: what was asked when it was set.
        holder: the fingerprint of the certificate whose key signs.
    """

    request: Element
    holder: str


# Kept in the training database, so that whichever process gets the answer knows them.
def set_challenge(platform: EmbeddedPlatform, request: Element, holder: x509.Certificate) -> str:
    """Store a new challenge for the key of ``holder``, with the request that it belongs to, and return it."""
    challenge = secrets.token_urlsafe(_BYTES)
    with platform.database.writing() as connection:
        connection.execute(
            "INSERT INTO session_challenge VALUES (?, ?, ?, ?)",
            (challenge, fingerprint(holder), serialise(request), to_text(platform.clock.now())),
        )
    return challenge


def take_challenge(platform: EmbeddedPlatform, challenge: str) -> PendingChallenge | None:
    """Return the pending challenge with that text, which is then no longer pending; None for one that is unknown, or
    was set more than five minutes ago."""
    with platform.database.writing() as connection:
        row = connection.execute(
            "SELECT * FROM session_challenge WHERE challenge = ?", (challenge,)
        ).fetchone()
        connection.execute("DELETE FROM session_challenge WHERE challenge = ?", (challenge,))
    if row is None or from_text(row["set_at"]) + _LIFE < platform.clock.now():
        return None
    return PendingChallenge(parse(row["request"]), row["holder"])
