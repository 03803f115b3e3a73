"""The wire: posts a message over HTTPS, once, and reads a bounded answer.

httpx asks; what counts here besides, how far a question got when something breaks, whom the connection led to, and an
end to all waiting, comes from httpcore beneath it (see docs/decisions).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response, read_date
from ehtoolkit.ehealth.wire.deadline import BoundedTransport, Deadline
from ehtoolkit.ehealth.wire.failures import (
    PendingRequest,
    SendProgress,
    ServerInfo,
    cause_of,
    certificate_of,
    computer_time,
    host_of,
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
)
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
        is_remote_training = settings.environment == "training" and settings.platform_url is not None
        self._training_host = host_of(settings.platform_url or "") if is_remote_training else None
        self._proxies = Proxies.of(settings)
        self._deadline = Deadline()
        self._trusting = trusting_context(settings.ca_file)
        self._clients = {
            proxy: self._new_client(proxy, self._trusting) for proxy in (None, *self._proxies.all)
        }

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post ``body`` once and return the answer, as `Transport.post` says."""
        return self._ask("POST", url, body, {**self._fixed, **headers}, self._timeout, self._limit)

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Ask another server than the platform, which gets no token of ours: with ``body`` a POST, else a GET.

        ``limit``: bytes of the longest answer. One wait takes five seconds at most. Raises as `Transport.post` does.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = content_type
        method, seconds = "GET" if body is None else "POST", min(self._timeout, _FETCH_SECONDS)
        return self._ask(method, url, body, headers, seconds, limit)

    def _ask(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
        limit: int,
    ) -> Response:
        question = self._pending(url, seconds, _WHOLE_FACTOR * seconds)
        with (
            self._deadline.within(question.late),
            self._ours(question),
            self._clients[question.proxy].stream(
                method,
                url,
                headers=headers,
                content=body,
                timeout=seconds,
                extensions={"trace": question.progress.trace},
            ) as response,
        ):
            if response.status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
                raise question.unreachable("proxy_login")
            # Of a header that came twice the values are one text, as HTTP has it.
            named = MappingProxyType(dict(response.headers))
            return Response(response.status_code, named, self._read(response, limit))

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
            with (
                self._deadline.within(question.late),
                self._ours(question),
                self._new_client(question.proxy, context) as client,
                client.stream("HEAD", url, timeout=self._timeout),
            ):
                return True
        except errors.PlatformUntrusted:
            return False

    def close(self) -> None:
        """Close idle connections."""
        for client in self._clients.values():
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pending(self, url: str, seconds: float, total: float) -> PendingRequest:
        require_address(url)
        training = host_of(url) == self._training_host
        return PendingRequest(
            url, self._proxies.leading_to(url), SendProgress(), seconds, total, training=training
        )

    def _new_client(self, proxy: Proxy | None, context: ssl.SSLContext) -> httpx.Client:
        transport = BoundedTransport(self._deadline, context, proxy, self._trusting)
        return httpx.Client(transport=transport, follow_redirects=False, trust_env=False)

    def _read(self, response: httpx.Response, limit: int) -> bytes:
        if response.headers.get("Content-Encoding", "").lower() not in ("", "identity"):
            raise errors.ResponseInvalid(reason="encoding")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > limit:
                raise errors.ResponseInvalid(reason="too_large")
        return bytes(body)

    @contextmanager
    def _ours(self, question: PendingRequest) -> Iterator[None]:
        """Turn exceptions of httpx and httpcore that leave the block into ours."""
        try:
            yield
        except (
            *_BROKEN,
            httpcore.UnsupportedProtocol,
            UnicodeError,  # a host name that cannot be one
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
            httpx.StreamError,
        ) as error:
            cause = cause_of(error)
            failure = question.failure(error, over=self._deadline.passed)
            if isinstance(error, httpcore.ConnectError) and isinstance(cause, ssl.SSLCertVerificationError):
                if question.proxy_refused:
                    failure = question.unreachable("proxy_untrusted")
                else:
                    seen = self._look_at(question)
                    failure = untrusted(cause, question.host, seen, computer_time())
            raise failure from error

    def _look_at(self, question: PendingRequest) -> ServerInfo:
        """Return what is known of the server that answers in the platform's place.

        Nothing is sent but a bare HEAD, over an unverified connection of its own. It goes through the same proxy, whose
        certificate is verified, since the proxy gets its password.
        """
        found: list[Any] = []

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith("start_tls.complete"):
                found.append(info["return_value"].get_extra_info("ssl_object"))

        address, seconds = urlsplit(question.url), min(self._timeout, _INSPECTION_SECONDS)
        date = None
        try:
            with (
                self._deadline.within(_INSPECTION_SECONDS),
                self._new_client(question.proxy, unchecked_context()) as client,
                client.stream(
                    "HEAD",
                    f"{address.scheme}://{address.netloc}/",
                    timeout=seconds,
                    extensions={"trace": trace},
                ) as response,
            ):
                date = read_date(response.headers.get("Date"))
        except _BROKEN:
            pass  # whatever it showed before is all there is
        return ServerInfo(certificate_of(found[-1]) if found else None, date)
