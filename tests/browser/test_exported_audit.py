"""The page that leaves an audit, opened as a file: it needs nothing, and everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ehtoolkit.auditing.export.html import web_page
from ehtoolkit.i18n import Translator
from tests.auditing.conftest import Workshop, workshop
from tests.auditing.practice import audited
from tests.browser.chromium import DESKTOP
from tests.browser.pages import PHONE, axe, scrolls_sideways, shoot
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]


@pytest.fixture(scope="module")
def file(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page")
    with audited(place / "practice", workshop, "fr") as audit:
        (place / "audit.html").write_text(web_page(audit, Translator("fr")), encoding="utf-8")
    return place / "audit.html"


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    """Every request but for the file itself, and every complaint of the browser, fails the test; but what the page's
    policy refuses, which is a test of its own."""
    context = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce")
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert [url for url in asked if "Content Security Policy" not in url] == [file.as_uri()]


def test_light_dark_narrow_and_on_paper(page: Page, axe_script: str) -> None:
    loaded = page.evaluate("performance.getEntriesByType('resource').length")
    assert (page.locator("html").get_attribute("lang"), loaded) == ("fr", 0)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shoot(page, f"exported-audit-{scheme}")
        assert axe(page, axe_script) == []
    page.set_viewport_size(PHONE)
    assert not scrolls_sideways(page)
    page.set_viewport_size({"width": 700, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    assert not scrolls_sideways(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shoot(page, "exported-audit-print")


def test_tables_sort_by_keyboard(page: Page) -> None:
    table = page.get_by_role("region", name="Keystores", exact=True)
    days = table.locator("tbody td:nth-of-type(4)")
    heading = table.get_by_role("columnheader", name="Jours restants")
    assert days.all_inner_texts() == ["−21", "−10", "55", "900", "1157", ""]
    for key, order, found in (
        ("Enter", "ascending", ["−21", "−10", "55", "900", "1157", ""]),
        ("Space", "descending", ["1157", "900", "55", "−10", "−21", ""]),
    ):
        heading.get_by_role("button").press(key)
        assert heading.get_attribute("aria-sort") == order
        assert days.all_inner_texts() == found
    table.get_by_role("columnheader", name="Expire le").get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None


def test_it_sends_nothing_wherever_it_comes_from(page: Page) -> None:
    """The policy holds against what might get in: no script, style or picture but its own."""
    refused = page.evaluate(
        """async () => {
            const told = [];
            document.addEventListener("securitypolicyviolation", (event) => told.push(event.effectiveDirective));
            const image = new Image();
            image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(image, script);
            await new Promise((resolve) => setTimeout(resolve, 200));
            return [...told, String(window.ran)];
        }"""
    )
    assert sorted(refused) == ["img-src", "script-src-elem", "undefined"]


def test_the_search_leaves_what_holds_all_words(page: Page) -> None:
    field = page.get_by_role("searchbox", name="Rechercher")
    rows = page.locator(".eh-report tbody tr")
    whole = rows.count()
    field.fill("VANDAMME elise")
    shown = rows.locator("visible=true")
    assert 0 < shown.count() < whole
    assert all("vandamme" in text.lower() for text in shown.all_inner_texts())
    assert (
        page.locator(".eh-contents output")
        .inner_text()
        .endswith(f" / {whole + page.locator('.eh-finding').count()}")
    )
    field.fill("nobody is called that")
    assert shown.count() == 0
    field.fill("")
    assert shown.count() == whole
    page.get_by_role("link", name="Constats").click()
    assert page.evaluate("document.querySelector(':target').id") == "findings-heading"
