"""The private names of jupyter_server that tests use: kernels that were never started."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager


def put_kernel(manager: MappingKernelManager, kernel_id: str) -> None:
    """Let ``manager`` know of a kernel that has no process and no connection."""
    manager._kernels[kernel_id] = SimpleNamespace(
        kernel_name="python3",
        execution_state="idle",
        last_activity=datetime.now(UTC),
        shutting_down=False,
        has_kernel=False,
    )
    manager._kernel_connections[kernel_id] = 0


def take_kernel(manager: MappingKernelManager, kernel_id: str) -> None:
    """Let ``manager`` forget the kernel, if it knows it, as when that has ended."""
    manager._kernels.pop(kernel_id, None)
