"""What the training server answers at each path: messages, revocation queries, and the validation page."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import Application, RequestHandler

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response, TraceFolder
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.status_responder import answer_status
from ehtoolkit.training.faults import DelayedAnswer, headers_with_faults, respond_with_faults
from ehtoolkit.training.http.validation_page import (
    PAGE_HEADERS,
    done_page,
    page_texts,
    refused_page,
    waiting_page,
)
from ehtoolkit.training.service.foreigners import VALIDATION_PATH, confirm_request, request_at
from ehtoolkit.training.state.attendance import exchange, read_report
from ehtoolkit.training.state.classroom import BOARD_PATH
from ehtoolkit.version import __version__

_XML: Final = frozenset({"text/xml", "application/xml", "application/soap+xml"})
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What the handlers get.

    Attributes:
        token: for messages.
        trace: keeps the messages and their answers; None without a trace.
        workers: the threads in which the platform works.
    """

    platform: EmbeddedPlatform
    token: str | None
    trace: TraceFolder | None
    workers: ThreadPoolExecutor

    def respond(self, path: str, body: bytes, headers: Mapping[str, str]) -> DelayedAnswer:
        """Return what `respond_with_faults` returns. A message that cannot be traced is answered all the same."""
        request = None
        try:
            request = None if self.trace is None else self.trace.write_request(body)
        except OSError as error:
            _log.warning("the trace of a request could not be written: %s", error.strerror)
        answer = respond_with_faults(self.platform, path, body, headers)
        if self.trace is not None and request is not None and answer.response is not None:
            self.trace.write_answer(request, answer.response.body)
        return answer


def application(context: ServerContext, only_loopback_names: bool) -> Application:
    """Return the routes of the server. ``only_loopback_names``: requests to other names are rejected."""
    given = {"context": context}
    return Application(
        [
            (_OtherName(only_loopback_names), _ForeignHost),
            (rf"{VALIDATION_PATH}([A-Za-z0-9_-]{{1,64}})", _ValidationHandler, given),
            (r"/(?:ocsp|crl|crt)(?:/.*)?", _StatusHandler, given),
            (BOARD_PATH, _BoardHandler, given),
            (r"/.*", _MessageHandler, given),
        ],
        log_function=_log_request,
    )


class _OtherName(Matcher):
    """Matches requests to a loopback server under a name that is not this computer's. With TLS none does: its
    certificate is of no other name, so that a browser refuses before it asks."""

    def __init__(self, watched: bool) -> None:
        self._watched = watched

    def match(self, request: HTTPServerRequest) -> dict[str, object] | None:
        try:
            host = urlsplit(f"//{request.host}").hostname or ""
        except ValueError:  # half an IPv6 address
            host = ""
        return {} if self._watched and not is_loopback(host) else None


class _ForeignHost(RequestHandler):
    """Whatever was sent to another name than ours: a site can have its name point to this computer (DNS rebinding)."""

    def prepare(self) -> None:
        self.set_status(421)
        self.finish()


class _Handler(RequestHandler):
    """A handler that has the platform do its work in a worker thread."""

    FIXED_HEADERS: ClassVar[Mapping[str, str]] = {}

    def initialize(self, context: ServerContext) -> None:
        self.context = context

    def set_default_headers(self) -> None:
        self.set_header("Server", f"ehtoolkit-training/{__version__}")
        self.set_headers(self.FIXED_HEADERS)

    def set_headers(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            self.set_header(name, value)

    async def in_worker(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self.context.workers, call, *arguments)

    def send(self, response: Response) -> None:
        self.set_status(response.status)
        self.set_headers(response.headers)
        self.write(response.body)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write the status alone, without tornado's page."""
        self.finish()


class _TokenHandler(_Handler):
    """A handler that rejects requests without the server's token, where it has one."""

    def prepare(self) -> None:
        if self.context.token is None:
            return
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.context.token}".encode()):
            self.set_status(401)
            self.set_header("WWW-Authenticate", "Bearer")
            self.finish()


class _BoardHandler(_TokenHandler):
    """The class: takes the report of a trainee's page, and answers with the platform's time and what has changed. It
    tells nobody who else is in class."""

    async def post(self) -> None:
        if _media_type(self.request.headers) != "application/json":
            self.set_status(415)  # a page of another site can send anything else without being asked
            return
        try:
            report = read_report(self.request.body)
        except ValueError:
            self.set_status(400)
            return
        platform = self.context.platform
        news = await self.in_worker(exchange, platform.database, platform.clock, report)
        self.write(news.to_json())

    def get(self) -> None:
        self.set_header("Allow", "POST")
        self.set_status(405)

    head = options = get


class _MessageHandler(_TokenHandler):
    """Every other path and method; the platform decides."""

    async def post(self) -> None:
        if _media_type(self.request.headers) not in _XML:
            self.set_status(415)  # a page of another site can send anything else without being asked
            return
        headers = {**self.request.headers, "X-Forwarded-Proto": self.request.protocol}
        answer = await self.in_worker(self.context.respond, self.request.path, self.request.body, headers)
        await asyncio.sleep(answer.delay)  # not in a worker: a slow answer keeps no other request waiting
        if answer.response is None:
            self.detach().close()
        else:
            self.send(answer.response)

    async def options(self) -> None:
        """Answer without a body, with the headers of every answer: clients ask so for the platform's time, which is in
        the Date header."""
        self.set_headers(await self.in_worker(headers_with_faults, self.context.platform))
        self.set_header("Allow", "OPTIONS, POST")
        self.set_status(204)
        self.clear_header("Content-Type")

    async def get(self) -> None:
        await self.options()
        self.set_status(405)

    head = get


def _media_type(headers: Mapping[str, str]) -> str:
    """Return the type of the body that the headers name, without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


class _StatusHandler(_Handler):
    """OCSP responder and revocation lists. As in reality, a request needs no token."""

    async def get(self, *_: str) -> None:
        self.send(await self.in_worker(answer_status, self.context.platform, self.request.path, None))

    async def post(self, *_: str) -> None:
        path, body = self.request.path, self.request.body
        self.send(await self.in_worker(answer_status, self.context.platform, path, body))


class _ValidationHandler(_Handler):
    """The page at a validation address. It asks for no token: a browser has none to show, and the address is
    itself a secret of its holder."""

    FIXED_HEADERS = PAGE_HEADERS

    async def get(self, code: str) -> None:
        await self._show(code, confirm=False)

    async def post(self, code: str) -> None:
        await self._show(code, confirm=True)

    async def _show(self, code: str, *, confirm: bool) -> None:
        texts = page_texts(self.request.headers.get("Accept-Language"))

        def page() -> str:
            record = request_at(self.context.platform, code)
            if confirm:
                record = confirm_request(self.context.platform, record.key_id)
            return (waiting_page if record.awaits_validation else done_page)(record, texts)

        try:
            body = await self.in_worker(page)
        except errors.ValidationImpossible as error:
            self.set_status(404 if error.reason == "unknown" else 409)
            body = refused_page(error, texts)
        self.write(body)


def _log_request(handler: RequestHandler) -> None:
    path = handler.request.path
    if path.startswith(VALIDATION_PATH):
        path = VALIDATION_PATH  # the rest is a secret
    _log.info("%s %s %d", handler.request.method, path, handler.get_status())
