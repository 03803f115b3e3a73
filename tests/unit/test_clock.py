"""Days are counted in one way, before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ehtoolkit.clock import days_until

END = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "days"),
    [(49, 2), (48, 2), (25, 1), (13.1, 1), (12.9, 0), (0, 0), (-1, 0), (-10.9, 0), (-11.1, -1), (-48, -2)],
)
def test_days_of_a_belgian_calendar(hours: float, days: int) -> None:
    """The end is at 13:00 in Brussels: the part of a day does not count."""
    assert days_until(END, END - timedelta(hours=hours)) == days


def test_days_over_a_change_of_summer_time_and_at_the_last_hour() -> None:
    assert (
        days_until(datetime(2027, 3, 28, 22, 30, tzinfo=UTC), datetime(2027, 3, 27, 22, 30, tzinfo=UTC)) == 2
    )
    end = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert days_until(end, END) == (end.date() - END.date()).days
