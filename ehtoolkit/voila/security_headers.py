"""What every answer of the server tells the browser not to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from tornado.httputil import HTTPHeaders
from tornado.web import OutputTransform

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
"""Stands in the pages too, for whoever serves them without these headers."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{PAGE_POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


ALONE: Final[Mapping[str, str]] = {"Cross-Origin-Opener-Policy": "same-origin"}
"""On every answer but those `ON_THE_WAY`."""

ON_THE_WAY: Final = frozenset({HTTPStatus.FOUND, HTTPStatus.SERVICE_UNAVAILABLE})
"""A redirect, and the page of those who wait: they hold nothing that whoever opened them could make use of, and for
`ALONE` a browser starts another process before it shows anything. The page they lead to leaves its opener behind."""


class SafeHeaders(OutputTransform):
    """Puts `HEADERS` and `ALONE` on the answers, whichever handler gives them: pages, scripts, refusals."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        alone = {} if status_code in ON_THE_WAY else ALONE
        for name, value in {**HEADERS, **alone}.items():
            headers[name] = value
        return status_code, headers, chunk
