"""A visitor without a browser: fetches a page and the widgets in it, as the page's own scripts would.

What he waits for is the server's part of the wait. A browser beside it takes several times as much of the same
processors to draw what he got.
"""

from __future__ import annotations

import json
import re
import time
from asyncio import sleep
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"
CONTROL = "jupyter.widget.control"
TURN_SECONDS = 0.35
"""After how long a browser that waits for its turn asks again."""
_KERNEL = re.compile(rb'data-kernel-id="([0-9a-f-]+)"|"kernelId": ?"([0-9a-f-]+)"')
_MODEL = re.compile(rb'"model_id": ?"([0-9a-f]+)"')


@dataclass
class Visitor:
    """``base``: scheme, host, port and prefix of the server, without a slash at the end; ``token``: of its start.

    ``answered``, ``waited``: seconds from the address to the page that shows something, and to the widgets of the form.
    """

    base: str
    token: str
    answered: float = 0.0
    waited: float = 0.0
    kernel: str = ""
    states: dict[str, Any] = field(default_factory=dict)
    _cookies: dict[str, str] = field(default_factory=dict)
    _line: WebSocketClientConnection | None = None

    @classmethod
    def of(cls, url: str) -> Visitor:
        """``url``: as the server printed it, with the token."""
        base, _, token = url.partition("/?token=")
        return cls(base, token)

    async def arrive(self) -> None:
        """Exchange the token for a cookie."""
        await self._get(f"{self.base}/?token={self.token}")

    async def open(self, page: str, language: str = "en") -> None:
        """Open the notebook ``page``, wait for a turn where the server asks for it, and read its widgets."""
        begin = time.perf_counter()
        while (answer := await self._get(f"{self.base}/{page}.ipynb?lang={language}")).code == 503:
            self.answered = self.answered or time.perf_counter() - begin
            while json.loads((await self._get(f"{self.base}/turn")).body)["turn"]:
                await sleep(TURN_SECONDS)
        assert answer.code == 200, answer.code
        self.answered = self.answered or time.perf_counter() - begin
        kernel, models = _KERNEL.search(answer.body), _MODEL.findall(answer.body)
        assert kernel is not None, "a page without a kernel"
        self.kernel = (kernel[1] or kernel[2]).decode()
        assert models, "a page without a form"
        await self._read_widgets()
        assert all(model.decode() in self.states for model in models)
        self.waited = time.perf_counter() - begin

    async def leave(self) -> None:
        """End the line, as a browser does that is closed."""
        if self._line is not None:
            self._line.close()
            while await self._line.read_message() is not None:
                pass

    async def _read_widgets(self) -> None:
        address = (
            self.base.replace("http", "ws", 1) + f"/api/kernels/{self.kernel}/channels?session_id=visitor"
        )
        headers = HTTPHeaders({"Cookie": self._cookie(), "Origin": self.base})
        request = HTTPRequest(address, headers=headers)
        self._line = await websocket_connect(request, subprotocols=[PROTOCOL], max_message_size=1_000_000_000)
        comm = uuid4().hex
        opened = {"comm_id": comm, "target_name": CONTROL, "data": {"widgets": None}}
        await self._say("comm_open", opened, metadata={"version": "1.0.0"})
        await self._say("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
        while (said := await self._line.read_message()) is not None:
            assert isinstance(said, bytes)
            _, parts = deserialize_msg_from_ws_v1(said)
            header, content = json.loads(parts[0]), json.loads(parts[3])
            if header["msg_type"] == "comm_msg" and content["comm_id"] == comm:
                self.states = content["data"]["states"]
                return
        raise AssertionError("the server ended the line")

    async def _say(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        header = {
            "msg_id": uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": "visitor",
            "date": "2026-01-01T00:00:00Z",
            "version": "5.3",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": metadata or {},
            "content": content,
            "buffers": [],
        }
        parts = [
            json.dumps(message[name]).encode() for name in ("header", "parent_header", "metadata", "content")
        ]
        assert self._line is not None
        await self._line.write_message(serialize_msg_to_ws_v1(parts, "shell"), binary=True)

    async def _get(self, url: str) -> HTTPResponse:
        request = HTTPRequest(
            url, headers=HTTPHeaders({"Cookie": self._cookie()}), follow_redirects=False, request_timeout=180
        )
        answer = await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)
        for cookie in answer.headers.get_list("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())
