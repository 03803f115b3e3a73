"""The wire against servers on loopback: slow, cut, endless, untrusted, behind a proxy."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.ehealth.http import Answer, HttpTransport
from ehtoolkit.settings import Settings

Behave = Callable[[BaseHTTPRequestHandler], None]


class Url(str):
    """Where a server is, and what it was sent: command, path, headers and body."""

    __slots__ = ("requests",)
    requests: list[tuple[str, str, dict[str, str], bytes]]


@contextmanager
def serving(behave: Behave, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on loopback that reads each request whole, then does what ``behave`` says."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.command, self.path, dict(self.headers.items()), body))
            behave(self)

        def do_HEAD(self) -> None:
            reply()(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some of these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.requests = requests
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


def reply(body: bytes = b"answer", status: int = 200, **headers: str) -> Behave:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    reply(b"half", Content_Length="1000")(handler)
    hang_up(handler)


def stall_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    reply(b"half", Content_Length="1000")(handler)
    time.sleep(1)


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 1_000_000)


def not_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    hang_up(handler)


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    with HttpTransport(Settings(platform_timeout=1, platform_answer_limit=1_000_000)) as one:
        yield one


def facts_of(kind: type[errors.EhToolkitError], transport: HttpTransport, url: str) -> dict[str, object]:
    with pytest.raises(kind) as caught:
        transport.post(url, b"question", {})
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


def test_the_token_goes_to_a_training_server() -> None:
    with serving(reply()) as url:
        settings = Settings(platform_url=url.rpartition("/CertRa")[0], platform_token="t0k")
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
        assert transport.post(url, b"", {}).status == 307
        assert len(url.requests) == 1


def test_nobody_listens(transport: HttpTransport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "connect", "sent": False}


def test_a_name_that_does_not_exist(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    facts = facts_of(errors.PlatformUnreachable, transport, "http://platform.invalid/")
    assert facts == {"reason": "name", "sent": False}


def test_an_address_of_another_kind(transport: HttpTransport) -> None:
    facts = facts_of(errors.PlatformUnreachable, transport, "ftp://127.0.0.1/")
    assert facts == {"reason": "address", "sent": False}


def test_no_connection_in_time(transport: HttpTransport) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 1, "sent": False}
        for one in waiting:
            one.close()


@pytest.mark.parametrize("behave", [hang, stall_in_the_middle])
def test_no_answer_in_time(behave: Behave, transport: HttpTransport) -> None:
    with serving(behave) as url:
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 1, "sent": True}
        assert len(url.requests) == 1


def test_an_answer_that_trickles() -> None:
    """A byte now and then keeps every single wait short; the whole is bounded all the same."""
    with HttpTransport(Settings(platform_timeout=0.5)) as transport, serving(trickle) as url:
        assert facts_of(errors.PlatformTimeout, transport, url) == {"seconds": 2, "sent": True}


@pytest.mark.parametrize("behave", [hang_up, cut_in_the_middle, not_http])
def test_a_connection_that_breaks_after_the_question(behave: Behave, transport: HttpTransport) -> None:
    with serving(behave) as url:
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "cut", "sent": True}
        assert len(url.requests) == 1, "never sent twice"


def test_a_gigabyte_is_not_read(transport: HttpTransport) -> None:
    start = time.monotonic()
    with serving(endless) as url:
        assert facts_of(errors.AnswerInvalid, transport, url) == {"reason": "too_large"}
    assert time.monotonic() - start < 30


def test_compression_that_nobody_asked_for(transport: HttpTransport) -> None:
    with serving(reply(b"\x1f\x8b", Content_Encoding="gzip")) as url:
        assert facts_of(errors.AnswerInvalid, transport, url) == {"reason": "encoding"}


def test_after_a_failure_the_next_question_works(transport: HttpTransport) -> None:
    with serving(hang_up) as url, pytest.raises(errors.PlatformUnreachable):
        transport.post(url, b"", {})
    with serving(reply()) as url:
        assert transport.post(url, b"", {}).body == b"answer"


def test_a_proxy_is_used_but_not_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(reply(b"by proxy")) as proxy, serving(reply(b"direct")) as direct:
        monkeypatch.setenv("HTTP_PROXY", proxy.rpartition("/CertRa")[0])
        with HttpTransport(Settings()) as transport:
            assert transport.post("http://platform.invalid/CertRa/v2", b"", {}).body == b"by proxy"
            assert transport.post(direct, b"", {}).body == b"direct"
        assert proxy.requests[0][1] == "http://platform.invalid/CertRa/v2"


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(reply(b"no", 407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.rpartition("/CertRa")[0])
        with HttpTransport(Settings()) as transport:
            facts = facts_of(errors.PlatformUnreachable, transport, "https://platform.invalid/")
        assert facts == {"reason": "proxy", "sent": False}


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")
    with pytest.raises(errors.SettingInvalid) as caught:
        HttpTransport(Settings())
    assert caught.value.facts == {"setting": "proxy"}


@pytest.fixture
def tls(rsa_keys, tmp_path: Path) -> Callable[..., tuple[ssl.SSLContext, Path]]:
    """Makes a server's context and the file of the authority that signed its certificate."""

    def make(*, name: str = "127.0.0.1", days: int = 9) -> tuple[ssl.SSLContext, Path]:
        authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented virus scanner CA")])
        server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        before = datetime.now(UTC) - timedelta(days=30)

        def certificate(
            subject: x509.Name, key, extensions: list[x509.ExtensionType], end: datetime
        ) -> bytes:
            builder = x509.CertificateBuilder(authority, subject, key.public_key(), 7, before, end)
            for one in extensions:
                builder = builder.add_extension(one, critical=isinstance(one, x509.BasicConstraints))
            return builder.sign(rsa_keys[1], hashes.SHA256()).public_bytes(Encoding.PEM)

        identifier = x509.SubjectKeyIdentifier.from_public_key(rsa_keys[1].public_key())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        ca = certificate(
            authority,
            rsa_keys[1],
            [x509.BasicConstraints(True, None), identifier, usage],
            datetime.now(UTC) + timedelta(days=9),
        )
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        leaf = certificate(
            server,
            rsa_keys[2],
            [x509.BasicConstraints(False, None), names, issuer],
            datetime.now(UTC) + timedelta(days=days),
        )
        (tmp_path / "ca.pem").write_bytes(ca)
        key = rsa_keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "server.pem").write_bytes(leaf + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.pem")
        return context, tmp_path / "ca.pem"

    return make


def test_tls_by_the_trust_store_of_the_system(tls, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = tls()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with HttpTransport(Settings()) as transport, serving(reply(), context) as url:
        assert transport.post(url, b"", {}).body == b"answer"


def test_an_unknown_authority_is_named(tls) -> None:
    context, _ = tls()
    with HttpTransport(Settings()) as transport, serving(reply(), context) as url:
        assert facts_of(errors.PlatformUntrusted, transport, url) == {
            "issuer": "Invented virus scanner CA",
            "reason": "issuer",
        }
        assert url.requests == []


@pytest.mark.parametrize(
    ("changes", "reason"), [({"days": -1}, "expired"), ({"name": "127.0.0.2"}, "hostname")]
)
def test_a_bad_certificate_of_a_known_authority(
    changes: dict[str, object], reason: str, tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = tls(**changes)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with HttpTransport(Settings()) as transport, serving(reply(), context) as url:
        assert facts_of(errors.PlatformUntrusted, transport, url)["reason"] == reason
        assert url.requests == []


def test_tls_where_there_is_none(transport: HttpTransport) -> None:
    with serving(reply()) as url:
        secure = url.replace("http:", "https:")
        assert facts_of(errors.PlatformUnreachable, transport, secure) == {"reason": "tls", "sent": False}


def test_answers_are_found_by_header_in_any_case() -> None:
    answer = Answer(200, {"Date": "x"})
    assert (answer.header("date"), answer.header("none")) == ("x", None)
