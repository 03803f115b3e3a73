"""A kill at any point of a revocation, or of a request without card, loses nothing, and the next run finishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.kill_points import EVERY_POINT, Report, reports_of

DRIVER = Path(__file__).with_name("revocation_kill_driver.py")

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
    assert reports["end"].ways.keys() == {"revoked now", "was revoked"}
    assert reports["ask_abroad"].ways.keys() == {"nothing was sent", "resumed with the same pair", "went on"}
    assert sum(reports["end"].ways.values()) >= 6
    assert sum(reports["ask_abroad"].ways.values()) >= 20
