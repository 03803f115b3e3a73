"""The last messages, remembered for whoever is called to help: in memory only, gone with the process."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.http import Response, Transport
from ehtoolkit.ehealth.wire.trace import operation_of

KEPT: Final = 6
"""As many as the longest run of messages of one click (completing a request)."""


@dataclass(frozen=True, slots=True)
class Message:
    """What was posted, and what came back. ``failure``: the key of the error in place of an answer."""

    operation: str
    url: str
    request: bytes
    status: int | None = None
    answer: bytes = b""
    correlation_id: str | None = None
    failure: str | None = None


class LastExchange:
    """A transport that remembers what passed, the newest last. Messages hold personal data, never a secret."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._guard = Lock()

    @property
    def messages(self) -> tuple[Message, ...]:
        """The last `KEPT` messages, oldest first."""
        with self._guard:
            return tuple(self._kept)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """As `Transport.post` says."""
        operation = operation_of(body)
        try:
            answer = self._transport.post(url, body, headers)
        except errors.EhToolkitError as error:
            self._keep(Message(operation, url, body, failure=error.key))
            raise
        correlation_id = answer.header("X-CorrelationID")
        self._keep(Message(operation, url, body, answer.status, answer.body, correlation_id))
        return answer

    def _keep(self, message: Message) -> None:
        with self._guard:
            self._kept.append(message)
