"""The training clock: the computer's time plus what the trainer moved it by, the same for all processes."""

from __future__ import annotations

import calendar
import re
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase, read_setting, write_setting
from ehtoolkit.type_errors import instance_of

_SETTING: Final = "clock_offset"
_STEP: Final = re.compile(r"\+\s*(\d{1,6})\s*(min|h|d|mo|y)")
LATEST: Final = datetime(2099, 12, 31, tzinfo=UTC)
"""Later than any lesson; the platform's authorities end before certificates could be issued beyond it."""

_TOLERANCE: Final = timedelta(seconds=2)


class TrainingClock:
    """A clock that only goes forward, until it is reset.

    A step back would leave certificates, mails and answers that come from the future, so the one way back is
    ``reset``, to the computer's own time. What was delivered meanwhile stays delivered.
    """

    def __init__(self, database: TrainingDatabase) -> None:
        self._database = database

    def now(self) -> datetime:
        """Return the training time, aware and in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def offset(self) -> timedelta:
        """How far the clock is ahead of the computer's."""
        return timedelta(seconds=float(read_setting(self._database, _SETTING) or 0))

    def follow(self, moment: datetime) -> None:
        """Set the clock to ``moment``, the time of the training server that this computer works with, forward or back;
        a difference of two seconds or less stays."""
        ahead = moment - datetime.now(UTC)
        if abs(ahead - self.offset) > _TOLERANCE:
            write_setting(self._database, _SETTING, repr(ahead.total_seconds()))

    def move(self, text: str) -> datetime:
        """Move the clock and return its new time.

        ``text``: ``+N`` with min, h, d, mo or y (months and years by the calendar, at the same time of day in
        Brussels); an ISO date (same time of day) or moment (in Brussels when it names no zone); ``reset``.

        Raises `errors.ClockMoveInvalid` (reason ``form``, ``backwards`` or ``too_far``), and `TypeError` for what is no
        text, such as a timedelta.
        """
        instance_of("text", text, str)
        with self._database.writing():
            if text.strip() == "reset":
                self._database.write("DELETE FROM setting WHERE name = ?", _SETTING)
                return self.now()
            now = self.now()
            target = _target(text, now)
            if target < now:
                raise errors.ClockMoveInvalid(reason="backwards", text=text)
            if target > LATEST:
                raise errors.ClockMoveInvalid(reason="too_far", text=text)
            offset = (self.offset + (target - now)).total_seconds()
            write_setting(self._database, _SETTING, repr(offset))
        return self.now()


def add_months(moment: datetime, months: int) -> datetime:
    """Return ``moment`` moved by so many months (back when negative): the same day and time, or the last day of a
    shorter month."""
    index = moment.year * 12 + moment.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _target(text: str, now: datetime) -> datetime:
    try:
        step = _STEP.fullmatch(text.strip())
        return _stepped(int(step[1]), step[2], now) if step else _dated(text.strip(), now)
    except OverflowError as error:
        raise errors.ClockMoveInvalid(reason="too_far", text=text) from error
    except ValueError as error:
        raise errors.ClockMoveInvalid(reason="form", text=text) from error


def _stepped(number: int, unit: str, now: datetime) -> datetime:
    if unit in ("mo", "y"):
        months = number * (12 if unit == "y" else 1)
        if now.year + months // 12 >= LATEST.year:
            raise OverflowError
        return add_months(now.astimezone(BRUSSELS), months).astimezone(UTC)
    if unit == "d":  # the same time of day, also across a change to or from summer time
        return (now.astimezone(BRUSSELS) + timedelta(days=number)).astimezone(UTC)
    return now + timedelta(**{"min": {"minutes": number}, "h": {"hours": number}}[unit])


def _dated(text: str, now: datetime) -> datetime:
    moment = datetime.fromisoformat(text)
    if len(text) <= len("2027-10-18"):
        local = now.astimezone(BRUSSELS)
        moment = datetime.combine(moment.date(), local.time(), BRUSSELS)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=BRUSSELS)
    return moment.astimezone(UTC)


def training_day(folder: Path) -> date:
    """Return the training date, in Brussels, for a page's frame, or the computer's date where it cannot be read. No
    platform is made where there is none, and one that is being written is waited for 0.2 seconds at most.

    ``folder``: the platform's.
    """
    offset = timedelta(0)
    with suppress(sqlite3.Error, ValueError, OverflowError):
        address = f"{(folder / DATABASE_FILE).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.2)) as connection:
            row = connection.execute("SELECT value FROM setting WHERE name = ?", (_SETTING,)).fetchone()
            offset = timedelta(seconds=float(row[0])) if row else offset
    return (datetime.now(UTC) + offset).astimezone(BRUSSELS).date()
