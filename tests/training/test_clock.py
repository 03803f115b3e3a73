"""The training clock: how it is moved, and that it never goes back by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ehtoolkit import errors
from ehtoolkit.training.state.clock import TrainingClock, add_months, training_day
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase

BRUSSELS = ZoneInfo("Europe/Brussels")
NEARLY = timedelta(seconds=20)


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[TrainingClock]:
    database = TrainingDatabase(tmp_path / "state.sqlite3")
    yield TrainingClock(database)
    database.close()


def test_it_starts_as_the_computers(clock: TrainingClock) -> None:
    assert abs(clock.now() - datetime.now(UTC)) < NEARLY
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("+5min", timedelta(minutes=5)),
        ("+3h", timedelta(hours=3)),
        (" +2 h ", timedelta(hours=2)),
        ("+0d", timedelta(0)),
    ],
)
def test_steps_of_the_day(clock: TrainingClock, text: str, step: timedelta) -> None:
    before = clock.now()
    assert abs(clock.move(text) - before - step) < NEARLY


@pytest.mark.parametrize(("text", "months"), [("+1mo", 1), ("+37mo", 37), ("+2y", 24)])
def test_steps_of_the_calendar(clock: TrainingClock, text: str, months: int) -> None:
    expected = add_months(clock.now().astimezone(BRUSSELS), months)
    assert abs(clock.move(text) - expected) < NEARLY


def test_days_keep_the_time_of_day_across_summer_time(clock: TrainingClock) -> None:
    before = clock.now().astimezone(BRUSSELS)
    after = clock.move("+180d").astimezone(BRUSSELS)
    assert after.date() - before.date() in (timedelta(days=180), timedelta(days=181))
    assert abs(timedelta(hours=after.hour - before.hour, minutes=after.minute - before.minute)) < timedelta(
        minutes=2
    ) or after.date() - before.date() == timedelta(days=181)


@pytest.mark.parametrize(
    "step", [timedelta(days=1), date(2050, 2, 28), datetime(2050, 2, 28, tzinfo=UTC), 1, None]
)
def test_what_is_no_text_is_named(clock: TrainingClock, step: Any) -> None:
    with pytest.raises(TypeError, match=rf"^text has to be str, not {type(step).__name__}$"):
        clock.move(step)
    assert clock.offset == timedelta(0)


def test_steps_add_up(clock: TrainingClock) -> None:
    before = clock.now()
    clock.move("+1h")
    clock.move("+1h")
    assert abs(clock.now() - before - timedelta(hours=2)) < NEARLY
    assert abs(clock.offset - timedelta(hours=2)) < NEARLY


def test_to_a_date_at_the_same_time_of_day(clock: TrainingClock) -> None:
    before = clock.now().astimezone(BRUSSELS)
    moved = clock.move("2050-02-28").astimezone(BRUSSELS)
    assert moved.date() == date(2050, 2, 28)
    assert moved.hour * 60 + moved.minute - before.hour * 60 - before.minute in (0, 1)


def test_to_a_moment(clock: TrainingClock) -> None:
    assert abs(clock.move("2050-02-28T10:05") - datetime(2050, 2, 28, 9, 5, tzinfo=UTC)) < NEARLY
    assert abs(clock.move("2050-07-01T10:05:00+00:00") - datetime(2050, 7, 1, 10, 5, tzinfo=UTC)) < NEARLY


def test_back_only_by_reset(clock: TrainingClock) -> None:
    clock.move("+1y")
    for text in ("2020-01-01", "2020-01-01T10:00"):
        with pytest.raises(errors.ClockMoveInvalid) as refused:
            clock.move(text)
        assert refused.value.facts["reason"] == "backwards"
    assert clock.offset > timedelta(days=300)
    assert abs(clock.move("reset") - datetime.now(UTC)) < NEARLY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "form"),
        ("tomorrow", "form"),
        ("+1", "form"),
        ("+1 week", "form"),
        ("-1d", "form"),
        ("2027-13-01", "form"),
        ("+999999y", "too_far"),
        ("+999999d", "too_far"),
        ("2150-01-01", "too_far"),
        ("9999-12-31", "too_far"),
    ],
)
def test_what_cannot_be_a_move(clock: TrainingClock, text: str, reason: str) -> None:
    with pytest.raises(errors.ClockMoveInvalid) as refused:
        clock.move(text)
    assert refused.value.facts["reason"] == reason
    assert clock.offset == timedelta(0)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2026, 1, 15), 39, date(2029, 4, 15)),
    ],
)
def test_months_by_the_calendar(start: date, months: int, expected: date) -> None:
    moment = datetime(start.year, start.month, start.day, 8, 30, tzinfo=UTC)
    assert add_months(moment, months) == datetime(
        expected.year, expected.month, expected.day, 8, 30, tzinfo=UTC
    )


def test_the_day_of_a_header_is_read_without_making_a_platform(tmp_path: Path) -> None:
    today = datetime.now(BRUSSELS).date()
    assert training_day(tmp_path / "none") in (today, today + timedelta(days=1))
    assert list(tmp_path.iterdir()) == []


def test_the_day_of_a_header_is_that_of_the_clock(tmp_path: Path) -> None:
    database = TrainingDatabase(tmp_path / DATABASE_FILE)
    moved = TrainingClock(database).move("+34mo")
    assert training_day(tmp_path) == moved.astimezone(BRUSSELS).date()
    database.close()
    (tmp_path / DATABASE_FILE).write_bytes(b"no database" * 100)
    assert training_day(tmp_path) < moved.astimezone(BRUSSELS).date()
