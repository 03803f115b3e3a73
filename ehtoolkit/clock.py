"""Time is a port: in training it can be moved, elsewhere it is the computer's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol, overload
from zoneinfo import ZoneInfo

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
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
    """Count the days on a Belgian calendar from that of ``now`` to that of ``moment``, both aware; negative for days
    that have passed. 0 on the day itself, before and after the moment: whether it is over is for others to decide.
    """
    return (brussels_day(moment) - brussels_day(now)).days


@overload
def brussels_day(moment: datetime) -> date: ...
@overload
def brussels_day(moment: datetime | None) -> date | None: ...
def brussels_day(moment: datetime | None) -> date | None:
    """Return the day in Belgium of ``moment`` (aware); None for None."""
    return None if moment is None else in_brussels(moment).date()


def in_brussels(moment: datetime) -> datetime:
    """Return ``moment`` (aware) on a clock in Brussels; the last hour of the year 9999, with which certificates without
    an end end, as it is."""
    try:
        return moment.astimezone(BRUSSELS)
    except OverflowError:
        return moment
