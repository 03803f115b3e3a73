"""The kernels behind the pages: this interpreter's own, without a history, and with an encrypted transport."""

from __future__ import annotations

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager


class PageKernels(KernelSpecManager):  # type: ignore[misc]
    """Every notebook runs in this interpreter, whatever other kernels are installed for the user.

    No command history: a kernel of a page has nothing to remember, and its database would slow the start.
    """

    ensure_native_kernel = True
    allowed_kernelspecs = frozenset({"python3"})

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        native = get_kernel_dict()
        argv = [*native["argv"], "--HistoryManager.enabled=False"]
        return KernelSpec(resource_dir=RESOURCES, **{**native, "argv": argv})


def transport_encryption() -> str:
    """What `jupyter_client` calls its policy: any user of this computer can listen at a kernel's TCP ports, so
    they speak CurveZMQ wherever the installed libraries can."""
    return "auto" if zmq.has("curve") else "disabled"
