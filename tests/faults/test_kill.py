"""A kill at any point of a procedure loses no private key, changes nothing twice, and the next run finishes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.faults.kill_points import EVERY_POINT, Report, reports_of
from tests.faults.killed_procedures import GROUPS, NOTHING_SENT, RESUMED, WENT_ON

DRIVER = Path(__file__).with_name("kill_driver.py")
ANY_WAY = {NOTHING_SENT, RESUMED, WENT_ON}
EXPECTED: Final[Mapping[str, Mapping[str, tuple[set[str], int]]]] = {
    "request": {"ask": (ANY_WAY, 20), "finish": ({WENT_ON}, 20)},
    "renewal": {
        "ask_again": (ANY_WAY, 20),
        "finish_all": ({WENT_ON}, 60),
    },
    "revocation": {"end": ({"revoked now", "was revoked"}, 6), "ask_abroad": (ANY_WAY, 20)},
}
"""By group and procedure: the ways that users go on, and the least number of points to kill at."""

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks; this system cannot"),
]


@pytest.mark.parametrize("group", GROUPS)
def test_a_kill_in_any_state_loses_nothing(group: str, tmp_path: Path) -> None:
    reports = reports_of(DRIVER, tmp_path, group)
    require(group, reports)
    assert all(report.kills == report.states for report in reports.values())


@pytest.mark.long
@pytest.mark.parametrize("group", GROUPS)
def test_a_kill_at_any_point_loses_nothing(group: str, tmp_path: Path) -> None:
    """All points of a state lead the same way, which is why the short run kills at one of them."""
    reports = reports_of(DRIVER, tmp_path, group, EVERY_POINT)
    require(group, reports)
    assert all(report.kills == report.points for report in reports.values())


def require(group: str, reports: Mapping[str, Report]) -> None:
    assert all(report.is_whole for report in reports.values()), reports
    assert reports.keys() == EXPECTED[group].keys()
    for name, (ways, least) in EXPECTED[group].items():
        assert reports[name].ways.keys() == ways
        assert sum(reports[name].ways.values()) >= least
