"""What it costs to read a file: processor time and memory."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from collections.abc import Callable

from ehtoolkit import errors
from ehtoolkit.keystore.key_pairs import load_certificate
from ehtoolkit.secret import Secret

PASSWORD = Secret("Kine-2026")
SECONDS, MEGABYTES = 1.0, 100.0


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of processor time, the best of three, and megabytes; only our own errors pass."""
    times = []
    for _ in range(3):
        load_certificate.cache_clear()
        began = time.process_time()
        with contextlib.suppress(errors.EhToolkitError):
            work()
        times.append(time.process_time() - began)
        if times[-1] < SECONDS / 2:
            break
    tracemalloc.start()
    try:
        with contextlib.suppress(errors.EhToolkitError):
            work()
        return min(times), tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
