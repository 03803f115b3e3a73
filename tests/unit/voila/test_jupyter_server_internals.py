"""The undocumented parts of jupyter_server are there, and mean what `jupyter_server_internals` takes them for."""

from __future__ import annotations

import inspect
import json
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from ehtoolkit.voila.jupyter_server_internals import (
    PROTOCOL,
    FilteredConnection,
    message_parts,
)
from ehtoolkit.voila.message_filter import PageConnection, PageSocket
from tests.support.jupyter_internals import put_kernel, take_kernel


def test_send_ping_is_what_jupyter_server_calls_by_ping_callback() -> None:
    assert issubclass(VoilaKernelWebsocketHandler, WebSocketMixin)
    opening = inspect.getsource(WebSocketMixin.open)
    assert "self.ping_callback" in opening
    assert "self.send_ping" in opening


def test_our_socket_stops_the_pings_of_jupyter_server() -> None:
    stopped: list[bool] = []
    socket: Any = SimpleNamespace(ping_callback=SimpleNamespace(stop=lambda: stopped.append(True)))
    PageSocket.send_ping(socket)
    assert stopped == [True]
    assert PageSocket.send_ping is not WebSocketMixin.send_ping


def test_a_message_is_read_as_it_was_written() -> None:
    written = [json.dumps({"msg_type": "comm_msg"}).encode(), b"{}", b"{}", b'{"a": 1}', b"buffer"]
    channel, parts = message_parts(serialize_msg_to_ws_v1(written, "shell"))
    assert (channel, list(parts)) == ("shell", written)


@pytest.mark.parametrize("message", [b"", b"\xff" * 8, b"\x01" + bytes(7), "text"])
def test_a_message_that_counts_more_than_it_has_is_malformed(message: bytes | str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        message_parts(message)


@pytest.mark.parametrize(
    ("protocol", "wanted", "handed_on"),
    [(PROTOCOL, True, [b"message"]), (PROTOCOL, False, []), (None, True, []), ("other", True, [])],
)
def test_only_wanted_messages_of_the_protocol_are_handed_on(
    monkeypatch: pytest.MonkeyPatch, protocol: str | None, wanted: bool, handed_on: list[bytes]
) -> None:
    class Connection(FilteredConnection):
        websocket_handler = SimpleNamespace(selected_subprotocol=protocol)

        def is_wanted(self, message: bytes | str) -> bool:
            return wanted

    received: list[bytes] = []
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "handle_incoming_message", lambda _, message: received.append(message)
    )
    connection = Connection()
    connection.channels = {"shell": object()}
    connection.handle_incoming_message(b"message")
    assert received == handed_on


@pytest.mark.parametrize(
    ("kind", "handed_on"), [("comm_msg", True), ("status", True), ("error", False), ("stream", False)]
)
def test_a_page_gets_answers_alone(monkeypatch: pytest.MonkeyPatch, kind: str, handed_on: bool) -> None:
    session = Session(key=b"x")
    frames = session.serialize(session.msg(kind), ident=b"topic")
    received: list[object] = []
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "handle_outgoing_message", lambda *given: received.append(given)
    )
    connection = PageConnection()
    connection.session = session
    connection.handle_outgoing_message("iopub", frames)
    assert len(received) == handed_on


def test_a_connection_without_channels_hands_nothing_on() -> None:
    class Connection(FilteredConnection):
        websocket_handler = SimpleNamespace(selected_subprotocol=PROTOCOL)

        def is_wanted(self, message: bytes | str) -> bool:
            raise AssertionError

    Connection().handle_incoming_message(b"message")


def test_kernels_that_tests_put_are_known_and_counted() -> None:
    manager = AsyncMappingKernelManager()
    put_kernel(manager, "one")
    manager.notify_connect("one")
    assert manager.kernel_model("one")["connections"] == 1
    take_kernel(manager, "one")
    assert "one" not in manager
