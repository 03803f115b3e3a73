"""Transports to the training platform in the same process, and the faults between it and a client.

Every way to the platform goes through `Faults`. It says what becomes of an answer (late, another one, none);
`ehtoolkit.training.http.transport` and `ehtoolkit.training.http.server` do that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.ehealth.soap.xml import Element, unwrap
from ehtoolkit.ehealth.wire.transport import TRAINING_DATE, Fetcher, Response
from ehtoolkit.training.door import TrainingResponder
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.authentication import affected_people, is_signed
from ehtoolkit.training.service.status_responder import StatusResponder
from ehtoolkit.training.state.mandates import Mandates
from ehtoolkit.training.state.scenarios import Scenario, Scenarios, ScenarioSwitches

CLOCK_ERROR: Final = timedelta(days=2)
"""How far the platform's time is ahead of the computer's while that has the wrong one."""

_WEB_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Wifi</title></head>"
    b"<body><h1>Bienvenue - Welkom</h1><p>Connectez-vous au reseau. Meld u aan op het netwerk.</p></body></html>\n"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent back after ``delay`` seconds; an ``answer`` of None: the connection is closed instead."""

    answer: Response | None
    delay: float = 0.0


class Faults:
    """The training platform as its clients meet it. Before the deed: ``platform-down``, ``soap-fault`` and
    ``garbage`` keep a request from the platform, and ``clock-wrong`` one that is signed. After it: ``cut-answer``
    breaks the answer off in the middle, ``answer-lost`` loses that of an operation which may not be repeated.
    ``slow`` goes with all of them, and so does the wrong time."""

    def __init__(
        self, responder: TrainingResponder, scenarios: Scenarios, register: Register, mandates: Mandates
    ) -> None:
        self._responder = responder
        self._scenarios = scenarios
        self._register = register
        self._mandates = mandates

    def respond(self, path: str, body: bytes, headers: Mapping[str, str]) -> Sending:
        """Return what becomes of ``body`` posted to ``path``. Never raises."""
        switches = self._switches()
        if not switches.any_on:
            return Sending(self._responder.respond(path, body, headers))
        request = _read(body)
        people = self._people(request)
        on = frozenset(one for one in Scenario if switches.is_on(one, people))
        answer = self._instead(on, request)
        if answer is None:
            answer = _broken(self._responder.respond(path, body, headers), request, on)
        if answer is not None and Scenario.CLOCK_WRONG in on:
            answer = replace(answer, headers=_with_wrong_date(answer.headers))
        return Sending(answer, float(switches.value(Scenario.SLOW, people) or 0))

    def headers(self, correlation_id: str) -> Mapping[str, str]:
        """Return the headers of every answer, for a client that only asks for the platform's time."""
        headers = self._responder.headers(correlation_id)
        return _with_wrong_date(headers) if self._switches().is_on(Scenario.CLOCK_WRONG) else headers

    def _switches(self) -> ScenarioSwitches:
        try:
            return self._scenarios.now()
        except errors.EhToolkitError:  # the database is gone: the responder has an answer to that
            return ScenarioSwitches({})

    def _people(self, request: Element | None) -> tuple[str, ...]:
        if request is None:
            return ()
        try:
            return affected_people(request, self._register, self._mandates)
        except Exception as error:  # noqa: BLE001  # a stranger chose what is read here; the door never breaks
            _log.warning("no person found in the request: %s", type(error).__name__)
            return ()

    def _instead(self, on: frozenset[Scenario], request: Element | None) -> Response | None:
        """Return what comes in the place of the platform's answer, and keeps the request from it."""
        if Scenario.PLATFORM_DOWN in on:
            return self._responder.fault("SOA-02001", "Service is temporarily not available.", sender=False)
        if Scenario.SOAP_FAULT in on:
            return self._responder.fault("SOA-01002", "Service call not authorized.", sender=True)
        if Scenario.GARBAGE in on:
            headers = {**self._responder.headers(str(uuid4())), "Content-Type": "text/html"}
            return Response(200, MappingProxyType(headers), _WEB_PAGE)
        if Scenario.CLOCK_WRONG in on and request is not None and is_signed(request):
            return self._responder.fault("SOA-01001", "Authentication failed.", sender=True)
        return None


def _broken(answer: Response, request: Element | None, on: frozenset[Scenario]) -> Response | None:
    """Return what is left of the platform's own answer."""
    if Scenario.ANSWER_LOST in on and not _is_repeatable(request):
        return None
    if Scenario.CUT_ANSWER in on:
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    return answer


def _read(body: bytes) -> Element | None:
    try:
        return unwrap(body)
    except errors.MessageInvalid:
        return None


def _is_repeatable(request: Element | None) -> bool:
    operation = None if request is None else OPERATIONS.get(request.tag)
    return operation is None or operation.repeatable


def _with_wrong_date(headers: Mapping[str, str]) -> Mapping[str, str]:
    date = headers.get("Date")
    if date is None:
        return headers
    moved = format_datetime(parsedate_to_datetime(date) + CLOCK_ERROR, usegmt=True)
    return MappingProxyType({**headers, "Date": moved, TRAINING_DATE: date})


# ── Transports in the same process ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class TrainingTransport:
    """Stands where the HTTP transport stands; the host in a URL does not matter.

    ``timeout``: seconds after which an answer that is slow is given up, as over HTTP.
    """

    platform: Faults
    timeout: float

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the platform's answer to ``body`` posted to ``url``, after its delay.

        Raises what a transport raises when the request arrived and no answer comes: `errors.PlatformTimeout`, or
        `errors.PlatformUnreachable` (reason ``cut``), both with the fact ``sent``.
        """
        parts = urlsplit(url)
        sending = self.platform.respond(parts.path, body, headers)
        time.sleep(min(sending.delay, self.timeout))
        if sending.delay > self.timeout:
            raise errors.PlatformTimeout(host=parts.netloc, seconds=self.timeout, sent=True)
        if sending.answer is None:
            raise errors.PlatformUnreachable(host=parts.netloc, reason="cut", sent=True)
        return sending.answer


@dataclass(frozen=True, slots=True)
class TrainingStatusWire:
    """The way to the responder and the lists of training certificates, whatever host their addresses name."""

    status: StatusResponder

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Return the answer at the path of ``url``: to a POST of ``body``, or to a GET without one. Raises
        `errors.ResponseInvalid` (reason ``too_large``) when its body is longer than ``limit`` bytes."""
        answer = self.status.answer(urlsplit(url).path, body)
        if len(answer.body) > limit:
            raise errors.ResponseInvalid(reason="too_large")
        return answer


@dataclass(frozen=True, slots=True)
class ServerStatusWire:
    """The same at a training server: its address stands in the place of the host that a certificate names."""

    wire: Fetcher
    server: str

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Return the answer at the path of ``url`` on the training server, by way of ``wire``. Raises what that
        raises."""
        return self.wire.fetch(
            f"{self.server.rstrip('/')}{urlsplit(url).path}", body, content_type, limit=limit
        )
