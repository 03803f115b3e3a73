"""Bound the time that a whole request may take, from looking up the name of the server to the last byte of its answer.

A server that sends a byte now and then keeps every single wait short. Beside `ehtoolkit.ehealth.wire.http` and
`ehtoolkit.ehealth.wire.failures` the only module that knows httpcore.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from ehtoolkit.ehealth.wire.proxies import Proxy
from ehtoolkit.system.io_timeout import TimedOut, call_in_time


class Deadline:
    """When the question that a thread is asking has to be over; connections outlive questions, so they ask here."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End all waiting of this thread inside the block after ``seconds`` at the latest."""
        outer = self._end
        self._local.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._local.end = outer

    @property
    def passed(self) -> bool:
        return self._left() <= 0

    def shortened(self, timeout: float | None, late: type[Exception]) -> float:
        """Return ``timeout``, or what is left when that is less. Raises ``late`` when nothing is."""
        left = self._left()
        if left <= 0:
            raise late("the whole took too long")
        return left if timeout is None else min(timeout, left)

    @property
    def _end(self) -> float:
        end: float = getattr(self._local, "end", float("inf"))
        return end

    def _left(self) -> float:
        return self._end - time.monotonic()


class BoundedBackend(httpcore.NetworkBackend):
    """httpcore's own network, with connections that keep to a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of ``host`` that answers, all within ``timeout``. Each address gets an equal
        share of the time that is left, so that one that is silent leaves time for the next."""
        limit = self._deadline.shortened(timeout, httpcore.ConnectTimeout)
        with self._deadline.within(limit):
            addresses = _addresses_of(host, port, limit)
            for tried, address in enumerate(addresses, 1):
                left = self._deadline.shortened(limit, httpcore.ConnectTimeout)
                share = left / (len(addresses) - tried + 1)
                try:
                    stream = self._inner.connect_tcp(
                        address, port, share, local_address, socket_options or ()
                    )
                except (httpcore.ConnectError, httpcore.ConnectTimeout):
                    if tried == len(addresses):
                        raise
                else:
                    return _BoundedStream(stream, self._deadline)
        raise httpcore.ConnectError("the name has no address")


def _addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of ``host``, in the order of the system. Raises `httpcore.ConnectTimeout` when that takes
    more than ``seconds``, `httpcore.ConnectError` for a name without any, and UnicodeError for what can be no name."""
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    try:
        found = call_in_time(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), seconds)
        return list(dict.fromkeys(socket.getnameinfo(place, numeric)[0] for *_, place in found))
    except TimedOut as error:
        raise httpcore.ConnectTimeout("looking up the name took too long") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.shortened(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.shortened(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._deadline.shortened(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, limit), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


# ── The transport that keeps to a deadline ───────────────────────────────────────────────────────────────
_IDLE: Final = 5.0
"""Seconds for which a connection is kept for the next question: servers close idle ones after more."""


class BoundedTransport(httpx.BaseTransport):
    """As `httpx.HTTPTransport`, which takes no network backend; by ``proxy``, or directly when it is None.

    Args:
        context: for the server.
        proxy_context: for the way to a proxy over TLS, which gets the password of that proxy: never one that believes
            everybody.

    What goes wrong leaves it as an exception of httpcore, which says in which phase it was.
    """

    def __init__(
        self,
        deadline: Deadline,
        context: ssl.SSLContext,
        proxy: Proxy | None,
        proxy_context: ssl.SSLContext,
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _core_proxy(proxy, proxy_context),
            keepalive_expiry=_IDLE,
            retries=0,
            network_backend=BoundedBackend(deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its answer; the bodies of both are streams."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        body = _Body(response)
        return httpx.Response(
            response.status, headers=response.headers, stream=body, extensions=response.extensions
        )

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        stream = self._response.stream
        if not isinstance(stream, Iterable):  # of an asynchronous pool, which ours is not
            raise TypeError("no stream of bytes")
        yield from stream

    def close(self) -> None:
        self._response.close()


def _core_proxy(proxy: Proxy, context: ssl.SSLContext) -> httpcore.Proxy:
    over_tls = urlsplit(proxy.url).scheme == "https"
    return httpcore.Proxy(proxy.url, proxy.credentials, ssl_context=context if over_tls else None)
