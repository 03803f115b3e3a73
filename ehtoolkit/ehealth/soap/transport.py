"""The way to the platform and to other servers: what comes back, what its Date says of this computer's clock, and
transports that keep messages. Kept messages hold personal data."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.soap.operations import OPERATIONS, TRUST_OPERATIONS, Operation
from ehtoolkit.ehealth.soap.xml import SAML, parse, serialise, unwrap
from ehtoolkit.system.files import create_private, make_private_folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: the HTTP status, the headers and the body as they were sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the header ``name``, in whatever case it came; None without it."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


def is_web_address(url: str) -> bool:
    """Return whether ``url`` is one for a browser: http or https, with a host, and without spaces."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isprintable() and " " not in url
    return is_plain and address.scheme in ("http", "https") and bool(address.hostname)


class Transport(Protocol):
    """The one seam to the platform: everything above it is the same for real and for training."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post ``body`` once and return whatever answer comes, of any HTTP status.

        Raises `errors.PlatformUnreachable`, `errors.PlatformTimeout`, `errors.PlatformUntrusted`, or
        `errors.ResponseInvalid` (reason ``too_large`` or ``encoding``). The first two have a fact ``sent``:
        True when the request may have reached the platform.
        """
        ...


class Fetcher(Protocol):
    """The way to other servers than the platform: `ehtoolkit.ehealth.wire.http.HttpTransport`."""

    def fetch(
        self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int
    ) -> Response: ...


# ── The clock ────────────────────────────────────────────────────────────────────────────────────────────
TOLERANCE: Final = timedelta(minutes=5)
"""The clock difference that services which check signatures usually accept."""
TRAINING_DATE: Final = "X-Training-Date"
"""Header of a training server that plays a wrong clock: the time that the learner's computer is to have, while Date is
that of the platform. The real platform has none."""


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """What this computer and the platform said at the same moment, both aware."""

    here: datetime
    there: datetime

    @property
    def matters(self) -> bool:
        return abs(self.here - self.there) > TOLERANCE

    @property
    def facts(self) -> Mapping[str, object]:
        """The facts of an error for which a wrong clock is an explanation: its sentence gives both times."""
        return {"reason": "clock", "here": self.here, "there": self.there}


class ClockCheck:
    """Compares ``clock`` with every answer, and remembers the last difference.

    ``clock`` None: nothing is compared, as with a training server, whose clock is moved on purpose; where it plays that
    the learner's clock is wrong, its answer has both times (`TRAINING_DATE`).
    """

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self.last: ClockDifference | None = None
        """The difference at the last answer, however small; None while nothing is known."""
        self.there: datetime | None = None
        """The platform's time at the last answer, compared or not; None while nothing is known."""

    @property
    def compares(self) -> bool:
        """Whether this computer's clock is held against the platform's."""
        return self._clock is not None

    @property
    def wrong(self) -> ClockDifference | None:
        """The difference at the last answer; None when it was small, or nothing is known."""
        last = self.last
        return last if last is not None and last.matters else None

    def note(self, date: str | None, training_date: str | None = None) -> None:
        """Remember the time in ``date``, the Date header of an answer that has just come, and how far the clock is from
        it: nothing, when it cannot be read. Without a clock, ``training_date`` (its `TRAINING_DATE`) is compared."""
        there = self.there = read_date(date)
        here = read_date(training_date) if self._clock is None else self._clock.now()
        self.last = ClockDifference(here, there) if here is not None and there is not None else None


def read_date(text: str | None) -> datetime | None:
    """Return the moment of an HTTP date, aware; None without one, or for one that cannot be read."""
    try:
        value = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


# ── Traces on disk, byte for byte ────────────────────────────────────────────────────────────────────────
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
KEPT: Final = 16
"""More than one click sends: finishing a renewal, with lost answers that are asked for again."""

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
