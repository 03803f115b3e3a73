"""The wheel in an empty environment: its command works from any folder, and somebody who has never seen the pages goes
with them from a request to an active renewed certificate, in every language, by keyboard, and nothing leaves the
computer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.sync_api import Browser, expect, sync_playwright

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.voila.warm_process import FORK_SERVER
from tests.browser import form_steps
from tests.browser.chromium import ARGUMENTS, program
from tests.browser.page_users import Keys, look, title
from tests.browser.pages import Visit
from tests.browser.prepared_homes import CONTACT
from tests.browser.serving import Serving
from tests.packaging.environments import check, create_copied, needed
from tests.support import offline

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Kine-2026"
ALWAYS = "de"
"""The language of the walk that every run has; the others come with the long run."""
NOWHERE = Path("/proc")
"""No user can write a file there, not even an administrator."""
CANDIDATE = os.environ.get("RELEASE_CANDIDATE")
"""A wheel of `docs/release.py` to test in place of one that is built here."""

WATCH = """
import os, sys, offline

def record(line):
    handle = os.open(REACHED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, (line + "\\n").encode())
    os.close(handle)

class Reached(list):
    def append(self, line):
        record("reached " + line)

record("began " + " ".join(sys.orig_argv))
offline._reached = Reached()
"""
"""In every Python process of the program: that it began, and for which other computers it reached, in vain."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source distribution gives, as an index would have both."""
    if CANDIDATE:
        return Path(CANDIDATE)
    folder = tmp_path_factory.mktemp("dist")
    # By the tools of the tests' environment; test_binder builds it with what pyproject.toml asks for, and nothing else.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The ``bin`` of an environment with nothing else in it, in a folder that is called as users call theirs.

    In the short run the wheel says what it requires, and that alone is copied there (`environments`). In the long run
    and for a release, ``uv tool install`` installs it.
    """
    tools = tmp_path_factory.mktemp("empty") / "Programmes d’Élise"
    if request.config.getoption("--all"):
        folder = tools / "ehtoolkit"
        install = [
            sys.executable,
            "-m",
            "uv",
            "tool",
            "install",
            "-q",
            "--system-certs",
            "--python",
            sys.executable,
        ]
        variables = {"UV_TOOL_DIR": str(tools), "UV_TOOL_BIN_DIR": str(tools / "bin")}
        lock = ["--constraints", str(ROOT / "locks" / "program.lock")]
        subprocess.run(
            [*install, *lock, str(wheel)], check=True, capture_output=True, env=os.environ | variables
        )
        assert (tools / "bin" / "ehtoolkit").exists()
        return folder / "bin"
    folder = tools / "venv"
    create_copied(folder, required_by(wheel))
    install = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--no-compile",
        "--no-index",
        "--no-deps",
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    check(folder)
    return folder / "bin"


def required_by(wheel: Path) -> set[str]:
    """What the wheel itself requires, without extras, and what that requires; not what the checkout says."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name_ for name_ in archive.namelist() if name_.endswith(".dist-info/METADATA")]
        about = message_from_bytes(archive.read(name))
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    for text in about.get_all("Requires-Dist", ()):
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found |= {
                str(canonicalize_name(requirement.name)),
                *needed(requirement.name, frozenset(requirement.extras), seen),
            }
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Cabinet d’Élise 2"
    folder.mkdir()
    return folder / "home"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        yield browser
        browser.close()


def run(environment: Path, home: Path, *arguments: str, cwd: Path = NOWHERE) -> dict[str, Any]:
    """What the command says, started in a folder where nothing can be written."""
    done = subprocess.run(
        [str(environment / "ehtoolkit"), *arguments, "--json"],
        cwd=cwd,
        env={**os.environ, "EHTOOLKIT_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_it_carries_what_the_pages_need(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"ehtoolkit/notebooks/{notebook.name}" in names
    for language in LANGUAGES:
        assert f"ehtoolkit/locale/{language}/LC_MESSAGES/error.mo" in names
        for kind in ("staff", "consultants", "trainers", "images"):  # the manual
            for path in (ROOT / "docs" / "guide" / kind / language).iterdir():
                assert f"ehtoolkit/manual/{kind}/{language}/{path.name}" in names
    assert "ehtoolkit/providers/migrations/versions/0001_registry.py" in names
    for name in ("package.json", "static/launcher.js"):
        assert f"ehtoolkit/lab/labextensions/ehtoolkit/{name}" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_the_registry_is_made_by_what_the_wheel_carries(environment: Path, home: Path) -> None:
    assert run(environment, home, "provider", "add", "--name", "Peeters")["name"] == "Peeters"


def test_the_command_and_the_module_are_the_same_program(environment: Path, home: Path) -> None:
    """Also of an environment that has no PyKCS11, which is an extra."""
    module = [str(environment / "python"), "-m", "ehtoolkit"]
    for begin in ([str(environment / "ehtoolkit")], module):
        done = subprocess.run([*begin, "--version"], cwd=NOWHERE, check=True, capture_output=True, text=True)
        assert re.fullmatch(r"ehtoolkit \d+\.\d+\S*\n", done.stdout)
    assert run(environment, home, "card", "show")["niss"] == "79031421872"
    there = subprocess.run([*module[:1], "-c", "import PyKCS11"], cwd=NOWHERE, capture_output=True)
    assert there.returncode == 1


def test_jupyterlab_opens_on_copies_of_its_notebooks(environment: Path, home: Path) -> None:
    folder = home.parent / "notebooks"
    arguments = ["-m", "ehtoolkit", "lab", "--no-browser", "--folder", str(folder)]
    serving = Serving(arguments, home, python=str(environment / "python"), PYTHONPATH="")
    try:
        page = httpx.get(serving.url).raise_for_status().text
        extension = f"{serving.url.partition('/lab?')[0]}/lab/extensions/ehtoolkit/static/launcher.js"
        assert "_JUPYTERLAB" in httpx.get(f"{extension}?{serving.url.partition('?')[2]}").text
    finally:
        assert serving.stop() == 0
    copied = {path.name for path in folder.glob("*.ipynb")}
    assert copied == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert '"path": "forty-practices.ipynb"' in page


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """Settings for a process that notes in ``REACHED`` for which other computers it and its children reach."""
    folder = tmp_path / "watch"
    folder.mkdir()
    shutil.copy(offline.__file__, folder / "offline.py")
    reached = str(tmp_path / "reached")
    # Not from the environment: what kernels are forked from gets of it only what Python needs.
    (folder / "sitecustomize.py").write_text(f"REACHED = {reached!r}\n{WATCH}", encoding="utf-8")
    return {"PYTHONPATH": str(folder), "REACHED": reached}


def test_a_process_that_reaches_out_is_noticed(environment: Path, watched: dict[str, str]) -> None:
    """Else the next test would prove nothing; 192.0.2.1 is nobody's."""
    reach = "import socket; socket.create_connection(('192.0.2.1', 9), 1)"
    subprocess.run(
        [str(environment / "python"), "-c", reach], env={**os.environ, **watched}, capture_output=True
    )
    recorded = Path(watched["REACHED"]).read_text(encoding="utf-8").splitlines()
    assert recorded[1:] == ["reached socket.getaddrinfo 192.0.2.1"]


@pytest.mark.parametrize(
    "language",
    [pytest.param(language, marks=[] if language == ALWAYS else pytest.mark.long) for language in LANGUAGES],
)
def test_a_new_user_can_install_and_request(
    environment: Path, home: Path, watched: dict[str, str], chromium: Browser, language: LanguageName
) -> None:
    """From the address that the demo prints, in a folder that cannot be written, to a renewed certificate in force: by
    keyboard, in the language of the browser; the clock is moved by the command."""
    get = Translator(language).get
    command = str(environment / "ehtoolkit")
    serving = Serving(["demo", "--no-browser"], home, python=command, cwd=str(NOWHERE), **watched)
    visit = Visit(chromium, serving.url, locale=f"{language}-BE")  # refuses every other host
    page, user = visit.page, Keys(visit.page)

    def arrived(key: str) -> None:
        title(page, get(key))
        look(page)

    def later(step: str) -> None:
        run(environment, home, "training", "clock", step)

    def at_home() -> None:
        page.goto(f"{visit.base}/index.ipynb")
        arrived("index.title")

    arrived("index.title")
    expect(page.get_by_text(get("index.due.none"))).to_be_visible()
    user.press(get("index.request"))
    form_steps.request(user, get, arrived, PASSWORD, {"email": CONTACT.email, "phone": CONTACT.phone})
    later("+1d")
    user.press(get("request.next.complete.link"))
    form_steps.complete(user, get, arrived, PASSWORD)
    later("+34mo")
    at_home()
    user.press(get("index.renew"))
    form_steps.renew(user, get, arrived, PASSWORD)
    later("+1d")
    user.press(get("renew.next.complete.link"))
    form_steps.complete(user, get, arrived, PASSWORD, form="complete_renewal")

    at_home()  # the old file is still there
    expect(page.get_by_text(get("index.archive.do")).first).to_be_visible()
    visit.close()
    assert serving.stop() == 0

    old, new = sorted((home / "training" / "keystore").glob("*.p12"))
    secret = home.parent / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    standing = run(environment, home, "certificate", "status", str(new), "--password-file", str(secret))
    assert (standing["state"], standing["next"], standing["checked"]) == ("active", "use", True)
    held = run(environment, home, "training", "certificates")["certificates"]
    assert [(certificate["status"], certificate["token_status"]) for certificate in held] == [
        ("VALID_ACTIVE", "VALID_ACTIVE")
    ] * 2
    assert old.name < new.name
    recorded = Path(watched["REACHED"]).read_text(encoding="utf-8").splitlines()
    assert [line for line in recorded if line.startswith("reached")] == []
    assert any(FORK_SERVER in line for line in recorded), "kernels were not watched"
