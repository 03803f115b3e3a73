"""Chromium, axe-core, and servers of the pages."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.pages import ARGUMENTS, DESK, PHONE, Check, Visit, axe, program, scrolls_sideways, shoot
from tests.browser.serving import Serving

collect_ignore_glob = ["notebooks/*"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _need(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not here")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Gone after the tests of a module: Playwright keeps an event loop running, which others would trip over."""
    path = program()
    if path is None:
        _need("Chromium")
    expect.set_options(timeout=30_000)  # as for actions: a busy computer is slow, not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_script() -> str:
    for folder in (ROOT / ".cache" / "npm" / "node_modules", ROOT / "node_modules"):
        script = folder / "axe-core" / "axe.min.js"
        if script.exists():
            return script.read_text(encoding="utf-8")
    _need("axe-core")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """``ehtoolkit demo`` on a fresh home."""
    serving = Serving.demo(tmp_path_factory.mktemp("demo") / "home")
    yield serving
    assert serving.stop() == 0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """``ehtoolkit demo`` on a home of one test alone."""
    serving = Serving.demo(tmp_path / "home")
    yield serving
    assert serving.stop() == 0


@pytest.fixture(scope="session")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The same server on the notebooks that exist for the tests, and on broken ones."""
    folder = tmp_path_factory.mktemp("proof")
    notebooks = folder / "notebooks"
    shutil.copytree(HERE / "notebooks", notebooks)
    (notebooks / "invalid.ipynb").write_text("{ not a notebook", encoding="utf-8")
    other = json.loads((notebooks / "proof.ipynb").read_text(encoding="utf-8"))
    for name, source in {
        "broken": "raise ValueError('hidden words')",
        # What it shows is on its way for longer than its reply, as on a busy computer.
        "late": "import proof, sys, time\nsys.stdout.flush_timeout = sys.stderr.flush_timeout = 0.1\n"
        "get_ipython().kernel.iopub_thread.schedule(lambda: time.sleep(6))\nproof.build()",
    }.items():
        other["cells"][0]["source"] = source
        (notebooks / f"{name}.ipynb").write_text(json.dumps(other), encoding="utf-8")
    serving = Serving.folder(notebooks, folder / "home")
    yield serving
    assert serving.stop() == 0


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a window on a server; at the end no request may have left for another host."""
    visits = []

    def open_window(serving: Serving, **options: Any) -> Visit:
        visits.append(Visit(chromium, serving.url, **options))
        return visits[-1]

    yield open_window
    for one in visits:
        one.close()


@pytest.fixture
def check(axe_script: str) -> Check:
    """A step as it is shown: pictured, judged by axe, not wider than its window."""

    def check(page: Page, name: str) -> None:
        shoot(page, name)
        assert axe(page, axe_script) == []
        assert not scrolls_sideways(page)

    return check


@pytest.fixture
def check_both(check: Check) -> Check:
    """The same, once in the light on a desk and once in the dark on a phone."""

    def check_both(page: Page, name: str) -> None:
        check(page, name)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark")
        check(page, f"{name}-phone")
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")

    return check_both
