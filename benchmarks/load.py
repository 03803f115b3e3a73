"""Twenty people walk the Request form at once: who fails, who waits without a sign of life, memory, what is left over.

``load.py [SESSIONS]``. Prints seconds as the people saw them, and memory as the system counts it: of what processes
share, each has its part (PSS).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.crowd import Walk, crowd, glances, invite  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SILENCE = 5.0
"""Seconds that nobody should wait without a sign of life."""
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


class Line(BaseHTTPRequestHandler):
    """A page of one line."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>-</title><h1>-</h1>")

    def log_message(self, *_: object) -> None:
        pass


def floor(count: int) -> float:
    """Seconds until the last of as many windows shows a page of one line: browser and people share our processors."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        longest = max(glances(f"http://127.0.0.1:{server.server_port}/", count))
        server.shutdown()
    return longest


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
    report(walks, keystores)
    print(f"the same windows on a page of one line: longest {bare:.2f} s")
    each = sum(scale.heaviest) / max(1, len(scale.heaviest)) / 1e6
    print(
        f"memory: {len(scale.heaviest)} kernels, {sum(scale.heaviest) / 1e6:.0f} MB, {each:.0f} MB each (PSS)"
    )
    print(f"kernels gone after {gone:.1f} s: {left} left, {spare} in reserve")


def report(walks: list[Walk], keystores: int) -> None:
    failed = [one for one in walks if one.problem]
    print(
        f"{len(walks)} sessions, {len(failed)} failed, {keystores} keystores; load {psutil.getloadavg()[0]:.1f}"
    )
    for one in failed:
        print(f"  {one.name}: {one.problem[:200]}")
    fine = [one for one in walks if not one.problem]
    for what, taken in (
        ("first form usable", [one.first for one in fine]),
        ("whole form", [one.whole for one in fine]),
    ):
        if taken:
            print(f"{what}: median {statistics.median(taken):.1f} s, longest {max(taken):.1f} s")
    silences = [(seconds, step) for one in walks for step, seconds in one.silences.items()]
    print("without a sign of life:")
    for step in dict.fromkeys(step for _, step in silences):
        mine = [seconds for seconds, name in silences if name == step]
        print(f"  {step:<26} median {statistics.median(mine):.2f} s, longest {max(mine):.2f} s")
    print(f"longest: {max(silences)[0]:.2f} s (aim ≤ {SILENCE})")


if __name__ == "__main__":
    main()
