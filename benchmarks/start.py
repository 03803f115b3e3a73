"""How long the command takes to start, as a ratio to a bare interpreter, pair by pair: ``start.py [ROUNDS]``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
FLOOR = [sys.executable, "-c", "pass"]
SUBJECTS = {
    "ehtoolkit --version": ([sys.executable, "-m", "ehtoolkit", "--version"], 3, 0),
    "import ehtoolkit": ([sys.executable, "-c", "import ehtoolkit"], 3, 0),
    "ehtoolkit --help": ([sys.executable, "-m", "ehtoolkit", "--help"], 12, 0),
    # A file that is no keystore, which is exit code 1: all that the command imports, and hardly more.
    "keystore diagnose": ([sys.executable, "-m", "ehtoolkit", "keystore", "diagnose", __file__], 22, 1),
}
# Python keeps compiled modules, as it does on users' machines: without them, the command takes twice as long.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str], code: int = 0) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    taken = time.perf_counter() - begin
    if done.returncode != code:
        sys.exit(f"exit code {done.returncode}: {command}")
    return taken


def main() -> None:
    for name, (command, aim, code) in SUBJECTS.items():
        seconds(command, code)
        ratios = [seconds(command, code) / seconds(FLOOR) for _ in range(ROUNDS)]
        print(f"{name:<22} {statistics.median(ratios):5.2f} × python -c pass (aim ≤ {aim})")


if __name__ == "__main__":
    main()
