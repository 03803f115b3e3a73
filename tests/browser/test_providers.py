"""The providers' page by keyboard alone: a new record, its periods with the findings, its keystore, and the list."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import FilePayload, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit
from tests.browser.serving import Serving

NISS, PASSWORD = "79031421872", "Kine-2026"


def cell(texts: Translator, column: str, row: int) -> str:
    return f"{texts.get(column)}, {texts.get('providers.period.number')} {row}"


@pytest.mark.parametrize("language", ["fr", pytest.param("de", marks=pytest.mark.long)])
def test_a_provider_by_keyboard(
    bare: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    keystore = certificate_in(bare.home, PASSWORD)
    texts = Translator(language)
    get = texts.get
    page = visit(bare, locale=f"{language}-BE").open("index", {"lang": language})
    user = Keys(page)

    def said(words: str) -> None:
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)

    user.press(get("index.providers"))
    title(page, get("providers.title"))
    expect(page.get_by_text(get("providers.empty"), exact=True)).to_be_visible()
    check_walk(page, f"providers-{language}-1-empty")

    # a record that lacks its name is not saved, and the focus is led there
    user.press(get("providers.new"))
    title(page, get("providers.new.title"))
    user.type(get("registry.column.first_names"), "Élise")
    user.press(get("providers.save"))
    expect(page.get_by_role("alert")).to_contain_text(get("registry.row.name"))
    check_walk(page, f"providers-{language}-2-nameless")
    page.get_by_role("alert").get_by_role("link").first.press("Enter")
    page.keyboard.type("Vandamme")
    user.type(get("registry.column.niss"), "79.03.14-218.72")
    user.type(get("registry.column.inami"), "5/38861/71/521")
    user.tick(get("registry.type.physiotherapist"))
    page.keyboard.press("Home")
    user.press(get("providers.save"))
    said(get("providers.saved"))
    title(page, "Élise Vandamme")
    expect(page.get_by_text(get("export.state.none"))).to_be_visible()
    check_walk(page, f"providers-{language}-3-identity")

    _periods(page, user, texts)
    check_walk(page, f"providers-{language}-4-periods")

    # the keystore: proposed, opened once, and from then on a green label
    page.get_by_role("button", name=get("providers.part.certificate")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label(keystore.name)).to_be_checked()
    check_walk(page, f"providers-{language}-5-choose")
    user.type(get("providers.keystore.password"), "wrong")
    user.press(get("providers.keystore.assign"))
    expect(page.get_by_role("alert")).to_be_visible()
    user.type(get("providers.keystore.password"), PASSWORD)
    user.press(get("providers.keystore.assign"))
    said(get("providers.keystore.assigned"))
    expect(page.locator(".eh-keylabel.eh-is-ok")).to_be_visible()
    assert page.title() == f"Élise Vandamme – {get('providers.title')}"
    check_walk(page, f"providers-{language}-6-assigned")
    (kept,) = ehtoolkit(bare.home, "provider", "list")["providers"]
    assert kept["keystore"]["file"] == str(keystore)
    assert [(period["start"], period["end"]) for period in kept["periods"]] == [
        ("2020-01-01", "2021-05-31"),
        ("2021-06-01", None),
    ]

    # taken off again; the history remembers
    user.press(get("providers.keystore.remove"))
    said(get("providers.keystore.removed"))
    page.get_by_role("button", name=get("providers.part.history")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".eh-timeline").get_by_text(keystore.name)).to_be_visible()
    check_walk(page, f"providers-{language}-7-history")

    # back to the list, found without its accents, and removed after a question
    user.press(get("providers.close"))
    title(page, get("providers.title"))
    user.type(get("providers.search"), "elise")
    page.keyboard.press("Enter")  # as in every search
    said(get("providers.found", count=1))
    check_walk(page, f"providers-{language}-8-list")
    user.press("Vandamme Élise")
    title(page, "Élise Vandamme")
    user.press(get("providers.remove"))
    expect(page.get_by_text(get("providers.remove.sure", name="Élise Vandamme"))).to_be_visible()
    page.get_by_role("button", name=get("providers.remove.yes")).press("Enter")
    title(page, get("providers.title"))
    assert ehtoolkit(bare.home, "provider", "list") == {"providers": []}
    assert keystore.is_file()

    # a table: what is wrong with it first, then it is imported
    table = "Nom;NISS;Début;Type\nPeeters;80010112345;1/2/2020;Arts\nLegrand;1;31/02/2020;Arts\n"
    file: FilePayload = {"name": "list.csv", "mimeType": "text/csv", "buffer": table.encode("cp1252")}
    page.locator(".eh-drop input[type=file]").set_input_files(file)
    expect(page.locator(".eh-panel.eh-is-warn")).to_contain_text(
        get("providers.import.read", count=1, refused=1)
    )
    check_walk(page, f"providers-{language}-9-import")
    page.get_by_role("button", name=get("providers.import.go", count=1)).press("Enter")
    said(get("providers.import.done", added=1, changed=0, unchanged=0))
    expect(page.get_by_role("rowheader", name="Peeters")).to_be_visible()


@pytest.fixture(scope="module")
def registered(bare_demo: Serving) -> Serving:
    """A record with periods that overlap, whose keystore a renewal has replaced: the newer one lies beside it. No test
    changes it."""
    bare_demo.put_back()
    keystore = certificate_in(bare_demo.home, PASSWORD)
    newer = keystore.with_name(f"{keystore.name.partition(' ')[0]} 21991231-120000.p12")
    shutil.copy(keystore, newer)
    periods = (
        Period("physiotherapist", date(2015, 9, 1), date(2021, 6, 30), "53886171521", Conventioned.NO),
        Period("physiotherapist", date(2021, 6, 1), None, "53886171521", Conventioned.YES),
    )
    elise = Provider(
        "Vandamme", "Élise", niss=NISS, inami="53886171521", types=("physiotherapist",), periods=periods
    )
    with open_registry(load_settings(home=bare_demo.home)) as registry:
        registry.assign(registry.add(elise).id or 0, Assignment(str(keystore)))
    return bare_demo


@pytest.mark.parametrize("language", [pytest.param("nl", marks=pytest.mark.long), "en"])
def test_a_record_by_its_address_and_a_newer_keystore(
    registered: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    get = Translator(language).get
    query = {"lang": language, "provider": "1", "part": "periods"}
    page = visit(registered, locale=f"{language}-BE").open("providers", query)
    user = Keys(page)
    title(page, "Élise Vandamme")
    overlap, table = page.locator(".eh-finding.eh-is-warn"), page.get_by_role("table")
    expect(overlap).to_have_count(1)
    beside, periods = overlap.bounding_box(), table.bounding_box()
    assert beside is not None
    assert periods is not None
    assert beside["x"] > periods["x"] + periods["width"]  # beside the periods, not under them
    expect(page.get_by_text(get("providers.proposed.newer"))).to_be_visible()
    check_walk(page, f"providers-{language}-1-periods")
    user.press(get("providers.proposed.go"))
    expect(page.get_by_role("radio", name="21991231")).to_be_checked()
    check_walk(page, f"providers-{language}-2-newer")
    user.press(get("providers.close"))
    title(page, get("providers.title"))
    expect(page.get_by_role("row").filter(has_text=get("providers.proposed.newer"))).to_have_count(1)
    check_walk(page, f"providers-{language}-3-list")


@pytest.fixture(scope="class")
def first_page(registered: Serving, visit_of_class: Callable[..., Visit]) -> Visit:
    window = visit_of_class(registered, locale="en-BE")
    window.open("index", {"lang": "en"})
    return window


class TestFromTheFirstPage:
    """In one window, by links."""

    def test_back_from_a_record_leads_to_the_list_with_its_search(self, first_page: Visit) -> None:
        get, page = Translator("en").get, first_page.page
        user = Mouse(page)
        user.press(get("index.providers"))
        title(page, get("providers.title"))
        search = page.get_by_label(get("providers.search"))
        search.fill("elise")
        user.press(get("providers.search.go"))
        expect(page.get_by_role("status").filter(has_text=get("providers.found", count=1))).to_have_count(1)
        page.get_by_role("link", name="Vandamme Élise").click()
        title(page, "Élise Vandamme")

        page.go_back()
        title(page, get("providers.title"))
        expect(search).to_have_value("elise")
        expect(page.get_by_role("row")).to_have_count(2)
        page.go_forward()
        title(page, "Élise Vandamme")
        page.reload()
        title(page, "Élise Vandamme")

        user.press(get("providers.close"))
        title(page, get("providers.title"))
        expect(search).to_have_value("elise")
        page.go_back()
        title(page, get("index.title"))

    def test_a_number_that_is_searched_for_is_not_in_the_address(self, first_page: Visit) -> None:
        get = Translator("en").get
        page = first_page.follow("providers", "lang=en&words=elise")
        search = page.get_by_label(get("providers.search"))
        expect(search).to_have_value("elise")

        search.fill("79.03.14-218.72")
        Mouse(page).press(get("providers.search.go"))

        expect(page).to_have_url(re.compile(r"providers\.ipynb\?lang=en$"))
        expect(page.get_by_role("row")).to_have_count(2)

    def test_a_double_click_takes_one_period_away(self, first_page: Visit) -> None:
        get = Translator("en").get
        page = first_page.follow("providers", "lang=en&provider=1&part=periods")
        remove = page.get_by_role("button", name=get("providers.period.remove"))
        expect(remove).to_have_count(2)
        remove.first.dblclick()
        page.get_by_role("button", name=get("providers.period.add")).click()
        said = get("providers.period.added", number=2)
        expect(page.get_by_role("status").filter(has_text=said)).to_have_count(1)
        expect(remove).to_have_count(2)


def _periods(page: Page, user: Keys, texts: Translator) -> None:
    """Two periods that overlap, corrected under the findings' eyes."""
    get = texts.get
    page.get_by_role("button", name=get("providers.part.periods")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("providers.periods.none"))).to_be_visible()
    user.press(get("providers.period.add"))
    page.get_by_label(cell(texts, "registry.column.start", 1)).focus()
    page.keyboard.type("01/01/2020")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("5/38861/71/521")
    user.press(get("providers.period.add"))
    second = page.get_by_label(cell(texts, "registry.column.start", 2))
    second.focus()
    page.keyboard.type("31/02/2021")
    page.keyboard.press("Tab")
    expect(second).to_have_attribute("aria-invalid", "true")
    second.fill("01/06/2021")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("5/38861/71/521")
    page.keyboard.press("Tab")
    overlap = page.locator(".eh-finding.eh-is-warn")
    expect(overlap.first).to_be_visible()
    end = page.get_by_label(cell(texts, "registry.column.end", 1))
    end.fill("31/05/2021")
    page.keyboard.press("Tab")
    expect(overlap).to_have_count(0)
    user.press(get("providers.save"))
    expect(page.get_by_role("status").filter(has_text=get("providers.saved"))).to_have_count(1)
