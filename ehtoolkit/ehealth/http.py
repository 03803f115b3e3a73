"""The wire: posts a message over HTTPS, once, and reads a bounded answer. No other module knows httpx."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.settings import Settings

if TYPE_CHECKING:
    import httpx

_NO_CONNECTION: Final[Mapping[type[BaseException], str]] = MappingProxyType(
    {socket.gaierror: "name", ssl.SSLError: "tls", ssl.SSLEOFError: "tls"}
)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_TOTAL: Final = 4
"""An answer that trickles in may take this many times the time limit of one wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, the headers and the body as they were sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The header ``name``, in whatever case it came; None without it."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


class Transport(Protocol):
    """The one seam to the platform: everything above it is the same for real and for training."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post ``body`` once and return whatever answer comes, of any HTTP status.

        Raises `errors.PlatformUnreachable`, `errors.PlatformTimeout`, `errors.PlatformUntrusted`, or
        `errors.AnswerInvalid` (reason ``too_large`` or ``encoding``). The first two have a fact ``sent``:
        True when the request may have reached the platform.
        """
        ...


class HttpTransport:
    """HTTP/1.1 with the operating system's trust store and proxies; no retries, no redirects.

    Safe to share among threads. ``platform_timeout`` bounds a connection and every wait for bytes (and four
    times that the whole answer), ``platform_answer_limit`` the answer's length. ``platform_token`` goes to
    the training server at ``platform_url`` as a bearer token, and nowhere else.

    Raises `errors.SettingInvalid` (setting ``proxy``) for a proxy in the environment that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.platform_timeout
        self._limit = settings.platform_answer_limit
        self._fixed = {"Accept": "text/xml", "Accept-Encoding": "identity"}
        if settings.platform_token is not None and settings.platform_url is not None:
            self._fixed["Authorization"] = f"Bearer {settings.platform_token}"
        self._client = _new_client(settings.platform_timeout, _trusting_system())

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """As `Transport.post` says."""
        with (
            self._ours(url),
            self._client.stream("POST", url, content=body, headers={**self._fixed, **headers}) as response,
        ):
            return Answer(response.status_code, dict(response.headers), self._read(url, response))

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, url: str, response: httpx.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise errors.AnswerInvalid(reason="encoding")
        end = time.monotonic() + _TOTAL * self._timeout
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._limit:
                raise errors.AnswerInvalid(reason="too_large")
            if time.monotonic() > end:
                seconds = _seconds(_TOTAL * self._timeout)
                raise errors.PlatformTimeout(host=_host(url), seconds=seconds, sent=True)
        return bytes(body)

    @contextmanager
    def _ours(self, url: str) -> Iterator[None]:
        """The border: exceptions of httpx become ours."""
        import httpx

        host = _host(url)
        try:
            yield
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise errors.PlatformTimeout(host=host, seconds=_seconds(self._timeout), sent=False) from error
        except httpx.TimeoutException as error:
            raise errors.PlatformTimeout(host=host, seconds=_seconds(self._timeout), sent=True) from error
        except httpx.ConnectError as error:
            cause = _cause(error)
            if isinstance(cause, ssl.SSLCertVerificationError):
                issuer = _issuer_at(url, self._timeout)
                raise errors.PlatformUntrusted(
                    host=host, issuer=issuer, reason=_why(cause, issuer)
                ) from error
            reason = _NO_CONNECTION.get(type(cause), "connect")
            raise errors.PlatformUnreachable(host=host, reason=reason, sent=False) from error
        except httpx.ProxyError as error:
            raise errors.PlatformUnreachable(host=host, reason="proxy", sent=False) from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise errors.PlatformUnreachable(host=host, reason="address", sent=False) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise errors.PlatformUnreachable(host=host, reason="cut", sent=True) from error


def _new_client(timeout: float, verify: ssl.SSLContext | bool) -> httpx.Client:
    import httpx

    try:
        return httpx.Client(
            verify=verify,
            timeout=timeout,
            follow_redirects=False,
            # A training server on this computer is never behind the proxy that the environment names.
            mounts=dict.fromkeys((f"all://{host}" for host in _LOOPBACK), None),
        )
    except (ValueError, ImportError) as error:  # a proxy in the environment that httpx cannot use
        raise errors.SettingInvalid(setting="proxy") from error


def _trusting_system() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _cause(error: BaseException) -> BaseException:
    """The first exception, which httpcore and httpx have wrapped in theirs."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _why(error: ssl.SSLCertVerificationError, issuer: str | None) -> str:
    """``expired``, ``not_yet_valid``, ``hostname`` by OpenSSL's code, else ``issuer``; ``unknown_issuer`` when
    nobody can say who that is."""
    code = getattr(error, "verify_code", 0)
    other = "issuer" if issuer else "unknown_issuer"
    return {10: "expired", 9: "not_yet_valid", 62: "hostname", 64: "hostname"}.get(code, other)


def _issuer_at(url: str, timeout: float) -> str | None:
    """Who signed the certificate of the server that was just refused, for the helpdesk: often it is the
    computer's virus scanner or the network's firewall. Sends nothing but a bare HEAD, over a connection of
    its own, by the same proxy. None when it cannot be had."""
    import httpx

    parts = urlsplit(url)
    try:
        with (
            _new_client(timeout, verify=False) as client,
            client.stream("HEAD", f"{parts.scheme}://{parts.netloc}/") as response,
        ):
            encoded = response.extensions["network_stream"].get_extra_info("ssl_object").getpeercert(True)
        issuer = x509.load_der_x509_certificate(encoded).issuer
        names = issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else issuer.rfc4514_string()
    except (httpx.HTTPError, KeyError, AttributeError, TypeError, ValueError):
        return None


def _seconds(value: float) -> float:
    """``value`` as people write it: 30 and not 30.0."""
    return int(value) if value.is_integer() else value


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
