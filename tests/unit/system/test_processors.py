"""The processors that a process may use: its affinity, and the quota of its control groups."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ehtoolkit.system.processors import usable_processors

MANY = 64
"""More than any quota below: the affinity does not limit."""


@pytest.fixture(autouse=True)
def _many_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(MANY)), raising=False)


V1 = {"cpu/shop/cpu.cfs_quota_us": "{}", "cpu/shop/cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("membership", "groups", "expected"),
    [
        pytest.param("", {}, MANY, id="no control groups"),
        pytest.param("0::/\n", {"cpu.max": "200000 100000\n"}, 2, id="a container of its own"),
        pytest.param("0::/\n", {"cpu.max": "150000 100000\n"}, 1, id="a part is rounded down"),
        pytest.param("0::/\n", {"cpu.max": "50000 100000\n"}, 1, id="never none"),
        pytest.param("0::/\n", {"cpu.max": "max 100000\n"}, MANY, id="no limit"),
        pytest.param("0::/shop/a\n", {"shop/cpu.max": "300000 100000\n"}, 3, id="a group around it"),
        pytest.param(
            "0::/shop/a\n",
            {"shop/cpu.max": "300000 100000\n", "shop/a/cpu.max": "400000 100000\n"},
            3,
            id="the narrowest of several",
        ),
        pytest.param("0::/host/only\n", {"cpu.max": "200000 100000\n"}, 2, id="a path of the host"),
        pytest.param(
            "3:cpu,cpuacct:/shop\n0::/\n",
            {key: value.format("250000\n") for key, value in V1.items()},
            2,
            id="version 1",
        ),
        pytest.param(
            "3:cpu,cpuacct:/shop\n",
            {key: value.format("-1\n") for key, value in V1.items()},
            MANY,
            id="version 1 without a limit",
        ),
        pytest.param(
            "3:cpuset:/shop\n",
            {key: value.format("100000\n") for key, value in V1.items()},
            MANY,
            id="a group of another controller",
        ),
        pytest.param("nonsense\n0::/\n", {"cpu.max": "a b c\n"}, MANY, id="not understood"),
        pytest.param("0::/\n", {"cpu.max": "100000 0\n"}, MANY, id="no period"),
    ],
)
def test_a_quota_limits(tmp_path: Path, membership: str, groups: Mapping[str, str], expected: int) -> None:
    listed, mounted = tmp_path / "cgroup", tmp_path / "mounted"
    listed.write_text(membership)
    for name, content in groups.items():
        path = mounted / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert usable_processors(listed, mounted) == expected


def test_a_quota_beyond_the_processors_does_not_add_any(tmp_path: Path) -> None:
    listed = tmp_path / "cgroup"
    listed.write_text("0::/\n")
    (tmp_path / "cpu.max").write_text("9900000 100000\n")
    assert usable_processors(listed, tmp_path) == MANY


def test_another_system_has_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert usable_processors(tmp_path / "none", tmp_path) == 5
