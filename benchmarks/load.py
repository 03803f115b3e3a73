"""Twenty people walk the Request form at once: who fails, who waits without a sign of life, memory, what is left over.

``load.py [SESSIONS] [--server-alone]``. Prints seconds as the people saw them, and memory as the system counts it: of
what processes share, each has its part (PSS).

First the server alone: as many visitors without a browser open the form at once, in the four languages. What they wait
for is the server's part of the wait; the windows of the people take several times as much of the same processors for
themselves. Seconds of a processor and memory hold whatever else the computer does; how long they waited does not, which
is why the share of the processors that they got is printed beside it. With EHTOOLKIT_FORK_KERNELS=false each kernel is
started by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ehtoolkit.i18n import LANGUAGES  # noqa: E402
from tests.browser.concurrent_users import Scale, crowd, figures, floor, invite  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402
from tests.voila.visitor import Visitor  # noqa: E402

ALONE = "--server-alone"
SESSIONS = int(next((argument for argument in sys.argv[1:] if argument != ALONE), 20))
MEMORY, PROCESSOR, WAIT = 25.0, 0.35, 5.0
"""What a session may take: megabytes (PSS), seconds of a processor until its form is there; and how long the last of
twenty may wait for the server."""
SILENCE = 5.0
"""Seconds that nobody should wait without a sign of life, in a window on the same processors."""
GONE = 60.0


def processor_seconds(pid: int) -> float:
    """What the process and all that it started have used so far."""
    used = 0.0
    for child in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used


def weight(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


async def open_together(serving: Serving) -> Sequence[Visitor]:
    """Visitors who open the form at once, after one who has the server compile what it needs."""
    visitors = [Visitor.of(serving.url) for _ in range(SESSIONS + 1)]
    for visitor in visitors:
        await visitor.arrive()
    await visitors[0].open("request")
    await asyncio.sleep(5)  # kernels in reserve again
    before, begin = processor_seconds(serving.pid), time.perf_counter()
    await asyncio.gather(
        *(visitor.open("request", language) for visitor, language in zip(visitors[1:], cycle(LANGUAGES)))
    )
    seconds, used = time.perf_counter() - begin, processor_seconds(serving.pid) - before
    share = used / seconds / (os.cpu_count() or 1)
    await asyncio.sleep(5)
    used = processor_seconds(serving.pid) - before
    ids = {visitor.kernel[:8] for visitor in visitors}
    kernels = serving.kernels()
    weights = [weight(kernel) for kernel in kernels if any(name in kernel.name() for name in ids)]
    weights = weights or sorted(map(weight, kernels))[-SESSIONS:]
    warm = serving.warm_process()
    kind = "forked" if warm is not None else "started each by itself"
    print(f"server alone, {SESSIONS} visitors without a browser at once, kernels {kind}:")
    print(f"  memory: {sum(weights) / len(weights):.1f} MB each with its form (PSS; aim ≤ {MEMORY})")
    if warm is not None:
        print(f"  the process that they are forked from: {weight(warm):.1f} MB (PSS)")
    each = used / SESSIONS
    print(f"  processor: {each:.3f} s from the address to the form, server and kernel (aim ≤ {PROCESSOR})")
    print(f"  the last form after {seconds:.1f} s (aim ≤ {WAIT}), on {share:.0%} of the processors")
    return visitors


def server_alone() -> None:
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving.demo(Path(folder) / "home", EHTOOLKIT_CARD="training:default", **choice())
        try:
            asyncio.run(open_together(serving))
        finally:
            serving.stop()


def choice() -> dict[str, str]:
    """The setting that the benchmark was given."""
    return {name: value for name, value in os.environ.items() if name == "EHTOOLKIT_FORK_KERNELS"}


def main() -> None:
    server_alone()
    if ALONE in sys.argv:
        return
    bare = floor(SESSIONS)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        names = invite(home, SESSIONS)
        serving = Serving.demo(home, EHTOOLKIT_CARD="training:default", **choice())
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
    longest = max((seconds for walk in walks for seconds in walk.silences.values()), default=0.0)
    print(f"longest without a sign of life: {longest:.2f} s (aim ≤ {SILENCE})")
    print(f"{keystores} keystores; load {psutil.getloadavg()[0]:.1f}")
    print(scale.figures())
    print(f"kernels gone after {gone:.1f} s: {left} left, {spare} in reserve")


if __name__ == "__main__":
    main()
