"""The clock, which training can move; the Belgian calendar; days as people type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol, overload
from zoneinfo import ZoneInfo

from ehtoolkit.system.text_safety import tidy

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


# ── Days, as people type them ────────────────────────────────────────────────────────────────────────────
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_BELGIAN: Final = re.compile(
    r"(\d{1,2}) ?[./ -] ?(\d{1,2}) ?[./ -] ?(\d{4}|\d{2})(?: 0?0:00(?::00)?)?", re.ASCII
)
_CENTURY: Final = 100


def parse_day(text: str, *, latest_year: int | None = None) -> date:
    """Read a day: 31/12/2026 (with dots, dashes or blanks too) or 2026-12-31, alone or at midnight.

    ``latest_year``: the last year that one of two digits may mean, which is then among the hundred years up to it:
    for a date of birth this year. None: two digits are no year, since they may be of either century.
    Raises ``ValueError``.
    """
    typed = tidy(text)
    iso, belgian = _ISO.fullmatch(typed), _BELGIAN.fullmatch(typed)
    if iso is not None:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    if belgian is None:
        raise ValueError("no day")
    year = int(belgian[3])
    if len(belgian[3]) == 2:
        if latest_year is None:
            raise ValueError("a year of two digits")
        year += (latest_year - year) // _CENTURY * _CENTURY
    return date(year, int(belgian[2]), int(belgian[1]))


def format_day(day: date | None) -> str:
    """Return the day as it is typed, ``14/03/1979``; empty for None."""
    return "" if day is None else f"{day:%d/%m}/{day.year:04d}"
