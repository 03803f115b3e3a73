"""The wire against servers on loopback: slow, cut, endless, not HTTP at all; and what may have arrived."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import EnvironmentName, Settings
from tests.support.faulty_servers import (
    Behave,
    Url,
    chunked,
    cut_in_a_chunk,
    cut_in_the_middle,
    endless,
    endless_chunk,
    hang,
    hang_up,
    listening,
    not_http,
    reply,
    serving,
    stall_in_the_middle,
    trickle_body,
    trickle_headers,
    trickle_patience,
)


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    with HttpTransport(Settings(platform_timeout=1, platform_answer_limit=1_000_000)) as http:
        yield http


def facts_of(
    kind: type[errors.EhToolkitError], transport: HttpTransport, url: str, body: bytes = b"question"
) -> dict[str, object]:
    with pytest.raises(kind) as caught:
        transport.post(url, body, {})
    assert caught.type is kind
    assert "host" not in caught.value.facts or caught.value.facts["host"] == url.split("/")[2]
    return {key: value for key, value in caught.value.facts.items() if key != "host"}


def test_a_question_and_its_answer(transport: HttpTransport) -> None:
    with serving(reply(b"\xc3\xa9\r\n", 500, X_CorrelationID="7")) as url:
        answer = transport.post(url, b"question", {"SOAPAction": '"urn:x"', "User-Agent": "ehtoolkit/1"})
        assert (answer.status, answer.body) == (500, b"\xc3\xa9\r\n")
        assert answer.header("X-CORRELATIONID") == "7"
        assert answer.header("Date") is not None
        ((command, path, headers, body),) = url.requests
        assert (command, path, body) == ("POST", "/CertRa/v2", b"question")
        assert headers["Host"] == url.split("/")[2]
        assert headers["Content-Length"] == "8"
        assert "Transfer-Encoding" not in headers
        assert headers["SOAPAction"] == '"urn:x"'
        assert headers["User-Agent"] == "ehtoolkit/1"
        assert headers["Accept-Encoding"] == "identity"
        assert "Authorization" not in headers


def test_one_connection_serves_several_questions(transport: HttpTransport) -> None:
    ports = set()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        reply()(handler)

    with serving(behave) as url:
        for _ in range(3):
            transport.post(url, b"q", {})
    assert len(ports) == 1


def test_threads_share_it(transport: HttpTransport) -> None:
    bodies: list[bytes] = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        reply(handler.headers["X-Who"].encode())(handler)

    with serving(behave) as url:

        def ask(who: str) -> None:
            for _ in range(3):
                body = transport.post(url, b"q", {"X-Who": who}).body
                bodies.append(body)
                assert body == who.encode()

        threads = [threading.Thread(target=ask, args=[str(number)]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(bodies) == 12


def test_the_token_goes_to_a_training_server() -> None:
    with serving(reply()) as url:
        settings = Settings(platform_url=url.base, platform_token="t0k")
        with HttpTransport(settings) as transport:
            transport.post(url, b"", {})
        assert url.requests[0][2]["Authorization"] == "Bearer t0k"


def test_the_token_goes_nowhere_else() -> None:
    with serving(reply()) as url:
        with HttpTransport(Settings(platform_token="t0k")) as transport:
            transport.post(url, b"", {})
        assert "Authorization" not in url.requests[0][2]


def test_a_redirect_is_not_followed(transport: HttpTransport) -> None:
    with serving(reply(b"", 307, Location="http://127.0.0.1:1/")) as url:
        answer = transport.post(url, b"", {})
        assert (answer.status, answer.header("location")) == (307, "http://127.0.0.1:1/")
        assert len(url.requests) == 1


def test_an_answer_in_pieces(transport: HttpTransport) -> None:
    with serving(chunked) as url:
        for _ in range(2):
            assert transport.post(url, b"", {}).body == b"answer"


# ── nothing was sent ─────────────────────────────────────────────────────────────────────────────────────
def test_a_closed_port(transport: HttpTransport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "connect", "sent": False}


@pytest.mark.parametrize(("environment", "reason"), [("training", "training"), ("acceptance", "connect")])
def test_a_closed_port_of_a_training_server(environment: EnvironmentName, reason: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        settings = Settings(environment=environment, platform_url=url, platform_timeout=1)
        with HttpTransport(settings) as transport:
            error = errors.PlatformUnreachable
            assert facts_of(error, transport, f"{url}/CertRA/v2") == {"reason": reason, "sent": False}
    for language in LANGUAGES:
        texts = Translator(language)
        error_text = texts.get("error.platform_unreachable.training", host="x")
        assert "eHealth" not in error_text
        assert "02 788" not in texts.get("error.platform_unreachable.training.next")


def test_a_name_that_does_not_exist(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    facts = facts_of(errors.PlatformUnreachable, transport, "http://platform.invalid/")
    assert facts == {"reason": "name", "sent": False}


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "http://caf\u00e9.invalid/", f"http://{'long' * 20}.invalid/", "http://x:99999/"],
)
def test_an_address_that_leads_nowhere(transport: HttpTransport, url: str) -> None:
    facts = facts_of(errors.PlatformUnreachable, transport, url)
    assert facts == {"reason": "address", "sent": False}


def test_no_connection_in_time(transport: HttpTransport) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 1, "sent": False}
        for client in waiting:
            client.close()


def test_a_name_server_that_is_silent(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def silent(*_: object, **__: object) -> None:
        released.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "no name server answered")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        facts = facts_of(errors.PlatformTimeout, transport, "http://platform.invalid/")
    finally:
        released.set()
    assert facts == {"seconds": 1, "sent": False}


SILENT = [f"127.0.0.{number}" for number in range(2, 8)]
"""More addresses than the whole has waits."""


@contextmanager
def silent_at(port: int) -> Iterator[None]:
    """Let `SILENT` accept no connection at ``port``."""
    with ExitStack() as stack:
        for address in SILENT:
            full = stack.enter_context(socket.socket())
            full.bind((address, port))
            full.listen(0)
            for _ in range(3):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex((address, port))
        yield


def give_addresses(monkeypatch: pytest.MonkeyPatch, name: str, addresses: Sequence[str]) -> None:
    """Let the name server give ``addresses`` for ``name``."""
    look_up = socket.getaddrinfo

    def answer(host: str, port: int, *rest: int, **named: int) -> list[tuple[object, ...]]:
        names = addresses if host == name else [host]
        return [found for each in names for found in look_up(each, port, *rest, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_addresses_that_are_silent_take_no_more_than_one_connection_may(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    give_addresses(monkeypatch, "platform.test", SILENT)
    with silent_at(port):
        facts = facts_of(errors.PlatformTimeout, transport, f"http://platform.test:{port}/")
    assert facts == {"seconds": 1, "sent": False}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_addresses_that_are_silent_or_refuse_leave_time_for_the_next(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(reply()) as url:
        port = int(url.split("/")[2].rpartition(":")[2])
        give_addresses(monkeypatch, "platform.test", ["127.0.0.9", *SILENT, "127.0.0.1"])
        with silent_at(port):
            assert transport.post(f"http://platform.test:{port}/", b"", {}).body == b"answer"


@pytest.mark.parametrize("linger", [False, True], ids=["closed", "reset"])
def test_a_server_that_does_not_read_to_the_end(transport: HttpTransport, linger: bool) -> None:
    """It closes while the question is still on its way: it cannot have understood what it has not got."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        if linger:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(serve) as url:
        facts = facts_of(errors.PlatformUnreachable, transport, url, b"x" * 50_000_000)
    assert facts == {"reason": "cut", "sent": False}


def test_a_server_that_stops_reading(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        time.sleep(3)

    with listening(serve) as url:
        facts = facts_of(errors.PlatformTimeout, transport, url, b"x" * 50_000_000)
    assert facts == {"seconds": 1, "sent": False}


def test_a_server_that_answers_before_it_has_read_all(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1_000_000):
            pass

    with listening(serve) as url:
        assert transport.post(url, b"x" * 5_000_000, {}).status == 413


# ── it may have arrived ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("behave", [hang, stall_in_the_middle])
def test_no_answer_in_time(behave: Behave, transport: HttpTransport) -> None:
    with serving(behave) as url:
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 1, "sent": True}
        assert len(url.requests) == 1


@pytest.mark.parametrize("behave", [trickle_body, trickle_headers, trickle_patience])
def test_an_answer_that_trickles(behave: Behave) -> None:
    """A byte now and then keeps every single wait short; the whole is bounded all the same."""
    start = time.monotonic()
    with HttpTransport(Settings(platform_timeout=0.5)) as transport, serving(behave) as url:
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 2, "sent": True}
        assert time.monotonic() - start < 4


@pytest.mark.parametrize("behave", [hang_up, cut_in_the_middle, cut_in_a_chunk, not_http])
def test_a_connection_that_breaks_after_the_question(behave: Behave, transport: HttpTransport) -> None:
    with serving(behave) as url:
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "cut", "sent": True}
        assert len(url.requests) == 1, "never sent twice"


def test_a_connection_that_is_reset_after_the_question(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        while not connection.recv(1000).endswith(b"question"):
            pass
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(serve) as url:
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "cut", "sent": True}


def test_an_idle_connection_that_the_server_closed_is_not_used(transport: HttpTransport) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        reply()(handler)

    with serving(behave) as url:
        for _ in range(3):
            assert transport.post(url, b"", {}).body == b"answer"
            time.sleep(0.1)
        assert len(url.requests) == 3


def test_after_a_failure_the_next_question_works(transport: HttpTransport) -> None:
    with serving(hang_up) as url, pytest.raises(errors.PlatformUnreachable):
        transport.post(url, b"", {})
    with serving(reply()) as url:
        assert transport.post(url, b"", {}).body == b"answer"


@pytest.mark.parametrize("behave", [endless, endless_chunk])
def test_a_gigabyte_is_not_read(behave: Behave, transport: HttpTransport) -> None:
    start = time.monotonic()
    with serving(behave) as url:
        tracemalloc.start()
        try:
            assert facts_of(errors.ResponseInvalid, transport, url) == {"reason": "too_large"}
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert time.monotonic() - start < 30
    assert peak < 10_000_000, "a few times the limit of a megabyte, the server's own megabytes included"


def test_headers_without_end(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"1" * 1000 + b"\r\n")

    with listening(serve) as url:
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "cut", "sent": True}


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_unrequested_compression(transport: HttpTransport, encoding: str) -> None:
    with serving(reply(b"\x1f\x8b", Content_Encoding=encoding)) as url:
        assert facts_of(errors.ResponseInvalid, transport, url) == {"reason": "encoding"}


def test_answers_are_found_by_header_in_any_case() -> None:
    answer = Response(200, {"Date": "x"})
    assert (answer.header("date"), answer.header("none")) == ("x", None)


def test_a_header_that_came_twice(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-b: \xe9\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n")

    with listening(serve) as url:
        answer = transport.post(Url(url), b"", {})
    assert (answer.header("x-a"), answer.header("x-b")) == ("1, 2", "é")
