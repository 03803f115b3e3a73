"""One question, one answer: wraps and posts a request, and hands out an answer that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.ehealth.envelope import unwrap, wrap
from ehtoolkit.ehealth.http import Answer, Transport
from ehtoolkit.ehealth.namespaces import DEPOT
from ehtoolkit.ehealth.operations import Operation
from ehtoolkit.ehealth.status import fault, is_fault, require_depot_success, require_success
from ehtoolkit.ehealth.xml import Element
from ehtoolkit.version import __version__

USER_AGENT: Final = f"ehtoolkit/{__version__}"
CONTENT_TYPE: Final = "text/xml; charset=utf-8"

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Asks one service, at ``url``."""

    transport: Transport
    url: str

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
        `errors.AnswerInvalid`, `errors.PlatformFault`, `errors.PlatformRefused`, `errors.NotYetDelivered`,
        what the transport raises, and `errors.AnswerLost` in place of it when the request may have arrived
        and the operation may not be repeated.
        """
        answer = self._post(operation, wrap(request))
        try:
            response = unwrap(answer.body)
            if is_fault(response):
                raise fault(response, answer.header("X-CorrelationID"))
            _require_answer_to(operation, request, response, answer.status)
            if with_status:
                (require_depot_success if operation.namespace == DEPOT else require_success)(response)
            return read(response)
        except errors.MessageInvalid as error:
            raise answer_invalid(error, operation, answer.status) from error
        except errors.PlatformRefused as error:
            error.facts["correlation_id"] = answer.header("X-CorrelationID")
            raise

    def _post(self, operation: Operation, body: bytes) -> Answer:
        headers = {"Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT}
        if operation.action is not None:
            headers["SOAPAction"] = f'"{operation.action}"'
        try:
            return self.transport.post(self.url, body, headers)
        except (errors.PlatformUnreachable, errors.PlatformTimeout) as error:
            if operation.repeatable or not error.facts.get("sent"):
                raise
            raise errors.AnswerLost(operation=operation.name) from error
        except errors.AnswerInvalid as error:
            raise answer_invalid(error, operation, None) from error


def answer_invalid(
    error: errors.MessageInvalid, operation: Operation, status: int | None = None
) -> errors.AnswerInvalid:
    """``error`` as a user has to see it: with the operation, and the HTTP status when it is not a usual
    one."""
    facts = {**error.facts, "operation": operation.name}
    if status not in (None, 200, 500):
        facts["status"] = status
    return errors.AnswerInvalid(**facts)


def _require_answer_to(operation: Operation, request: Element, response: Element, status: int) -> None:
    if response.tag != operation.response_tag:
        raise errors.MessageInvalid(reason="other_message")
    if status != 200:
        raise errors.MessageInvalid(reason="http_status")
    if response.get("InResponseTo", request.get("Id")) != request.get("Id"):
        raise errors.MessageInvalid(reason="in_response_to")
