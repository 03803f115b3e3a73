"""Whether hostile input costs more than it may, on a computer that is busy with other things, too."""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 4


def is_light(work: Callable[[], object], seconds: float) -> bool:
    """Whether ``work`` takes less than ``seconds`` of processor time; once is enough, since what disturbs only adds."""
    return any(_takes(work) < seconds for _ in range(TRIES))


def _takes(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
