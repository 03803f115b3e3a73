"""Filter messages from page to kernel: widget messages only, to the page's own kernel.

Voila's list of messages has no request to run code; what our pages have no use for goes from it too. What is refused
is not written down: a message that comes late may hold a PIN.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.decorator import authorized
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import authenticated
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

PROTOCOL: Final = "v1.kernel.websocket.jupyter.org"
"""The only writing of messages that is read: what was judged is what is handed on."""

MESSAGES: Final = frozenset(
    {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
)
CHANNEL: Final = "shell"
CONTROL: Final = "jupyter.widget.control"
"""What a page opens, to hear of the widgets that are there. It makes no widgets: the kernel does."""

LARGEST_MESSAGE: Final = 8_000_000
"""Bytes; a file travels in a message of its own, and the page sends none that is larger than a few millions."""

PING_SECONDS: Final = 30.0
"""How often a page is asked whether it is there, and how long it has to answer."""

_HEADER, _CONTENT = 0, 3
_WORD: Final = 8
"""Bytes of the number with which a message begins, which says how many more of them follow."""


class PageSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """The line between a page and its kernel, kept awake through proxies and ended when no answer comes any more.

    Jupyter's own pings count in milliseconds, which tornado takes for seconds; and with a timeout that tornado accepts,
    one as long as the interval, they end every line at the first ping, before it could be answered. So tornado pings.
    """

    ping_interval = PING_SECONDS
    ping_timeout = PING_SECONDS

    def send_ping(self) -> None:
        if self.ping_callback is not None:
            self.ping_callback.stop()

    def write_error(self, status_code: int, **_: object) -> None:
        """Write the status alone: Jupyter's page of an error wants files that are not served here."""
        self.finish()


class PageConnection(ZMQChannelsWebsocketConnection):
    """Hands on what a page of ours says, and drops everything else."""

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        if self.channels and self.subprotocol == PROTOCOL and is_allowed(incoming_msg):
            super().handle_incoming_message(incoming_msg)


def is_allowed(message: bytes | str) -> bool:
    """Return whether a page may send ``message``, in the writing of `PROTOCOL`."""
    if not isinstance(message, bytes) or not _counts_what_it_has(message):
        return False
    try:
        channel, parts = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
        kind = _part(parts, _HEADER)["msg_type"]
        target = _part(parts, _CONTENT)["target_name"] if kind == "comm_open" else CONTROL
        return bool(channel == CHANNEL and kind in MESSAGES and target == CONTROL)
    except (ValueError, LookupError, TypeError, RecursionError):  # the last: thousands of brackets
        return False


def _counts_what_it_has(message: bytes) -> bool:
    """Return whether ``message`` has room for as many numbers as its first says. jupyter_server reads as many as that,
    also 2^64, which takes all memory there is."""
    return _WORD * (1 + int.from_bytes(message[:_WORD], "little")) <= len(message)


def _part(parts: Sequence[bytes], number: int) -> Any:
    return json.loads(parts[number])


class OwnKernels(Authorizer):
    """A kernel belongs to the browser that reached it first, which is the one that got its page.

    Its id is random and stands in that page alone; should it be learned all the same, it is of no use to another
    browser, though that has the token of the same start.
    """

    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)
        self._owners: dict[str, str] = {}

    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        kernel_id = next(iter([*handler.path_kwargs.values(), *handler.path_args]), "")
        kernels = handler.settings["kernel_manager"]
        if kernel_id not in kernels:
            return True  # nothing to protect; the handler says that it is gone
        self._owners = {one: owner for one, owner in self._owners.items() if one in kernels}
        return self._owners.setdefault(kernel_id, user.username) == user.username


class EndKernelHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """A page that is left ends its own kernel."""

    auth_resource = "kernels"

    @authenticated
    @authorized
    async def post(self, kernel_id: str) -> None:
        await super().post(kernel_id)
