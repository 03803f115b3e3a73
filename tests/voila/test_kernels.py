"""The kernels: which interpreter, which arguments, and that nobody culls one that waits for a page."""

from __future__ import annotations

import asyncio
import sys

import pytest

from ehtoolkit.voila.kernels import PageKernels, SpareKernelManager, transport_encryption


def test_every_notebook_runs_in_this_interpreter() -> None:
    kernels = PageKernels()

    assert set(kernels.get_all_specs()) == {"python3"}
    argv = kernels.get_kernel_spec("whatever the notebook says").argv
    assert argv[0] == sys.executable
    assert "--HistoryManager.enabled=False" in argv
    assert any("import ehtoolkit.forms" in one for one in argv)


def test_kernels_speak_encrypted_where_they_can() -> None:
    import zmq

    assert transport_encryption() == ("auto" if zmq.has("curve") else "disabled")


def test_a_kernel_in_reserve_is_not_culled() -> None:
    async def look() -> None:
        manager = SpareKernelManager()
        started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        starting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        started.set_result("in reserve")
        manager._spares = (started, starting)

        await manager.cull_kernel_if_idle("in reserve")

        with pytest.raises(KeyError):  # the manager goes on to look at one that is not in reserve
            await manager.cull_kernel_if_idle("with a page")
        starting.cancel()

    asyncio.run(look())
