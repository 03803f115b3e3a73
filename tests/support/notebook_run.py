"""Run notebooks with a kernel of their own, as nbconvert does it: outputs and the state of widgets are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import Type


class WakingChannel(AsyncZMQSocketChannel):
    """A channel that hears what arrives while it sends.

    That of jupyter_client sends beside asyncio's socket. When a reply arrives at that moment, ZeroMQ counts it as seen
    and asyncio is not woken: nbclient, which sends while it waits for a reply as soon as an Output widget has shown
    something, waits for ever (its issue 312).
    """

    def send(self, msg: dict[str, Any]) -> None:
        self.socket.send_multipart(self.session.serialize(msg))


class WakingClient(AsyncKernelClient):
    shell_channel_class = Type(WakingChannel)


class WakingManager(AsyncKernelManager):
    client_factory = Type(WakingClient)


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells, in ``folder``. Raises what nbclient raises for a cell that fails."""
    NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=WakingManager,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
