"""The training platform over HTTP, for a class, or for a client that somebody else wrote."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from ehtoolkit import errors
from ehtoolkit.training.embedded import Training
from ehtoolkit.training.responder import SIZE_LIMIT, TrainingResponder
from ehtoolkit.version import __version__

_WORKERS: Final = 4
_log = logging.getLogger(__name__)


class TrainingServer:
    """Listens from `start` to `stop`, on an event loop and a thread of its own.

    On another address than the loopback every request needs ``Authorization: Bearer <token>``; without a
    token it does not start there. With ``tls`` it speaks HTTPS.
    """

    def __init__(
        self,
        responder: TrainingResponder,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if token is None and not is_loopback(host):
            raise errors.OptionMissing(option="--token")
        self.host = host
        self.port = port
        """Zero until started: any free one."""
        self._token = token
        self._tls = tls
        self._responder = responder
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
            raise errors.SettingInvalid(setting="port" if self.port else "host") from error
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
            settings = {"responder": self._responder, "token": self._token, "workers": workers}
            application = Application([(r"/.*", _Handler, settings)], log_function=_log_request)
            server = HTTPServer(application, ssl_options=self._tls, max_buffer_size=2 * SIZE_LIMIT)
            server.add_socket(listening)
            ready.set()
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()


def serve_training(
    training: Training,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serve until Ctrl+C. ``ready`` gets the address as soon as it answers. Raises what `TrainingServer` and
    its `start` raise."""
    server = training.server(host=host, port=port, token=token)
    server.start()
    try:
        ready(server.url)
        server.wait()
    except KeyboardInterrupt:
        return
    finally:
        server.stop()


class _Handler(RequestHandler):
    """Every path and method; the responder decides."""

    def initialize(
        self, responder: TrainingResponder, token: str | None, workers: ThreadPoolExecutor
    ) -> None:
        self._responder = responder
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
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(
            self._workers,
            self._responder.respond,
            self.request.path,
            self.request.body,
            dict(self.request.headers),
        )
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.write(answer.body)

    def options(self) -> None:
        """Clients ask so for the platform's time, which is in the Date header of any answer."""
        for name, value in self._responder.headers(str(uuid4())).items():
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
        """No page of tornado's: the status alone."""
        self.finish()


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _log_request(handler: RequestHandler) -> None:
    _log.info("%s %s %d", handler.request.method, handler.request.path, handler.get_status())
