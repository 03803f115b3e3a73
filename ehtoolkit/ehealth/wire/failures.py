"""Name what went wrong on the wire, and whether the request may have arrived.

It is also the one module that uses parts of httpcore whose names may change: the events of its ``trace`` extension, and
the chain of causes under its exceptions. Without them, a request that may have arrived looks like one that has not, and
it is unknown whether the proxy or the platform refused. httpcore documents the extension and not what each event
carries. No upstream issue found. `tests/unit/ehealth/test_request_failure.py` fails when an event is gone.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx
from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import common_name, validity_fault
from ehtoolkit.ehealth.soap.transport import ClockDifference
from ehtoolkit.ehealth.wire.proxies import Proxy
from ehtoolkit.system.files import require_input
from ehtoolkit.system.text_safety import fit

_NO_CONNECTION: Final[Mapping[type[BaseException], errors.UnreachableReason]] = MappingProxyType(
    {socket.gaierror: "name", ssl.SSLError: "tls", ssl.SSLEOFError: "tls"}
)


class SendProgress:
    """How far a question got, as httpcore's trace tells while it goes.

    Attributes:
        connected: a new connection to the server, or to the proxy, stands.
        begun: the first byte of the question itself went out; what a proxy is asked before does not count.
        secured: the first TLS of the connection stands, with the server or with a proxy that speaks it.
        sent: its last byte did, so that it may have arrived as a whole. Before that the platform has not understood
            it, whatever the exception says.
        refusal: the HTTP status with which a proxy refused to connect us; 0 where none did.
    """

    def __init__(self) -> None:
        self.connected = False
        self.secured = False
        self.begun = False
        self.sent = False
        self.refusal = 0

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note how far the question got, by an event of httpcore's ``trace`` extension."""
        if event == "connection.connect_tcp.complete":
            self.connected = True
        elif event == "connection.start_tls.complete":
            self.secured = True
        elif event == "http11.send_request_headers.started":
            self.begun = info["request"].method != b"CONNECT"
        elif event == "http11.receive_response_headers.complete" and not self.begun:
            self.refusal = int(info["return_value"][1])
        elif event == "http11.send_request_body.complete":
            self.sent = self.begun


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A question on its way, by ``proxy`` or directly.

    Attributes:
        seconds: what one wait for it may take.
        late: what the whole may.
        training: it goes to a training server.
    """

    url: str
    proxy: Proxy | None
    progress: SendProgress
    seconds: float
    late: float
    training: bool = False

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def proxy_refused(self) -> bool:
        """Whether a certificate that was refused is that of a proxy over TLS: the first that shows one."""
        over_tls = self.proxy is not None and urlsplit(self.proxy.url).scheme == "https"
        return over_tls and not self.progress.secured

    def unreachable(
        self, reason: errors.UnreachableReason, *, sent: bool = False
    ) -> errors.PlatformUnreachable:
        """Return the error for ``reason``: ``proxy_login`` for a proxy that asks for a login, ``proxy_untrusted`` for
        one whose certificate is not believed, which hears nothing. It names the proxy that is to blame."""
        if reason in ("proxy_down", "proxy_untrusted"):
            proxy = None if self.proxy is None else self.proxy.host
            return errors.PlatformUnreachable(host=self.host, reason=reason, proxy=proxy, sent=sent)
        return errors.PlatformUnreachable(host=self.host, reason=reason, sent=sent)

    def failure(self, error: Exception, *, over: bool) -> errors.PlatformError:
        """Return ``error`` of httpcore as ours; ``over``: the whole has taken too long."""
        if self._proxy_is_down(error):
            return self.unreachable("proxy_down")
        match error:
            case httpcore.TimeoutException():
                seconds = _written(self.late if over else self.seconds)
                return errors.PlatformTimeout(host=self.host, seconds=seconds, sent=self.progress.sent)
            case httpcore.ProxyError():
                return self.unreachable(_of_proxy(self.progress.refusal))
            case httpcore.ConnectError():
                refused: errors.UnreachableReason = "training" if self.training else "connect"
                return self.unreachable(_NO_CONNECTION.get(type(cause_of(error)), refused))
            case (
                httpcore.UnsupportedProtocol()
                | httpx.UnsupportedProtocol()
                | httpx.InvalidURL()
                | UnicodeError()
            ):
                return self.unreachable("address")
        if self.proxy is not None and not self.progress.begun:
            return self.unreachable("proxy")
        return self.unreachable("cut", sent=self.progress.sent)

    def _proxy_is_down(self, error: Exception) -> bool:
        no_connection = isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout)
        return no_connection and self.proxy is not None and not self.progress.connected


def cause_of(error: BaseException) -> BaseException:
    """Return the first exception, which httpcore has wrapped in its own."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def require_address(url: str) -> None:
    """Check that ``url`` leads somewhere. Raises `errors.PlatformUnreachable` (reason ``address``) otherwise."""
    try:
        _ = httpcore.URL(url).origin
    except (ValueError, TypeError, KeyError) as error:  # its port, its letters, its scheme
        host = url.partition("://")[2].partition("/")[0]
        raise errors.PlatformUnreachable(host=host, reason="address", sent=False) from error


def host_of(url: str) -> str:
    """Return host and port of ``url``."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _of_proxy(status: int) -> errors.UnreachableReason:
    """Return the reason for which a proxy refused CONNECT with ``status``."""
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return "proxy_login"
    return "proxy_gateway" if status >= 500 else "proxy"


def _written(value: float) -> float:
    """Return ``value`` as people write it: 30 and not 30.0."""
    return int(value) if float(value).is_integer() else value


# ── Certificates of servers ────────────────────────────────────────────────────────────────────────────
# OpenSSL's X509_V_ERR_…; the verifiers of Windows and macOS have numbers of their own.
_REASONS: Final[Mapping[int, errors.UntrustedReason]] = MappingProxyType(
    {9: "not_yet_valid", 10: "expired", 62: "hostname", 64: "hostname"}
)


def trusting_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a TLS context that trusts what the operating system trusts, and the authorities in ``ca_file`` (PEM).

    Raises `errors.SettingInvalid` (setting ``ca_file``) for a file without a certificate.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        try:
            require_input(ca_file)
            context.load_verify_locations(cafile=str(ca_file))
        except (errors.FileUnreadable, OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise errors.SettingInvalid(setting="ca_file") from error
    return context


def unchecked_context() -> ssl.SSLContext:
    """Return a TLS context that verifies nothing: only to read a certificate that was refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server that was refused shows: its certificate, and the time by its own word. Neither is proven: they
    explain a refusal, and nothing else is built on them. None: it could not be had."""

    certificate: x509.Certificate | None = None
    date: datetime | None = None

    @property
    def issuer(self) -> str | None:
        """Who signed the certificate: often the computer's virus scanner or the network's firewall."""
        if self.certificate is None:
            return None
        try:
            issuer = self.certificate.issuer
            return fit(common_name(issuer) or issuer.rfc4514_string()) or None
        except ValueError:  # pyca reads names when they are asked for
            return None


def untrusted(
    error: ssl.SSLCertVerificationError, host: str, seen: ServerInfo, now: datetime
) -> errors.PlatformUntrusted:
    """Return the refusal of a server's certificate in terms of its cause: ``expired``, ``not_yet_valid``, ``hostname``;
    ``clock`` where the computer's own clock is to blame, with both times; else ``issuer``, the foreign authority that
    intercepts the connection, or ``unknown_issuer``."""
    reason = _REASONS.get(getattr(error, "verify_code", 0)) or _by_dates(seen.certificate, now)
    issuer = seen.issuer
    if reason in ("expired", "not_yet_valid") and seen.date is not None:
        good_there = _by_dates(seen.certificate, seen.date) is None
        if good_there and ClockDifference(now, seen.date).matters:
            return errors.PlatformUntrusted(
                host=host, issuer=issuer, reason="clock", here=now, there=seen.date
            )
    reason = reason or ("issuer" if issuer else "unknown_issuer")
    return errors.PlatformUntrusted(host=host, issuer=issuer, reason=reason)


def _by_dates(certificate: x509.Certificate | None, moment: datetime) -> errors.UntrustedReason | None:
    fault = None if certificate is None else validity_fault(certificate, moment)
    return "not_yet_valid" if fault == "early" else fault


def certificate_of(ssl_object: object) -> x509.Certificate | None:
    """Return the certificate of the other side of a TLS connection; None without one, or for one that cannot be
    read."""
    try:
        encoded = ssl_object.getpeercert(True)  # type: ignore[attr-defined]  # of the C class under ssl
        return None if encoded is None else x509.load_der_x509_certificate(encoded)
    except (AttributeError, TypeError, ValueError):
        return None


def computer_time() -> datetime:
    """Return the time of the clock that certificates of servers are judged by, in training too: the computer's own."""
    return datetime.now(UTC)
