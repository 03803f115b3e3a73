"""Errors of the eHealth platform and of the connection to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from ehtoolkit.errors.base import EhToolkitError

UnreachableReason = Literal[
    "connect",
    "training",
    "name",
    "tls",
    "proxy",
    "proxy_down",
    "proxy_login",
    "proxy_gateway",
    "proxy_untrusted",
    "address",
    "cut",
]


MessageReason = Literal[
    "content",
    "dtd",
    "empty",
    "encoding",
    "envelope",
    "forbidden",
    "gateway",
    "html",
    "http_status",
    "in_response_to",
    "incomplete",
    "not_found",
    "not_xml",
    "other_message",
    "redirect",
    "token",
    "too_large",
]


SignatureReason = Literal["algorithm", "certificate", "form", "missing", "value", "wrapping"]


UntrustedReason = Literal["issuer", "unknown_issuer", "expired", "not_yet_valid", "hostname", "clock"]


class PlatformError(EhToolkitError):
    """An error of the eHealth platform or of the connection to it."""

    exit_code = 5
    reason: str | None = None
    here: datetime | None = None
    there: datetime | None = None


class PlatformUnreachable(PlatformError):
    """The platform cannot be reached.

    (facts: host, reason = connect | name | tls | proxy | proxy_down | proxy_login | proxy_gateway |
    proxy_untrusted | address | cut | training: a training server that refuses connections, proxy = the proxy that is
    down or not trusted, sent)
    """

    host: str
    proxy: str | None = None
    reason: UnreachableReason
    sent: bool | None


class PlatformTimeout(PlatformError):
    """The platform did not answer in time (facts: host, seconds, sent)."""

    host: str
    seconds: float
    sent: bool | None


class PlatformUntrusted(PlatformError):
    """The server's TLS certificate cannot be trusted.

    (facts: host, issuer, reason = issuer | unknown_issuer | expired | not_yet_valid | hostname | clock, here = what
    the computer's clock says, there = what the server's says)
    """

    host: str
    issuer: str | None
    reason: UntrustedReason


class MessageInvalid(PlatformError):
    """The data received is not a message of the protocol (facts: reason, element)."""

    reason: MessageReason | SignatureReason
    element: str | None = None


class SignatureInvalid(MessageInvalid):
    """The XML signature of a request is rejected (facts: reason)."""

    reason: SignatureReason


class ResponseInvalid(MessageInvalid):
    """The response is not from the eHealth platform (facts: reason, element, operation, status, location)."""

    key = "answer_invalid"
    reason: MessageReason
    operation: str | None = None
    status: int | None = None
    location: str | None = None


class ResponseUntrusted(PlatformError):
    """The response does not belong to the request (facts: reason)."""

    key = "answer_untrusted"
    reason: Literal[
        "certificate",
        "chain",
        "chain_order",
        "challenge",
        "contract",
        "depot",
        "etk",
        "key",
        "name",
        "not_switched",
    ]


class AssertionUntrusted(PlatformError):
    """The assertion of the STS is rejected.

    (facts: reason = no_token | context | wrapping | signature | stranger | signer_ended | issuer | form | key |
    number | not_begun | ended, signer = the name of who signed, issuer = of the authority that has issued the signer's
    certificate, moment = when it began or ended, here = what the computer's clock says, there = what the platform's
    says)
    """

    signer: str | None = None
    issuer: str | None = None
    moment: datetime | None = None
    reason: Literal[
        "no_token",
        "context",
        "wrapping",
        "signature",
        "stranger",
        "signer_ended",
        "issuer",
        "form",
        "key",
        "number",
        "not_begun",
        "ended",
    ]


class PlatformFault(PlatformError):
    """The platform answered with a fault.

    (facts: code, origin, detail, correlation_id, reason = clock, here = what the computer's clock says, there = what
    the platform's says)
    """

    origin: str
    detail: str
    correlation_id: str | None
    reason: Literal["clock"] | None = None
    code: str | None


class PlatformRefused(PlatformError):
    """The platform refused.

    (facts: code, detail, correlation_id, reason = clock, here = what the computer's clock says, there = what the
    platform's says)
    """

    exit_code = 1
    correlation_id: str | None = None
    reason: Literal["clock"] | None = None
    code: str
    detail: str

    @property
    def words(self) -> str:
        """The platform's code and text."""
        return f"{self.code} {self.detail}".strip()


class NewKeyRefused(PlatformRefused):
    """The platform refused a request, perhaps because of the kind of its key.

    (facts: code, detail, correlation_id, kind = of the key that was asked with, other = the kind
    that can be tried, option = the same as the setting has it)
    """

    kind: str
    other: str
    option: str
    reason: None = None


class RequestUnclear(PlatformError):
    """The platform's answer about a request is not understood: whether it has the request is unknown.

    (facts: path, key_id, words = the platform's code and text, reason = unlisted, where its list for the card lacks
    the request | foreign, where no card can ask for a list)
    """

    path: str
    key_id: str
    words: str
    reason: Literal["unlisted", "foreign"] | None = None


class StatusUnclear(PlatformError):
    """A word of the platform for a status is not understood: of a certificate, of its token.

    (facts: certificate, token = its words, key_id, reason = request, where a new certificate can be requested anyway)
    """

    certificate: str
    token: str
    key_id: str
    reason: Literal["request"] | None = None


class NotYetDelivered(PlatformError):
    """The certificate is not available yet (facts: not_before, where the platform names it)."""

    exit_code = 3
    not_before: datetime | None


class ResponseLost(PlatformError):
    """There was no usable response; the request may have been processed and must not be repeated.

    (facts: operation, reason = what was wrong with what came, status)
    """

    key = "answer_lost"
    operation: str
    status: int | None = None


OUTCOME_UNKNOWN: Final = (ResponseLost, ResponseInvalid, PlatformFault)
"""After these the outcome of a request that changes something is unknown: a fault may come from a system behind the
service that did the work."""
