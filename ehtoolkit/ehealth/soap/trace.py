"""Keep messages: traces on disk, byte for byte, and the last ones in memory. Traces hold personal data."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import OPERATIONS, TRUST_OPERATIONS, Operation
from ehtoolkit.ehealth.soap.xml import SAML, parse, serialise, unwrap
from ehtoolkit.ehealth.wire.transport import Response, Transport
from ehtoolkit.system.files import create_private, make_private_folder

_log = logging.getLogger(__name__)

_NUMBER: Final = re.compile(r"(\d{3,})-")


@dataclass(frozen=True, slots=True)
class TraceFolder:
    """Messages in files: ``NNN-<operation>-request.xml`` and ``NNN-<operation>-response.xml``.

    The folder is made with mode 0700 and the files with 0600. Numbers go on where a folder has some, and no
    file is ever overwritten.
    """

    path: Path

    def write_request(self, body: bytes) -> Path:
        """Write a request down; returns its file. Raises ``OSError``."""
        operation = operation_of(body)
        make_private_folder(self.path)
        number = 1 + max((_number(path) for path in self.path.iterdir()), default=0)
        while True:
            path = self.path / f"{number:03}-{operation}-request.xml"
            try:
                _write(path, body)
            except FileExistsError:
                number += 1
            else:
                return path

    def write_answer(self, request: Path, body: bytes) -> None:
        """Write the answer to the request in that file; one that cannot be written is only logged."""
        try:
            _write(request.with_name(request.name.removesuffix("request.xml") + "response.xml"), body)
        except OSError as error:
            _log.warning("the trace of an answer could not be written: %s", error.strerror)


@dataclass(frozen=True, slots=True)
class Tracer:
    """A transport that keeps what passes in ``folder``."""

    transport: Transport
    folder: TraceFolder

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post ``body`` as `Transport.post` does, and write the request and the answer into ``folder``.

        Raises `errors.SettingInvalid` (setting ``trace``) when the request cannot be written down: it is not sent then.
        An answer that cannot be written is not lost, only logged.
        """
        try:
            request = self.folder.write_request(body)
        except OSError as error:
            raise errors.SettingInvalid(setting="trace") from error
        answer = self.transport.post(url, body, headers)
        self.folder.write_answer(request, answer.body)
        return answer


def operation_of(body: bytes) -> str:
    """Return the name of the operation that a message asks for; ``unknown`` for any other message."""
    try:
        tag = unwrap(body).tag
    except errors.MessageInvalid:
        return "unknown"
    operation: Operation | None = OPERATIONS.get(tag) or TRUST_OPERATIONS.get(tag)
    return "unknown" if operation is None else operation.name


def _number(path: Path) -> int:
    found = _NUMBER.match(path.name)
    return int(found[1]) if found else 0


def _write(path: Path, data: bytes) -> None:
    with create_private(path) as file:
        file.write(data)


# ── The last messages, in memory only ────────────────────────────────────────────────────────────────────
KEPT: Final = 6
"""As many as the longest run of messages of one click (completing a request)."""

_OF_SESSIONS: Final = frozenset(operation.name for operation in TRUST_OPERATIONS.values())


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

    @property
    def messages(self) -> tuple[Message, ...]:
        """The last `KEPT` messages, oldest first."""
        return tuple(self._kept)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post ``body`` as `Transport.post` does, and remember the request and the answer, or the error."""
        operation = operation_of(body)
        kept = _without_assertions if operation in _OF_SESSIONS else bytes
        try:
            answer = self._transport.post(url, body, headers)
        except errors.EhToolkitError as error:
            self._kept.append(Message(operation, url, kept(body), failure=error.key))
            raise
        correlation_id = answer.header("X-CorrelationID")
        self._kept.append(
            Message(operation, url, kept(body), answer.status, kept(answer.body), correlation_id)
        )
        return answer


def _without_assertions(body: bytes) -> bytes:
    """Return the message with every assertion emptied; nothing of one that cannot be read."""
    try:
        root = parse(body)
    except errors.MessageInvalid:
        return b""
    for assertion in list(root.iter(SAML("Assertion"))):
        tail = assertion.tail
        assertion.clear()
        assertion.tail = tail
    return serialise(root)
