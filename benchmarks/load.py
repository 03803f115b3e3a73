"""Twenty people walk the Request form at once: who fails, who waits without a sign of life, memory, what is left over.

``load.py [SESSIONS]``. Prints seconds as the people saw them, and memory as the system counts it: of what processes
share, each has its part (PSS).
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.crowd import crowd, figures, floor, invite  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SILENCE = 5.0
"""Seconds that nobody should wait without a sign of life, in a window on the same processors."""
GONE = 60.0


class Scale:
    """Weighs the kernels from time to time; keeps the most that were there."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._weigh, daemon=True)
        self.heaviest: list[int] = []
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _weigh(self) -> None:
        while not self._done.wait(3.0):
            weights = []
            for kernel in self._serving.kernels():
                try:
                    weights.append(kernel.memory_full_info().pss)
                except psutil.Error:
                    continue
            if sum(weights) > sum(self.heaviest):
                self.heaviest = weights


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
    each = sum(scale.heaviest) / max(1, len(scale.heaviest)) / 1e6
    print(
        f"memory: {len(scale.heaviest)} kernels, {sum(scale.heaviest) / 1e6:.0f} MB, {each:.0f} MB each (PSS)"
    )
    print(f"kernels gone after {gone:.1f} s: {left} left, {spare} in reserve")


if __name__ == "__main__":
    main()
