"""What every answer of the server tells the browser not to do."""

from __future__ import annotations

from collections.abc import Mapping
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
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class SafeHeaders(OutputTransform):
    """Puts `HEADERS` on every answer, whichever handler gives it: pages, scripts, refusals."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        for name, value in HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk
