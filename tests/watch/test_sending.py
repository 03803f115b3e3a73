"""Mails and webhooks, against servers on this computer: sound ones, and such as do what they should not."""

from __future__ import annotations

import email
import email.policy
import logging
import socket
import ssl
import threading
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.failures import trusting_context
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.watch.configuration import Credential, HeartbeatTarget, MailTarget, WebhookTarget
from ehtoolkit.watch.sending import compose, post_webhook, send_heartbeat, send_mail
from tests.support.tls import WebAuthority
from tests.watch.conftest import RunningMailServer, StartMail, WebSink

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it has TLS at once
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TEXT = "Révoqué : été\n.\nfin\n"


def target(port: int, **options: Any) -> MailTarget:
    return MailTarget.make(("one@example.be", "two@example.be"), f"127.0.0.1:{port}", **options)


def send(to: MailTarget, authority: WebAuthority, seconds: float = 20) -> EmailMessage:
    mail = compose(to, "Échéance, tilleuls", TEXT, "0123", AT)
    send_mail(to, mail, trusting_context(authority.file), seconds)
    return mail


def reason_of(to: MailTarget, authority: WebAuthority, seconds: float = 20) -> tuple[str, object]:
    with pytest.raises(errors.DeliveryFailed) as found:
        send(to, authority, seconds)
    return str(found.value.facts["reason"]), found.value.facts.get("code")


@pytest.fixture
def password(tmp_path: Path) -> Credential:
    (tmp_path / "smtp").write_text("right\n")
    return Credential(file=tmp_path / "smtp")


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_over_tls_with_a_login(
    start_mail: StartMail, authority: WebAuthority, password: Credential, security: Any
) -> None:
    server = start_mail(authority.context(), at_once=security == "tls", login=True)
    send(target(server.port, security=security, user="me", password=password), authority)
    (envelope,) = server.sink.mails
    assert envelope.rcpt_tos == ["one@example.be", "two@example.be"]
    assert isinstance(envelope.content, bytes)
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert (mail["Subject"], mail["From"]) == ("Échéance, tilleuls", "one@example.be")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<0123@example.be>", "auto-generated")
    assert mail.get_content().replace("\r\n", "\n") == TEXT
    assert server.sink.logins == [(b"me", b"right")]


def test_to_this_computer_it_may_go_without(start_mail: StartMail, authority: WebAuthority) -> None:
    server = start_mail(None)
    send(target(server.port, security="none"), authority)
    assert len(server.sink.mails) == 1


def test_a_false_certificate_gets_neither_mail_nor_password(
    start_mail: StartMail, authority: WebAuthority, password: Credential, tmp_path: Path
) -> None:
    untrusted = WebAuthority.make("Somebody else", tmp_path / "stranger")
    wrong = {
        "issuer": untrusted.context(),
        "name": authority.context("mail.example.be"),
        "over": authority.context(start=timedelta(days=-9), end=timedelta(days=-2)),
    }
    for name, context in wrong.items():
        for at_once in (False, True):
            server = start_mail(context, at_once=at_once, login=True)
            to = target(server.port, security="tls" if at_once else "starttls", user="me", password=password)
            assert reason_of(to, authority) == ("untrusted", None), name
            assert (server.sink.mails, server.sink.logins) == ([], [])


def test_a_server_without_starttls_gets_nothing(
    start_mail: StartMail, authority: WebAuthority, password: Credential
) -> None:
    """Who stands between could leave the offer out."""
    server = start_mail(None)
    assert reason_of(target(server.port, user="me", password=password), authority) == ("starttls", None)
    assert (server.sink.mails, server.sink.logins) == ([], [])


def test_a_login_that_is_refused(
    start_mail: StartMail, authority: WebAuthority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "wrong").write_text("Pw-marker-77\n")
    server = start_mail(authority.context(), login=True)
    to = target(server.port, user="me", password=Credential(file=tmp_path / "wrong"))
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.DeliveryFailed) as found:
        send(to, authority)
    assert (found.value.facts["reason"], found.value.facts["code"]) == ("login", 535)
    assert found.value.__cause__ is None
    assert "marker" not in caplog.text + str(found.value)


def test_a_server_that_has_no_way_to_log_in_of_ours(
    start_mail: StartMail, authority: WebAuthority, password: Credential
) -> None:
    server = start_mail(authority.context(), login=True, without=("LOGIN", "PLAIN"))
    to = target(server.port, user="me", password=password)
    assert reason_of(to, authority) == ("login", "AUTH")


def test_a_server_that_wants_a_login_and_gets_none(start_mail: StartMail, authority: WebAuthority) -> None:
    server = start_mail(authority.context(), login=True)
    assert reason_of(target(server.port), authority) == ("login", 530)


@pytest.mark.parametrize(("where", "answer", "wanted"), [
    ("recipient", "530 log in first", ("login", 530)),
    ("data", "554 spam", ("refused", 554)),
    ("data", "451 later", ("refused", 451)),
])  # fmt: skip
def test_a_server_that_refuses(
    start_mail: StartMail, authority: WebAuthority, where: str, answer: str, wanted: tuple[str, int]
) -> None:
    server: RunningMailServer = start_mail(authority.context())
    setattr(server.sink, where, answer)
    assert reason_of(target(server.port), authority) == wanted


ONE, TWO = "one@example.be", "two@example.be"
TAKEN = (None, None)


def later(code: int) -> tuple[str, int]:
    return "deferred", code


def never(code: int) -> tuple[str, int]:
    return "recipient", code


@pytest.mark.parametrize(("answers", "wanted"), [
    (("250 OK", "250 OK"), (TAKEN, TAKEN)),
    (("250 OK", "451 greylisted"), (TAKEN, later(451))),
    (("550 no such user", "250 OK"), (never(550), TAKEN)),
    (("450 busy", "550 no such user"), (later(450), never(550))),
    (("452 full", "451 greylisted"), (later(452), later(451))),
    (("550 no such user", "553 no such name"), (never(550), never(553))),
    # 421 ends the connection: nobody got anything, and who was not refused for good is tried again.
    (("250 OK", "421 closing"), (later(421), later(421))),
    (("421 closing", "550 no such user"), (later(421), later(421))),
    (("550 no such user", "421 closing"), (never(550), later(421))),
])  # fmt: skip
def test_each_address_has_a_fate_of_its_own(
    start_mail: StartMail, authority: WebAuthority, answers: tuple[str, str], wanted: tuple[Any, Any]
) -> None:
    server = start_mail(authority.context())
    server.sink.answers = {
        to: answer for to, answer in zip((ONE, TWO), answers, strict=True) if answer != "250 OK"
    }
    to = target(server.port)
    fates = send_mail(to, compose(to, "x", TEXT, "0123", AT), trusting_context(authority.file), 20)
    assert {
        to: TAKEN if refusal is None else (refusal.facts["reason"], refusal.facts["code"])
        for to, refusal in fates.items()
    } == dict(zip((ONE, TWO), wanted, strict=True))
    assert all(refusal is None or refusal.facts["address"] == to for to, refusal in fates.items())
    got = [to for to, fate in zip((ONE, TWO), wanted, strict=True) if fate == TAKEN]
    assert [mail.rcpt_tos for mail in server.sink.mails] == ([got] if got else [])


def test_the_header_names_all_also_where_one_gets_it(start_mail: StartMail, authority: WebAuthority) -> None:
    server = start_mail(authority.context())
    to = target(server.port)
    made = compose(to, "x", TEXT, "0123", AT)
    assert send_mail(to, made, trusting_context(authority.file), 20, to=(TWO,)) == {TWO: None}
    (envelope,) = server.sink.mails
    assert (envelope.rcpt_tos, server.sink.asked) == ([TWO], [TWO])
    assert isinstance(envelope.content, bytes)
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert mail["To"] == f"{ONE}, {TWO}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_a_refusal_names_the_address(language: LanguageName) -> None:
    texts = Translator(language)
    said = [
        errors.DeliveryFailed(host="h", code=450, reason=reason, address=TWO)
        for reason in ("deferred", "recipient", "refused")
    ]
    assert [TWO in texts.error(error) for error in said] == [True, True, False]
    assert len({texts.next_step(error) for error in said}) == 3


def test_a_closed_port_a_silent_server_and_a_malformed_answer(
    silent: int, authority: WebAuthority, web: WebSink
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        free = listener.getsockname()[1]
    assert reason_of(target(free), authority)[0] == "connect"
    for security in ("starttls", "tls"):
        assert reason_of(target(silent, security=security), authority, 0.2)[0] == "timeout"
    assert reason_of(target(web.server_address[1], security="tls"), authority)[0] == "connect"


class DrippingServer:
    """A mail server whose answer to ``slow`` has a line now and then until ``reported`` is set, and then ends."""

    def __init__(self, slow: str, context: ssl.SSLContext | None) -> None:
        self.slow, self.context = slow, context
        self.commands: list[str] = []
        self.reported, self.left = threading.Event(), threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> DrippingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.reported.set()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            self._answer(connection, "greeting", b"220")
            for line in lines:
                self.commands.append(command := line.split()[0].decode().upper())
                self._answer(connection, command, b"354" if command == "DATA" else b"250")
                if command == "DATA":
                    next((line for line in lines if line == b".\r\n"), None)
                    self._answer(connection, "content", b"250")
        self.left.set()

    def _answer(self, connection: socket.socket, command: str, code: bytes) -> None:
        while command == self.slow and not self.reported.wait(0.05):
            connection.sendall(code + b"-x\r\n")
        connection.sendall(code + b" x\r\n")


@pytest.mark.parametrize(("slow", "security"), [("greeting", "none"), ("RCPT", "none"), ("RCPT", "tls")])
def test_after_the_total_time_the_connection_is_cut(
    authority: WebAuthority, slow: str, security: Any
) -> None:
    """Each wait is short enough, all of them are not: what is reported as unsent is delivered by no later answer."""
    with DrippingServer(slow, authority.context() if security == "tls" else None) as server:
        assert reason_of(target(server.port, security=security), authority, 0.2)[0] == "timeout"
        server.reported.set()
        assert server.left.wait(60)
    assert "DATA" not in server.commands


def test_a_mail_that_was_taken_is_sent_though_the_time_ends(authority: WebAuthority) -> None:
    with DrippingServer("QUIT", None) as server:
        send(target(server.port, security="none"), authority, 0.3)
        assert "DATA" in server.commands


@pytest.mark.parametrize("where", ["greeting", "hello", "after TLS"])
def test_an_endless_answer_is_cut_off(authority: WebAuthority, where: str) -> None:
    """`smtplib` keeps every line of an answer in memory."""
    done = threading.Event()

    def flood(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        if where != "greeting":
            connection.sendall(b"220 hello\r\n")
            connection.recv(100)
        if where == "after TLS":
            connection.sendall(b"250-hello\r\n250 STARTTLS\r\n")
            connection.recv(100)
            connection.sendall(b"220 go\r\n")
            connection = authority.context().wrap_socket(connection, server_side=True)
            connection.recv(100)
        line = (b"220-" if where == "greeting" else b"250-") + b"x" * 500 + b"\r\n"
        with connection, suppress(OSError):
            while not done.is_set():
                connection.sendall(line * 100)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        thread = threading.Thread(target=flood, args=(listening,))
        thread.start()
        tracemalloc.start()
        before = time.process_time()
        try:
            assert reason_of(target(listening.getsockname()[1]), authority)[0] == "answer"
            assert time.process_time() - before < 2
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()
            done.set()
            thread.join()


# ── where the password is ────────────────────────────────────────────────────────────────────────────────
def test_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked

    class Ring(KeyringBackend):
        priority = 1
        fault: Exception | None = None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def get_password(self, service: str, username: str) -> str | None:
            if self.fault is not None:
                raise self.fault
            return {("mail", "me"): "right"}.get((service, username))

    ring = Ring()
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        assert Credential(service="mail").read("me").reveal() == "right"
        with pytest.raises(errors.CredentialMissing) as found:
            Credential(service="mail").read("you")
        assert found.value.facts["reason"] == "entry"
        for fault in (KeyringLocked(), RuntimeError("no session bus")):
            ring.fault = fault
            with pytest.raises(errors.CredentialMissing) as found:
                Credential(service="mail").read("me")
            assert found.value.facts["reason"] == "backend"
    finally:
        keyring.set_keyring(before)
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(errors.CredentialMissing) as found:
        Credential(service="mail").read("me")
    assert found.value.facts["reason"] == "package"


@pytest.mark.parametrize(("made", "reason"), [
    (lambda: MailTarget.make(("nobody",), "h"), "mail_address"),
    (lambda: MailTarget.make(("a@example.be\nBcc: x@example.be",), "h"), "mail_address"),
    (lambda: MailTarget.make(("a@b.be",), "h:0"), "mail_server"),
    (lambda: MailTarget.make(("a@b.be",), "h:70000"), "mail_server"),
    (lambda: MailTarget.make(("a@b.be",), "user@h"), "mail_server"),
    (lambda: MailTarget.make(("a@b.be",), "mail.example.be", security="none"), "mail_insecure"),
    (lambda: MailTarget.make(("a@b.be",), "::1", security="none", user="a"), "mail_server"),
    (lambda: MailTarget.make(("a@b.be",), "[::1]", security="none", user="a"), "mail_insecure"),
    (lambda: MailTarget.make(("a@b.be",), "h", user="a"), "mail_login"),
    (lambda: WebhookTarget(url="example.be/hook"), "webhook_address"),
    (lambda: WebhookTarget(url="ftp://example.be"), "webhook_address"),
    (lambda: WebhookTarget(url="https://me:secret@example.be"), "webhook_address"),
    (lambda: WebhookTarget(url="https://[::1"), "webhook_address"),
    (lambda: WebhookTarget(url="http://example.be/hook"), "webhook_insecure"),
    (lambda: HeartbeatTarget(url="example.be/ping"), "heartbeat_address"),
    (lambda: HeartbeatTarget(url="https://me:secret@example.be"), "heartbeat_address"),
    (lambda: HeartbeatTarget(url="http://example.be/ping"), "heartbeat_insecure"),
])  # fmt: skip
def test_targets_that_cannot_be(made: Any, reason: str) -> None:
    with pytest.raises(errors.WatchInvalid) as found:
        made()
    assert found.value.facts["reason"] == reason
    assert "secret" not in str(found.value)


# ── webhook ──────────────────────────────────────────────────────────────────────────────────────────────
def post(url: str, authority: WebAuthority, token: Credential | None = None, **settings: Any) -> None:
    made = load_settings(ca_file=authority.file, **settings)
    with HttpTransport(made) as transport:
        post_webhook(WebhookTarget(url=url, token=token), {"summary": "été \u2028"}, transport)


def webhook_reason(url: str, authority: WebAuthority, **settings: Any) -> tuple[str, object]:
    with pytest.raises(errors.DeliveryFailed) as found:
        post(url, authority, **settings)
    return str(found.value.facts["reason"]), found.value.facts.get("code")


def address(web: WebSink, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{web.server_address[1]}/hook?key=1"


def test_a_post_with_a_token(web: WebSink, authority: WebAuthority, password: Credential) -> None:
    post(address(web), authority, password)
    ((path, headers, body),) = web.requests
    assert (path, body) == ("/hook?key=1", {"summary": "été \u2028"})
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/json", "Bearer right")


def test_over_tls_and_not_to_a_false_certificate(
    web: WebSink, authority: WebAuthority, tmp_path: Path
) -> None:
    web.socket = authority.context().wrap_socket(web.socket, server_side=True)
    post(address(web, "https"), authority)
    assert len(web.requests) == 1
    untrusted = WebAuthority.make("Somebody else", tmp_path / "stranger")
    assert webhook_reason(address(web, "https"), untrusted) == ("untrusted", None)
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(web: WebSink, authority: WebAuthority, status: int) -> None:
    web.status, web.answers = status, {"Location": address(web).replace("hook", "elsewhere")}
    assert webhook_reason(address(web), authority) == ("redirect", status)
    assert [path for path, _, _ in web.requests] == ["/hook?key=1"]


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_an_error_of_the_server(web: WebSink, authority: WebAuthority, status: int) -> None:
    web.status = status
    assert webhook_reason(address(web), authority) == ("status", status)


def test_a_closed_port_and_a_silent_server(silent: int, authority: WebAuthority) -> None:
    assert webhook_reason("http://127.0.0.1:1/", authority)[0] == "connect"
    assert webhook_reason(f"http://127.0.0.1:{silent}/", authority, platform_timeout=0.2)[0] == "timeout"


@pytest.mark.parametrize("kind", [WebhookTarget, HeartbeatTarget])
def test_the_shown_address_cannot_be_used_to_send(kind: type[WebhookTarget | HeartbeatTarget]) -> None:
    made = kind(url="https://hooks.example.be:8443/services/T0/B0/secret?key=secret")
    assert made.shown == "https://hooks.example.be:8443/…"


# ── heartbeat ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("status", "reason"), [(200, None), (204, None), (302, "redirect"), (404, "status"), (503, "status")]
)
def test_a_heartbeat_asks_once_and_follows_no_redirect(
    web: WebSink, authority: WebAuthority, status: int, reason: str | None
) -> None:
    web.status, web.answers = status, {"Location": address(web).replace("hook", "elsewhere")}
    with HttpTransport(load_settings(ca_file=authority.file)) as transport:
        try:
            send_heartbeat(HeartbeatTarget(url=address(web)), transport)
            failed = None
        except errors.DeliveryFailed as error:
            failed = error.facts["reason"]
    assert (failed, web.asked, web.requests) == (reason, ["/hook?key=1"], [])


def test_a_heartbeat_to_a_silent_server_ends(silent: int, authority: WebAuthority) -> None:
    settings = load_settings(ca_file=authority.file, platform_timeout=0.2)
    with HttpTransport(settings) as transport, pytest.raises(errors.DeliveryFailed) as found:
        send_heartbeat(HeartbeatTarget(url=f"http://127.0.0.1:{silent}/"), transport)
    assert found.value.facts["reason"] == "timeout"


def test_the_context_of_the_settings_verifies(authority: WebAuthority) -> None:
    context = trusting_context(authority.file)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
