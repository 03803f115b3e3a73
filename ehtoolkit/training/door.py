"""The training platform's door: request bytes in, response bytes out, whatever comes."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import BASE_URLS
from ehtoolkit.ehealth.soap.operations import OPERATIONS, Operation
from ehtoolkit.ehealth.soap.xml import CERTRA, DEPOT, ETKRA, unwrap, wrap
from ehtoolkit.ehealth.wire.transport import Response
from ehtoolkit.identity import Environment
from ehtoolkit.training.service.operations import Services
from ehtoolkit.training.service.responses import fault
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.sts.refused import DOWN, TokenRefused
from ehtoolkit.training.sts.service import PATHS as STS_PATHS
from ehtoolkit.training.sts.service import TrainingSts

PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {"/CertRa/v2": CERTRA, "/EtkRa/v2": ETKRA, "/EtkDepot/v1": DEPOT}
)
"""Where each service is, as on the real platform."""
SIZE_LIMIT: Final = 1_000_000
"""Bytes of the longest request; genuine ones have less than 20 kB."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_log = logging.getLogger(__name__)


class TrainingResponder:
    """Answers as the real platform does: refusals in a Status, all else that goes wrong as a SOAP Fault."""

    def __init__(self, services: Services, sts: TrainingSts, clock: TrainingClock) -> None:
        self._services = services
        self._sts = sts
        self._clock = clock

    def respond(self, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the answer to ``body`` posted to ``path``. Never raises.

        Of the ``headers`` only those are looked at that say where this platform was found: which operation is meant,
        the message itself says. SOA-01001: no such service or operation. SOA-03001: not a message of that service.
        SOA-02001: our own mistake.
        """
        correlation_id = str(uuid4())
        try:
            return self._answer(200, self._respond(path, body, base_url(headers)), correlation_id)
        except _Unknown as unknown:
            message = "Service or operation not recognised."
            return self.fault("SOA-01001", message, sender=True, status=unknown.status, about=correlation_id)
        except TokenRefused as refused:
            sender = refused.code != DOWN
            return self.fault(refused.code, refused.message, sender=sender, about=correlation_id)
        except errors.MessageInvalid as error:
            _log.info("malformed request, %s: %s", correlation_id, error)
            named = error.element or error.reason
            message = f"Malformed message: {named}."
            return self.fault("SOA-03001", message, sender=True, about=correlation_id)
        except Exception as error:  # noqa: BLE001  # the door never breaks; a client gets a fault, as elsewhere
            # The type and the place only: texts of exceptions may hold names and numbers.
            _log.error("unexpected %s at %s, %s", type(error).__name__, _place(error), correlation_id)
            message = "Service not available. Please contact support."
            return self.fault("SOA-02001", message, sender=False, about=correlation_id)

    def fault(
        self, code: str, message: str, *, sender: bool, status: int = 500, about: str | None = None
    ) -> Response:
        """Return a SOAP Fault as an answer.

        Args:
            sender: the one who asked made the mistake.
            about: the id for the helpdesk, when there is one already.
        """
        return self._answer(status, wrap(fault(code, message, sender=sender)), about or str(uuid4()))

    def headers(self, correlation_id: str) -> Mapping[str, str]:
        """Return what every answer carries: the platform's time, and an id for the helpdesk."""
        try:
            date = format_datetime(self._clock.now(), usegmt=True)
        except errors.EhToolkitError:  # the database is gone; a fault is still to be sent
            return {"Content-Type": _CONTENT_TYPE, "X-CorrelationID": correlation_id}
        return {"Content-Type": _CONTENT_TYPE, "Date": date, "X-CorrelationID": correlation_id}

    def _respond(self, path: str, body: bytes, found_at: str) -> bytes:
        path = path.rstrip("/")
        namespace = PATHS.get(path)
        if namespace is None and path not in STS_PATHS:
            raise _Unknown(404)
        if len(body) > SIZE_LIMIT:
            raise errors.MessageInvalid(reason="too_large")
        if namespace is None:
            return wrap(self._sts.answer(body, path))
        request = unwrap(body)
        operation: Operation | None = OPERATIONS.get(request.tag)
        if operation is None or operation.namespace != namespace or not self._services.offers(operation):
            raise _Unknown(500)
        return self._services.answer(operation, request, found_at)

    def _answer(self, status: int, body: bytes, correlation_id: str) -> Response:
        return Response(status, MappingProxyType(dict(self.headers(correlation_id))), body)


def base_url(headers: Mapping[str, str]) -> str:
    """Return scheme and host under which a client found this platform; for a client in this process, the base URL of
    the training environment, which is on no network."""
    host, scheme = headers.get("Host", ""), headers.get("X-Forwarded-Proto", "http")
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return BASE_URLS[Environment.TRAINING]
    return f"{scheme}://{host}"


class _Unknown(Exception):
    """No such service or operation; ``status``: of HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _place(error: BaseException) -> str:
    """Return the module and line where an exception was raised; ``?`` for one that was not raised."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "?"
    return f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}"
