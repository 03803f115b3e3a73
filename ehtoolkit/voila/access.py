"""Admit browsers by address, host name and token, and set the security headers of every response."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hmac import compare_digest
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jupyter_server.auth.identity import IdentityProvider
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import OutputTransform, RequestHandler

ANY: Final = "*"
"""Any host name, for a proxy that sends the token."""

PROXY_HEADERS: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")
"""Headers that a proxy adds."""


class ForeignHost(Matcher):
    """Matches requests for another host name than ours, or from a proxy that is not configured.

    A foreign site can have its name point to 127.0.0.1 and then read our responses as its own (DNS rebinding). Its
    requests have that name in Host, and are refused. And behind a proxy that changes Host, a server would be taken for
    the user's own computer.

    Args:
        own: this computer's names with our port.
        allowed: those of `Settings.hosts`.
    """

    def __init__(self, own: Collection[str], allowed: Collection[str] = (), token: str = "") -> None:
        self._own = frozenset(own)
        self._allowed = frozenset(allowed)
        self._bearer = f"token {token}"

    def match(self, request: HTTPServerRequest) -> dict[str, object] | None:
        host = request.headers.get("Host", "").lower()
        if self._allowed:
            known = host in self._own | self._allowed or self._is_of_the_proxy(request)
        else:
            known = host in self._own and not any(name in request.headers for name in PROXY_HEADERS)
        return None if known else {}

    def _is_of_the_proxy(self, request: HTTPServerRequest) -> bool:
        sent = request.headers.get("Authorization", "")
        return ANY in self._allowed and compare_digest(sent.encode(), self._bearer.encode())


class RefusedHandler(RequestHandler):
    """Refuses requests under a foreign name."""

    def prepare(self) -> None:
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("ehtoolkit is not served under this name.\n")


def hosts(port: int) -> tuple[str, ...]:
    """Return the values of Host that belong to a server on 127.0.0.1."""
    names = ("127.0.0.1", "localhost")
    return tuple(f"{name}:{port}" for name in names) + (names if port == 80 else ())


class TokenIdentity(IdentityProvider):
    """Accepts only the token and the cookie made from it: no password, no form."""

    def get_cookie_name(self, handler: RequestHandler) -> str:
        # Behind a Jupyter server both have the same host, and its own cookie has that name.
        return super().get_cookie_name(handler).replace("username", "ehtoolkit", 1)

    def get_token(self, handler: RequestHandler) -> str | None:
        # The proxy's own header overrides the address, which may have a token for the proxy.
        bearer = self.auth_header_pat.match(handler.request.headers.get("Authorization", ""))
        return bearer.group(2) if bearer else super().get_token(handler)

    def should_check_origin(self, handler: RequestHandler) -> bool:
        # Jupyter skips the check for requests with a token. Behind a proxy every request has one, also those that a
        # page of another site sends.
        return True


def without_token(uri: str) -> str | None:
    """Return the path and the query of ``uri`` without its token; None when it has none."""
    address = urlsplit(uri)
    query = parse_qsl(address.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name != "token"]
    if len(kept) == len(query):
        return None
    return urlunsplit(("", "", "/" + address.path.lstrip("/"), urlencode(kept), ""))


# ── Security headers ───────────────────────────────────────────────────────────────────────────────────
# 'unsafe-eval' and blob: because of JupyterLab's schema compiler and of anywidget; no script stands in a page.
PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
"""Also in the pages themselves, since another server may serve them without these headers."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{PAGE_POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


COOP: Final[Mapping[str, str]] = {"Cross-Origin-Opener-Policy": "same-origin"}
"""On every response but those of `WITHOUT_COOP`."""

WITHOUT_COOP: Final = frozenset({HTTPStatus.FOUND, HTTPStatus.SERVICE_UNAVAILABLE})
"""A redirect, and the page of the queue: they hold nothing that is of use to the page that opened them, and for `COOP`
a browser starts another process before it shows anything. The page that follows is separated from its opener."""


class SafeHeaders(OutputTransform):
    """Adds `HEADERS` and `COOP` to the responses of all handlers: pages, scripts, refusals."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        opener = {} if status_code in WITHOUT_COOP else COOP
        for name, value in {**HEADERS, **opener}.items():
            headers[name] = value
        return status_code, headers, chunk
