"""One question, one answer: wraps and posts a request, and hands out an answer that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import Operation
from ehtoolkit.ehealth.soap.status import fault, is_fault, require_depot_success, require_success
from ehtoolkit.ehealth.soap.xml import DEPOT, Element, unwrap, wrap
from ehtoolkit.ehealth.wire.clock_check import TRAINING_DATE, ClockCheck
from ehtoolkit.ehealth.wire.http import Response, Transport
from ehtoolkit.system.text_safety import fit
from ehtoolkit.version import __version__

USER_AGENT: Final = f"ehtoolkit/{__version__}"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"

Read = TypeVar("Read")


_OF_THE_WAY: Final = frozenset({"empty", "html", "not_xml", "dtd", "envelope"})
_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((301, 302, 303, 307, 308), "redirect"),
        401: "token",  # a training server's; the real platform has no such door
        403: "forbidden",
        **dict.fromkeys((404, 405, 410), "not_found"),
        **dict.fromkeys((429, 502, 503, 504), "gateway"),
    }
)
"""What an HTTP status says where no message of the protocol came with it: all of it is said on the way."""


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

    def ask(
        self,
        operation: Operation,
        request: Element,
        read: Callable[[Element], Read],
        *,
        with_status: bool = True,
    ) -> Read:
        """Post ``request`` once and return what ``read`` makes of the answer, whose status is success.

        ``with_status`` is False for the one operation whose answer has no Status. Raises
        `errors.ResponseInvalid`, `errors.PlatformFault`, `errors.PlatformRefused`, `errors.NotYetDelivered`,
        what the transport raises, and `errors.ResponseLost` in place of it, and of `errors.ResponseInvalid`, when
        the operation may not be repeated and the request may have been dealt with: then the platform has to be
        asked what it has. A refusal and a fault name both times (reason ``clock``) where the clocks differ.
        """

        def checked(response: Element) -> Read:
            _require_answer_to(request, response)
            if with_status:
                (require_depot_success if operation.namespace == DEPOT else require_success)(response)
            return read(response)

        return self.ask_with_header(operation, wrap(request), checked)

    def ask_with_header(self, operation: Operation, envelope: bytes, read: Callable[[Element], Read]) -> Read:
        """Post ``envelope``, whose header says who asks, and return what ``read`` makes of the answer, of which nothing
        but its name was looked at. Raises what `ask` raises, but for what is said about a Status."""
        answer = self._post(operation, envelope)
        try:
            response = unwrap(answer.body)
            if is_fault(response):
                raise fault(response, _correlation_id(answer))
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
        if facts["reason"] in _OF_THE_WAY:
            facts["reason"] = _STATUS.get(answer.status, facts["reason"])
    if not operation.repeatable:
        return errors.ResponseLost(**facts)
    if facts["reason"] == "redirect" and answer is not None:
        facts["location"] = fit(_host(answer.header("Location") or "")) or "?"
    return errors.ResponseInvalid(**facts)


def _require_answer_to(request: Element, response: Element) -> None:
    if response.get("InResponseTo", request.get("Id")) != request.get("Id"):
        raise errors.MessageInvalid(reason="in_response_to")


def _correlation_id(answer: Response) -> str | None:
    """Return what the helpdesk finds a message by."""
    found = answer.header("X-CorrelationID")
    return None if found is None else fit(found)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
