"""The pages within a Jupyter server: the entry point for jupyter-server-proxy.

The proxy starts one server of ours for each of its users and hands their requests on. Who may send any is decided
before: by the token or the hub of the Jupyter server. From it to us the token of this start goes along in a header. And
where the system has them, we are reached by a socket that is its user's alone: other users of the same computer reach
us neither, nor can they listen where the proxy expects us.
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
"""Bytes of a socket's path on every system that has them: macOS has the shortest."""

START_SECONDS: Final = 120
"""Two, on a computer that is not busy."""


def entry() -> dict[str, Any]:
    """Return the server process that jupyter-server-proxy runs. It serves training alone, since its users sit at other
    computers."""
    token = secrets.token_urlsafe(32)
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
        "launcher_entry": {"title": NAME, "icon_path": str(_icon())},
    }


def _reached() -> dict[str, Any]:
    """Return the command, and where the proxy is to find what it started: at a socket whose name cannot be guessed; on
    Windows, and where the temporary folder has too long a path for one, at a port."""
    command = [sys.executable, "-m", "ehtoolkit", "demo", "--no-browser"]
    place = Path(tempfile.gettempdir(), f"{NAME}-{secrets.token_hex(8)}", "pages")
    if hasattr(socket, "AF_UNIX") and len(os.fsencode(place)) <= LONGEST_SOCKET:
        return {"command": command, "unix_socket": str(place)}
    return {"command": [*command, "--port", "{port}"]}


def _icon() -> object:
    return jupyter_data() / "voila" / "templates" / "ehtoolkit" / "static" / "favicon.svg"
