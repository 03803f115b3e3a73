"""Who may see the pages: this computer's browsers, under this computer's names, with the token of this start."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jupyter_server.auth.identity import IdentityProvider
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import RequestHandler


class ForeignHost(Matcher):
    """Matches requests that were sent to another name than ours.

    A page of a foreign site can have its name point to 127.0.0.1 and then read our answers as its own (DNS
    rebinding); its requests carry that foreign name in Host, which is why none of them gets further.
    """

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = frozenset(hosts)

    def match(self, request: HTTPServerRequest) -> dict[str, object] | None:
        return None if request.headers.get("Host", "").lower() in self._hosts else {}


class RefusedHandler(RequestHandler):
    """Answers whatever came under a foreign name."""

    def prepare(self) -> None:
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("ehtoolkit is not served under this name.\n")


def hosts(port: int) -> tuple[str, ...]:
    """The values of Host that belong to a server on 127.0.0.1."""
    names = ("127.0.0.1", "localhost")
    return tuple(f"{name}:{port}" for name in names) + (names if port == 80 else ())


def token_identity(locked: type[RequestHandler]) -> type[IdentityProvider]:
    """An identity provider that knows the token and the cookie made from it, and nothing else: no password, no
    form; who has neither sees ``locked``."""

    class TokenIdentity(IdentityProvider):
        def get_handlers(self) -> list[tuple[str, object]]:
            return [(r"/login", locked)]

    return TokenIdentity


def without_token(uri: str) -> str | None:
    """``uri`` without its token; None when it has none."""
    parts = urlsplit(uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name != "token"]
    if len(kept) == len(query):
        return None
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), urlencode(kept), ""))
