"""Send a message: as a mail over SMTP with STARTTLS or TLS from the first byte, or as JSON to an address; and a
heartbeat."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from typing import IO, Any, Final, Literal

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import json_text
from ehtoolkit.watch.configuration import HeartbeatTarget, MailTarget, WebhookTarget

SECONDS: Final = 30.0
"""For each wait; four times that for all of them: a server that sends a byte now and then keeps `smtplib` for ever."""
_TOTAL: Final = 4
MOST_LINES: Final = 200
"""Lines of an answer; servers send a few dozen."""
MOST_BYTES: Final = 65_536
"""Bytes of an answer."""
_LOGIN_REFUSED: Final = frozenset({530, 534, 535, 538})


def compose(target: MailTarget, subject: str, text: str, number: str, at: datetime) -> EmailMessage:
    """Make the mail. ``number``: a mail that is sent twice has the same Message-ID."""
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = target.sender
    mail["To"] = ", ".join(target.to)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{number}@{target.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def send_mail(
    target: MailTarget,
    mail: EmailMessage,
    context: ssl.SSLContext,
    seconds: float = SECONDS,
    *,
    to: Sequence[str] | None = None,
) -> dict[str, errors.DeliveryFailed | None]:
    """Send ``mail``. The password goes over TLS alone.

    Args:
        context: which certificates are believed.
        to: which of the addresses of ``target`` get it; None: all of them. The headers name all in any case.

    Returns what became of it by address: None where the server took it; else the refusal, with the reason ``deferred``
    where it is one for now (RFC 5321, 4.2.1), and ``recipient`` where it is one for good.

    Raises `errors.DeliveryFailed` (reason ``connect``, ``timeout``, ``untrusted``, ``starttls``, ``login``,
    ``refused`` or ``answer``), and what `Credential.read` raises: then no address got it.
    """
    addresses = list(dict.fromkeys(target.to if to is None else to))
    password = None
    if target.user is not None and target.password is not None:
        password = target.password.read(target.user)
    client = partial(_BoundedAnswersOverTls, context=context) if target.security == "tls" else _BoundedAnswers
    with (
        _ours(target.host),
        _total_limit(_TOTAL * seconds) as limit,
        closing(client(target.host, target.port, limit, timeout=seconds)) as server,
    ):
        server.ehlo_or_helo_if_needed()
        if target.security == "starttls":
            if not server.has_extn("starttls"):
                raise errors.DeliveryFailed(host=target.host, reason="starttls")
            server.starttls(context=context)
            server.ehlo()
        if password is not None:
            _log_in(server, target, password)
        fates = _send_to(server, target, mail, addresses)
        with suppress(smtplib.SMTPException, OSError, _AnswerTooLong):  # it has the mail
            server.quit()
    return fates


def _send_to(
    server: smtplib.SMTP, target: MailTarget, mail: EmailMessage, addresses: Sequence[str]
) -> dict[str, errors.DeliveryFailed | None]:
    try:
        answers, is_taken = server.send_message(mail, to_addrs=addresses), True
    except (
        smtplib.SMTPRecipientsRefused
    ) as error:  # all are, or the server ended the connection before it heard of all
        answers, is_taken = error.recipients, False
    codes = {address: code for address, (code, _) in answers.items()}
    needs_login = [code for code in codes.values() if code in _LOGIN_REFUSED]
    if needs_login and not is_taken:
        raise errors.DeliveryFailed(host=target.host, reason="login", code=needs_login[0])
    unheard = None if is_taken else next(reversed(codes.values()))
    return {address: _refusal(target, address, codes.get(address, unheard)) for address in addresses}


def _refusal(target: MailTarget, address: str, code: int | None) -> errors.DeliveryFailed | None:
    if code is None:
        return None
    reason: Literal["recipient", "deferred"] = "recipient" if 500 <= code < 600 else "deferred"
    return errors.DeliveryFailed(host=target.host, reason=reason, code=code, address=address)


class _TotalLimit:
    """Ends the connection of ``client``, also one that is yet to be made."""

    def __init__(self) -> None:
        self.over = False
        self.client: smtplib.SMTP | None = None

    def cut(self) -> None:
        self.over = True
        connection = None if self.client is None else self.client.sock
        if connection is not None:
            # It fails on a closed socket, and while TLS begins: then the client looks at ``over`` at the next answer.
            # Not the method of a TLS socket: after it, another thread would send unencrypted.
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


@contextmanager
def _total_limit(seconds: float) -> Iterator[_TotalLimit]:
    """Cut the connection after ``seconds``. What the body raises from then on becomes ``TimeoutError``."""
    limit = _TotalLimit()
    timer = threading.Timer(seconds, limit.cut)
    timer.daemon = True
    timer.start()
    try:
        yield limit
    except (smtplib.SMTPException, OSError) as error:
        if limit.over:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


class _AnswerTooLong(Exception):
    """A mail server sent more than `MOST_LINES` or `MOST_BYTES` as one answer.

    It is no `OSError`, which `smtplib` takes for a connection that broke.
    """


class _BoundedLines:
    """The lines of one answer.

    Args:
        stream: of the connection; it is read on by the next answer.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self._lines = self._bytes = 0

    def readline(self, limit: int) -> bytes:
        """Return the next line. Raises `_AnswerTooLong`."""
        line = self.stream.readline(limit)
        self._lines += 1
        self._bytes += len(line)
        if self._lines > MOST_LINES or self._bytes > MOST_BYTES:
            raise _AnswerTooLong
        return line

    def close(self) -> None:
        self.stream.close()


class _BoundedAnswers(smtplib.SMTP):
    """A client that reads a limited number of lines and bytes of each answer: `smtplib` keeps all of them in memory.

    Args:
        limit: cuts this client's connection.
    """

    file: _BoundedLines | None

    def __init__(self, host: str, port: int, limit: _TotalLimit, **options: Any) -> None:
        self._limit = limit
        limit.client = self
        super().__init__(host, port, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is not None:
            self.file = _BoundedLines(self.file.stream)
        elif self.sock is not None:
            self.file = _BoundedLines(self.sock.makefile("rb"))
        try:
            if self._limit.over:
                raise TimeoutError
            return super().getreply()
        except (_AnswerTooLong, TimeoutError):
            self.close()
            raise


class _BoundedAnswersOverTls(_BoundedAnswers, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


def _log_in(server: smtplib.SMTP, target: MailTarget, password: Secret) -> None:
    try:
        server.login(target.user or "", password.reveal())
    except smtplib.SMTPServerDisconnected:  # nothing was refused
        raise
    except (smtplib.SMTPException, UnicodeError) as error:  # also where it has no way to log in that we know
        # Without its cause: that one may quote what was sent.
        code = getattr(error, "smtp_code", "AUTH")  # the server gave none
        raise errors.DeliveryFailed(host=target.host, reason="login", code=code) from None


@contextmanager
def _ours(host: str) -> Iterator[None]:
    """Turn what `smtplib` and sockets raise into `errors.DeliveryFailed`: this is the border."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        if error.smtp_code in _LOGIN_REFUSED:
            raise errors.DeliveryFailed(host=host, reason="login", code=error.smtp_code) from None
        raise errors.DeliveryFailed(host=host, reason="refused", code=error.smtp_code) from error
    except _AnswerTooLong as error:
        raise errors.DeliveryFailed(host=host, reason="answer") from error
    except (ssl.SSLCertVerificationError, ssl.CertificateError) as error:
        raise errors.DeliveryFailed(host=host, reason="untrusted") from error
    except TimeoutError as error:
        raise errors.DeliveryFailed(host=host, reason="timeout") from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        if isinstance(error.__context__, TimeoutError):  # as smtplib says it of a server that does not answer
            raise errors.DeliveryFailed(host=host, reason="timeout") from error
        raise errors.DeliveryFailed(host=host, reason="connect") from error


# ── To an address of the web ─────────────────────────────────────────────────────────────────────────────
_USER: Final = "webhook"
"""The user name of a token in the keyring."""
_REASONS: Final[Mapping[type, Literal["untrusted", "timeout", "answer"]]] = {
    errors.PlatformUntrusted: "untrusted",
    errors.PlatformTimeout: "timeout",
    errors.ResponseInvalid: "answer",
}
"""Why a message could not be posted; another error of the connection is that there is none."""


def post_webhook(target: WebhookTarget, payload: Mapping[str, Any], transport: HttpTransport) -> None:
    """Post ``payload``. A redirect is not followed: what was meant for one address goes to no other.

    Raises `errors.DeliveryFailed` (reason ``connect``, ``timeout``, ``untrusted``, ``redirect``, ``status`` or
    ``answer``), and what `Credential.read` raises.
    """
    headers = {"Accept": "*/*", "Content-Type": "application/json"}
    if target.token is not None:
        headers["Authorization"] = f"Bearer {target.token.read(_USER).reveal()}"
    _deliver(target.host, lambda: transport.post(target.url, json_text(payload).encode(), headers))


def send_heartbeat(target: HeartbeatTarget, transport: HttpTransport) -> None:
    """Ask for the address with GET; a wait takes five seconds at most. A redirect is not followed.

    Raises `errors.DeliveryFailed` as `post_webhook` does.
    """
    _deliver(target.host, lambda: transport.fetch(target.url, limit=MOST_BYTES))


def _deliver(host: str, ask: Callable[[], Response]) -> None:
    try:
        answer = ask()
    except errors.PlatformError as error:
        raise errors.DeliveryFailed(host=host, reason=_REASONS.get(type(error), "connect")) from error
    if 300 <= answer.status < 400:
        raise errors.DeliveryFailed(host=host, reason="redirect", code=answer.status)
    if not 200 <= answer.status < 300:
        raise errors.DeliveryFailed(host=host, reason="status", code=answer.status)
