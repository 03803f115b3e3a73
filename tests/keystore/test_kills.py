"""A keystore is made, saved or given another password, and the process killed: the old or the new file always opens."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.faults.kill_points import EVERY_POINT, Report, reports_of
from tests.keystore.other_programs import missing
from tests.keystore.write_killer import SUBJECTS

DRIVER = Path(__file__).with_name("write_killer.py")

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="forks and signals as on Linux"),
]

systematic = pytest.mark.parametrize(
    ("how", "least"),
    [
        ("audit", {"change": 15, "save": 15, "create": 5, "rename": 15, "import": 5}),
        ("strace", {"change": 60, "save": 60, "create": 15, "rename": 60, "import": 15}),
    ],
)


@systematic
def test_a_kill_in_any_state_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, how: str, least: dict[str, int]
) -> None:
    for name, report in killed(how, tmp_path).items():
        require(name, report, least[name])
        assert report.is_whole
        assert report.kills == report.states


@pytest.mark.long
@systematic
def test_a_kill_at_any_point_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, how: str, least: dict[str, int]
) -> None:
    for name, report in killed(how, tmp_path, EVERY_POINT).items():
        require(name, report, least[name])
        assert report.is_whole
        assert report.kills == report.points


@pytest.mark.parametrize(
    "kills", [24, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path, kills: int) -> None:
    for name, report in killed("random", tmp_path, str(kills)).items():
        require(name, report, kills)


def killed(how: str, folder: Path, *options: str) -> dict[str, Report]:
    if how == "strace" and shutil.which("strace") is None:
        missing("strace")
    reports = reports_of(DRIVER, folder, how, *options)
    assert reports.keys() == SUBJECTS.keys()
    return reports


def require(name: str, report: Report, least: int) -> None:
    """All was left that can be, so the kills did not all come too early, or too late."""
    assert report.ways.keys() == SUBJECTS[name].leaves
    assert sum(report.ways.values()) >= least
