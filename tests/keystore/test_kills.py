"""A password change killed at any point: the old or the new file always opens, and each copy is whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keystore.others import missing

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("change_killer.py")

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="forks and signals as on Linux"),
]


@pytest.mark.parametrize(("how", "least"), [("audit", 15), ("strace", 60), ("random", 500)])
def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path, how: str, least: int) -> None:
    if how == "strace" and shutil.which("strace") is None:
        missing("strace")
    command = [sys.executable, str(DRIVER), how, str(tmp_path), str(least)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=ROOT, env=_environment())
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    print(f"{how}: {found}")
    assert found["kills"] >= least
    assert found["the old file"] + found["the new file"] >= least
    assert found["the new file"] >= 1  # the kills did not all come too early
    assert found["with a copy"] > found["the new file"]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
