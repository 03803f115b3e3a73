"""JupyterHub with its proxy, PostgreSQL and two users, installed as docs/JUPYTERHUB.md says, by the locks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import CHROMIUM
from tests.browser.hub.accounts import MARK, Person, people
from tests.browser.hub.running_hub import ROOT, Hub, hub, interpreter
from tests.browser.pages import Visit
from tests.packaging.checkout import checkout
from tests.support.postgresql import programs, server

__all__ = ["checkout"]

LOCKS = ROOT / "locks"
PROXY = ".cache/npm/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
USERS = ("els-of-ehtoolkit", "tom-of-ehtoolkit")
"""Names that no account has by chance."""

SignIn = Callable[..., Visit]


def _need(there: bool, what: str) -> None:
    if not there:
        pytest.skip(f"{what} is not here")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every account may enter, as those of the tests may not."""
    folder = Path(tempfile.mkdtemp(prefix=MARK))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def accounts() -> bool:
    """Whether each user can have an account of the system."""
    return os.geteuid() == 0 and shutil.which("useradd") is not None and interpreter() is not None


@pytest.fixture(scope="module")
def environment(place: Path, checkout: Path, accounts: bool) -> Path:  # the fixture
    """The folder of the programs of an environment with what the locks say, and ehtoolkit."""
    folder = place / "venv"
    python = interpreter() if accounts else Path(sys.executable)
    subprocess.run([str(python), "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    without = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for command in (
        [*pip, "install", "--quiet", "--require-hashes", "-r", str(LOCKS / "hub.lock")],
        [*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", str(checkout)],
        [*pip, "check"],
    ):
        done = subprocess.run(command, env=without, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


@pytest.fixture(scope="module")
def running(place: Path, environment: Path, accounts: bool) -> Iterator[Hub]:
    """The hub. When it is stopped, nothing is left of it and of its users' servers."""
    proxy, postgresql = ROOT / PROXY, programs()
    _need(proxy.is_file(), "configurable-http-proxy")
    _need(postgresql is not None, "PostgreSQL")
    assert postgresql is not None
    with (
        people(place, *USERS, accounts=accounts) as users,
        server(postgresql) as database,
        hub(place, environment, proxy, users, database) as started,
    ):
        yield started
        ours = psutil.Process(started.process.pid).children(recursive=True)
        assert started.stop() == 0, started.log.read_text()
        _, alive = psutil.wait_procs(ours, timeout=60)
        assert alive == []
        assert [process for user in users.values() for process in user.processes()] == []


@pytest.fixture(scope="module")
def els(running: Hub) -> Person:
    return running.people[USERS[0]]


@pytest.fixture(scope="module")
def tom(running: Hub) -> Person:
    return running.people[USERS[1]]


@pytest.fixture
def sign_in(chromium: Browser, running: Hub) -> Iterator[SignIn]:
    """A window in which a user has signed in at the hub's page; at the end no request may have left for elsewhere."""
    visits: list[Visit] = []

    def sign_in(person: Person, language: str = "en", *, window: Visit | None = None) -> Visit:
        if window is None:
            window = Visit(CHROMIUM.browser, running.url, locale=f"{language}-BE")
            visits.append(window)
        else:
            window.page.goto(running.url)
        window.page.get_by_label("Username:").fill(person.name)
        window.page.get_by_label("Password:").fill("any")
        window.page.get_by_role("button", name="Sign in").click()
        window.base = running.pages(person.name)
        window.page.wait_for_url(f"{window.base}/**", timeout=180_000)
        window.page.wait_for_selector("body:not(:has(#eh-queue)) h1")
        return window

    yield sign_in
    for window in visits:
        window.page.goto("about:blank")  # the page says itself that it is left
        window.close()
