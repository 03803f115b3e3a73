"""A password change killed at any point: the old or the new file always opens, and each copy is whole."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.faults.kill_points import EVERY_POINT, Report, reports_of
from tests.keystore.change_killer import NEW_FILE, OLD_FILE, OLD_FILE_AND_COPY
from tests.keystore.others import missing

DRIVER = Path(__file__).with_name("change_killer.py")

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="forks and signals as on Linux"),
]

systematic = pytest.mark.parametrize(("how", "least"), [("audit", 15), ("strace", 60)])


@systematic
def test_a_kill_in_any_state_leaves_the_old_file_or_the_new_one(tmp_path: Path, how: str, least: int) -> None:
    report = report_of(tmp_path, how)
    require(report, least)
    assert report.is_whole
    assert report.kills == report.states


@pytest.mark.long
@systematic
def test_a_kill_at_any_point_leaves_the_old_file_or_the_new_one(tmp_path: Path, how: str, least: int) -> None:
    report = report_of(tmp_path, how, EVERY_POINT)
    require(report, least)
    assert report.is_whole
    assert report.kills == report.points


@pytest.mark.parametrize("kills", [60, pytest.param(500, marks=pytest.mark.long)])
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path, kills: int) -> None:
    report = report_of(tmp_path, "random", str(kills))
    require(report, kills)
    assert report.kills >= kills


def report_of(folder: Path, how: str, *options: str) -> Report:
    if how == "strace" and shutil.which("strace") is None:
        missing("strace")
    return reports_of(DRIVER, folder, how, *options)[how]


def require(report: Report, least: int) -> None:
    assert report.ways.keys() == {OLD_FILE, OLD_FILE_AND_COPY, NEW_FILE}  # they did not all come too early
    assert sum(report.ways.values()) >= least
