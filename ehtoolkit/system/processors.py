"""How many processors this process may use: by its affinity, and by the quota of its container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

_MEMBERSHIP: Final = Path("/proc/self/cgroup")
_CGROUPS: Final = Path("/sys/fs/cgroup")


def usable_processors(membership: Path = _MEMBERSHIP, cgroups: Path = _CGROUPS) -> int:
    """Return how many processors this process may use, at least 1; a quota of parts of one is rounded down.

    Args:
        membership: the file that lists the control groups of this process.
        cgroups: where the control groups are mounted. Only Linux has both.
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([count, *_quotas(membership, cgroups)])))


def _quotas(membership: Path, cgroups: Path) -> Iterator[float]:
    """Yield the quotas, in processors, of the control groups of this process and of those around them. Each limits
    it."""
    lines = ""
    with suppress(OSError, UnicodeError):
        lines = membership.read_text()
    for line in lines.splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        mounted = cgroups / "cpu" if controllers else cgroups
        group = PurePosixPath(path.lstrip("/"))
        for each in (group, *group.parents):
            with suppress(OSError, ValueError, ZeroDivisionError):  # no such group here, or no quota
                yield _quota_of(mounted / each, unified=not controllers)


def _quota_of(group: Path, *, unified: bool) -> float:
    """Return the quota of one control group, of version 2 or 1. Raises ValueError when it has none."""
    if unified:
        quota, period = (group / "cpu.max").read_text().split()
    else:
        quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    if float(quota) < 0:  # -1: no limit
        raise ValueError(quota)
    return float(quota) / float(period)
