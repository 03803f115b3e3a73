"""The way to the platform and to other servers, what comes back, and what its Date says of this computer's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import urlsplit

from ehtoolkit.clock import Clock
from ehtoolkit.version import __version__

USER_AGENT: Final = f"ehtoolkit/{__version__}"


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
