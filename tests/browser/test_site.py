"""The documentation: each page can be used by all, search finds what is looked for, and links lead to something."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import ehtoolkit
from docs._ext.finding_catalogues import CATALOGUES
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import Settings
from tests.browser.chromium import DESKTOP
from tests.browser.pages import COLOURS, PHONE, axe, scrolls_sideways
from tests.support.catalogues import ERRORS, messages
from tests.support.commands import COMMANDS

pytestmark = pytest.mark.timeout(480)  # the first test builds the pages

ROOT: Final = Path(__file__).parents[2]
QUESTIONS: Final = ROOT / "tests" / "data" / "questions.csv"
"""Questions of users: the language, what they type into the search, and the page that answers."""
NO_FINDING: Final = {"doctor.ask.nothing"}
"""Texts of a page that have a next step all the same."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "docs" / "build_site.py"), str(folder)]
    without_outputs = {**os.environ, "EHTOOLKIT_DOCS_NOTEBOOKS": "off"}  # nbval runs the notebooks
    subprocess.run(command, check=True, timeout=420, env=without_outputs)
    return folder


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that fails the test when it asks another host or when a script of its own fails."""
    context = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("request", lambda request: complaints.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith("file:")] == []


PAGES: Final = (
    "en/index.html",
    "en/STATES.html",
    "en/CLI.html",
    "en/reference/settings.html",
    "en/reference/columns.html",
    "en/gallery/broken-keystore.html",
    "fr/guide/staff/fr/request.html",
    "nl/guide/consultants/nl/is-it-the-certificate.html",
    "de/start/de.html",
    "nl/search.html?q=keystore",
)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_light_and_dark_and_on_a_phone(
    page: Page, site: Path, axe_script: str, address: str
) -> None:
    page.goto(f"{site.as_uri()}/{address}")
    assert axe(page, axe_script) == []
    page.emulate_media(color_scheme="dark")
    assert axe(page, axe_script, COLOURS) == []
    page.set_viewport_size(PHONE)
    assert not scrolls_sideways(page)


def test_a_diagram_is_drawn(page: Page, site: Path) -> None:
    page.goto(f"{site.as_uri()}/en/STATES.html")
    expect(page.locator("pre.mermaid svg")).to_be_visible()


def test_another_language_shows_the_same_page(page: Page, site: Path) -> None:
    page.goto(f"{site.as_uri()}/fr/guide/staff/fr/renew.html")
    for language, name in (("nl", "Nederlands"), ("de", "Deutsch"), ("en", "English"), ("fr", "Français")):
        page.locator("nav.languages").get_by_role("link", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.url.endswith(f"/{language}/guide/staff/{language}/renew.html")


def test_a_page_without_translation_leads_to_the_first_page(page: Page, site: Path) -> None:
    page.goto(f"{site.as_uri()}/en/CLI.html")
    page.locator("nav.languages").get_by_role("link", name="Nederlands").click()
    assert page.url.endswith("/nl/start/nl.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_answers_the_questions_of_users(page: Page, site: Path, language: str) -> None:
    rows = [line.split(";") for line in QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]]
    asked = [(question, answer) for spoken, question, answer in rows if spoken == language]
    assert len(asked) >= 5
    unanswered = []
    for question, answer in asked:
        page.goto(f"{site.as_uri()}/{language}/search.html?q={question}")
        results = page.locator("#search-results li a")
        expect(page.locator("#search-results p.search-summary")).to_contain_text(re.compile(r"\d|one page"))
        found = [urlsplit(str(link.get_attribute("href"))).path for link in results.all()[:3]]
        if f"{answer}.html" not in found:
            unanswered.append((question, answer, found))
    assert unanswered == []


class Links(HTMLParser):
    """The addresses that a page links to, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors |= {name for name in (values.get("id"), values.get("name")) if name}
        self.addresses |= {address for address in (values.get("href"), values.get("src")) if address}


def test_the_reference_is_complete(site: Path) -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (site / "en" / "reference").iterdir()}
    anchors = {name: Links(text).anchors for name, text in pages.items()}
    names = {f"ehtoolkit.{name}" for name in {*dir(ehtoolkit)} - {"__version__", "errors"}}
    assert names - anchors["python"] - anchors["results"] == set()
    assert {f"ehtoolkit-{words.replace(' ', '-')}" for words in COMMANDS} - anchors["cli"] == set()
    assert {f"envvar-EHTOOLKIT_{name.upper()}" for name in Settings.model_fields} - anchors[
        "settings"
    ] == set()
    assert {key.replace("_", "-") for key in ERRORS} - anchors["errors"] == set()
    keys = {
        name: set(re.findall(r'<td><p><code[^>]*><span class="pre">([\w.-]+)<', text))
        for name, text in pages.items()
    }
    assert {column for row in ROWS.values() for column in row.columns()} - keys["columns"] == set()
    sentences = {key for key in messages("error", "en") if not key.endswith((".next", ".page"))}
    assert {key.removeprefix("error.") for key in sentences} - keys["errors"] == set()
    for domain in CATALOGUES:
        texts = messages(domain, "en")
        found = {key for key in texts.keys() - NO_FINDING if f"{key}.next" in texts}
        assert {key.removeprefix(f"{domain}.") for key in found} - keys["findings"] == set(), domain


def test_every_link_leads_to_a_page_and_an_anchor(site: Path) -> None:
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    dead = []
    for path, links in pages.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchored = (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].anchors
            )
            if not target.exists() or not anchored:
                dead.append((str(path.relative_to(site)), address))
    assert dead == []
    assert len(pages) > 100
