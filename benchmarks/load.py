"""Twenty people walk the Request form at once: who fails, who waits without a sign of life, memory, what is left over.

``load.py [SESSIONS]``. Prints seconds as the people saw them, and memory as the system counts it: of what processes
share, each has its part (PSS).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.crowd import Scale, crowd, figures, floor, invite  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SILENCE = 5.0
"""Seconds that nobody should wait without a sign of life, in a window on the same processors."""
GONE = 60.0


def main() -> None:
    bare = floor(SESSIONS)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        names = invite(home, SESSIONS)
        serving = Serving.demo(home, EHTOOLKIT_CARD="training:default")
        time.sleep(5)  # the first spare kernels
        spare = len(serving.kernels())
        scale = Scale(serving)
        walks = crowd(serving.url, names)
        scale.stop()
        begin = time.perf_counter()
        while len(serving.kernels()) > spare and time.perf_counter() - begin < GONE:
            time.sleep(0.2)
        gone, left = time.perf_counter() - begin, len(serving.kernels())
        keystores = len(list((home / "training" / "keystore").glob("*.p12")))
        serving.stop()
    print(figures(walks, bare))
    longest = max((seconds for one in walks for seconds in one.silences.values()), default=0.0)
    print(f"longest without a sign of life: {longest:.2f} s (aim ≤ {SILENCE})")
    print(f"{keystores} keystores; load {psutil.getloadavg()[0]:.1f}")
    print(scale.figures())
    print(f"kernels gone after {gone:.1f} s: {left} left, {spare} in reserve")


if __name__ == "__main__":
    main()
