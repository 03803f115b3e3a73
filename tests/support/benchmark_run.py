"""Run a benchmark as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
WITH_A_CARD: Final = "card"


def run(name: str, *arguments: str, home: Path, **variables: str) -> str:
    own = {key: value for key, value in os.environ.items() if not key.startswith("EHTOOLKIT_")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**own, "EHTOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT), **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
