"""Days are counted in one way, before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ehtoolkit.clock import days_until

END = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "days"), [(49, 2), (48, 2), (25, 1), (23, 0), (0, 0), (-1, 0), (-23, 0), (-25, -1), (-48, -2)]
)
def test_whole_days_left_or_passed(hours: int, days: int) -> None:
    assert days_until(END, END - timedelta(hours=hours)) == days
