"""The mistakes that are made beside the forms: in the providers' records, in audits, and on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import Mouse, look
from tests.browser.hurried import ELISE, Hurried
from tests.browser.pages import DESK, PHONE
from tests.browser.test_narrow import colour, within

TABLE = "Nom;NISS;N° entreprise;Couleur\nPeeters;80010112345;486132722;bleu\nLegrand;9,00314E+10;;vert\n"
"""As Excel leaves it that has not been told that numbers are texts."""
INAMI = "5/38861/71/521"


@contextmanager
def narrow(page: Page) -> Iterator[None]:
    """A window of 360 pixels, for a while."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    look(page)
    yield
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    look(page)


# ── the provider's record ────────────────────────────────────────────────────────────────────────────────
def entered_in_the_record(life: Hurried, keystore: Path, password: str) -> None:
    """The last page leads to a record of this very person, filled in; what is saved is seen to be saved."""
    life.leads_on("closing.load.record")
    life.user.press(life.get("closing.load.record"))
    life.arrived("providers.new.title")
    expect(life.main).to_contain_text(life.get("providers.filled"))
    name = life.page.get_by_label(life.get("registry.column.name"), exact=True)
    expect(name).to_have_value("VANDAMME ELISE MARIE")  # as on the certificate, in one
    expect(life.page.get_by_label(life.get("registry.column.niss"), exact=True)).to_have_value(
        ELISE.niss.formatted
    )
    life.user.type(life.get("registry.column.name"), ELISE.name)
    life.user.type(life.get("registry.column.first_names"), ELISE.first_names)
    life.user.tick(life.get("registry.type.physiotherapist"))
    life.user.press(life.get("providers.save"))
    life.said(life.get("providers.saved"))
    no_news_after_a_while(life)
    expect(life.page.get_by_label(keystore.name)).to_be_checked()
    life.user.type(life.get("providers.keystore.password"), password)
    life.user.press(life.get("providers.keystore.assign"))
    life.said(life.get("providers.keystore.assigned"))
    expect(life.page.locator(".eh-keylabel.eh-is-ok")).to_be_visible()
    assert life.record()["keystore"]["file"] == str(keystore)


def no_news_after_a_while(life: Hurried) -> None:
    """Neither spoken nor seen any more."""
    expect(life.page.locator("#eh-status")).to_have_text("", timeout=15_000)
    expect(life.page.locator(".eh-said").filter(visible=True)).to_have_count(0)


def cell(life: Hurried, column: str) -> Locator:
    """Of the first period."""
    label = f"{life.get(f'registry.column.{column}')}, {life.get('providers.period.number')} 1"
    return life.page.get_by_label(label, exact=True)


def a_period_with_nothing_in_it(life: Hurried) -> None:
    """Not wrong before it is to be saved; then the error leads into its cell, where a year may have two digits."""
    life.user.press(life.get("providers.part.periods"))
    life.user.press(life.get("providers.period.add"))
    start = cell(life, "start")
    expect(start).to_be_visible()
    expect(life.page.locator("tr.eh-bad")).to_have_count(0)
    life.user.press(life.get("providers.save"))
    wrong = life.get("providers.period.wrong", number=1, reason=life.get("registry.row.start"))
    expect(life.alert).to_contain_text(wrong)
    life.words_are_those_of_the_page()
    life.user.press(wrong)
    expect(start).to_be_focused()
    life.page.keyboard.type("1/2/21")
    life.page.keyboard.press("Tab")
    expect(start).to_have_value("01/02/2021")
    inami = cell(life, "period_inami")
    inami.click() if life.hand is Mouse else inami.focus()
    life.page.keyboard.type(INAMI)
    life.page.keyboard.press("Tab")
    life.user.press(life.get("providers.save"))
    life.said(life.get("providers.saved"))
    (period,) = life.record()["periods"]
    assert period["start"] == "2021-02-01"


def searched_with_enter(life: Hurried) -> None:
    life.user.press(life.get("providers.close"))
    life.arrived("providers.title")
    life.user.type(life.get("providers.search"), ELISE.name.lower())
    life.page.keyboard.press("Enter")
    expect(
        life.page.get_by_role("status").filter(has_text=life.get("providers.found", count=1))
    ).to_have_count(1)
    expect(life.page.get_by_role("rowheader")).to_have_count(1)
    expect(life.page.get_by_role("row").nth(1)).to_contain_text(ELISE.niss.formatted)
    life.words_are_those_of_the_page()


def a_table_as_excel_leaves_it(life: Hurried) -> None:
    """The row whose number is lost is named and left out, so is the column that is not ours; the zero in front that
    Excel took away is put back."""
    file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1252")}
    life.page.locator(".eh-drop input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(life.page.locator(".eh-panel.eh-is-warn")).to_contain_text(
        life.get("providers.import.read", count=1, refused=1)
    )
    column = f" ({life.get('registry.column.niss')})"
    row = life.get("cli.provider.row", line=3, reason=life.get("registry.row.scientific"), column=column)
    expect(life.main).to_contain_text(row)
    expect(life.main).to_contain_text(life.get("cli.provider.passed_over", columns="couleur"))
    life.user.press(life.get("providers.import.go", count=1))
    life.said(life.get("providers.import.done", added=1, changed=0, unchanged=0))
    expect(life.page.get_by_role("rowheader", name="Legrand")).to_have_count(0)


def record_of_today(life: Hurried, keystore: Path) -> None:
    """Found by the search: it has this keystore, and no file of it is missing."""
    life.index()
    life.user.press(life.get("index.providers"))
    life.arrived("providers.title")
    life.user.type(life.get("providers.search"), ELISE.name.lower())
    life.page.keyboard.press("Enter")
    expect(life.page.get_by_role("rowheader")).to_have_count(1)
    life.user.press(life.get("providers.open"))
    look(life.page)
    expect(life.page.locator(".eh-keylabel.eh-is-ok")).to_be_visible()
    life.user.press(life.get("providers.part.history"))
    expect(life.page.locator(".eh-timeline")).to_contain_text(keystore.name)
    assert life.record()["keystore"]["file"] == str(keystore)


# ── narrow, and in the system's colours ──────────────────────────────────────────────────────────────────
def tables_of_a_phone(life: Hurried) -> None:
    """State and buttons of a row are within the window: of a provider, of a person at the trainer's desk."""
    with narrow(life.page):
        row = life.page.get_by_role("row").nth(1)
        within(life.page, row.get_by_role("button", name=life.get("providers.open")))
        within(life.page, row.locator(".eh-tag").last)
    with narrow(life.desk):
        life.desk.bring_to_front()
        for button in life.desk.get_by_role("table").first.get_by_role("button").all()[:2]:
            within(life.desk, button)
    life.page.bring_to_front()


def one_card_in_the_system_s_colours(life: Hurried) -> None:
    """Where one file alone can be chosen, its card is round at every corner, and the step is seen."""
    only = life.page.locator(".eh-choice")
    expect(only).to_have_count(1)
    corners = {colour(only, f"border-{one}-radius") for one in ("top-left", "top-right", "bottom-left")}
    assert len(corners) == 1
    assert corners != {"0px"}
    life.page.emulate_media(forced_colors="active")
    number = life.page.locator(".eh-stepper [aria-current] .eh-step-n")
    assert colour(number, "background-color") != colour(life.page.locator("body"), "background-color")
    life.page.emulate_media(forced_colors="none")


# ── audits ───────────────────────────────────────────────────────────────────────────────────────────────
def audited(life: Hurried, password: str = "") -> None:
    """The audit page, when it has looked at everything; ``password``: that is typed."""
    life.index()
    life.user.press(life.get("index.audit"))
    title_of_the_audit(life)
    if password:
        life.user.press(life.get("audit_page.choose"))
        life.user.type(life.get("audit_page.password"), password)
        life.user.press(life.get("audit_page.start"))
        expect(life.page.get_by_label(life.get("audit_page.password"), exact=True)).to_be_hidden(
            timeout=120_000
        )
        title_of_the_audit(life)


def title_of_the_audit(life: Hurried) -> None:
    expect(life.page.get_by_role("rowheader").first).to_be_visible(timeout=120_000)
    life.arrived("audit_page.title")


def row_of(life: Hurried, file: str) -> Locator:
    """The row of a keystore, which is the only one that is shown."""
    life.user.type(life.get("audit_page.filter.words"), file)
    expect(life.page.get_by_role("rowheader")).to_have_count(1)
    look(life.page)
    life.words_are_those_of_the_page()
    return life.page.get_by_role("row").filter(has_text=file)


def audited_with_the_passwords_of_others(life: Hurried, own: Path) -> None:
    """Those of the demonstration open the invented practices; what they do not open is accused of nothing, and what
    the first page has seen of it is known."""
    audited(life)
    row = row_of(life, own.name)
    expect(row).to_contain_text(life.get("audit_page.state.complete"))
    expect(life.main).to_contain_text(life.get("audit.closed.seen.next"))
    expect(life.main).not_to_contain_text(life.get("finding.password_wrong"))
    with narrow(life.page):
        names = life.page.locator(".eh-chart-names > span")
        within(life.page, names.first)
        within(life.page, names.last)


def a_tile_pressed(life: Hurried) -> None:
    """What it counts is shown alone; pressed again, everything."""
    audited(life)
    tile = life.page.locator(".eh-tile", has_text=life.get("audit_page.state.replaced"))
    count, rows = int(tile.locator("b").inner_text()), life.page.get_by_role("rowheader")
    whole = rows.count()
    assert 0 < count < whole
    for shown in (count, whole):
        tile.click() if life.hand is Mouse else tile.press("Enter")
        expect(rows).to_have_count(shown)


def a_copy_that_broke_off(life: Hurried, of: Path) -> None:
    """It is called so, in words of the page."""
    cut = of.with_name("cut.p12")
    cut.write_bytes(of.read_bytes()[:-400])
    audited(life)
    row_of(life, cut.name)
    expect(life.main).to_contain_text(life.get("finding.damaged_truncated.next"))
    cut.unlink()


def audited_what_was_replaced(life: Hurried, old: Path, new: Path, password: str) -> None:
    """Nobody is to renew it, and nobody to ask for another one."""
    audited(life, password)
    row = row_of(life, old.name)
    expect(row).to_contain_text(life.get("audit_page.state.replaced"))
    for wrong in ("audit_page.state.expired", "audit_page.state.renewable"):
        expect(row).not_to_contain_text(life.get(wrong))
    expect(life.main).to_contain_text(new.name)
    for wrong in ("audit_page.do.request", "audit_page.do.renew"):
        expect(life.main.get_by_role("link", name=life.get(wrong))).to_have_count(0)
