"""Filter messages between page and kernel: widget messages only, to the page's own kernel.

Voila's list of messages has no request to run code; messages that our pages do not use are removed from it, too.
Refused messages are not logged: a late one may hold a PIN.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.decorator import authorized
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import authenticated
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from ehtoolkit.voila.jupyter_server_internals import FilteredConnection, PingedSocket, message_parts

MESSAGES: Final = frozenset(
    {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
)
ANSWERS: Final = frozenset(
    {
        *("comm_open", "comm_msg", "comm_close", "comm_info_reply", "kernel_info_reply"),
        *("iopub_welcome", "shutdown_reply", "status"),
    }
)
"""What a page gets: neither errors, whose tracebacks have paths of this computer, nor what libraries print."""
CHANNEL: Final = "shell"
CONTROL: Final = "jupyter.widget.control"
"""The comm that a page opens to get the list of widgets. Only the kernel makes widgets."""

LARGEST_MESSAGE: Final = 8_000_000
"""Bytes; a file is sent in a message of its own, and pages send no files of more than a few megabytes."""

PING_SECONDS: Final = 30.0
"""Interval of pings to a page, and how long it has to answer."""

_HEADER, _CONTENT = 0, 3


class PageSocket(PingedSocket, VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """The connection between a page and its kernel."""

    ping_interval = PING_SECONDS
    ping_timeout = PING_SECONDS

    def write_error(self, status_code: int, **_: object) -> None:
        """Write the status alone: Jupyter's page of an error wants files that are not served here."""
        self.finish()


def is_allowed(message: bytes | str) -> bool:
    """Return whether a page may send ``message``, in the format of `jupyter_server_internals.PROTOCOL`."""
    try:
        channel, frames = message_parts(message)
        kind = _part(frames, _HEADER)["msg_type"]
        target = _part(frames, _CONTENT)["target_name"] if kind == "comm_open" else CONTROL
        return bool(channel == CHANNEL and kind in MESSAGES and target == CONTROL)
    except (ValueError, LookupError, TypeError, RecursionError):  # the last: thousands of brackets
        return False


def is_answer(header: bytes) -> bool:
    """Return whether a page gets the kernel's message with this header."""
    try:
        return json.loads(header)["msg_type"] in ANSWERS
    except (ValueError, LookupError, TypeError):
        return False


def _part(frames: Sequence[bytes], number: int) -> Any:
    return json.loads(frames[number])


class PageConnection(FilteredConnection):
    """Forwards the messages of our pages, and drops all others."""

    is_wanted = staticmethod(is_allowed)
    is_for_page = staticmethod(is_answer)


class OwnKernels(Authorizer):
    """A kernel belongs to the browser that reached it first, which is the one that got its page.

    Its id is random and only in that page. If another browser with the same token learns it, it cannot use it.
    """

    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)
        self._owners: dict[str, str] = {}

    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        kernel_id = next(iter([*handler.path_kwargs.values(), *handler.path_args]), "")
        kernels = handler.settings["kernel_manager"]
        if kernel_id not in kernels:
            return True  # nothing to protect; the handler reports that it is gone
        self._owners = {kernel: owner for kernel, owner in self._owners.items() if kernel in kernels}
        return self._owners.setdefault(kernel_id, user.username) == user.username


class EndKernelHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """A page that is left ends its own kernel."""

    auth_resource = "kernels"

    @authenticated
    @authorized
    async def post(self, kernel_id: str) -> None:
        await super().post(kernel_id)
