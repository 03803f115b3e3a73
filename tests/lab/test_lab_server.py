"""The server of ``ehtoolkit lab``: no configuration file of Jupyter's opens it to other computers or sites."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest
import zmq

from tests.browser.serving import Serving

OTHER_SITE = "https://elsewhere.example"
OPEN = {
    "ip": "0.0.0.0",  # noqa: S104  # what the server must not obey
    "allow_origin": "*",
    "allow_remote_access": True,
    "allow_unauthenticated_access": True,
    "disable_check_xsrf": True,
    "open_browser": True,
    "token": "",
    "tornado_settings": {"headers": {"Access-Control-Allow-Origin": "*"}},
}
FILE = {
    "ServerApp": OPEN,
    "NotebookApp": OPEN,
    "LabApp": {"settings": {"headers": {"Access-Control-Allow-Origin": "*"}, "disable_check_xsrf": True}},
    "IdentityProvider": {"token": "", "cookie_options": {"samesite": "None"}},
    "PasswordIdentityProvider": {"hashed_password": "argon2:x"},
    "KernelManager": {"ip": "0.0.0.0", "transport": "tcp"},  # noqa: S104
}
FILES = ("jupyter_config", "jupyter_server_config", "jupyter_lab_config", "jupyter_notebook_config")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    place = tmp_path_factory.mktemp("lab")
    configuration = place / "user" / ".jupyter"
    configuration.mkdir(parents=True)
    for name in FILES:
        sections = {**FILE, "ServerApp": {**OPEN, "port": free_port()}}
        (configuration / f"{name}.json").write_text(json.dumps(sections))
    browser = place / "browser"
    browser.write_text(f"#!/bin/sh\necho opened > {place / 'opened'}\n")
    browser.chmod(0o700)
    serving = Serving(
        ["-m", "ehtoolkit", "lab", "--no-browser", "--folder", str(place / "notebooks")],
        place / "home",
        HOME=str(place / "user"),
        BROWSER=str(browser),
        JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS="yes",
        JUPYTER_GATEWAY_URL="http://127.0.0.1:9",
    )
    yield serving
    serving.stop()
    assert not (place / "opened").exists(), "--no-browser"


def token(lab: Serving) -> dict[str, str]:
    return {"token": parse_qs(urlsplit(lab.url).query)["token"][0]}


def test_it_listens_on_this_computer_alone_at_the_printed_port(lab: Serving) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(lab.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert lab.port in {address.port for address in listening}


def test_kernels_listen_on_this_computer_alone(lab: Serving) -> None:
    """And their messages are encrypted, as those of pages."""
    site = f"http://127.0.0.1:{lab.port}"
    with httpx.Client(params=token(lab), headers={"Authorization": f"token {token(lab)['token']}"}) as client:
        made = client.post(f"{site}/api/kernels", json={"name": "python3"}, timeout=60)
    assert made.status_code == 201
    (kernel,) = lab.kernels()
    addresses = {connection.laddr.ip for connection in kernel.net_connections("tcp")}
    assert addresses <= {"127.0.0.1"}
    connection = json.loads(Path(kernel.cmdline()[-1]).read_text(encoding="utf-8"))
    assert ("curve_secretkey" in connection) == zmq.has("curve")


def test_other_sites_and_names_get_nothing(lab: Serving) -> None:
    site = f"http://127.0.0.1:{lab.port}"
    with httpx.Client() as browser:
        assert browser.get(f"{site}/lab", params=token(lab)).status_code == 200
        asked = browser.get(f"{site}/api/status", headers={"Origin": OTHER_SITE})
    assert "access-control-allow-origin" not in asked.headers
    assert asked.headers["content-security-policy"].startswith("frame-ancestors 'self'")
    renamed = httpx.get(f"{site}/api/status", params=token(lab), headers={"Host": "elsewhere.example"})
    assert renamed.status_code == 403


def test_without_the_token_nothing_is_answered(lab: Serving) -> None:
    site = f"http://127.0.0.1:{lab.port}"
    for path in ("api/contents", "api/kernels", "lab/api/settings", "lab/api/workspaces"):
        assert httpx.get(f"{site}/{path}").status_code in {302, 403}


def test_a_write_by_cookie_needs_the_xsrf_token(lab: Serving) -> None:
    site = f"http://127.0.0.1:{lab.port}"
    with httpx.Client() as browser:
        assert browser.get(f"{site}/lab", params=token(lab)).status_code == 200
        refused = browser.post(f"{site}/api/kernels", json={}, headers={"Origin": OTHER_SITE})
        assert refused.status_code in {403, 404}
        assert browser.post(f"{site}/api/kernels", json={}).status_code == 403


@pytest.mark.skipif(sys.platform == "win32", reason="another folder of configuration files")
def test_the_files_would_open_a_jupyter_server(lab: Serving) -> None:
    """The files of this test are where Jupyter reads them."""
    from jupyter_core.paths import jupyter_config_path

    assert Path(lab.home.parent / "user" / ".jupyter" / "jupyter_server_config.json").is_file()
    assert any(path.endswith(".jupyter") for path in jupyter_config_path())
