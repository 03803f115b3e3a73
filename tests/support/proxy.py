"""A small real proxy on loopback: tunnels for HTTPS, forwards HTTP, may ask for a password or refuse."""

from __future__ import annotations

import base64
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.faulty_servers import listening

Headers = dict[str, str]
Manner = Callable[[socket.socket], None]
"""What is done with a connection in place of passing it on."""


@dataclass
class Proxy:
    """``url``: for HTTPS_PROXY. ``asked``: the first line of each request. ``leads``: which port of this computer a
    host and port of a client's wish stand for; everything else is taken at its word."""

    port: int = 0
    scheme: str = "http"
    credentials: list[str] = field(default_factory=list)
    """The passwords that it was given."""
    asked: list[str] = field(default_factory=list)
    leads: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def proxying(
    *, login: str | None = None, manner: Manner | None = None, context: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """``login``: ``user:password`` that it asks for; ``manner``: what it does to whoever may use it; ``context``: for
    TLS with it."""
    proxy = Proxy(scheme="http" if context is None else "https")

    def serve(client: socket.socket) -> None:
        head = read_head(client)
        first, headers = parse(head)
        proxy.asked.append(first)
        proxy.credentials += filter(None, [headers.get("proxy-authorization")])
        if login is not None and headers.get("proxy-authorization") != basic(login):
            client.sendall(
                status(407, "Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"\r\n')
            )
        elif manner is not None:
            manner(client)
        elif first.startswith("CONNECT "):
            tunnel(client, first.split()[1], proxy.leads)
        else:
            forward(client, head, first, proxy.leads)

    with listening(serve, context) as url:
        proxy.port = url.port
        yield proxy


def refuse(code: int) -> Manner:
    return lambda client: client.sendall(status(code, "No"))


def hang(client: socket.socket) -> None:
    time.sleep(1.5)


def hang_up(client: socket.socket) -> None:
    """It closes without a word."""


def status(code: int, reason: str, headers: str = "") -> bytes:
    return f"HTTP/1.1 {code} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n".encode()


def basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"


def read_head(client: socket.socket) -> bytes:
    """Everything up to the empty line, and what came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(65536)
        if not piece:
            raise OSError
        head += piece
    return head


def parse(head: bytes) -> tuple[str, Headers]:
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}


def tunnel(client: socket.socket, target: str, leads: dict[str, int]) -> None:
    host, _, port = target.rpartition(":")
    with socket.create_connection(
        ("127.0.0.1", leads[target]) if target in leads else (host, int(port))
    ) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pipe(client, server)


def forward(client: socket.socket, head: bytes, first: str, leads: dict[str, int]) -> None:
    """One request, whose address is a whole URL, to where it leads."""
    authority = first.split()[1].split("/")[2]
    with socket.create_connection(("127.0.0.1", leads[authority])) as server:
        server.sendall(head)
        pipe(client, server)


def pipe(source: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, source)
        while found := selector.select(20):
            for key, _ in found:
                ready = source if key.data is other else other
                while True:
                    data = ready.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
                    if not (isinstance(ready, ssl.SSLSocket) and ready.pending()):
                        break
