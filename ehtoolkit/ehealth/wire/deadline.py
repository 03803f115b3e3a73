"""Bound the time that a whole request may take.

A server that sends a byte now and then keeps every single wait short, and httpcore bounds single waits alone.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore


class Deadline:
    """When the request that a thread makes has to be over; connections outlive requests, so they ask here."""

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

    def shortened(self, timeout: float | None, late: type[Exception]) -> float | None:
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


class BoundedBackend(httpcore.SyncBackend):
    """httpcore's own network, with connections that keep to a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._deadline.shortened(timeout, httpcore.ConnectTimeout)
        stream = super().connect_tcp(host, port, limit, local_address, socket_options)
        return _BoundedStream(stream, self._deadline)


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
