"""Read requests to the training STS, by its own reader, apart from the clients', and store those whose challenge is not
answered yet.

What is missing, double or of the wrong form raises `errors.MessageInvalid` (reason ``incomplete``).
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sized
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
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
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import fingerprint
from ehtoolkit.training.state.database import from_text, to_text
from ehtoolkit.training.sts.service_faults import FAILED_AUTHENTICATION, INVALID_REQUEST, ServiceFault

_MOMENT: Final = re.compile(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}(\.\d{1,20})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def only_child(parent: Element, tag: str) -> Element:
    found = [element for element in parent if element.tag == tag]
    if len(found) != 1:
        raise incomplete(tag)
    return found[0]


def only_descendant(parent: Element, *tags: str) -> Element:
    """Return the only child of the only child … with these names."""
    for tag in tags:
        parent = only_child(parent, tag)
    return parent


def maybe_child(parent: Element, tag: str) -> Element | None:
    """Return the only child with that name; None without one."""
    return only_child(parent, tag) if any(element.tag == tag for element in parent) else None


def text_of(element: Element) -> str:
    """Return the text of an element, which has to have some and no children, without spaces around it."""
    found = "".join(str(text) for text in element.itertext()).strip()
    if not found or len(element):
        raise incomplete(element.tag)
    return found


def child_text(parent: Element, tag: str) -> str:
    return text_of(only_child(parent, tag))


def maybe_text(parent: Element, tag: str) -> str | None:
    """Return the text of the only child with that name; None where it is missing or empty."""
    found = maybe_child(parent, tag)
    return None if found is None or not (found.text or "").strip() else text_of(found)


def child_moment(parent: Element, tag: str) -> datetime:
    """Return the moment in the only child with that name, an xs:dateTime; without a zone it is Brussels time."""
    text = child_text(parent, tag)
    if not _MOMENT.fullmatch(text):
        raise incomplete(tag)
    try:
        moment = datetime.fromisoformat(text)  # without the last digits of the nanoseconds that Java writes
    except ValueError as error:
        raise incomplete(tag) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)


def certificate_in(element: Element) -> x509.Certificate:
    """Return the certificate that an element has in base64, folded or not."""
    try:
        return x509.load_der_x509_certificate(
            base64.b64decode("".join(text_of(element).split()), validate=True)
        )
    except UNREADABLE as error:  # ValueError, of base64, among them
        raise incomplete(element.tag) from error


def incomplete(tag: object) -> errors.MessageInvalid:
    """Return the error for an element that is missing, double, or not what it should be."""
    return errors.MessageInvalid(reason="incomplete", element=str(tag).rpartition("}")[2])


def written(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds, as assertions of the real STS have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ── Requests ──────────────────────────────────────────────────────────────────────────────────────────
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


def read_token_request(request: Element) -> TokenRequest:
    """Read a RequestSecurityToken. Raises `errors.MessageInvalid`, and `ServiceFault` for what is not offered."""
    context, kind = request.get("Context"), child_text(request, TRUST("RequestType"))
    token_type = maybe_text(request, TRUST("TokenType"))
    if token_type not in (None, SAML_1_1):
        raise ServiceFault(INVALID_REQUEST, "Only SAML 1.1 tokens are issued.")
    if kind == _RENEW:
        target = only_descendant(
            request, TRUST("RenewTarget"), SECURITY("SecurityTokenReference"), SECURITY("Embedded")
        )
        return TokenRequest(context, renewed=only_child(target, SAML("Assertion")))
    if kind != _ISSUE:
        raise ServiceFault(INVALID_REQUEST, "Tokens are issued and renewed, nothing else.")
    key_type = maybe_text(request, TRUST("KeyType"))
    if key_type not in (None, *_KEY_TYPES):
        raise ServiceFault(INVALID_REQUEST, "Only tokens for a public key are issued.")
    return TokenRequest(
        context, claims=_claims(request), bound_to=_use_key(request), expires=_expires(request)
    )


def read_saml_request(request: Element) -> TokenRequest:
    """Read a samlp:Request of the older service: an AttributeQuery whose subject confirmation holds what is asserted,
    and the key. Raises `errors.MessageInvalid`, and `ServiceFault` for too many claims."""
    query = only_child(request, SAML_PROTOCOL("AttributeQuery"))
    confirmed = only_descendant(query, SAML("Subject"), SAML("SubjectConfirmation"))
    bound = maybe_child(confirmed, SIGNATURE("KeyInfo"))
    asserted = [
        RequestedClaim(attribute.get("AttributeName", ""), child_text(attribute, SAML("AttributeValue")))
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
        raise ServiceFault(INVALID_REQUEST, "There are too many claims.")


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


_LIFE: Final = timedelta(minutes=5)
_BYTES: Final = 24


# Kept in the training database, so that whichever process gets the answer knows them.
def set_challenge(platform: EmbeddedPlatform, request: Element, holder: x509.Certificate) -> str:
    """Store a new challenge for the key of ``holder``, with the request that it belongs to, and return it."""
    challenge = secrets.token_urlsafe(_BYTES)
    platform.database.insert(
        "session_challenge",
        challenge=challenge,
        holder=fingerprint(holder),
        request=serialise(request),
        set_at=to_text(platform.clock.now()),
    )
    return challenge


def take_challenge(platform: EmbeddedPlatform, answer: Element, holder: x509.Certificate) -> Element:
    """Return the request whose challenge ``answer`` has, a RequestSecurityTokenResponse that the key of ``holder`` has
    signed; the challenge is then no longer pending.

    Raises `errors.MessageInvalid`, and `ServiceFault` for a challenge that is unknown, was set more than five minutes
    ago, or was set for another key.
    """
    challenge = child_text(only_child(answer, TRUST("SignChallengeResponse")), TRUST("Challenge"))
    database = platform.database
    with database.writing():
        row = database.row("SELECT * FROM session_challenge WHERE challenge = ?", challenge)
        database.write("DELETE FROM session_challenge WHERE challenge = ?", challenge)
    if row is None or from_text(row["set_at"]) + _LIFE < platform.clock.now():
        raise ServiceFault(FAILED_AUTHENTICATION, "This challenge is unknown, was answered, or is too old.")
    if row["holder"] != fingerprint(holder):
        raise ServiceFault(FAILED_AUTHENTICATION, "The challenge was signed by another key.")
    return parse(row["request"])
