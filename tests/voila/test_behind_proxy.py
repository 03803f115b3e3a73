"""The server that jupyter-server-proxy starts: reached by a socket of its user's alone, and gone with its starter."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from ehtoolkit.voila.server import SOCKET, TOKEN
from ehtoolkit.voila.server_proxy import entry

SECONDS = 100
PREFIX = "/user/els/"
_STARTER = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(1000)"


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[tuple[psutil.Process, dict[str, str], str]]:
    """Who started it, the headers that the proxy sends, and the place of the socket."""
    command_entry = entry()
    rendered = {
        name: text.format(base_url=PREFIX, unix_socket=command_entry["unix_socket"])
        for name, text in command_entry["environment"].items()
    }
    given = {**os.environ, **rendered, "EHTOOLKIT_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-c", _STARTER, *command_entry["command"]]
        process = subprocess.Popen(command, env=given, stdout=log, stderr=log)
    yield psutil.Process(process.pid), command_entry["request_headers_override"], command_entry["unix_socket"]
    ours = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for our in (*ours, process):
        our.kill()
    process.wait()


def test_it_answers_at_its_socket_and_ends_with_who_started_it(
    starter: tuple[psutil.Process, dict[str, str], str], tmp_path: Path
) -> None:
    process, headers, place = starter
    address = f"http://localhost{PREFIX}ehtoolkit/"
    wait_for(place)
    with httpx.Client(transport=httpx.HTTPTransport(uds=place)) as client:
        answer = client.get(address, headers=headers)
        assert answer.headers["Location"] == f"{PREFIX}ehtoolkit/index.ipynb"
        assert client.get(address).status_code == 421
    (server,) = process.children()
    assert [
        connection for connection in server.net_connections("tcp") if connection.status == psutil.CONN_LISTEN
    ] == []
    assert not {TOKEN, SOCKET} & set(variables_of_kernels(server))

    ours = [server, *server.children(recursive=True)]
    process.kill()
    _, alive = psutil.wait_procs(ours, timeout=SECONDS)
    assert alive == []
    assert not Path(place).parent.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "log"}
    assert (tmp_path / "log").read_text() == f"ehtoolkit: {PREFIX}ehtoolkit/\n"


def wait_for(place: str) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + SECONDS
    while True:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(place) == 0:
                return
        assert time.monotonic() < end
        time.sleep(0.1)


def variables_of_kernels(server: psutil.Process) -> Iterator[str]:
    """The names of those that what kernels are forked from was given."""
    for child in server.children(recursive=True):
        yield from child.environ()
