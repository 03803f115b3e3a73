"""The way to the training platform in the same process: no socket, and the very same messages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation import Fetcher
from ehtoolkit.ehealth.wire.http import Response
from ehtoolkit.training.http.faults import Faults
from ehtoolkit.training.service.status_responder import StatusResponder


@dataclass(frozen=True, slots=True)
class TrainingTransport:
    """Stands where the HTTP transport stands; the host in a URL does not matter.

    ``timeout``: seconds after which an answer that is slow is given up, as over HTTP.
    """

    platform: Faults
    timeout: float

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """The platform's answer.

        Raises what a transport raises when the request arrived and no answer comes: `errors.PlatformTimeout`,
        or `errors.PlatformUnreachable` (reason ``cut``), both with the fact ``sent``.
        """
        parts = urlsplit(url)
        sending = self.platform.respond(parts.path, body, headers)
        time.sleep(min(sending.delay, self.timeout))
        if sending.delay > self.timeout:
            raise errors.PlatformTimeout(host=parts.netloc, seconds=self.timeout, sent=True)
        if sending.answer is None:
            raise errors.PlatformUnreachable(host=parts.netloc, reason="cut", sent=True)
        return sending.answer


@dataclass(frozen=True, slots=True)
class TrainingStatusWire:
    """The way to the responder and the lists of training certificates, whatever host their addresses name."""

    status: StatusResponder

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """The answer. Raises `errors.ResponseInvalid` (reason ``too_large``)."""
        answer = self.status.answer(urlsplit(url).path, body)
        if len(answer.body) > limit:
            raise errors.ResponseInvalid(reason="too_large")
        return answer


@dataclass(frozen=True, slots=True)
class ServerStatusWire:
    """The same at a training server: its address stands in the place of the host that a certificate names."""

    wire: Fetcher
    server: str

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """As that of ``wire``."""
        return self.wire.fetch(
            f"{self.server.rstrip('/')}{urlsplit(url).path}", body, content_type, limit=limit
        )
