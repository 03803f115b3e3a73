"""Transports to the training platform: in the same process, and for revocation queries over HTTP, too."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Fetcher, Response
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.status_responder import answer_status
from ehtoolkit.training.faults import respond_with_faults


@dataclass(frozen=True, slots=True)
class TrainingTransport:
    """Stands where the HTTP transport stands; the host in a URL does not matter.

    ``timeout``: seconds after which an answer that is slow is given up, as over HTTP.
    """

    platform: EmbeddedPlatform
    timeout: float

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the platform's answer to ``body`` posted to ``url``, after its delay.

        Raises what a transport raises when the request arrived and no answer comes: `errors.PlatformTimeout`, or
        `errors.PlatformUnreachable` (reason ``cut``), both with the fact ``sent``.
        """
        address = urlsplit(url)
        answer = respond_with_faults(self.platform, address.path, body, headers)
        time.sleep(min(answer.delay, self.timeout))
        if answer.delay > self.timeout:
            raise errors.PlatformTimeout(host=address.netloc, seconds=self.timeout, sent=True)
        if answer.response is None:
            raise errors.PlatformUnreachable(host=address.netloc, reason="cut", sent=True)
        return answer.response


@dataclass(frozen=True, slots=True)
class TrainingStatusWire:
    """The way to the responder and the lists of training certificates, whatever host their addresses name."""

    platform: EmbeddedPlatform

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Return the answer at the path of ``url``: to a POST of ``body``, or to a GET without one. Raises
        `errors.ResponseInvalid` (reason ``too_large``) when its body is longer than ``limit`` bytes."""
        answer = answer_status(self.platform, urlsplit(url).path, body)
        if len(answer.body) > limit:
            raise errors.ResponseInvalid(reason="too_large")
        return answer


@dataclass(frozen=True, slots=True)
class ServerStatusWire:
    """The same at a training server: its address replaces the host that a certificate names."""

    wire: Fetcher
    server: str

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Return the answer at the path of ``url`` on the training server, by way of ``wire``. Raises what that
        raises."""
        return self.wire.fetch(
            f"{self.server.rstrip('/')}{urlsplit(url).path}", body, content_type, limit=limit
        )
