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
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.proxies import Proxy

LOGIN_WANTED: Final = 407
"""The HTTP status by which only a proxy asks for a login: it passed nothing on."""

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
    """

    url: str
    proxy: Proxy | None
    progress: SendProgress
    seconds: float
    late: float

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def proxy_refused(self) -> bool:
        """Whether a certificate that was refused is that of a proxy over TLS: the first that shows one."""
        over_tls = self.proxy is not None and urlsplit(self.proxy.url).scheme == "https"
        return over_tls and not self.progress.secured

    def false_proxy(self) -> errors.PlatformUnreachable:
        """Return the error for a proxy whose certificate is not believed: it hears nothing, and is asked nothing
        more."""
        proxy = None if self.proxy is None else self.proxy.host
        return errors.PlatformUnreachable(host=self.host, reason="proxy_untrusted", proxy=proxy, sent=False)

    def failure(self, error: Exception, *, over: bool) -> errors.PlatformError:
        """Return ``error`` of httpcore as ours; ``over``: the whole has taken too long."""
        host, sent = self.host, self.progress.sent
        if self._proxy_is_down(error):
            proxy = None if self.proxy is None else self.proxy.host
            return errors.PlatformUnreachable(host=host, reason="proxy_down", proxy=proxy, sent=False)
        match error:
            case httpcore.TimeoutException():
                seconds = _written(self.late if over else self.seconds)
                return errors.PlatformTimeout(host=host, seconds=seconds, sent=sent)
            case httpcore.ProxyError():
                return errors.PlatformUnreachable(
                    host=host, reason=_of_proxy(self.progress.refusal), sent=False
                )
            case httpcore.ConnectError():
                reason = _NO_CONNECTION.get(type(cause_of(error)), "connect")
                return errors.PlatformUnreachable(host=host, reason=reason, sent=False)
            case (
                httpcore.UnsupportedProtocol()
                | httpx.UnsupportedProtocol()
                | httpx.InvalidURL()
                | UnicodeError()
            ):
                return errors.PlatformUnreachable(host=host, reason="address", sent=False)
        if self.proxy is not None and not self.progress.begun:
            return errors.PlatformUnreachable(host=host, reason="proxy", sent=False)
        return errors.PlatformUnreachable(host=host, reason="cut", sent=sent)

    def login_wanted(self) -> errors.PlatformUnreachable:
        """Return the error for a proxy that asks for a login."""
        return errors.PlatformUnreachable(host=self.host, reason="proxy_login", sent=False)

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
    if status == LOGIN_WANTED:
        return "proxy_login"
    return "proxy_gateway" if status >= 500 else "proxy"


def _written(value: float) -> float:
    """Return ``value`` as people write it: 30 and not 30.0."""
    return int(value) if float(value).is_integer() else value
