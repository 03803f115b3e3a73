"""A kill at any point of a renewal, of its completion or of the activation loses no key, and the next run finishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.kill_points import EVERY_POINT, Report, reports_of

DRIVER = Path(__file__).with_name("renewal_kill_driver.py")

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks; this system cannot"),
]


def test_nothing_is_lost_in_whatever_state_the_process_is_killed(tmp_path: Path) -> None:
    reports = reports_of(DRIVER, tmp_path)
    require(reports)
    assert all(report.kills == report.states for report in reports.values())


@pytest.mark.long
def test_nothing_is_lost_at_whatever_point_the_process_is_killed(tmp_path: Path) -> None:
    """All points of a state lead the same way, which is why the short run kills at one of them."""
    reports = reports_of(DRIVER, tmp_path, EVERY_POINT)
    require(reports)
    assert all(report.kills == report.points for report in reports.values())


def require(reports: dict[str, Report]) -> None:
    assert all(report.is_whole for report in reports.values()), reports
    assert reports["ask_again"].ways.keys() == {"nothing was sent", "resumed with the same pair", "went on"}
    assert reports["finish_again"].ways.keys() == reports["switch"].ways.keys() == {"went on"}
    assert sum(reports["ask_again"].ways.values()) >= 20
    assert sum(reports["finish_again"].ways.values()) >= 20
    assert sum(reports["switch"].ways.values()) >= 6
