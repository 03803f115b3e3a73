"""What a client meets instead of the platform's answer while a scenario is on.

Every way to the platform goes through `respond_with_faults`. It says what becomes of an answer (late, another one,
none); `ehtoolkit.training.http.transport` and `ehtoolkit.training.http.handlers` do that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from uuid import uuid4

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.ehealth.soap.transport import TRAINING_DATE, Response
from ehtoolkit.ehealth.soap.xml import Element, unwrap
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.request_dispatch import fault_response, respond, response_headers
from ehtoolkit.training.service.authentication import affected_people, is_signed
from ehtoolkit.training.state.scenarios import Scenario, ScenarioSwitches, switches_now
from ehtoolkit.training.sts.service_faults import DOWN, NOT_AUTHENTICATED, NOT_AUTHORISED

CLOCK_ERROR: Final = timedelta(days=2)
"""How far the platform's time is ahead of the computer's while that has the wrong one."""

_WEB_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Wifi</title></head>"
    b"<body><h1>Bienvenue - Welkom</h1><p>Connectez-vous au reseau. Meld u aan op het netwerk.</p></body></html>\n"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DelayedAnswer:
    """The answer that is sent after ``delay`` seconds; a ``response`` of None: the connection is closed instead."""

    response: Response | None
    delay: float = 0.0


def respond_with_faults(
    platform: EmbeddedPlatform, path: str, body: bytes, headers: Mapping[str, str]
) -> DelayedAnswer:
    """Return what becomes of ``body`` posted to ``path``. Never raises.

    Before anything is done: ``platform-down``, ``soap-fault`` and ``garbage`` keep a request from the platform, and
    ``clock-wrong`` one that is signed. After it: ``cut-answer`` breaks the answer off in the middle, ``answer-lost``
    loses that of an operation which may not be repeated. ``slow`` goes with all of them, and so does the wrong time.
    """
    switches = _switches(platform)
    if not switches.any_on:
        return DelayedAnswer(respond(platform, path, body, headers))
    request = _read(body)
    people = _people(platform, request)
    on = switches.of(*people)
    answer = _instead(platform, on, request)
    if answer is None:
        answer = _broken(respond(platform, path, body, headers), request, on)
    if answer is not None and Scenario.CLOCK_WRONG in on:
        answer = replace(answer, headers=_with_wrong_date(answer.headers))
    return DelayedAnswer(answer, float(switches.value(Scenario.SLOW, people) or 0))


def headers_with_faults(platform: EmbeddedPlatform) -> Mapping[str, str]:
    """Return the headers of every answer, for a client that only asks for the platform's time."""
    headers = response_headers(platform, str(uuid4()))
    return _with_wrong_date(headers) if _switches(platform).is_on(Scenario.CLOCK_WRONG) else headers


def _switches(platform: EmbeddedPlatform) -> ScenarioSwitches:
    try:
        return switches_now(platform.database)
    except errors.EhToolkitError:  # the database is gone: the responder has an answer to that
        return ScenarioSwitches({})


def _people(platform: EmbeddedPlatform, request: Element | None) -> tuple[str, ...]:
    if request is None:
        return ()
    try:
        return affected_people(platform, request)
    except Exception as error:  # noqa: BLE001  # a request can hold anything
        _log.warning("no person found in the request: %s", type(error).__name__)
        return ()


def _instead(
    platform: EmbeddedPlatform, on: tuple[Scenario, ...], request: Element | None
) -> Response | None:
    """Return what comes instead of the platform's answer, and keeps the request from it."""
    if Scenario.PLATFORM_DOWN in on:
        return fault_response(platform, DOWN, "Service is temporarily not available.")
    if Scenario.SOAP_FAULT in on:
        return fault_response(platform, NOT_AUTHORISED, "Service call not authorized.")
    if Scenario.GARBAGE in on:
        return Response(
            200, {**response_headers(platform, str(uuid4())), "Content-Type": "text/html"}, _WEB_PAGE
        )
    if Scenario.CLOCK_WRONG in on and request is not None and is_signed(request):
        return fault_response(platform, NOT_AUTHENTICATED, "Authentication failed.")
    return None


def _broken(answer: Response, request: Element | None, on: tuple[Scenario, ...]) -> Response | None:
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
    return {**headers, "Date": moved, TRAINING_DATE: date}
