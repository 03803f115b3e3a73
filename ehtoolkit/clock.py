"""Time is a port: in training it can be moved, elsewhere it is the computer's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

DUE_WITHIN: Final = timedelta(days=90)
"""When the end of a certificate is near, unless another time is asked for."""


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def days_until(moment: datetime, now: datetime) -> int:
    """Count the whole days from ``now`` to ``moment``, both aware; negative, those that have passed since.

    Of the day that it is, 0 is said before the moment and after it: what is over is for others to say.
    """
    day = timedelta(days=1)
    return (moment - now) // day if moment >= now else -((now - moment) // day)
