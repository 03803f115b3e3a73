"""The wire: posts a message over HTTPS, once, and reads a bounded answer.

By httpcore, which tells how far a request got when something breaks, and to whom the connection led
(see docs/decisions).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import urlsplit

import httpcore

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import USER_AGENT, Response, read_date
from ehtoolkit.ehealth.wire.deadline import BoundedBackend, Deadline
from ehtoolkit.ehealth.wire.failures import (
    PendingRequest,
    ServerInfo,
    cause_of,
    certificate_of,
    computer_time,
    require_address,
    trusting_context,
    unchecked_context,
    untrusted,
)
from ehtoolkit.ehealth.wire.proxies import Proxies, Proxy
from ehtoolkit.settings import Settings

_BROKEN: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_IDLE: Final = 5.0
"""Seconds for which a connection is kept for the next request: servers close idle ones after more."""
_WHOLE_FACTOR: Final = 4
"""A question and its answer may take this many times the time limit of one wait."""
_FETCH_SECONDS: Final = 5.0
"""Seconds of one wait for a server that is only asked for a second opinion."""
_INSPECTION_SECONDS: Final = 10.0
"""Seconds for a second look at a server whose certificate was refused."""


class HttpTransport:
    """HTTP/1.1 with the trust store and the proxies of the operating system or of the settings; no retries, no
    redirects.

    Safe to share among threads. ``platform_timeout`` bounds a connection and every wait for bytes (and four
    times that the whole), ``platform_answer_limit`` the answer's length. ``platform_token`` goes to
    the training server at ``platform_url`` as a bearer token, and nowhere else.

    Raises `errors.SettingInvalid` (setting ``proxy`` or ``ca_file``) for one that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.platform_timeout
        self._limit = settings.platform_answer_limit
        self._fixed = {"Accept": "text/xml", "Accept-Encoding": "identity"}
        if settings.platform_token is not None and settings.platform_url is not None:
            self._fixed["Authorization"] = f"Bearer {settings.platform_token}"
        self._proxies = Proxies.of(settings)
        self._deadline = Deadline()
        self._trusting = trusting_context(settings.ca_file)
        self._pools = {proxy: self._new_pool(proxy, self._trusting) for proxy in (None, *self._proxies.all)}

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post ``body`` once and return the answer, as `Transport.post` says."""
        return self._ask(url, body, {**self._fixed, **headers}, self._timeout, self._limit)

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Ask another server than the platform, which gets no token of ours: with ``body`` a POST, else a GET.

        ``limit``: bytes of the longest answer. One wait takes five seconds at most. Raises as `Transport.post` does.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = content_type
        return self._ask(url, body, headers, min(self._timeout, _FETCH_SECONDS), limit)

    def _ask(
        self, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float, limit: int
    ) -> Response:
        question = self._pending(url, seconds, _WHOLE_FACTOR * seconds)
        method = "GET" if body is None else "POST"
        with self._answer(self._pools[question.proxy], method, question, headers, body) as answer:
            if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
                raise question.unreachable("proxy_login")
            found = _headers(answer)
            if found.get("content-encoding", "").lower() not in ("", "identity"):
                raise errors.ResponseInvalid(reason="encoding")
            return Response(answer.status, found, _body(answer, limit))

    def look(self, url: str) -> ServerInfo:
        """Return the certificate and the Date header of the server at ``url`` (https) without verifying the
        certificate. Nothing is sent but a bare HEAD."""
        return self._look_at(self._pending(url, self._timeout, self._timeout))

    def is_believed(self, url: str, authorities: Path) -> bool:
        """Return whether the server at ``url`` (https) shows a certificate of one of ``authorities`` (PEM), whatever
        the operating system believes. Nothing is sent but a bare HEAD.

        Raises what `post` raises, but `errors.PlatformUntrusted`.
        """
        question = self._pending(url, self._timeout, _WHOLE_FACTOR * self._timeout)
        context = ssl.create_default_context(cafile=str(authorities))
        try:
            with self._new_pool(question.proxy, context) as pool, self._answer(pool, "HEAD", question):
                return True
        except errors.PlatformUntrusted:
            return False

    def close(self) -> None:
        """Close idle connections."""
        for pool in self._pools.values():
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pending(self, url: str, seconds: float, total: float) -> PendingRequest:
        require_address(url)
        return PendingRequest(url, self._proxies.leading_to(url), seconds, total)

    def _new_pool(self, proxy: Proxy | None, context: ssl.SSLContext) -> httpcore.ConnectionPool:
        """Return connections by ``proxy``, or direct ones when it is None. ``context``: for the server. A proxy over
        TLS, which gets the password of that proxy, is always verified."""
        leading = None
        if proxy is not None:
            over_tls = urlsplit(proxy.url).scheme == "https"
            leading = httpcore.Proxy(
                proxy.url, proxy.credentials, ssl_context=self._trusting if over_tls else None
            )
        return httpcore.ConnectionPool(
            context, leading, keepalive_expiry=_IDLE, network_backend=BoundedBackend(self._deadline)
        )

    @contextmanager
    def _answer(
        self,
        pool: httpcore.ConnectionPool,
        method: str,
        question: PendingRequest,
        headers: Mapping[str, str] = _NONE,
        body: bytes | None = None,
    ) -> Iterator[httpcore.Response]:
        """Send a request and yield its answer. Exceptions of httpcore that leave the block become ours."""
        with self._deadline.within(question.late):
            try:
                with _stream(pool, method, question, headers, body) as answer:
                    yield answer
            except (*_BROKEN, UnicodeError) as error:
                raise self._failure(question, error) from error

    def _failure(self, question: PendingRequest, error: Exception) -> errors.PlatformError:
        cause = cause_of(error)
        if not isinstance(cause, ssl.SSLCertVerificationError):
            return question.failure(error, over=self._deadline.passed)
        if question.proxy_refused:
            return question.unreachable("proxy_untrusted")
        return untrusted(cause, question.host, self._look_at(question), computer_time())

    def _look_at(self, question: PendingRequest) -> ServerInfo:
        """Return what is known of the server that answers in the platform's place.

        Nothing is sent but a bare HEAD, over an unverified connection of its own. It goes through the same proxy, whose
        certificate is verified, since the proxy gets its password.
        """
        address, seconds = urlsplit(question.url), min(self._timeout, _INSPECTION_SECONDS)
        root = f"{address.scheme}://{address.netloc}/"
        look, date = PendingRequest(root, question.proxy, seconds, _INSPECTION_SECONDS), None
        with (
            suppress(*_BROKEN),  # what it showed before is all there is
            self._deadline.within(look.late),
            self._new_pool(question.proxy, unchecked_context()) as pool,
            _stream(pool, "HEAD", look) as answer,
        ):
            date = read_date(_headers(answer).get("date"))
        return ServerInfo(certificate_of(look.tls), date)


def _stream(
    pool: httpcore.ConnectionPool,
    method: str,
    question: PendingRequest,
    headers: Mapping[str, str] = _NONE,
    body: bytes | None = None,
) -> AbstractContextManager[httpcore.Response]:
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), question.seconds)
    sent = {"Host": question.host, "User-Agent": USER_AGENT, **headers}
    return pool.stream(
        method,
        question.url,
        headers=list(sent.items()),
        content=body,
        extensions={"timeout": timeouts, "trace": question.trace},
    )


def _headers(answer: httpcore.Response) -> Mapping[str, str]:
    """Return the headers by their names in lower case; of one that came twice the values in one, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in answer.headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return MappingProxyType(found)


def _body(answer: httpcore.Response, limit: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > limit:
            raise errors.ResponseInvalid(reason="too_large")
    return bytes(body)
