"""A kill at any point of a revocation, or of a request without card, loses nothing, and the next run finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("revocation_kill_driver.py")


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
    assert report["end"].keys() == {"revoked now", "was revoked"}
    assert report["ask_abroad"].keys() == {"nothing was sent", "resumed with the same pair", "went on"}
    assert sum(report["end"].values()) >= 6
    assert sum(report["ask_abroad"].values()) >= 20
