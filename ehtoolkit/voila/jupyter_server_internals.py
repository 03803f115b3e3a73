"""The undocumented parts of jupyter_server that the server of the pages uses, and nothing else of it.

- ``WebSocketMixin.send_ping`` and ``ping_callback``: without them, proxies end idle connections, and a browser that was
  killed keeps its kernel. jupyter-server/jupyter_server#1612, with a fix in #1700.
- ``deserialize_msg_from_ws_v1``: without it, `message_filter` needs a reader of its own, which could understand a
  message differently. No upstream issue found.
- ``handle_outgoing_message`` of ``ZMQChannelsWebsocketConnection``, and its ``session``, which separates the parts of
  a message: without them, what a kernel prints reaches the page. No upstream issue found.
- ``ZMQChannelsWebsocketConnection.channels`` and ``subprotocol``: without them, messages in the older text format are
  forwarded unchecked. No upstream issue found.

`tests/unit/voila/test_jupyter_server_internals.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

PROTOCOL: Final = "v1.kernel.websocket.jupyter.org"
"""The only format of messages that is accepted: the bytes that are checked are the bytes that are forwarded."""
_WORD: Final = 8
"""Bytes of the first number of a message: how many numbers follow."""


class PingedSocket:
    """A mixin that has tornado ping the browser, by the class's ``ping_interval`` and ``ping_timeout`` in seconds.

    jupyter_server pings by itself and counts in milliseconds, which tornado takes for seconds. A timeout that tornado
    accepts, one no longer than the interval, ends every connection at the first ping of jupyter_server.
    """

    ping_callback: Any

    def send_ping(self) -> None:
        """Stop the pings of jupyter_server."""
        if self.ping_callback is not None:
            self.ping_callback.stop()


class FilteredConnection(ZMQChannelsWebsocketConnection):
    """A connection that forwards the messages for which `is_wanted` is true, in the format of `PROTOCOL`, and those of
    the kernel whose header is `is_for_page`."""

    is_wanted: Callable[[bytes | str], bool]
    is_for_page: Callable[[bytes], bool]

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        if self.channels and self.subprotocol == PROTOCOL and self.is_wanted(incoming_msg):
            super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: str, outgoing_msg: list[Any]) -> None:
        _, (_, header, *_) = self.session.feed_identities(outgoing_msg)
        if self.is_for_page(header):
            super().handle_outgoing_message(stream, outgoing_msg)


def message_parts(message: bytes | str) -> tuple[str, Sequence[bytes]]:
    """Return the channel of ``message`` and its parts: header, parent header, metadata, content, buffers.

    Raises ``ValueError``, ``LookupError`` or ``TypeError`` for a malformed message. jupyter_server reads as many
    numbers as the first says, up to 2^64, which would take all memory: such a message is malformed.
    """
    if not isinstance(message, bytes):
        raise ValueError
    if _WORD * (1 + int.from_bytes(message[:_WORD], "little")) > len(message):
        raise ValueError
    channel, frames = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
    return channel, frames
