"""The audit page on invented practices: by mouse in French, by keyboard alone in the other languages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import openpyxl
import pytest
from playwright.sync_api import Dialog, Page, expect

from ehtoolkit.auditing.export.formats import FORMATS, OF_PAGES
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.auditing.conftest import ELISE, PASSWORD, Workshop, keystore_maker, workshop
from tests.browser.page_users import Keys, look, title
from tests.browser.pages import PHONE, Check, Visit
from tests.browser.serving import Serving
from tests.forms.practice import FAGNE, TILLEULS, keystores, register

__all__ = ["keystore_maker", "workshop"]


@pytest.fixture(scope="module")
def server(bare_demo: Serving) -> Serving:
    """On a home that the tests of this file share: without anything at first."""
    bare_demo.put_back()
    return bare_demo


def fill(home: Path, workshop: Workshop) -> None:
    """The practices of the tests, once."""
    settings = load_settings(home=home)
    if settings.keystores.is_dir() and any(settings.keystores.iterdir()):
        return
    files = keystores(workshop, settings.keystores, datetime.now(UTC))
    with open_registry(settings) as registry:
        register(registry, files)


def fetched(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    file = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def turn(page: Page, get: Callable[..., str], part: str) -> None:
    """Turn to a tab."""
    page.locator(".eh-tab", has_text=get(f"audit_page.part.{part}")).click()


def test_from_nothing_to_the_files_by_mouse(
    server: Serving, visit: Callable[..., Visit], check: Check, workshop: Workshop
) -> None:
    texts = Translator("fr")
    get = texts.get
    window = visit(server, locale="fr-BE")
    page = window.open("index", {"lang": "fr"})

    def press(key: str) -> None:
        page.get_by_role("button", name=get(key), exact=True).click()

    def said(words: str) -> None:
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)

    # nothing there yet: what to do now
    page.get_by_role("link", name=get("index.audit")).click()
    title(page, get("audit_page.title"))
    expect(page.get_by_text(get("audit_page.empty"))).to_be_visible()
    check(page, "audit-fr-1-empty")

    # a folder that is not there is told at its field, the rest is shown
    fill(server.home, workshop)
    folders = page.get_by_label(get("audit_page.folders"))
    folders.fill(f"{folders.input_value()}\n{server.home / 'nowhere'}")
    press("audit_page.start")
    expect(page.locator(".eh-chip").first).to_be_visible()
    expect(folders).to_have_attribute("aria-invalid", "true")
    check(page, "audit-fr-2-folder")
    folders.fill(folders.input_value().splitlines()[0])
    page.get_by_label(get("audit_page.password"), exact=True).fill(PASSWORD.reveal())
    press("audit_page.start")
    expect(page.get_by_text(get("export.state.renewable")).first).to_be_visible()
    expect(page.get_by_text(get("audit_page.closed", count=3))).to_have_count(0)
    check(page, "audit-fr-3-whole")

    # the filters hold for everything
    turn(page, get, "list")
    press("audit_page.filter")
    page.get_by_label(get("audit_page.filter.practice")).select_option(label=FAGNE)
    said(get("audit_page.filtered", shown=1, count=6, findings=3))
    expect(page.get_by_role("rowheader")).to_have_count(1)
    press("audit_page.filter.clear")
    expect(page.get_by_role("rowheader")).to_have_count(6)
    page.get_by_label(get("audit_page.filter.words")).press_sequentially("claire tilleuls")
    said(get("audit_page.filtered", shown=2, count=6, findings=4))
    check(page, "audit-fr-4-filtered")
    press("audit_page.filter.clear")

    # sorted, and sorted the other way
    heading = page.get_by_role("columnheader", name=get("audit_page.column.title"))
    for order, first in (("ascending", "Bram Desmedt"), ("descending", "SSIN=")):
        heading.get_by_role("button").click()
        expect(heading).to_have_attribute("aria-sort", order)
        expect(page.get_by_role("rowheader").first).to_contain_text(first)

    _files(page, texts)
    assert window.complaints == []


def test_what_cannot_be_asked_and_where_to_go_on(
    server: Serving, visit: Callable[..., Visit], check: Check, workshop: Workshop
) -> None:
    fill(server.home, workshop)
    get = Translator("fr").get
    window = visit(server, locale="fr-BE", viewport=PHONE)
    page = window.open("audit", {"lang": "fr"})

    # on a phone the time line comes up at today
    turn(page, get, "timeline")
    expect(page.locator(".eh-chart .today")).to_be_attached()
    page.wait_for_function(
        "() => { const line = document.querySelector('.eh-chart .today').getBoundingClientRect();"
        " return line.left > 0 && line.right < innerWidth; }"
    )
    assert page.locator(".eh-chart .eh-scroll").evaluate("box => box.scrollLeft") > 0

    # a registry that is damaged: told, and the keystores shown without it
    file = load_settings(home=server.home).provider_file
    kept = file.read_bytes()
    file.write_bytes(b"no database")
    try:
        page.get_by_role("button", name=get("audit_page.again")).click()
        expect(page.get_by_text(get("audit_page.without_registry"))).to_be_visible()
        turn(page, get, "list")
        expect(page.get_by_role("rowheader")).to_have_count(5)
        check(page, "audit-fr-5-registry")
    finally:
        file.write_bytes(kept)
    page.get_by_role("button", name=get("audit_page.again")).click()
    expect(page.get_by_text(get("audit_page.without_registry"))).to_have_count(0)

    # a finding leads to the form that does the next step
    turn(page, get, "work")
    page.locator(".eh-finding", has_text="Élise Vandamme").locator("a[href*='part=periods']").first.click()
    title(page, "Élise Vandamme")
    expect(page.locator("[aria-current=true]").filter(has_text=get("providers.part.periods"))).to_be_visible()
    assert window.complaints == []


def _files(page: Page, texts: Translator) -> None:
    """Each file as another program reads it: what the filters leave, no NISS but on demand."""
    get = texts.get
    page.get_by_label(get("audit_page.filter.practice")).select_option(label=TILLEULS)
    expect(page.get_by_role("rowheader")).to_have_count(3)
    turn(page, get, "export")
    found = {}
    for form in OF_PAGES:
        name, found[form] = fetched(page, get(f"audit_page.export.{form}"))
        assert re.fullmatch(rf"audit-\d{{4}}-\d\d-\d\d\.{FORMATS[form].ending or form}", name)
    rows = list(csv.DictReader(io.StringIO(found["csv"].decode("utf-8-sig")), delimiter=";"))
    assert [row["name"] for row in rows if row["name"]] == ["Vandamme", "Noirhomme"]
    assert {load["name"] for load in json.loads(found["json"])["providers"]} == {"Vandamme", "Noirhomme"}
    book = openpyxl.load_workbook(io.BytesIO(found["xlsx"]))
    words = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "Noirhomme" in words
    assert "Hennes" not in words
    assert icalendar.Calendar.from_ical(found["ics"]).walk("VEVENT")
    for content in (*found.values(), "".join(words).encode()):
        assert ELISE.encode() not in content
        assert PASSWORD.reveal().encode() not in content
    page.get_by_label(get("audit_page.export.full")).check()
    _, whole = fetched(page, get("audit_page.export.csv"))
    assert ELISE.encode() in whole


@pytest.mark.parametrize(
    "language", [pytest.param("nl", marks=pytest.mark.long), pytest.param("de", marks=pytest.mark.long), "en"]
)
def test_by_keyboard(
    server: Serving,
    visit: Callable[..., Visit],
    check_walk: Check,
    workshop: Workshop,
    language: LanguageName,
) -> None:
    fill(server.home, workshop)
    get = Translator(language).get
    page = visit(server, locale=f"{language}-BE").open("audit", {"lang": language})
    user = Keys(page)
    expect(page.get_by_role("button", name=get("audit_page.part.list"))).to_be_visible()
    user.press(get("audit_page.choose"))
    expect(page.get_by_label(get("audit_page.folders"))).to_be_visible()
    look(page)
    user.type(get("audit_page.password"), PASSWORD.reveal())
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("export.state.renewable")).first).to_be_visible()
    look(page)
    check_walk(page, f"audit-{language}-1-whole")
    user.press(get("audit_page.part.list"))
    user.press(get("audit_page.filter"))
    user.type(get("audit_page.filter.words"), "hennes")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    user.press(get("audit_page.column.days"))
    expect(page.get_by_role("columnheader", name=get("audit_page.column.days"))).to_have_attribute(
        "aria-sort", "descending"
    )
    user.press(get("audit_page.filter.clear"))
    expect(page.get_by_role("rowheader")).to_have_count(6)
    user.press(get("audit_page.part.export"))
    with page.expect_download() as waiting:
        user.press(get("audit_page.export.ics"))
    assert icalendar.Calendar.from_ical(Path(waiting.value.path()).read_bytes()).walk("VEVENT")


@pytest.fixture(scope="class")
def first_page(server: Serving, visit_of_class: Callable[..., Visit], workshop: Workshop) -> Visit:
    fill(server.home, workshop)
    window = visit_of_class(server, locale="en-BE")
    window.open("index", {"lang": "en"})
    return window


class TestFromTheFirstPage:
    """In one window, by links."""

    def test_back_and_a_reload_keep_the_filters(self, first_page: Visit) -> None:
        get = Translator("en").get
        page = first_page.follow("audit", "lang=en")
        words = page.get_by_label(get("audit_page.filter.words"))
        turn(page, get, "list")
        page.get_by_role("button", name=get("audit_page.filter"), exact=True).click()
        words.press_sequentially("claire tilleuls")
        expect(page).to_have_url(re.compile("words=claire.*part=list"))

        page.get_by_role("link", name=get("page.home"), exact=True).click()
        title(page, get("index.title"))
        page.go_back()
        for reloaded in (False, True):
            if reloaded:
                page.reload()
            title(page, get("audit_page.title"))
            expect(words).to_have_value("claire tilleuls")
            expect(page.get_by_role("rowheader")).to_have_count(2)

    def test_an_audit_that_runs_is_asked_about(self, first_page: Visit) -> None:
        """A link or another language would end it. It looks as it does while the kernel works on a large folder."""
        get = Translator("en").get
        page = first_page.follow("audit", "lang=en")
        expect(page.locator(".eh-jobs h3").first).to_be_visible()
        asked: list[str] = []

        def stay(question: Dialog) -> None:
            asked.append(question.message)
            question.dismiss()

        page.on("dialog", stay)
        bar = page.locator(":has(> .eh-actions .eh-stop)").first
        bar.evaluate("(bar) => bar.classList.add('eh-is-busy')")
        page.get_by_role("link", name=get("page.home"), exact=True).click()
        page.locator(".eh-lang a").first.click()
        assert asked == [get("page.leave.busy")] * 2
        title(page, get("audit_page.title"))

        bar.evaluate("(bar) => bar.classList.remove('eh-is-busy')")
        page.get_by_role("link", name=get("page.home"), exact=True).click()
        title(page, get("index.title"))
        assert len(asked) == 2

    def test_what_was_typed_is_asked_about_and_more_leads_on(self, first_page: Visit) -> None:
        """A password that is typed and not given yet; and nothing fits, which has a way back."""
        get = Translator("en").get
        page = first_page.follow("audit", "lang=en&words=no+file+of+that+name")
        expect(page.get_by_text(get("audit_page.nothing_found"), exact=True)).to_be_visible()
        expect(page.locator(".eh-chart, .eh-tab")).to_have_count(0)
        page.get_by_role("button", name=get("audit_page.filter.clear")).last.click()
        expect(page.locator(".eh-jobs h3").first).to_be_visible()

        page.get_by_role("button", name=get("audit_page.choose")).click()
        page.get_by_label(get("audit_page.password"), exact=True).fill("Kine-2026")
        asked: list[str] = []

        def stay(question: Dialog) -> None:
            asked.append(question.message)
            question.dismiss()

        page.once("dialog", stay)
        page.get_by_role("link", name=get("page.home"), exact=True).click()
        assert asked == [get("page.leave")]
        expect(page.get_by_label(get("audit_page.password"), exact=True)).to_have_value("Kine-2026")
