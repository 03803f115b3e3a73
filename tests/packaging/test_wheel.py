"""The wheel, in an empty environment, from another folder: the command works and the demo opens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.pages import ARGUMENTS, program

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``ehtoolkit`` in an environment with nothing else in it."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return folder / "bin" / "ehtoolkit"


def test_it_carries_what_the_pages_need(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"ehtoolkit/notebooks/{notebook.name}" in names
    for language in ("fr", "nl", "de", "en"):
        assert f"ehtoolkit/locale/{language}/LC_MESSAGES/error.mo" in names
    assert "ehtoolkit/providers/migrations/versions/0001_registry.py" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_registry_is_made_by_what_the_wheel_carries(command: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "EHTOOLKIT_HOME": str(tmp_path)}
    add = [str(command), "provider", "add", "--name", "Peeters", "--json"]
    done = subprocess.run(add, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert '"name": "Peeters"' in done.stdout


@pytest.fixture
def demo(command: Path, tmp_path: Path) -> Iterator[str]:
    environment = {**os.environ, "EHTOOLKIT_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(
        [str(command), "demo", "--no-browser"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    match = re.search(r"http://127\.0\.0\.1:\d+/\S*", process.stdout.readline())
    assert match is not None
    yield match.group(0)
    process.terminate()
    process.wait(timeout=15)
    process.stdout.close()


def test_the_demo_opens_from_any_folder(demo: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{demo}&lang=en")
        page.get_by_role("link", name="Request a new certificate").click()
        page.get_by_role("checkbox").wait_for(timeout=30_000)
        browser.close()
