"""Provide Jupyter with forked kernels, or with separate ones when forking fails.

It is also the one module that uses undocumented parts of jupyter_client:

- ``KernelProvisionerFactory.provisioners`` and ``GROUP_NAME``: without them, a checkout that was not installed again
  after the entry point was added starts no kernel. No upstream issue found.
- ``LocalProvisioner.process``, ``pid``, ``pgid``, ``cwd`` and ``connection_info``: without them, jupyter_client cannot
  signal a forked kernel, or wait for its end. No upstream issue found.

`tests/unit/voila/test_fork_provisioner.py` fails when one of them is gone.
"""

from __future__ import annotations

import os
import signal
from importlib.metadata import EntryPoint
from typing import Any, Final

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from ehtoolkit.voila.warm_process import WarmProcessFailed

NAME: Final = "ehtoolkit-fork"
"""Its name in a kernel's specification."""

KERNEL: Final = "ehtoolkit.forms.page_kernel"
"""The module whose ``main`` is a kernel, given the path of its connection file."""

PRELOADED: Final = (
    KERNEL,
    # What a kernel and its first form import at startup; without them here, each kernel imports them itself.
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "cryptography.hazmat.backends.openssl.backend",
    "psutil",
    "tornado.platform.asyncio",
)
"""Modules that the forked process imports."""

TITLE: Final = "kernel"


class ForkProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts a kernel as a fork of the server's warm process; without such a process, as Jupyter does."""

    async def launch_kernel(self, cmd: list[str], **wanted: Any) -> Any:
        warm = getattr(self.parent.parent, "warm_process", None)
        if warm is None:
            return await super().launch_kernel(cmd, **wanted)
        request = {
            "module": KERNEL,
            "arguments": [os.path.realpath(self.parent.connection_file)],
            "environment": dict(wanted["env"]),
            "folder": os.fspath(wanted.get("cwd") or "."),
            "title": f"{TITLE} {self.kernel_id[:8]}",
        }
        try:
            self.process = await warm.fork(request)
        except WarmProcessFailed as error:
            self.log.warning("a kernel is started by itself, not forked: %s", error)
            return await super().launch_kernel(cmd, **wanted)
        self.pid = self.pgid = self.process.pid
        self.cwd = request["folder"]
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and its children; not after its end, when its number may belong to another."""
        if self.process is None or self.process.poll() is not None:
            return
        await super().send_signal(signum)
        if signum == signal.SIGKILL:
            self.process.kill()


def register() -> None:
    """Register `ForkProvisioner` under its `NAME`. For an entry point, checkouts must be installed again."""
    factory = KernelProvisionerFactory
    place = f"{ForkProvisioner.__module__}:{ForkProvisioner.__name__}"
    factory.provisioners[NAME] = EntryPoint(NAME, place, factory.GROUP_NAME)
