"""httpcore's trace has the events by which `ehtoolkit.ehealth.wire.failures` knows how far a request got."""

from __future__ import annotations

import socket
from typing import Any

import httpcore
import pytest

from ehtoolkit.ehealth.wire.failures import SendProgress, cause_of

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
EVENTS = (
    "connection.connect_tcp.complete",
    "http11.send_request_headers.started",
    "http11.send_request_body.complete",
    "http11.receive_response_headers.complete",
)


def traced(pool: httpcore.ConnectionPool) -> tuple[SendProgress, list[str]]:
    progress, events = SendProgress(), []

    def trace(event: str, info: Any) -> None:
        events.append(event)
        progress.trace(event, info)

    try:
        pool.request("GET", "https://example.be/", extensions={"trace": trace})
    except httpcore.ProxyError:
        events.append("refused")
    return progress, events


def test_a_request_over_tls() -> None:
    backend = httpcore.MockBackend([ANSWER])
    progress, events = traced(httpcore.ConnectionPool(network_backend=backend))
    assert [event for event in events if event in {*EVENTS, "connection.start_tls.complete"}] == [
        EVENTS[0],
        "connection.start_tls.complete",
        *EVENTS[1:],
    ]
    assert (progress.connected, progress.secured, progress.begun, progress.sent) == (True,) * 4
    assert progress.refusal == 0


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_refuses(status: int) -> None:
    backend = httpcore.MockBackend([f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()])
    proxy = httpcore.Proxy("http://proxy.example.be:8080")
    progress, events = traced(httpcore.ConnectionPool(network_backend=backend, proxy=proxy))
    assert events[-1] == "refused"
    assert (progress.connected, progress.begun, progress.sent) == (True, False, False)
    assert progress.refusal == status


def test_the_first_exception_is_the_cause() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    with pytest.raises(httpcore.ConnectError) as raised:
        httpcore.ConnectionPool().request("GET", f"http://127.0.0.1:{port}/")
    assert type(cause_of(raised.value)) is ConnectionRefusedError
