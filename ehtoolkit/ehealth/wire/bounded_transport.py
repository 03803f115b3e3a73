"""httpx's way to the network, on connections that keep to a deadline."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

import httpcore
import httpx

from ehtoolkit.ehealth.wire.deadline import BoundedBackend, Deadline
from ehtoolkit.ehealth.wire.proxies import Proxy

_IDLE: Final = 5.0
"""Seconds for which a connection is kept for the next question: servers close idle ones after more."""


class BoundedTransport(httpx.BaseTransport):
    """As `httpx.HTTPTransport`, which takes no network backend; by ``proxy``, or directly when it is None.

    ``context``: for the server. ``proxy_context``: for the way to a proxy over TLS, which gets the password of that
    proxy: never one that believes everybody.

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
        """One question; its body and that of the answer are streams."""
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
