"""A mail server and a web server on this computer that take messages, or do what servers do wrong."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.auditing.conftest import workshop
from tests.keystore.conftest import keystore_maker
from tests.support.tls import WebAuthority

__all__ = ["keystore_maker", "workshop"]


@dataclass
class MailSink:
    """Keeps what it is sent. ``recipient`` and ``data``: its answers to those; None: it takes them. ``answers``: to
    single addresses; ``asked``: all addresses that it was asked for."""

    mails: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    recipient: str | None = None
    data: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append(address)
        if answer := self.answers.get(address, self.recipient):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def auth_NTLM(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """As servers of Windows domains have it; no client of ours does."""
        return AuthResult(success=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data
        self.mails.append(envelope)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@dataclass
class RunningMailServer:
    """A server that is up."""

    sink: MailSink
    port: int


StartMail = Callable[..., RunningMailServer]


@pytest.fixture
def authority(tmp_path: Path) -> WebAuthority:
    return WebAuthority.make("Authority of the tests", tmp_path / "authority")


@pytest.fixture
def start_mail() -> Iterator[StartMail]:
    """Starts mail servers: ``context``: of its TLS. ``at_once``: TLS from the first byte. ``login``: it wants one.
    ``without``: ways to log in that it does not offer."""
    running: list[Controller] = []

    def start(
        context: ssl.SSLContext | None,
        *,
        at_once: bool = False,
        login: bool = False,
        without: tuple[str, ...] = ("NTLM",),
    ) -> RunningMailServer:
        sink = MailSink()
        controller = Controller(
            sink,
            hostname="127.0.0.1",
            port=_free_port(),
            ssl_context=context if at_once else None,
            tls_context=None if at_once else context,
            require_starttls=context is not None and not at_once,
            auth_required=login,
            authenticator=sink.authenticate if login else None,
            auth_require_tls=not at_once,
            auth_exclude_mechanism=without,
        )
        controller.start()
        running.append(controller)
        return RunningMailServer(sink, controller.port)

    yield start
    for controller in running:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class WebSink(ThreadingHTTPServer):
    """Keeps what is posted to it, and the paths that are asked for, and answers with ``status`` and ``headers``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.asked: list[str] = []
        self.status = 204
        self.answers: dict[str, str] = {}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses our certificate is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: WebSink

    def do_POST(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        self._answer()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self._answer()

    def _answer(self) -> None:
        self.send_response(self.server.status)
        for name, value in {"Content-Length": "0", **self.server.answers}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[WebSink]:
    with WebSink() as sink:
        thread = threading.Thread(target=sink.serve_forever, args=(0.02,))
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield int(listener.getsockname()[1])
