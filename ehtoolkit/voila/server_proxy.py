"""The pages within a Jupyter server: the entry point for jupyter-server-proxy.

The proxy starts one server of ours for each of its users and hands their requests on. Who may send any is decided
before: by the token or the hub of the Jupyter server. From it to us the token of this start goes along in a header, so
that other users of the same computer, who can reach our port, get nothing.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any, Final

from ehtoolkit.voila.access import ANY
from ehtoolkit.voila.configuration import jupyter_data
from ehtoolkit.voila.server import TOKEN

NAME: Final = "ehtoolkit"
"""The last part of the address: ``<base of the Jupyter server>/ehtoolkit/``."""

START_SECONDS: Final = 120
"""Two, on a computer that is not busy."""


def entry() -> dict[str, Any]:
    """The server process that jupyter-server-proxy runs: training alone, since whoever comes sits elsewhere."""
    token = secrets.token_urlsafe(32)
    return {
        "command": [sys.executable, "-m", "ehtoolkit", "demo", "--no-browser", "--port", "{port}"],
        "environment": {
            TOKEN: token,
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


def _icon() -> object:
    return jupyter_data() / "voila" / "templates" / "ehtoolkit" / "static" / "favicon.svg"
