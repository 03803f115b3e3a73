"""Request, renewal and audit in Debian's Firefox, on a desk and on a narrow window."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from ehtoolkit.auditing.export.formats import FORMATS
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import open_registry
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import PASSWORD, Workshop, keystore_maker, workshop
from tests.browser import form_steps
from tests.browser.chromium import DESKTOP
from tests.browser.conftest import _need
from tests.browser.firefox import Firefox, Hand, Window, program, running
from tests.browser.pages import PHONE, axe, scrolls_sideways
from tests.browser.prepared_homes import certificate_in, ehtoolkit
from tests.browser.serving import Serving
from tests.forms.practice import keystores, register
from tests.support.proxy import Proxy, proxying, refuse

__all__ = ["keystore_maker", "workshop"]

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

GET: Final = Translator("fr").get
OLD, NEW = "Kine-2026", "Kine-2029"
CONTACT: Final = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}
SIZES: Final = [pytest.param(DESKTOP, id="1280"), pytest.param(PHONE, id="360")]

FOCUSED: Final = "(words) => document.activeElement?.textContent.trim() === words"
FILTERED: Final = """
(words) => document.querySelectorAll("th[scope=row]").length === 1
  && [...document.querySelectorAll("input")].some((field) => field.value === words)
"""

Look = Callable[[str], None]
"""Judges the page that is shown; takes a name for its picture."""


@pytest.fixture(scope="module")
def refused() -> Iterator[Proxy]:
    """The proxy for all other hosts: it refuses every request."""
    with proxying(manner=refuse(503)) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def firefox(refused: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    executable = program()
    if executable is None:
        _need("Firefox")
    with running(executable, tmp_path_factory.mktemp("firefox"), refused.port) as browser:
        yield browser


@pytest.fixture(params=SIZES)
def window(
    request: pytest.FixtureRequest, firefox: Firefox, refused: Proxy, bare: Serving
) -> Iterator[Window]:
    """A tab that is logged in. At the end no request went to another host, and no kernel remains."""
    size = request.param
    window = Window(firefox, size["width"], size["height"])
    window.go(bare.url)
    yield window
    window.leave(bare.base)
    bare.put_back()
    window.close()
    assert firefox.foreign_requests() == []
    assert refused.asked == []
    assert firefox.complaints == []


@pytest.fixture
def look(request: pytest.FixtureRequest, window: Window, axe_script: str) -> Look:
    width = request.node.callspec.id

    def look(name: str) -> None:
        window.shoot(f"firefox-{width}-{name}")
        assert axe(window, axe_script) == []
        assert not scrolls_sideways(window)

    return look


@pytest.fixture
def arrived(window: Window, look: Look) -> Callable[[str], None]:
    def arrived(key: str) -> None:
        window.arrive(GET(key))
        window.until("() => document.activeElement === document.querySelector('h1')")
        look(key)

    return arrived


def test_a_request_to_its_end(
    bare: Serving, window: Window, look: Look, arrived: Callable[[str], None]
) -> None:
    user = Hand(window)
    window.go(f"{bare.base}/index.ipynb?lang=fr")
    look("index")
    user.press(GET("index.request"))

    def passed(key: str) -> None:
        arrived(key)
        if key == "request.sign.title":
            _read_the_contract(window, user, look)
            window.back()
            arrived("request.check.title")
            window.back(-1)
            arrived(key)

    form_steps.request(user, GET, passed, NEW, CONTACT)
    ehtoolkit(bare.home, "training", "clock", "+1d")
    user.press(GET("request.next.complete.link"))
    form_steps.complete(user, GET, arrived, NEW)
    window.back()
    arrived("request.terms.title")


def _read_the_contract(window: Window, user: Hand, look: Look) -> None:
    """In the large window, which gives the focus back when it closes."""
    user.press(GET("steps.sign.large"))
    window.until("() => document.querySelector('dialog[open]')?.contains(document.activeElement)")
    look("contract")
    user.press(GET("steps.sign.large.close"))
    window.until(FOCUSED, GET("steps.sign.large"))


def test_a_renewal_to_the_archive(
    bare: Serving, window: Window, look: Look, arrived: Callable[[str], None]
) -> None:
    old = certificate_in(bare.home, OLD, later="+34mo")
    before = old.read_bytes()
    user = Hand(window)
    window.go(f"{bare.base}/index.ipynb?lang=fr")
    look("index-due")
    user.press(GET("index.renew"))
    form_steps.renew(user, GET, arrived, OLD)
    ehtoolkit(bare.home, "training", "clock", "+1d")
    user.press(GET("renew.next.complete.link"))
    form_steps.complete(user, GET, arrived, OLD, form="complete_renewal")
    user.tick(GET("activate.old.loaded"))
    user.press(GET("activate.old.do"))
    window.shows(GET("activate.old.done"))
    look("archived")
    assert not old.exists()
    assert (old.parent / "archive" / old.name).read_bytes() == before


def test_an_audit_with_a_filter_and_an_export(
    bare: Serving, window: Window, look: Look, workshop: Workshop
) -> None:
    settings = load_settings(home=bare.home)
    files = keystores(workshop, settings.keystores, datetime.now(UTC))
    with open_registry(settings) as registry:
        register(registry, files)
    user = Hand(window)
    window.go(f"{bare.base}/index.ipynb?lang=fr")
    user.press(GET("index.audit"))
    window.arrive(GET("audit_page.title"))
    window.shows(GET("audit_page.closed", count=3))
    user.press(GET("audit_page.choose"))
    user.type(GET("audit_page.password"), PASSWORD.reveal())
    user.press(GET("audit_page.start"))
    window.shows(GET("export.state.renewable"))
    look("audit")
    window.click(".eh-tab", GET("audit_page.part.list"))
    user.press(GET("audit_page.filter"))
    user.type(GET("audit_page.filter.words"), "hennes")
    window.until(FILTERED, "hennes")
    look("audit-filtered")
    user.press(GET("page.home"))
    window.arrive(GET("index.title"))
    window.back()
    window.until(FILTERED, "hennes")
    window.send("browsingContext.reload", wait="complete")
    window.until(FILTERED, "hennes")
    window.click(".eh-tab", GET("audit_page.part.export"))
    file = window.download(lambda: user.press(GET("audit_page.export.csv")))
    assert file.suffix == f".{FORMATS['csv'].ending or 'csv'}"
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")), delimiter=";")
    assert [row["name"] for row in rows if row["name"]] == ["Hennes"]
    look("audit-export")


def test_the_trainer_s_page_and_a_file_for_troubleshooting(
    bare: Serving, window: Window, look: Look, tmp_path: Path
) -> None:
    window.go(f"{bare.base}/trainer.ipynb?lang=fr")
    window.arrive(GET("trainer.title"))
    look("trainer")
    window.go(f"{bare.base}/troubleshoot.ipynb?lang=fr")
    file = tmp_path / "empty.p12"
    file.touch()
    window.choose_files(".eh-drop input[type=file]", file)
    window.shows(GET("troubleshoot.verdict.empty"))
    look("troubleshoot")
