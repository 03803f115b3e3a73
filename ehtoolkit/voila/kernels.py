"""The kernels behind the pages: this interpreter's own, encrypted on the wire, and some of them ready in advance."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import zmq
from jinja2 import Environment
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from nbformat import v4, validate

from ehtoolkit.system.worker_process import command_of
from ehtoolkit.voila import fork_provisioner
from ehtoolkit.voila.warm_process import WarmProcess, WarmProcessFailed

_LONGEST_SOCKET: Final = 107
"""Bytes of a socket's path on Linux."""
SPARES: Final = 2
"""Kernels in reserve; each takes some 15 MB where it is forked, else 55."""

REFILL_SECONDS: Final = 1.0
"""Pause before the next kernel is started: until then a page needs the processors."""

UNCLAIMED_KERNELS: Final = 24
"""Kernels that may wait for their pages to connect at once; a page that is asked for meanwhile starts later. It bounds
the memory that clients take that ask for pages and never connect."""

_ARGUMENTS: Final = (
    *("-f", "{connection_file}"),
    "--HistoryManager.enabled=False",  # a kernel of a page has nothing to remember
)
KERNEL: Final = "ehtoolkit.forms.isolated_kernel"
"""The module that is a kernel where it is not forked."""


class PageKernels(KernelSpecManager):  # type: ignore[misc]
    """Runs every notebook in this interpreter, also when the user has other kernels."""

    ensure_native_kernel = True
    allowed_kernelspecs = frozenset({"python3"})

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        native = get_kernel_dict()
        fork_provisioner.register()
        metadata = {
            **native.get("metadata", {}),
            "kernel_provisioner": {"provisioner_name": fork_provisioner.NAME},
        }
        argv = [*command_of(KERNEL), *_ARGUMENTS]
        return KernelSpec(resource_dir=RESOURCES, **{**native, "argv": argv, "metadata": metadata})


class SpareKernelManager(AsyncMappingKernelManager):
    """Keeps kernels started and imported for the pages that come next: one for the page, one for the page after.

    Voila's own pool of kernels refuses a prelaunch hook. Here the facts of a request travel in the notebook (see
    `ehtoolkit.voila.notebook_preparation`).

    A kernel ends with its page: it is shut down some seconds after its last connection. Nothing is left for Jupyter's
    culling, which ends kernels without a connection alone.
    """

    grace: float = 15.0
    """Seconds that a kernel outlives its last connection. A page that is closed ends its kernel at once; a browser that
    was killed, or had no time left, does not. A broken connection is restored sooner than this."""
    unclaimed: float = 120.0
    """Seconds that a kernel waits for its page to connect: on a busy computer a page loads slowly, and a page whose
    loading was stopped never connects."""
    starting: float = 5.0
    """Seconds that the end of the server waits for kernels that are only starting; mostly they take less than one."""

    may_prepare: Callable[[], bool] = staticmethod(lambda: True)
    """Whether kernels may be started in reserve now; asked again after a moment."""

    warm_process: WarmProcess | None = None
    """The process that kernels are forked from; None: each starts Python by itself."""

    _spares: tuple[asyncio.Future[str], ...] = ()
    _closing = False

    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)  # type: ignore[no-untyped-call]
        if sockets_fit(self.connection_dir):
            self.config.KernelManager.transport = "ipc"
        # A kernel that dies takes its page with it: a restarted one, on other ports, does not have the form, and a page
        # that is just connecting would wait for an answer at the old ports. One in reserve that died is to stay dead.
        self.config.KernelRestarter.restart_limit = 0
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Future[None]] = set()
        self._unclaimed: set[str] = set()

    def is_full(self) -> bool:
        """Return whether too many kernels wait for their pages to connect."""
        self._unclaimed = {kernel_id for kernel_id in self._unclaimed if kernel_id in self}
        return len(self._unclaimed) >= UNCLAIMED_KERNELS

    def fork_kernels(self) -> None:
        """Fork kernels from now on, where the system can."""
        if WarmProcess.is_possible():
            self.warm_process = WarmProcess(fork_provisioner.PRELOADED)
            with suppress(WarmProcessFailed):  # it is logged
                self.warm_process.start()

    def prepare_spare(self) -> None:
        """Start a kernel in reserve, where `may_prepare` allows it, and look again after `REFILL_SECONDS`, until there
        are enough."""
        self._spares = tuple(spare for spare in self._spares if self._may_answer(spare))
        if len(self._spares) >= SPARES or self._closing:
            return
        if self.may_prepare():
            spare = asyncio.ensure_future(super().start_kernel(env=dict(os.environ), cwd=self.root_dir))
            self._spares = (*self._spares, spare)
        self._prepare_later()

    async def start_kernel(self, **wanted: Any) -> str:
        """Return the id of a spare kernel, or of a new one; it ends unless a page connects to it."""
        self._prepare_later()
        kernel_id = None
        while kernel_id is None and self._spares:
            spare, *others = self._spares
            self._spares = tuple(others)
            kernel_id = await self._usable(spare)
        if kernel_id is None:
            kernel_id = await super().start_kernel(**wanted)
        self._unclaimed.add(kernel_id)
        self._end_later(kernel_id, self.unclaimed)
        return kernel_id

    def notify_connect(self, kernel_id: str) -> None:
        super().notify_connect(kernel_id)  # type: ignore[no-untyped-call]
        self._unclaimed.discard(kernel_id)
        self._stay(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        super().notify_disconnect(kernel_id)  # type: ignore[no-untyped-call]
        if not self._is_connected(kernel_id):
            self._end_later(kernel_id, self.grace)

    async def close(self) -> None:
        """End all kernels, also those that are starting; a kernel that does not start in time ends with this process.
        Nothing is lost: all work is on disk."""
        self._closing = True
        for timer in self._leaving.values():
            timer.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*self._spares, return_exceptions=True), self.starting)
        try:
            # One that cannot be ended ends with this process.
            await asyncio.gather(*map(self._end, self.list_kernel_ids()), return_exceptions=True)
        finally:
            if self.warm_process is not None:
                self.warm_process.close()

    def _may_answer(self, spare: asyncio.Future[str]) -> bool:
        """Return whether the spare kernel is starting or there; of one that died the manager forgets the id."""
        if not spare.done():
            return True
        return not spare.cancelled() and spare.exception() is None and spare.result() in self

    async def _usable(self, spare: asyncio.Future[str]) -> str | None:
        """Return the spare kernel's id once it has started; None when it could not, or died while it waited."""
        try:
            kernel_id = await spare
        except Exception:  # noqa: BLE001  # a new kernel is tried, and its failure is reported
            return None
        return kernel_id if kernel_id in self and await self.is_alive(kernel_id) else None

    def _end_later(self, kernel_id: str, seconds: float) -> None:
        """End the kernel after ``seconds``, unless a page connects within them."""
        self._stay(kernel_id)

        def end() -> None:
            self._leaving.pop(kernel_id, None)
            if kernel_id in self and not self._is_connected(kernel_id) and not self._closing:
                ending = asyncio.ensure_future(self._end(kernel_id))
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)

        self._leaving[kernel_id] = asyncio.get_running_loop().call_later(seconds, end)

    def _stay(self, kernel_id: str) -> None:
        timer = self._leaving.pop(kernel_id, None)
        if timer is not None:
            timer.cancel()

    async def _end(self, kernel_id: str) -> None:
        kernel = self.get_kernel(kernel_id) if kernel_id in self else None
        try:
            await super().shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]
        except Exception:  # the page itself may have ended it meanwhile
            if kernel is not None and kernel.has_kernel and await kernel.is_alive():
                self.log.exception("a kernel did not end in order, and is killed")
                await kernel.provisioner.kill()

    def _is_connected(self, kernel_id: str) -> bool:
        """Return whether a page is connected to the kernel; not to one that has ended."""
        return kernel_id in self and self.kernel_model(kernel_id)["connections"] > 0  # type: ignore[no-untyped-call]

    def _prepare_later(self) -> None:
        asyncio.get_running_loop().call_later(REFILL_SECONDS, self.prepare_spare)


def sockets_fit(folder: str) -> bool:
    """Return whether kernels can be reached by sockets in ``folder``, whose paths have to be short.

    The other way, TCP, chooses ports before a kernel binds them: a connection of another program may take one
    meanwhile, and then the page of that kernel never begins.
    """
    longest = Path(folder, f"kernel-{UUID(int=0)}-ipc-9")
    return sys.platform == "linux" and folder != "" and len(os.fsencode(longest)) <= _LONGEST_SOCKET


def transport_encryption() -> str:
    """Return what `jupyter_client` calls its policy of encryption: any user of this computer can listen at a kernel's
    TCP ports, so they use CurveZMQ if the installed libraries have it."""
    return "auto" if zmq.has("curve") else "disabled"


# ── What the first page would find cold ──────────────────────────────────────────────────────────────────
def warm(specs: KernelSpecManager, templates: Environment) -> None:
    """Compile the schemas by which notebooks are checked, once as they are read and once as they are shown, and the
    page of those who wait; import what the search for kernels needs. That is half of the processor time that the server
    takes for the first page.

    From then on templates are not checked for changes: they are part of the package.
    """
    templates.auto_reload = False
    templates.get_template("queue.html")
    notebook = v4.new_notebook()
    validate(notebook)
    validate(notebook, relax_add_props=True)
    specs.get_all_specs()
