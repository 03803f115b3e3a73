"""Wrap and post a request once, and return the answer that belongs to it, after a look at its status."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.clock import BRUSSELS
from ehtoolkit.ehealth.soap.operations import OPERATIONS, Operation
from ehtoolkit.ehealth.soap.transport import TRAINING_DATE, ClockCheck, Response, Transport
from ehtoolkit.ehealth.soap.xml import (
    COMMONS,
    COMMONS_1,
    DEPOT,
    ETEE,
    SOAP,
    SUCCESS,
    Element,
    child,
    child_text,
    local_name,
    optional_child,
    optional_text,
    unwrap,
    wrap,
)
from ehtoolkit.system.text_safety import fit
from ehtoolkit.version import __version__

USER_AGENT: Final = f"ehtoolkit/{__version__}"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"

Read = TypeVar("Read")


def nothing(_: Element) -> None:
    """Read nothing of an answer whose status says all."""


_NOT_SOAP: Final = frozenset({"empty", "html", "not_xml", "dtd", "envelope"})
_PROXY_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((301, 302, 303, 307, 308), "redirect"),
        401: "token",  # a training server's; the real platform has no such door
        403: "forbidden",
        **dict.fromkeys((404, 405, 410), "not_found"),
        **dict.fromkeys((429, 502, 503, 504), "gateway"),
    }
)
"""Meaning of a status without a SOAP message: it came from a proxy or gateway, not from the service."""


@dataclass(frozen=True, slots=True)
class SoapClient:
    """Asks one service, at ``url``.

    Attributes:
        clock: notes the time of each answer, and explains refusals by it.
        sender: an address for the header From.
    """

    transport: Transport
    url: str
    clock: ClockCheck
    sender: str | None = None

    def ask(self, request: Element, read: Callable[[Element], Read]) -> Read:
        """Post ``request`` once and return what ``read`` makes of the answer, whose status is success.

        Raises `errors.ResponseInvalid`, `errors.PlatformFault`, `errors.PlatformRefused`, `errors.NotYetDelivered`,
        what the transport raises, and `errors.ResponseLost` in place of it, and of `errors.ResponseInvalid`, when
        the operation may not be repeated and the request may have been dealt with: then the platform has to be
        asked what it has. A refusal and a fault name both times (reason ``clock``) where the clocks differ.
        """
        operation = OPERATIONS[request.tag]

        def checked(response: Element) -> Read:
            if response.get("InResponseTo", request.get("Id")) != request.get("Id"):
                raise errors.MessageInvalid(reason="in_response_to")
            if operation.has_status:
                (require_depot_success if operation.namespace == DEPOT else require_success)(response)
            return read(response)

        return self.ask_with_header(operation, wrap(request), checked)

    def ask_with_header(self, operation: Operation, envelope: bytes, read: Callable[[Element], Read]) -> Read:
        """Post ``envelope``, whose header names the requester, and return what ``read`` makes of the answer, of which
        nothing but its name was looked at. Raises what `ask` raises, but for what is said about a Status."""
        answer = self._post(operation, envelope)
        try:
            response = unwrap(answer.body)
            if is_fault(response):
                raise fault(response)
            if response.tag != operation.response_tag:
                raise errors.MessageInvalid(reason="other_message")
            if answer.status != 200:
                raise errors.MessageInvalid(reason="http_status")
            return read(response)
        except errors.MessageInvalid as error:
            raise to_public_error(error, operation, answer) from error
        except (errors.PlatformRefused, errors.PlatformFault) as error:
            error.facts["correlation_id"] = _correlation_id(answer)
            wrong = self.clock.wrong  # once: an answer in another thread may change it
            if wrong is not None:
                error.facts.update(wrong.facts)
            raise

    def _post(self, operation: Operation, body: bytes) -> Response:
        headers = {"Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT}
        if self.sender is not None:
            headers["From"] = self.sender
        if operation.action is not None:
            headers["SOAPAction"] = f'"{operation.action}"'
        try:
            answer = self.transport.post(self.url, body, headers)
        except (errors.PlatformUnreachable, errors.PlatformTimeout) as error:
            if operation.repeatable or not error.sent:
                raise
            raise errors.ResponseLost(operation=operation.name) from error
        except errors.ResponseInvalid as error:
            raise to_public_error(error, operation) from error
        self.clock.note(answer.header("Date"), answer.header(TRAINING_DATE))
        return answer


def to_public_error(
    error: errors.MessageInvalid, operation: Operation, answer: Response | None = None
) -> errors.ResponseInvalid | errors.ResponseLost:
    """Return ``error`` as a user has to see it: with the operation, and the HTTP status when it is not a usual one.

    What came may be anything (a proxy's page, another's answer, half of ours), so that it says nothing about what was
    done: an answer is lost where the question may not be asked twice.
    """
    facts: dict[str, Any] = {**error.facts, "operation": operation.name}
    if answer is not None and answer.status not in (200, 500):
        facts["status"] = answer.status
        if facts["reason"] in _NOT_SOAP:
            facts["reason"] = _PROXY_STATUS.get(answer.status, facts["reason"])
    if not operation.repeatable:
        return errors.ResponseLost(**facts)
    if facts["reason"] == "redirect" and answer is not None:
        facts["location"] = fit(_host(answer.header("Location") or "")) or "?"
    return errors.ResponseInvalid(**facts)


def _correlation_id(answer: Response) -> str | None:
    """Return what the helpdesk finds a message by."""
    found = answer.header("X-CorrelationID")
    return None if found is None else fit(found)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


# ── The status of an answer ────────────────────────────────────────────────────────────────────────────
NOT_YET_DELIVERED: Final = "CERT_NOT_YET_DELIVERED"
NOT_YET_VALID: Final = "AUTH_CERT_NOT_YET_VALID"
"""The beginning of codes of the first version of the service, with ``[dd/MM/yyyy HH:mm…]`` in them."""
DEPOT_SUCCESS: Final = "200"
RESPONDER: Final = "urn:be:fgov:ehealth:2.0:status:Responder"
"""The top status of an answer after a failure of the platform itself."""

_STATUS: Final = COMMONS("Status")
_CODE: Final = COMMONS("StatusCode")
_MESSAGE: Final = COMMONS("StatusMessage")
_DETAIL: Final = COMMONS("StatusDetail")
_MOMENT: Final = re.compile(r"\[(\d{2}/\d{2}/\d{4} \d{2}:\d{2})")


def require_success(response: Element) -> None:
    """Check that the Status of a CertRA or EtkRA answer says success.

    Raises `errors.NotYetDelivered`; `errors.PlatformFault` when the platform itself failed (top status ``Responder``),
    which says nothing about what was asked; `errors.PlatformRefused` for every other status; both with code and message
    on one line each; or `errors.MessageInvalid` without a Status.
    """
    status = child(response, _STATUS)
    top = child(status, _CODE)
    if top.get("Value") == SUCCESS:
        return
    refusals = _refusals(status)
    for code, _ in refusals:
        if code.startswith((NOT_YET_DELIVERED, NOT_YET_VALID)):
            raise errors.NotYetDelivered(not_before=_moment_in(code))
    general = optional_text(status, _MESSAGE) or ""
    if refusals:
        code, first_detail = refusals[0]
        detail = "; ".join([first_detail, *(f"{code}: {message}" for code, message in refusals[1:])])
    else:
        below, detail = top.find(_CODE), ""
        code = (top if below is None else below).get("Value", "")
    code, detail = fit(code), fit(detail or general)
    if top.get("Value") == RESPONDER:
        raise errors.PlatformFault(code=code, origin="", detail=detail, correlation_id=None)
    raise errors.PlatformRefused(code=code, detail=detail)


def _refusals(status: Element) -> list[tuple[str, str]]:
    """Return code and message (with its parameters) of each error; their elements have no namespace."""
    detail = optional_child(status, _DETAIL)
    found = None if detail is None else detail.find(ETEE("EteeStatusDetail"))
    if found is None:
        return []
    return [(optional_text(error, "Code") or "", _message_of(error)) for error in found.findall("Errors")]


def _message_of(error: Element) -> str:
    parameters = [
        f"{optional_text(parameter, 'Name') or ''}={optional_text(parameter, 'Value') or ''}"
        for parameter in error.findall("Parameters")
    ]
    message = optional_text(error, "Message") or ""
    return f"{message} ({', '.join(parameters)})" if parameters else message


def _moment_in(code: str) -> datetime | None:
    found = _MOMENT.search(code)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%d/%m/%Y %H:%M").replace(tzinfo=BRUSSELS)
    except ValueError:
        return None


def require_depot_success(response: Element) -> None:
    """Check that the Status of a depot answer, whose children have no namespace, says success.

    Raises `errors.PlatformRefused` with code and message, on one line each.
    """
    status = child(response, COMMONS_1("Status"))
    code = child_text(status, "Code")
    if code != DEPOT_SUCCESS:
        messages = [(message.text or "").strip() for message in status.findall("Message")]
        raise errors.PlatformRefused(code=fit(code), detail=fit("; ".join(messages)))


def is_fault(message: Element) -> bool:
    return bool(message.tag == SOAP("Fault"))


def fault(message: Element) -> errors.PlatformFault:
    """Return the error for a SOAP Fault: Code, Origin and Messages of its SystemError or BusinessError, else faultcode
    and faultstring.

    Its inner elements are found by local name: some servers qualify what the schema leaves unqualified.
    """
    facts: dict[str, list[str]] = {}
    for element in message.iter("*"):
        if not len(element) and (element.text or "").strip():
            facts.setdefault(local_name(element), []).append((element.text or "").strip())
    first = {name: values[0] for name, values in facts.items()}
    return errors.PlatformFault(
        code=fit(first.get("Code") or first.get("faultcode", "")),
        origin=fit(first.get("Origin", "")),
        detail=fit("; ".join(facts.get("Message", [])) or first.get("faultstring", "")),
        correlation_id=None,
    )
