"""The server of the pages forks its kernels, and goes on when it cannot."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import psutil
import pytest

from ehtoolkit.voila.fork_provisioner import TITLE
from tests.browser.serving import Serving
from tests.voila.visitor import Visitor

SECONDS = 100

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")


async def open_form(serving: Serving) -> Visitor:
    visitor = Visitor.of(serving.url)
    async with asyncio.timeout(SECONDS):
        await visitor.arrive()
        await visitor.open("request")
        await visitor.leave()  # its kernel stays for a while
    return visitor


def is_forked(serving: Serving, visitor: Visitor) -> bool:
    return f"{TITLE} {visitor.kernel[:8]}" in [fork.name() for fork in serving.forks()]


def test_a_server_forks_kernels_and_starts_them_when_that_fails(tmp_path: Path) -> None:
    serving = Serving.demo(tmp_path / "home")
    everything: list[psutil.Process] = []

    async def walk() -> None:
        first = await open_form(serving)
        assert is_forked(serving, first)
        warm = serving.warm_process()
        assert warm is not None
        kernels = serving.forks()

        warm.send_signal(signal.SIGKILL)
        second = await open_form(serving)
        assert all(kernel.is_running() for kernel in kernels), "those with a form keep it"
        assert second.kernel != first.kernel

        again = serving.warm_process()  # the one before had forked: there is another
        assert again is None or again.pid != warm.pid
        everything.extend(psutil.Process(serving.pid).children(recursive=True) + kernels)

    try:
        asyncio.run(walk())
    finally:
        assert serving.stop() == 0
    assert "the process that kernels are forked from has failed" in "".join(serving.log)
    _, alive = psutil.wait_procs(everything, timeout=SECONDS)
    assert alive == []


def test_a_server_that_is_killed_leaves_no_kernel(tmp_path: Path) -> None:
    serving = Serving.demo(tmp_path / "home")
    try:
        asyncio.run(open_form(serving))
        everything = psutil.Process(serving.pid).children(recursive=True)
        assert len(everything) >= 2
        psutil.Process(serving.pid).kill()
        _, alive = psutil.wait_procs(everything, timeout=SECONDS)
        assert alive == []
    finally:
        serving.stop()


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    serving = Serving.demo(tmp_path / "home", EHTOOLKIT_FORK_KERNELS="false")
    try:
        visitor = asyncio.run(open_form(serving))
        assert serving.warm_process() is None
        assert any(visitor.kernel in " ".join(kernel.cmdline()) for kernel in serving.kernels())
    finally:
        assert serving.stop() == 0
