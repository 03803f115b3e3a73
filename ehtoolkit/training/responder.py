"""The training platform's door: request bytes in, response bytes out, whatever comes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from ehtoolkit import errors
from ehtoolkit.ehealth.envelope import unwrap, wrap
from ehtoolkit.ehealth.http import Answer
from ehtoolkit.ehealth.namespaces import CERTRA, DEPOT, ETKRA
from ehtoolkit.ehealth.operations import OPERATIONS, Operation
from ehtoolkit.training.answers import fault
from ehtoolkit.training.clock import TrainingClock
from ehtoolkit.training.services import Services

PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {"/CertRa/v2": CERTRA, "/EtkRa/v2": ETKRA, "/EtkDepot/v1": DEPOT}
)
"""Where each service is, as on the real platform."""
SIZE_LIMIT: Final = 1_000_000
"""Bytes of the longest request; genuine ones have less than 20 kB."""

_CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_log = logging.getLogger(__name__)


class TrainingResponder:
    """Answers as the real platform does: refusals in a Status, all else that goes wrong as a SOAP Fault."""

    def __init__(self, services: Services, clock: TrainingClock) -> None:
        self._services = services
        self._clock = clock

    def respond(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to ``body`` posted to ``path``. Never raises.

        ``headers`` are not looked at: which operation is meant, the message itself says. SOA-01001: no such
        service or operation. SOA-03001: not a message of that service. SOA-02001: our own mistake.
        """
        correlation_id = str(uuid4())
        try:
            return self._answer(200, self._respond(path, body), correlation_id)
        except _Unknown as unknown:
            message = wrap(fault("SOA-01001", "Service or operation not recognised.", sender=True))
            return self._answer(unknown.status, message, correlation_id)
        except errors.MessageInvalid as error:
            _log.info("malformed request, %s: %s", correlation_id, error)
            named = error.facts.get("element") or error.facts.get("reason")
            message = wrap(fault("SOA-03001", f"Malformed message: {named}.", sender=True))
            return self._answer(500, message, correlation_id)
        except Exception as error:  # noqa: BLE001  # the door never breaks; a client gets a fault, as elsewhere
            # The type and the place only: texts of exceptions may hold names and numbers.
            _log.error("unexpected %s at %s, %s", type(error).__name__, _place(error), correlation_id)
            message = wrap(fault("SOA-02001", "Service not available. Please contact support.", sender=False))
            return self._answer(500, message, correlation_id)

    def headers(self, correlation_id: str) -> Mapping[str, str]:
        """What every answer carries: the platform's time, and an id for the helpdesk."""
        try:
            date = format_datetime(self._clock.now(), usegmt=True)
        except errors.EhToolkitError:  # the database is gone; a fault is still to be sent
            return {"Content-Type": _CONTENT_TYPE, "X-CorrelationID": correlation_id}
        return {"Content-Type": _CONTENT_TYPE, "Date": date, "X-CorrelationID": correlation_id}

    def _respond(self, path: str, body: bytes) -> bytes:
        namespace = PATHS.get(path.rstrip("/"))
        if namespace is None:
            raise _Unknown(404)
        if len(body) > SIZE_LIMIT:
            raise errors.MessageInvalid(reason="too_large")
        request = unwrap(body)
        operation: Operation | None = OPERATIONS.get(request.tag)
        if operation is None or operation.namespace != namespace or not self._services.offers(operation):
            raise _Unknown(500)
        return self._services.answer(operation, request)

    def _answer(self, status: int, body: bytes, correlation_id: str) -> Answer:
        return Answer(status, MappingProxyType(dict(self.headers(correlation_id))), body)


class _Unknown(Exception):
    """No such service or operation; ``status``: of HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _place(error: BaseException) -> str:
    """File and line where an exception was raised."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "?"
    return f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}"
