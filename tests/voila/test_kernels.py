"""Kernels: their interpreter and arguments, when they are started in reserve, and when they end."""

from __future__ import annotations

import asyncio
import sys

import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from ehtoolkit.voila.kernels import (
    REFILL_SECONDS,
    UNCLAIMED_KERNELS,
    PageKernels,
    SpareKernelManager,
    sockets_fit,
    transport_encryption,
)
from tests.support.jupyter_internals import put_kernel, take_kernel


def test_every_notebook_runs_in_this_interpreter() -> None:
    kernels = PageKernels()

    assert set(kernels.get_all_specs()) == {"python3"}
    argv = kernels.get_kernel_spec("whatever the notebook says").argv
    assert argv[0] == sys.executable
    assert "--HistoryManager.enabled=False" in argv
    assert "ehtoolkit.forms.isolated_kernel" in argv


def test_kernels_speak_encrypted_where_they_can() -> None:
    import zmq

    assert transport_encryption() == ("auto" if zmq.has("curve") else "disabled")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels are reached by TCP")
def test_kernels_are_reached_by_sockets_where_their_paths_fit() -> None:
    assert sockets_fit("/tmp/voila_x7d2k9qa")  # noqa: S108  # only its length counts
    assert not sockets_fit(f"/tmp/{'long' * 20}")  # noqa: S108
    assert SpareKernelManager(connection_dir="/tmp/voila_x7d2k9qa").config.KernelManager.transport == "ipc"  # noqa: S108


def test_no_reserve_kernel_starts_while_a_visitor_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        manager = SpareKernelManager()
        started: list[str] = []
        asked: list[bool] = []

        async def start(_: object, **__: object) -> str:
            started.append("new")
            return "new"

        def may_prepare() -> bool:
            asked.append(len(asked) > 0)
            return asked[-1]

        # Jupyter's: a real kernel takes seconds.
        monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
        manager.may_prepare = may_prepare
        manager.prepare_spare()
        await asyncio.sleep(0)
        assert (started, asked) == ([], [False])

        while not started:  # it asks again by itself
            await asyncio.sleep(0.05)
        assert asked[:2] == [False, True]

        manager._closing = True
        asked.clear()
        manager.prepare_spare()
        await asyncio.sleep(2 * REFILL_SECONDS)
        assert asked == [], "one that closes asks nobody"

    asyncio.run(look())


class Ends:
    """A manager whose kernels are names: what it shuts down is noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.manager = SpareKernelManager()
        self.manager.grace = self.manager.unclaimed = 0.05
        self.ended: list[str] = []

        async def start(_: object, **__: object) -> str:
            put_kernel(self.manager, "new")
            return "new"

        monkeypatch.setattr(AsyncMappingKernelManager, "shutdown_kernel", self.shut_down)
        monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
        monkeypatch.setattr(self.manager, "_prepare_later", lambda: None)

    async def shut_down(self, kernel_id: str, now: bool = False) -> None:
        self.ended.append(kernel_id)
        take_kernel(self.manager, kernel_id)


def test_a_kernel_ends_some_time_after_its_last_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit() -> None:
        ends = Ends(monkeypatch)
        kernel = await ends.manager.start_kernel()
        ends.manager.notify_connect(kernel)
        ends.manager.notify_connect(kernel)
        ends.manager.notify_disconnect(kernel)
        await asyncio.sleep(0.2)
        assert ends.ended == [], "one is still connected"

        ends.manager.notify_disconnect(kernel)
        await asyncio.sleep(0.2)

        assert ends.ended == ["new"]

    asyncio.run(visit())


def test_a_kernel_that_its_page_ends_meanwhile_leaves_the_others_to_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stop() -> None:
        ends = Ends(monkeypatch)

        async def gone(kernel_id: str, now: bool = False) -> None:
            if kernel_id == "left":
                raise KeyError(kernel_id)
            await asyncio.sleep(0.05)
            await ends.shut_down(kernel_id, now)

        monkeypatch.setattr(AsyncMappingKernelManager, "shutdown_kernel", staticmethod(gone))
        for name in ("left", "first", "second"):
            put_kernel(ends.manager, name)

        await ends.manager.close()

        assert sorted(ends.ended) == ["first", "second"]

    asyncio.run(stop())
    assert caplog.messages == []


def test_a_kernel_that_does_not_start_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop() -> None:
        ends = Ends(monkeypatch)
        ends.manager.starting = 0.05
        put_kernel(ends.manager, "there")
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        ends.manager._spares = (never,)

        await asyncio.wait_for(ends.manager.close(), 10)

        assert ends.ended == ["there"]
        assert never.cancelled()

    asyncio.run(stop())


def test_a_connection_that_is_back_in_time_keeps_its_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit() -> None:
        ends = Ends(monkeypatch)
        kernel = await ends.manager.start_kernel()
        ends.manager.notify_connect(kernel)
        ends.manager.notify_disconnect(kernel)
        ends.manager.notify_connect(kernel)
        await asyncio.sleep(0.2)

        assert ends.ended == []

    asyncio.run(visit())


def test_a_kernel_that_no_page_ever_asks_for_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit() -> None:
        ends = Ends(monkeypatch)
        await ends.manager.start_kernel()
        await asyncio.sleep(0.2)

        assert ends.ended == ["new"]

    asyncio.run(visit())


def test_a_kernel_that_was_ended_meanwhile_is_not_ended_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit() -> None:
        ends = Ends(monkeypatch)
        kernel = await ends.manager.start_kernel()
        ends.manager.notify_connect(kernel)
        take_kernel(ends.manager, kernel)
        ends.manager.notify_disconnect(kernel)
        await asyncio.sleep(0.2)

        assert ends.ended == []

    asyncio.run(visit())


def test_kernels_that_no_page_connects_to_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manager is full with so many, and has room again when a page connects or a kernel ends."""

    async def look() -> None:
        manager = SpareKernelManager()
        started: list[str] = []

        async def start(_: object, **__: object) -> str:
            started.append(f"kernel {len(started)}")
            put_kernel(manager, started[-1])
            return started[-1]

        # Jupyter's: a real kernel takes seconds.
        monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
        for _ in range(UNCLAIMED_KERNELS):
            assert not manager.is_full()
            await manager.start_kernel()
        assert manager.is_full()

        manager.notify_connect("kernel 3")
        assert not manager.is_full()
        await manager.start_kernel()
        assert manager.is_full()
        take_kernel(manager, "kernel 5")
        assert not manager.is_full()
        manager._closing = True

    asyncio.run(look())
