"""What gets past the server with the right cookie: messages of widgets to one's own kernel, and nothing else."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ehtoolkit.voila.access import COOP, HEADERS, WITHOUT_COOP
from ehtoolkit.voila.jupyter_server_internals import PROTOCOL
from ehtoolkit.voila.message_filter import ANSWERS, LARGEST_MESSAGE, PING_SECONDS, is_allowed
from tests.browser.serving import ROOT, Serving

SECONDS = 30.0

pytestmark = pytest.mark.usefixtures("own_loop")


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser as the server sees it: its cookies, and the kernel of the page that it has opened."""

    serving: Serving
    cookie: str
    kernel: str

    @classmethod
    def arrive(cls, serving: Serving) -> Guest:
        cookie = cookies(ask(serving, "GET", serving.url.removeprefix(serving.base)))
        status, headers, body = ask(serving, "GET", "/index.ipynb", cookie)
        found = re.search(r'data-kernel-id="([\w-]+)"', body)
        assert status == 200
        assert found is not None
        return cls(serving, f"{cookie}; {cookies((status, headers, body))}", found[1])

    @property
    def xsrf(self) -> Mapping[str, str]:
        found = re.search(r"_xsrf=([^;]*)", self.cookie)
        assert found is not None
        return {"X-XSRFToken": found[1]}

    def ask(self, method: str, path: str, **headers: str) -> int:
        return ask(self.serving, method, path, self.cookie, **headers)[0]

    async def connect(self, kernel: str, protocol: str | None = PROTOCOL) -> WebSocketClientConnection:
        url = (
            f"ws://127.0.0.1:{self.serving.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        )
        request = HTTPRequest(url, headers={"Cookie": self.cookie, "Origin": self.serving.base})
        return await websocket_connect(request, subprotocols=[protocol] if protocol else None)


def ask(
    serving: Serving, method: str, path: str, cookie: str = "", **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=SECONDS)
    try:
        connection.request(method, path, None, {"Cookie": cookie, "Accept-Language": "en", **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def cookies(answer: tuple[int, http.client.HTTPMessage, str]) -> str:
    return "; ".join(header.partition(";")[0] for header in answer[1].get_all("Set-Cookie", []))


def message(kind: str, content: Mapping[str, Any], channel: str = "shell") -> tuple[str, bytes]:
    """The number of a message, and the message."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": kind, "username": "", "session": "by hand", "version": "5.3"}
    parts = [json.dumps(value).encode() for value in (header, {}, {}, content)]
    return number, serialize_msg_to_ws_v1(parts, channel)


async def received_until(line: WebSocketClientConnection, number: str) -> list[tuple[str, str]]:
    """What the kernel says up to its reply to ``number``: kinds, and what each answers."""
    received = []
    while True:
        said = await asyncio.wait_for(line.read_message(), SECONDS)
        assert isinstance(said, bytes), "the line was closed"
        _, parts = deserialize_msg_from_ws_v1(said)
        kind, parent = json.loads(parts[0])["msg_type"], json.loads(parts[1]).get("msg_id", "")
        received.append((kind, parent))
        if kind == "kernel_info_reply" and parent == number:
            return received


@pytest.fixture(scope="module")
def guests(demo: Serving) -> Iterator[list[Guest]]:
    arrived: list[Guest] = []
    yield arrived
    for guest in arrived:
        guest.ask("POST", f"/voila/api/shutdown/{guest.kernel}", **guest.xsrf)


@pytest.fixture
def guest(demo: Serving, guests: list[Guest]) -> Guest:
    """One for all tests; where they take so long that the server ended his kernel, which no page is connected to,
    another one."""
    if not guests or guests[-1].ask("GET", f"/api/kernels/{guests[-1].kernel}") != 200:
        guests.append(Guest.arrive(demo))
    return guests[-1]


def on_a_line(guest: Guest, talk: Callable[[WebSocketClientConnection], Awaitable[None]]) -> None:
    async def run() -> None:
        line = await guest.connect(guest.kernel)
        try:
            await talk(line)
        finally:
            await hang_up(line)

    asyncio.run(run())


async def hang_up(line: WebSocketClientConnection) -> None:
    """Close, and wait for it."""
    line.close()
    with suppress(TimeoutError):
        while await asyncio.wait_for(line.read_message(), SECONDS) is not None:
            pass


def test_no_message_but_those_of_widgets_reaches_a_kernel(guest: Guest, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')"
    run = {
        "code": code,
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
    }
    refused = [
        message(kind, content, channel)
        for channel in ("shell", "control", "stdin", "iopub")
        for kind, content in (
            ("execute_request", run),
            ("inspect_request", {"code": code, "cursor_pos": 1}),
            ("complete_request", {"code": code, "cursor_pos": 1}),
            ("history_request", {"hist_access_type": "tail", "n": 9, "output": True, "raw": True}),
            ("is_complete_request", {"code": code}),
            ("input_reply", {"value": code}),
            ("debug_request", {"type": "request", "command": "initialize", "seq": 1}),
            ("create_subshell_request", {}),
            ("usage_request", {}),
            ("interrupt_request", {}),
            ("shutdown_request", {"restart": False}),
            ("comm_open", {"comm_id": "1", "target_name": "jupyter.widget", "data": {"state": {}}}),
            ("comm_open", {"comm_id": "2", "target_name": "os", "target_module": "os", "data": {}}),
        )
    ]

    async def talk(line: WebSocketClientConnection) -> None:
        for _, content in refused:
            await line.write_message(content, binary=True)
        await line.write_message(b"\xff" * 64, binary=True)
        await line.write_message(json.dumps({"header": {"msg_type": "execute_request"}, "content": run}))
        number, last = message("kernel_info_request", {})
        await line.write_message(last, binary=True)
        answered = {parent for _, parent in await received_until(line, number)}
        assert answered & {number for number, _ in refused} == set()

    on_a_line(guest, talk)
    assert not mark.exists()


def test_a_message_that_fails_sends_nothing_about_the_program_to_the_page(guest: Guest) -> None:
    """Values that no widget takes, for widgets that there are and for one that is not."""

    async def talk(line: WebSocketClientConnection) -> None:
        number, asked = message("comm_info_request", {"target_name": "jupyter.widget"})
        await line.write_message(asked, binary=True)
        comms: list[str] = []
        while not comms:
            said = await asyncio.wait_for(line.read_message(), SECONDS)
            assert isinstance(said, bytes)
            _, parts = deserialize_msg_from_ws_v1(said)
            if json.loads(parts[1]).get("msg_id") == number:
                comms = list(json.loads(parts[3]).get("comms", ()))
        wrong = {
            "value": {"a": []},
            "children": "x",
            "disabled": "x",
            "layout": 3,
            "_model_name": [],
            "rows": None,
        }
        for comm in [*comms[:40], "none"]:
            for data in (
                {"method": "update", "state": wrong},
                {"method": "update"},
                {},
                {"method": "custom"},
            ):
                _, content = message("comm_msg", {"comm_id": comm, "data": data})
                await line.write_message(content, binary=True)
        number, last = message("kernel_info_request", {})
        await line.write_message(last, binary=True)
        texts = b""
        while True:
            said = await asyncio.wait_for(line.read_message(), SECONDS)
            assert isinstance(said, bytes)
            _, parts = deserialize_msg_from_ws_v1(said)
            kind = json.loads(parts[0])["msg_type"]
            assert kind in ANSWERS
            if kind == "kernel_info_reply" and json.loads(parts[1]).get("msg_id") == number:
                break
            texts += said
        for trace in (b"Traceback", b"Error", b"site-packages", str(ROOT).encode()):
            assert trace not in texts

    on_a_line(guest, talk)


def test_the_older_writing_of_messages_is_not_read(guest: Guest) -> None:
    """Otherwise there were two readers of one message, who may not agree on what it is."""
    header = {
        "msg_id": "1",
        "msg_type": "kernel_info_request",
        "username": "",
        "session": "s",
        "version": "5.3",
    }
    plain = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": {}}

    async def run() -> None:
        line = await guest.connect(guest.kernel, protocol=None)
        await line.write_message(json.dumps(plain))
        with suppress(TimeoutError):
            while said := await asyncio.wait_for(line.read_message(), 2.0):
                assert json.loads(str(said))["parent_header"].get("msg_id") != "1"
        await hang_up(line)

    asyncio.run(run())


@pytest.mark.long  # half a minute in which nothing happens
def test_a_line_outlives_the_first_ping(guest: Guest) -> None:
    async def talk(line: WebSocketClientConnection) -> None:
        await asyncio.sleep(PING_SECONDS + 2)
        number, asked = message("kernel_info_request", {})
        await line.write_message(asked, binary=True)
        await received_until(line, number)

    on_a_line(guest, talk)


def test_a_message_that_is_too_large_ends_the_line(guest: Guest) -> None:
    async def talk() -> None:
        line = await guest.connect(guest.kernel)
        with suppress(WebSocketClosedError, StreamClosedError):  # it ends before all of it was sent
            await line.write_message(b"x" * (LARGEST_MESSAGE + 1), binary=True)
        while await asyncio.wait_for(line.read_message(), SECONDS) is not None:
            pass
        with pytest.raises(WebSocketClosedError):
            await line.write_message(b"more", binary=True)
        line.close()

    asyncio.run(talk())


def test_a_request_with_a_large_body_is_not_read(guest: Guest) -> None:
    """Ten gigabytes are refused by what is said of them, before the first of them."""
    connection = http.client.HTTPConnection("127.0.0.1", guest.serving.port, timeout=SECONDS)
    connection.putrequest("POST", f"/voila/api/shutdown/{guest.kernel}")
    connection.putheader("Cookie", guest.cookie)
    connection.putheader("Content-Length", str(10 * 1024**3))
    connection.endheaders()

    assert connection.getresponse().status == 400
    connection.close()


def test_a_kernel_belongs_to_the_browser_that_has_its_page(guest: Guest) -> None:
    """Another browser with the token of the same start, which has learned the kernel's number somehow."""
    path = f"/api/kernels/{guest.kernel}"
    assert guest.ask("GET", path) == 200
    other = Guest.arrive(guest.serving)
    assert other.kernel != guest.kernel

    async def join() -> None:
        with pytest.raises(HTTPClientError) as refused:
            await other.connect(guest.kernel)
        assert refused.value.code == 403

    asyncio.run(join())
    assert other.ask("GET", path) == 403
    assert other.ask("DELETE", path, **other.xsrf) == 403
    assert other.ask("POST", f"/voila/api/shutdown/{guest.kernel}", **other.xsrf) == 403
    assert guest.ask("GET", path) == 200
    assert other.ask("POST", f"/voila/api/shutdown/{other.kernel}", **other.xsrf) == 204
    assert other.ask("GET", f"/api/kernels/{other.kernel}") == 404


def test_another_server_s_cookie_opens_nothing(guest: Guest, bare_demo: Serving) -> None:
    """Cookies are shared by all ports of a computer: the other server gets it, and has no use for it."""
    renamed = guest.cookie.replace(str(guest.serving.port), str(bare_demo.port))

    for cookie in (guest.cookie, renamed):
        status, headers, body = ask(bare_demo, "GET", "/index.ipynb", cookie)
        assert status == 302
        assert headers["Location"].startswith("/login")
        assert "data-kernel-id" not in body


def test_only_a_page_of_ours_can_end_a_kernel(guest: Guest) -> None:
    assert guest.ask("DELETE", f"/api/kernels/{guest.kernel}") == 403
    assert guest.ask("POST", f"/voila/api/shutdown/{guest.kernel}") == 403
    assert guest.ask("GET", f"/api/kernels/{guest.kernel}") == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/kernels",
        "/api/kernels/{kernel}/restart",
        "/api/kernels/{kernel}/interrupt",
        "/api/sessions",
        "/api/terminals",
        "/api/kernelspecs",
        "/api/config/notebook",
        "/voila/execution/{kernel}",
        "/voila/files/{home}/mark.txt",
        "/files/{home}/mark.txt",
        "{home}/mark.txt",
        "/..%2f..%2f{home}/mark.txt",
        "/voila/templates/ehtoolkit/static/../../../../../../../../../..{home}/mark.txt",
        "/voila/templates/ehtoolkit/static/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{home}/mark.txt",
        "/voila/labextensions/..%2f..%2f..%2f..%2f..%2f..%2f..{home}/mark.txt",
        "/voila/static/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{home}/mark.txt",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_interface_and_no_file_of_the_home(guest: Guest, path: str, method: str) -> None:
    there = path.format(kernel=guest.kernel, home=guest.serving.home)
    (guest.serving.home / "mark.txt").write_text("for nobody else", encoding="utf-8")

    status, _, body = ask(guest.serving, method, there, guest.cookie, **guest.xsrf)

    assert status >= 400
    assert "for nobody else" not in body
    assert "Traceback" not in body


@pytest.mark.parametrize(
    ("path", "cookie"),
    [
        ("/index.ipynb", True),
        ("/manual", True),
        ("/manual/request", True),
        ("/manual?q=card", True),
        ("/manual/images/fr/index.webp", True),
        ("/manual/images/fr/index.webp", False),
        ("/nothing", True),
        ("/login", False),
        ("/index.ipynb", False),
        ("/favicon.ico", False),
        ("/voila/templates/ehtoolkit/static/ehtoolkit.css", True),
        ("/api/kernels/{kernel}", True),
        ("/api/kernels/{kernel}", False),
    ],
)
def test_every_answer_carries_the_policy(guest: Guest, path: str, cookie: bool) -> None:
    there = path.format(kernel=guest.kernel)

    status, headers, body = ask(guest.serving, "GET", there, guest.cookie if cookie else "")

    for kernel in re.findall(r'data-kernel-id="([\w-]+)"', body):
        assert guest.ask("POST", f"/voila/api/shutdown/{kernel}", **guest.xsrf) == 204
    assert {name: headers.get_all(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }
    for name, value in COOP.items():
        assert headers.get_all(name, []) == ([] if status in WITHOUT_COOP else [value])


def test_a_refusal_under_a_foreign_name_carries_it_too(guest: Guest) -> None:
    status, headers, _ = ask(guest.serving, "GET", "/", guest.cookie, Host="foreign.example")

    assert status == 421
    assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_everything_listens_on_this_computer_alone(guest: Guest) -> None:
    server = psutil.Process(guest.serving.pid)
    listening = []
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a kernel that ends meanwhile
            found = process.net_connections("inet")
            listening += [connection.laddr for connection in found if connection.status == psutil.CONN_LISTEN]

    assert guest.serving.port in {address.port for address in listening}
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "said",
    [
        message("comm_msg", {"comm_id": "1", "data": {}}),
        message("comm_open", {"comm_id": "1", "target_name": "jupyter.widget.control", "data": {}}),
        message("comm_info_request", {"target_name": "jupyter.widget"}),
    ],
)
def test_what_widgets_need_passes(said: tuple[str, bytes]) -> None:
    assert is_allowed(said[1])


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0" * 8,
        b"\xff" * 80,
        "text",
        serialize_msg_to_ws_v1([b"{}", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"[]", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b'{"msg_type": []}', b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b'{"msg_type": "comm_open"}'], "shell"),
        serialize_msg_to_ws_v1([b'{"msg_type": "comm_open"}', b"{}", b"{}", b"not json"], "shell"),
        message("comm_msg", {}, "control")[1],
        serialize_msg_to_ws_v1([b"[" * 100_000, b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b'{"msg_type": "comm_open"}', b"{}", b"{}", b'{"a":' * 100_000], "shell"),
    ],
)
def test_what_is_no_message_is_dropped(said: bytes | str) -> None:
    assert not is_allowed(said)
