"""Servers on loopback that do to a client whatever a network can do to it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behave = Callable[[BaseHTTPRequestHandler], None]
Seen = tuple[str, str, dict[str, str], bytes]


class Url(str):
    """Where a server is, and what it was sent: command, path, headers and body."""

    __slots__ = ("requests",)
    requests: list[Seen]

    @property
    def base(self) -> str:
        return self.rpartition("/CertRa")[0]

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])


@contextmanager
def serving(
    behave: Behave, context: ssl.SSLContext | None = None, *, look: Behave | None = None
) -> Iterator[Url]:
    """A server on loopback that reads each request whole, then does what ``behave`` says. ``look``: the same for
    HEAD, which is not counted among its requests."""
    requests: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.command, self.path, dict(self.headers.items()), body))
            behave(self)

        def do_HEAD(self) -> None:
            (look or reply(b""))(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some of these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = Url(f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_port}/CertRa/v2")
        url.requests = requests
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listening(serve: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[Url]:
    """A bare listener: ``serve`` gets each connection, which is closed after it. ``context``: over TLS."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            threading.Thread(target=one, args=[connection], daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            with suppress(OSError):  # the client has gone
                if context is None:
                    serve(connection)
                    return
                with context.wrap_socket(connection, server_side=True) as secured:
                    serve(secured)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        url = Url(f"http://127.0.0.1:{server.getsockname()[1]}/CertRa/v2")
        url.requests = []
        yield url
    finally:
        stop.set()
        thread.join()
        server.close()


def reply(body: bytes = b"answer", status: int = 200, **headers: str) -> Behave:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        defaults = {"Content-Length": str(len(body)), "Date": handler.date_time_string()}
        for name, value in {**defaults, **named}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    reply(b"half", Content_Length="1000")(handler)
    hang_up(handler)


def cut_in_a_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"4\r\nhalf\r\nff\r\nless than promised")
    hang_up(handler)


def stall_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    reply(b"half", Content_Length="1000")(handler)
    time.sleep(1.5)


def trickle_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    trickle(handler, b"x")


def trickle_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    trickle(handler, b"X-More: 1\r\n")


def trickle_patience(handler: BaseHTTPRequestHandler) -> None:
    """ "Go on, I am still here", without end."""
    trickle(handler, b"HTTP/1.1 102 Processing\r\n\r\n")


def trickle(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    for _ in range(60):
        handler.wfile.write(piece)
        time.sleep(0.1)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A gigabyte, without a length."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 1_000_000)


def endless_chunk(handler: BaseHTTPRequestHandler) -> None:
    """A gigabyte in one chunk."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n" % 1_000_000_000)
    for _ in range(1000):
        handler.wfile.write(b"x" * 1_000_000)


def chunked(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"3;note=1\r\nans\r\n3\r\nwer\r\n0\r\nX-Trailer: 1\r\n\r\n")


def not_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    hang_up(handler)
