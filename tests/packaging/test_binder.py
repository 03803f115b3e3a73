"""What Binder does with ``binder/``, as far as that goes without containers.

Its packages into an empty environment, its two scripts, and the page behind jupyter-server-proxy under a prefix, as its
link opens it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import stat
import subprocess
import time
import venv
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import httpx
import psutil
import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version
from playwright.sync_api import expect, sync_playwright

from ehtoolkit.i18n import Translator
from tests.browser.chromium import ARGUMENTS, program
from tests.packaging.checkout import checkout
from tests.packaging.environments import check, create_copied, locked
from tests.support.versions import UV

__all__ = ["checkout"]

BASE = "/user/ehtoolkit-3x7k2m9q/"
LINK = "ehtoolkit/"
"""What stands after ``urlpath=``."""
MEANS = 120
"""Seconds in which servers start, also on a busy computer."""
get = Translator("en").get

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def surroundings(request: pytest.FixtureRequest, checkout: Path) -> dict[str, str]:
    """The variables of an empty environment into which the packages were put: by pip, as Binder does; in the short run,
    those that are here too are copied there (`environments`), and uv checks their versions and fetches the others."""
    folder = checkout.parent / "venv"
    install: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    if request.config.getoption("--all"):
        venv.create(folder, with_pip=True)
    else:
        create_copied(folder, asked_for(checkout / "binder" / "requirements.txt"))
        install = [UV, "pip", "install", "--quiet", "--system-certs", "--python", install[0]]
    given = {name: value for name, value in os.environ.items() if not name.startswith("EHTOOLKIT_")}
    given |= {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(checkout.parent)}
    packages = [*install, "-r", "binder/requirements.txt"]
    # "no" is how pip takes a yes to an option of that name; what is imported is compiled then, and most never is.
    installing = {**given, "PIP_NO_COMPILE": "no"}
    commands: tuple[list[str | Path], ...] = (packages, ["binder/postBuild"])
    for command in commands:
        subprocess.run(command, cwd=checkout, env=installing, check=True, capture_output=True)
    check(folder)
    return given


def asked_for(requirements: Path) -> Iterator[str]:
    """What Binder's packages are called, of those that the tests run with."""
    here = {str(canonicalize_name(distribution.name)) for distribution in distributions()}
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from asked_for(requirements.parent / line.removeprefix("-r "))
        elif (name := re.match(r"[A-Za-z0-9][\w.-]*", line)) and canonicalize_name(name[0]) in here:
            yield name[0]


@pytest.fixture(scope="module")
def link(checkout: Path, surroundings: dict[str, str]) -> Iterator[str]:
    """The address that Binder sends a browser to."""
    token = secrets.token_hex(8)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # What another has set before is not to count.
    given = {**surroundings, "EHTOOLKIT_ENVIRONMENT": "production", "EHTOOLKIT_SHARED": "0"}
    command = ["binder/start", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", f"--ServerApp.base_url={BASE}", f"--IdentityProvider.token={token}"]
    with (checkout.parent / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=checkout, env=given, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}{BASE}"
        wait_for(f"{address}api")
        yield f"{address}{LINK}?token={token}"
        ours = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        server.wait(timeout=MEANS)
        _, alive = psutil.wait_procs(ours, timeout=MEANS)
    assert alive == []


def test_its_packages_are_those_of_the_lock(surroundings: dict[str, str]) -> None:
    listing = ["python", "-m", "pip", "list", "--format=json"]
    listed = subprocess.run(listing, env=surroundings, check=True, capture_output=True, text=True).stdout
    there = {str(canonicalize_name(load["name"])): Version(load["version"]) for load in json.loads(listed)}
    assert {name: there[name] for name in there.keys() - {"ehtoolkit", "pip", "setuptools"}} == locked(
        "binder", here=True
    )


def wait_for(address: str) -> None:
    end = time.monotonic() + MEANS
    while True:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < end, "the Jupyter server does not start"
            time.sleep(0.2)
        else:
            return


def test_one_link_opens_the_training_behind_the_proxy(link: str, checkout: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(1000 * MEANS)
        expect.set_options(timeout=1000 * MEANS)
        page.goto(f"{link}&lang=en")
        expect(page.get_by_text(get("page.shared.note"))).to_be_visible()
        assert page.url == f"{link.partition('?')[0]}index.ipynb?lang=en"
        page.get_by_role("link", name=get("index.request")).first.click()
        page.get_by_role("checkbox").first.wait_for()
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.locator(".eh-actions .eh-primary").click()
        expect(page.get_by_text(get("page.shared.card"), exact=True)).to_be_visible()
        page.get_by_role("button", name=get("steps.card.read")).click()
        expect(page.get_by_role("heading", name=get("steps.card.title"))).to_be_visible()
        browser.close()
    assert not re.search(
        r"token=(?!\[secret\]|\.\.\.)|ERROR|Traceback", (checkout.parent / "server.log").read_text()
    )


def test_the_server_cannot_be_reached_beside_the_proxy(link: str) -> None:
    """Another user of the same computer can enter neither the folder of our socket, nor reach us otherwise; and who
    comes in by the socket has neither the name nor the token."""
    (server,) = [process for process in psutil.process_iter() if is_ours(process)]
    assert [
        connection for connection in server.net_connections("tcp") if connection.status == psutil.CONN_LISTEN
    ] == []
    (place,) = {
        connection.laddr
        for connection in server.net_connections("unix")
        if connection.laddr.endswith("/pages")
    }
    assert stat.S_IMODE(Path(place).parent.stat().st_mode) == 0o700

    path = link.partition("127.0.0.1")[2].partition("/")[2].partition("?")[0]
    with httpx.Client(transport=httpx.HTTPTransport(uds=place), follow_redirects=True) as client:
        for headers in ({}, {"Host": "foreign.example"}, {"Authorization": "token x"}):
            assert client.get(f"http://localhost/{path}index.ipynb", headers=headers).status_code == 421


def is_ours(process: psutil.Process) -> bool:
    """Whether it is the server of the pages that this test's Jupyter server started."""
    try:
        return process.cmdline()[1:4] == ["-m", "ehtoolkit", "demo"] and process.ppid() in {
            child.pid for child in psutil.Process().children()
        }
    except psutil.Error:
        return False
