"""How long the command takes to start, as a ratio to a bare interpreter, pair by pair."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
FLOOR = [sys.executable, "-c", "pass"]
SUBJECTS = {
    "ehtoolkit --version": ([sys.executable, "-m", "ehtoolkit", "--version"], 3),
    "import ehtoolkit": ([sys.executable, "-c", "import ehtoolkit"], 3),
    "ehtoolkit --help": ([sys.executable, "-m", "ehtoolkit", "--help"], 12),
    # A file that is no keystore: all that the command imports, and hardly more.
    "keystore diagnose": ([sys.executable, "-m", "ehtoolkit", "keystore", "diagnose", __file__], 22),
}


def seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    assert done.returncode in (0, 1)  # 1: what was looked at is no keystore
    return time.perf_counter() - begin


def main() -> None:
    for name, (command, aim) in SUBJECTS.items():
        seconds(command)
        ratios = [seconds(command) / seconds(FLOOR) for _ in range(ROUNDS)]
        print(f"{name:<22} {statistics.median(ratios):5.2f} × python -c pass (aim ≤ {aim})")


if __name__ == "__main__":
    main()
