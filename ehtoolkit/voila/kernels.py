"""The kernels behind the pages: this interpreter's own, encrypted on the wire, and one of them ready in advance."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

REFILL_SECONDS: Final = 1.0
"""How long after a page took the spare kernel the next is started: until then the page needs the processors."""

_ARGUMENTS: Final = (
    "--HistoryManager.enabled=False",  # a kernel of a page has nothing to remember
    "--IPKernelApp.exec_lines=import ehtoolkit.forms",
)


class PageKernels(KernelSpecManager):  # type: ignore[misc]
    """Every notebook runs in this interpreter, whatever other kernels are installed for the user."""

    ensure_native_kernel = True
    allowed_kernelspecs = frozenset({"python3"})

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        native = get_kernel_dict()
        return KernelSpec(resource_dir=RESOURCES, **{**native, "argv": [*native["argv"], *_ARGUMENTS]})


class SpareKernelManager(AsyncMappingKernelManager):
    """Keeps one kernel started and imported for the page that comes next.

    Voila's own pool of kernels refuses a prelaunch hook, and its kernels can be culled while they are handed out.
    Here the facts of a request travel in the notebook (see `ehtoolkit.voila.hook`), the spare kernel is exempt
    from culling, and it leaves that state in the same turn of the loop in which it is handed out.
    """

    _spare: asyncio.Future[str] | None = None
    _closing = False

    def prepare_spare(self) -> None:
        """Start the next kernel, unless one is waiting or on its way."""
        if self._spare is None and not self._closing:
            self._spare = asyncio.ensure_future(
                self._async_start_kernel(env=dict(os.environ), cwd=self.root_dir)
            )

    async def start_kernel(self, **wanted: Any) -> str:
        """The spare kernel, or a new one."""
        spare, self._spare = self._spare, None
        asyncio.get_running_loop().call_later(REFILL_SECONDS, self.prepare_spare)
        if spare is not None and wanted.get("kernel_id") is None:
            kernel_id = await self._usable(spare)
            if kernel_id is not None:
                return kernel_id
        return await self._async_start_kernel(**wanted)

    async def close(self) -> None:
        """End all kernels, one that is only starting too. They lose nothing: whatever counts is on disk."""
        self._closing = True
        if self._spare is not None:
            with suppress(Exception):
                await self._spare
        await self.shutdown_all(now=True)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        if kernel_id != self._spare_id():
            await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]

    def _spare_id(self) -> str | None:
        spare = self._spare
        if spare is None or not spare.done() or spare.cancelled() or spare.exception() is not None:
            return None
        return spare.result()

    async def _usable(self, spare: asyncio.Future[str]) -> str | None:
        """The spare kernel's id once it has started; None when it could not, or died while it waited."""
        try:
            kernel_id = await spare
        except Exception:  # noqa: BLE001  # whatever it is, a new kernel is tried, and its failure is reported
            return None
        if kernel_id not in self or not await self.is_alive(kernel_id):
            return None
        # From now on it is idle for as long as any other.
        self.get_kernel(kernel_id).last_activity = datetime.now(UTC)
        return kernel_id


def transport_encryption() -> str:
    """What `jupyter_client` calls its policy: any user of this computer can listen at a kernel's TCP ports, so
    they speak CurveZMQ wherever the installed libraries can."""
    return "auto" if zmq.has("curve") else "disabled"
