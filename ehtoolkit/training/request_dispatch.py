"""Dispatch SOAP requests to the services of the training platform: authenticate, answer, refuse."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from traceback import walk_tb
from typing import Final
from uuid import uuid4

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import BASE_URLS
from ehtoolkit.ehealth.soap.signature import VerifiedSignature, canonical
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import CERTRA, DEPOT, ETKRA, Element, unwrap, wrap
from ehtoolkit.identity import Environment
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import fingerprint
from ehtoolkit.training.service import answers, certificate_info, certra, depot, etkra, foreigners, revocation
from ehtoolkit.training.service.authentication import Citizen, require_citizen, require_holder, verify
from ehtoolkit.training.service.element_reader import invalid
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.refusal_reasons import Refusal
from ehtoolkit.training.sts.service import PATHS as STS_PATHS
from ehtoolkit.training.sts.service import answer_token_request
from ehtoolkit.training.sts.service_faults import DOWN, UNKNOWN, ServiceFault

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    endpoint.operation.request_tag: endpoint
    for endpoint in (
        *(*certra.ENDPOINTS, *certificate_info.ENDPOINTS, *revocation.ENDPOINTS, *foreigners.ENDPOINTS),
        *(*etkra.ENDPOINTS, *depot.ENDPOINTS),
    )
}
"""What is done for each operation, by the tag of its request."""
PATHS: Final[Mapping[str, str]] = {"/CertRa/v2": CERTRA, "/EtkRa/v2": ETKRA, "/EtkDepot/v1": DEPOT}
"""Where each service is, as on the real platform."""
SIZE_LIMIT: Final = 1_000_000
"""Bytes of the longest request; genuine ones have less than 20 kB."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_NOT_RECOGNISED: Final = "Service or operation not recognised."
_log = logging.getLogger(__name__)


def respond(platform: EmbeddedPlatform, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Return the answer to ``body`` posted to ``path``, as the real platform answers: refusals in a Status, all else
    that goes wrong as a SOAP Fault. Never raises.

    Of the ``headers`` only those are looked at that say where this platform was found: which operation is meant, the
    message itself says. SOA-01001: no such service or operation. SOA-03001: not a message of that service. SOA-02001:
    our own mistake.
    """
    correlation_id = str(uuid4())
    try:
        answer = _respond(platform, path.rstrip("/"), body, base_url(headers))
        return _response(platform, 200, answer, correlation_id)
    except ServiceFault as fault:
        code, message, status = fault.code, fault.message, fault.status
    except errors.MessageInvalid as error:
        _log.info("malformed request, %s: %s", correlation_id, error)
        code, message, status = "SOA-03001", f"Malformed message: {error.element or error.reason}.", 500
    except Exception as error:  # noqa: BLE001  # a client gets a fault, as from the real platform
        # The type and the place only: texts of exceptions may hold names and numbers.
        _log.error("unexpected %s at %s, %s", type(error).__name__, _place(error), correlation_id)
        code, message, status = DOWN, "Service not available. Please contact support.", 500
    return fault_response(platform, code, message, status=status, correlation_id=correlation_id)


def fault_response(
    platform: EmbeddedPlatform,
    code: str,
    message: str,
    *,
    status: int = 500,
    correlation_id: str | None = None,
) -> Response:
    """Return a SOAP Fault as an answer: the mistake of the client, unless ``code`` says that the service is down.

    ``correlation_id``: the id for the helpdesk, when there is one already.
    """
    fault = wrap(answers.fault(code, message, sender=code != DOWN))
    return _response(platform, status, fault, correlation_id or str(uuid4()))


def response_headers(platform: EmbeddedPlatform, correlation_id: str) -> Mapping[str, str]:
    """Return what every answer carries: the platform's time, and an id for the helpdesk."""
    headers = {"Content-Type": _CONTENT_TYPE, "X-CorrelationID": correlation_id}
    with suppress(errors.EhToolkitError):  # the database is gone; a fault is still to be sent
        headers["Date"] = format_datetime(platform.clock.now(), usegmt=True)
    return headers


def _response(platform: EmbeddedPlatform, status: int, body: bytes, correlation_id: str) -> Response:
    return Response(status, response_headers(platform, correlation_id), body)


def _respond(platform: EmbeddedPlatform, path: str, body: bytes, found_at: str) -> bytes:
    namespace = PATHS.get(path)
    if namespace is None and path not in STS_PATHS:
        raise ServiceFault(UNKNOWN, _NOT_RECOGNISED, status=404)
    if len(body) > SIZE_LIMIT:
        raise errors.MessageInvalid(reason="too_large")
    if namespace is None:
        return wrap(answer_token_request(platform, body, path))
    request = unwrap(body)
    endpoint = ENDPOINTS.get(request.tag)
    if endpoint is None or endpoint.operation.namespace != namespace:
        raise ServiceFault(UNKNOWN, _NOT_RECOGNISED)
    return _answer(platform, endpoint, request, found_at)


def _answer(platform: EmbeddedPlatform, endpoint: Endpoint, request: Element, found_at: str) -> bytes:
    """Return the envelope that answers ``request``, refusals included. Raises `errors.MessageInvalid`."""
    call = Call(platform, endpoint.operation, platform.clock.now(), request, found_at)
    if call.operation.namespace != DEPOT:
        _check_head(request)
    try:
        if endpoint.signer == "unsigned":
            return wrap(endpoint.answer(call))
        signed = verify(request)
        call = replace(call, request=signed.element)
        if call.operation.repeatable:
            return wrap(_answer_signer(endpoint, call, signed))
        return _answer_once(endpoint, call, signed)
    except Refusal as why:
        return wrap(call.refusal(why))


def _check_head(request: Element) -> None:
    """Check that ``IssueInstant``, which the schema requires, is a moment. Its value is not compared with the clock: a
    foreign client does not know how far the training clock was moved."""
    try:
        datetime.fromisoformat(request.get("IssueInstant", ""))
    except ValueError as error:
        raise invalid("IssueInstant") from error


def _answer_signer(endpoint: Endpoint, call: Call, signed: VerifiedSignature) -> Element:
    signer: Citizen | CertificateRecord
    if endpoint.signer in ("holder", "any_holder"):
        signer = require_holder(call.platform, signed, even_if_ended=endpoint.signer == "any_holder")
    else:
        with_signature_key = endpoint.signer == "citizen_signing"
        signer = require_citizen(call.platform, signed, with_signature_key=with_signature_key)
    return endpoint.answer(replace(call, signer=signer))


def _answer_once(endpoint: Endpoint, call: Call, signed: VerifiedSignature) -> bytes:
    """Do what may only be done once, and give a repeated request the answer that the first one got.

    What is done and the answer are one transaction. A refusal is not kept: asked again, the request is judged again.
    """
    key = (call.operation.name, call.request_id, fingerprint(signed.certificate))
    digest = hashlib.sha256(canonical(signed.element)).hexdigest()
    query = "SELECT digest, body FROM answer WHERE operation = ? AND request_id = ? AND signer = ?"
    database = call.platform.database
    with database.writing():
        row = database.row(query, *key)
        if row is not None:
            if row["digest"] != digest:
                raise Refusal("REQUEST_ID_REUSED")
            return bytes(row["body"])
        body = wrap(_answer_signer(endpoint, call, signed))
        database.write("INSERT INTO answer VALUES (?, ?, ?, ?, ?)", *key, digest, body)
        return body


def base_url(headers: Mapping[str, str]) -> str:
    """Return scheme and host under which a client found this platform; for a client in this process, the base URL of
    the training environment, which is on no network."""
    host, scheme = headers.get("Host", ""), headers.get("X-Forwarded-Proto", "http")
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return BASE_URLS[Environment.TRAINING]
    return f"{scheme}://{host}"


def _place(error: BaseException) -> str:
    """Return the module and line where an exception was raised."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{frame.f_globals.get('__name__', '?')}:{line}"
