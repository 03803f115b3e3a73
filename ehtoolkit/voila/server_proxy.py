"""The pages within a Jupyter server: the entry point for jupyter-server-proxy.

The proxy starts a server of ours for each of its users and forwards their requests. The token or the hub of the Jupyter
server decides who may send requests. The proxy sends the token of this start in a header. If the system has Unix
sockets, it uses one that only its user can reach: other users of the computer can neither connect nor listen there.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from ehtoolkit.voila.access import ANY
from ehtoolkit.voila.configuration import jupyter_data
from ehtoolkit.voila.server import SOCKET, TOKEN

NAME: Final = "ehtoolkit"
"""The last part of the address: ``<base of the Jupyter server>/ehtoolkit/``."""

LONGEST_SOCKET: Final = 103
"""Bytes of a socket's path that every system allows: macOS has the lowest limit."""

START_SECONDS: Final = 120
"""A start takes two on a quiet computer."""


def entry() -> dict[str, Any]:
    """Return the server process that jupyter-server-proxy runs. It serves training alone, since its users are at other
    computers."""
    token = secrets.token_urlsafe(32)
    icon = jupyter_data() / "voila" / "templates" / "ehtoolkit" / "static" / "favicon.svg"
    return {
        **_reached(),
        "environment": {
            TOKEN: token,
            SOCKET: "{unix_socket}",
            "EHTOOLKIT_SHARED": "1",
            "EHTOOLKIT_ALLOWED_HOSTS": ANY,
            "EHTOOLKIT_BASE_URL": f"{{base_url}}{NAME}/",
        },
        "absolute_url": True,  # our addresses begin with the prefix too
        "request_headers_override": {"Authorization": f"token {token}"},
        "timeout": START_SECONDS,
        "new_browser_tab": True,
        "launcher_entry": {"title": NAME, "icon_path": str(icon)},
    }


def _reached() -> dict[str, Any]:
    """Return the command, and the address at which the proxy reaches the server: a socket whose name cannot be guessed;
    a port on Windows, and when the path of the temporary folder is too long for a socket."""
    command = [sys.executable, "-m", "ehtoolkit", "demo", "--no-browser"]
    place = Path(tempfile.gettempdir(), f"{NAME}-{secrets.token_hex(8)}", "pages")
    if hasattr(socket, "AF_UNIX") and len(os.fsencode(place)) <= LONGEST_SOCKET:
        return {"command": command, "unix_socket": str(place)}
    return {"command": [*command, "--port", "{port}"]}
