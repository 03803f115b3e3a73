"""The training platform over HTTP, for a class, or for a client of other software."""

from __future__ import annotations

import asyncio
import errno
import hmac
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import Application, RequestHandler

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.trace import TraceFolder
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.training.door import SIZE_LIMIT
from ehtoolkit.training.http.transport import Faults, Sending
from ehtoolkit.training.http.validation_page import (
    PAGE_HEADERS,
    done_page,
    page_language,
    refused_page,
    waiting_page,
)
from ehtoolkit.training.service.foreigners import VALIDATION_PATH, ForeignAuthority
from ehtoolkit.training.service.status_responder import StatusResponder
from ehtoolkit.version import __version__

_WORKERS: Final = 4
_OF_PORT: Final = frozenset({errno.EADDRINUSE, errno.EACCES})
"""In use, or not allowed; what else keeps a server from listening is the host's."""
_log = logging.getLogger(__name__)


class TrainingServer:
    """Listens from `start` to `stop`, on an event loop and a thread of its own.

    On another address than the loopback every request needs ``Authorization: Bearer <token>``; without a
    token it does not start there. With ``tls`` it speaks HTTPS. ``trace``: a folder for what it hears and says.
    """

    def __init__(
        self,
        platform: Faults,
        foreigners: ForeignAuthority,
        status: StatusResponder,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        trace: Path | None = None,
    ) -> None:
        if token is None and not is_loopback(host):
            raise errors.OptionMissing(option="--token-file", reason="needed")
        self.host = host
        self.port = port
        """Zero until started: any free one."""
        self._token = token
        self._tls = tls
        self._platform = platform if trace is None else _Traced(platform, TraceFolder(trace))
        self._foreigners = foreigners
        self._status = status
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Scheme, host and port, for ``EHTOOLKIT_PLATFORM_URL``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def start(self) -> None:
        """Listen. Raises `errors.SettingInvalid` (setting ``host`` or ``port``) when that cannot be done."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listening = socket.create_server((self.host, self.port), family=family)
        except (OSError, OverflowError) as error:
            of_port = isinstance(error, OverflowError) or error.errno in _OF_PORT
            raise errors.SettingInvalid(setting="port" if of_port else "host") from error
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, ready)), name="training-server", daemon=True
        )
        self._thread.start()
        ready.wait()

    def wait(self) -> None:
        """Block until `stop`, or until Ctrl+C."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def stop(self) -> None:
        """Stop listening and wait for requests under way."""
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None

    async def _serve(self, listening: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="training") as workers:
            settings: dict[str, Any] = {"platform": self._platform, "token": self._token, "workers": workers}
            validation: dict[str, Any] = {"foreigners": self._foreigners, "workers": workers}
            routes: list[tuple[str, type[RequestHandler], dict[str, Any]]] = [
                (rf"{VALIDATION_PATH}([A-Za-z0-9_-]{{1,64}})", _ValidationHandler, validation),
                (r"/(?:ocsp|crl|crt)(?:/.*)?", _StatusHandler, {"status": self._status, "workers": workers}),
                (r"/.*", _Handler, settings),
            ]
            application = Application(
                [(_OtherName(self.host, self._tls is not None), _ForeignHost), *routes],
                log_function=_log_request,
            )
            server = HTTPServer(application, ssl_options=self._tls, max_buffer_size=2 * SIZE_LIMIT)
            server.add_socket(listening)
            ready.set()
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()


def serve_training(server: TrainingServer, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl+C. ``ready`` gets the address as soon as it answers.

    Raises what `TrainingServer.start` raises.
    """
    server.start()
    try:
        ready(server.url)
        server.wait()
    except KeyboardInterrupt:
        return
    finally:
        server.stop()


class _OtherName(Matcher):
    """Matches requests to a loopback server under a name that is not this computer's. With TLS none does: its
    certificate is of no other name, so that a browser refuses before it asks."""

    def __init__(self, host: str, tls: bool) -> None:
        self._watched = is_loopback(host) and not tls

    def match(self, request: HTTPServerRequest) -> dict[str, object] | None:
        try:
            host = urlsplit(f"//{request.host}").hostname or ""
        except ValueError:  # half an IPv6 address
            host = ""
        return {} if self._watched and not is_loopback(host) else None


class _Traced:
    """The platform, whose messages are kept in ``folder``; one that cannot be written down is answered all the same."""

    def __init__(self, platform: Faults, folder: TraceFolder) -> None:
        self._platform = platform
        self._folder = folder
        self.headers = platform.headers

    def respond(self, path: str, body: bytes, headers: Mapping[str, str]) -> Sending:
        """Return what `Faults.respond` returns, and write the message and its answer down."""
        try:
            request = self._folder.write_request(body)
        except OSError as error:
            _log.warning("the trace of a request could not be written: %s", error.strerror)
            return self._platform.respond(path, body, headers)
        sending = self._platform.respond(path, body, headers)
        if sending.answer is not None:
            self._folder.write_answer(request, sending.answer.body)
        return sending


class _Handler(RequestHandler):
    """Every path and method; the responder decides."""

    def initialize(self, platform: Faults | _Traced, token: str | None, workers: ThreadPoolExecutor) -> None:
        self._platform = platform
        self._token = token
        self._workers = workers

    def set_default_headers(self) -> None:
        self.set_header("Server", f"ehtoolkit-training/{__version__}")

    def prepare(self) -> None:
        if self._token is None:
            return
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            self.set_status(401)
            self.set_header("WWW-Authenticate", "Bearer")
            self.finish()

    async def post(self) -> None:
        if not _is_xml(self.request.headers.get("Content-Type", "")):
            self.set_status(415)  # a page of another site can send anything else without being asked
            return
        loop = asyncio.get_running_loop()
        sending = await loop.run_in_executor(
            self._workers,
            self._platform.respond,
            self.request.path,
            self.request.body,
            {**self.request.headers, "X-Forwarded-Proto": self.request.protocol},
        )
        await asyncio.sleep(sending.delay)  # not in a worker: a slow answer keeps nobody else waiting
        answer = sending.answer
        if answer is None:
            self.detach().close()
            return
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.write(answer.body)

    def options(self) -> None:
        """Answer without a body, with the headers of every answer: clients ask so for the platform's time, which is in
        the Date header."""
        for name, value in self._platform.headers(str(uuid4())).items():
            if name != "Content-Type":
                self.set_header(name, value)
        self.set_header("Allow", "OPTIONS, POST")
        self.set_status(204)
        self.clear_header("Content-Type")

    def get(self) -> None:
        self.options()
        self.set_status(405)

    head = get

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write the status alone, without tornado's page."""
        self.finish()


def _is_xml(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("text/xml", "application/xml", "application/soap+xml")


class _ForeignHost(RequestHandler):
    """Whatever was sent to another name than ours: a site can have its name point to this computer (DNS rebinding)."""

    def prepare(self) -> None:
        self.set_status(421)
        self.finish()


class _StatusHandler(RequestHandler):
    """OCSP responder and revocation lists. As in reality, a request needs no token."""

    def initialize(self, status: StatusResponder, workers: ThreadPoolExecutor) -> None:
        self._status = status
        self._workers = workers

    def set_default_headers(self) -> None:
        self.set_header("Server", f"ehtoolkit-training/{__version__}")

    async def get(self, *_: str) -> None:
        await self._answer(None)

    async def post(self, *_: str) -> None:
        await self._answer(self.request.body)

    async def _answer(self, body: bytes | None) -> None:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._workers, self._status.answer, self.request.path, body)
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.write(answer.body)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write the status alone, without tornado's page."""
        self.finish()


class _ValidationHandler(RequestHandler):
    """The page at a validation address. It asks for no token: a browser has none to show, and the address is
    itself a secret of its holder."""

    def initialize(self, foreigners: ForeignAuthority, workers: ThreadPoolExecutor) -> None:
        self._foreigners = foreigners
        self._workers = workers

    def set_default_headers(self) -> None:
        self.set_header("Server", f"ehtoolkit-training/{__version__}")
        for name, value in PAGE_HEADERS.items():
            self.set_header(name, value)

    async def get(self, code: str) -> None:
        await self._show(code, confirm=False)

    async def post(self, code: str) -> None:
        await self._show(code, confirm=True)

    async def _show(self, code: str, *, confirm: bool) -> None:
        language = page_language(self.request.headers.get("Accept-Language"))

        def page() -> str:
            record = self._foreigners.at(code)
            if confirm:
                record = self._foreigners.validate(record.key_id)
            return (waiting_page if record.awaits_validation else done_page)(record, language)

        try:
            body = await asyncio.get_running_loop().run_in_executor(self._workers, page)
        except errors.ValidationImpossible as error:
            self.set_status(404 if error.reason == "unknown" else 409)
            body = refused_page(error, language)
        self.write(body)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write the status alone, without tornado's page."""
        self.finish()


def _log_request(handler: RequestHandler) -> None:
    path = handler.request.path
    if path.startswith(VALIDATION_PATH):
        path = VALIDATION_PATH  # the rest is a secret
    _log.info("%s %s %d", handler.request.method, path, handler.get_status())
