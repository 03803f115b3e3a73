"""A kill at any point of a renewal, of its completion or of the activation loses no key, and the next run finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("renewal_kill_driver.py")


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks; this system cannot")
def test_nothing_is_lost_wherever_the_process_is_killed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path)], capture_output=True, text=True, timeout=580
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout)
    print(f"killed at {sum(sum(ways.values()) for ways in report.values())} points: {report}")
    assert report["ask_again"].keys() == {"nothing was sent", "resumed with the same pair", "went on"}
    assert report["finish_again"].keys() == report["switch"].keys() == {"went on"}
    assert sum(report["ask_again"].values()) >= 20
    assert sum(report["finish_again"].values()) >= 20
    assert sum(report["switch"].values()) >= 6
