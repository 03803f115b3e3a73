"""Chromium, axe-core, and servers of the pages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import CHROMIUM, DESKTOP, program
from tests.browser.pages import PHONE, Check, Visit, axe, scrolls_sideways, shoot
from tests.browser.serving import Serving
from tests.conftest import NO_SERVICE

collect_ignore_glob = ["notebooks/*"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _need(what: str) -> NoReturn:
    pytest.skip(f"{what} is not here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Stop Chromium after the last browser test in a row: other tests would trip over Playwright's event loop."""
    try:
        return (yield)
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            CHROMIUM.stop()


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """The one of this worker."""
    if program() is None:
        _need("Chromium")
    return CHROMIUM.browser


@pytest.fixture
def own_loop() -> None:
    """For tests with an event loop of their own: before those of the same file that need `chromium`."""
    CHROMIUM.stop()


@pytest.fixture(scope="session")
def axe_script() -> str:
    for folder in (ROOT / ".cache" / "npm" / "node_modules", ROOT / "node_modules"):
        script = folder / "axe-core" / "axe.min.js"
        if script.exists():
            return script.read_text(encoding="utf-8")
    _need("axe-core")


def _shared(folder: Path, **settings: str) -> Iterator[Serving]:
    """A server for all tests of a worker that need one with these settings."""
    serving = Serving.demo(folder / "home", PCSCLITE_CSOCK_NAME=str(NO_SERVICE), **settings)
    yield serving
    assert serving.stop() == 0, "".join(serving.log[-40:])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """``ehtoolkit demo``, for tests that take its home as others have left it."""
    yield from _shared(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def bare_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The same without the invented providers of a demonstration."""
    yield from _shared(tmp_path_factory.mktemp("bare"), EHTOOLKIT_SAMPLE="false")


@pytest.fixture
def serving(demo: Serving) -> Serving:
    """``ehtoolkit demo`` on a home in which nothing is yet (`tests.browser.test_put_back`)."""
    demo.put_back()
    return demo


@pytest.fixture
def bare(bare_demo: Serving) -> Serving:
    """The same without the invented providers of a demonstration."""
    bare_demo.put_back()
    return bare_demo


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Serving]:
    """A server of one test alone, where starting is the subject or what is left of it."""
    serving = Serving.demo(tmp_path / "home")
    yield serving
    assert serving.stop() == 0, "".join(serving.log[-40:])


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
        "growing": "import growing\ngrowing.build()",
        "pressed": "import pressed\npressed.build()",
    }.items():
        other["cells"][0]["source"] = source
        (notebooks / f"{name}.ipynb").write_text(json.dumps(other), encoding="utf-8")
    serving = Serving.folder(notebooks, folder / "home")
    yield serving
    assert serving.stop() == 0, "".join(serving.log[-40:])


def _windows() -> Iterator[Callable[..., Visit]]:
    """Opens a window on a server, without its first page unless it ``lands``; at the end no request may have left for
    another host."""
    visits: list[tuple[Serving, Visit]] = []

    def open_window(serving: Serving, *, lands: bool = False, **options: Any) -> Visit:
        private = "java_script_enabled" in options  # which a profile cannot do for a test alone
        browser = CHROMIUM.browser if private else CHROMIUM.profiles
        window = Visit(browser, serving.url, lands=lands, **options)
        visits.append((serving, window))
        return window

    yield open_window
    try:
        for _, visit in visits:
            visit.close()
    except BaseException:
        CHROMIUM.stop()  # what was broken off in the middle is not used again
        raise
    finally:
        for serving, visit in visits:
            serving.await_end(visit.kernels)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens windows for a test alone."""
    yield from _windows()


@pytest.fixture(scope="class")
def visit_of_class(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens windows that the tests of a class have one after the other, each as the one before has left it."""
    yield from _windows()


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
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        check(page, f"{name}-phone")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")

    return check_both


@pytest.fixture
def check_walk(request: pytest.FixtureRequest, check: Check, check_both: Check) -> Check:
    """The steps of a walk: what they look like in the dark and on a phone, the gallery shows; in the long run the
    walks in further languages do, too."""
    return check_both if request.node.get_closest_marker("long") else check
