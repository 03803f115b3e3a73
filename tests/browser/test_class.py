"""A class on one server: three browsers, a trainer with the board, and a clock that shows on every open page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.training.lessons.stations import STATIONS
from ehtoolkit.training.state.clock import training_day
from tests.browser.page_users import Keys, Mouse, arrive, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving

SOON = 2_000
"""Milliseconds for what a page asks for once a second."""
NAMES = ("Anna", "Björn <b>2</b>", "Chloé")
get = Translator("en").get


def enter(page: Page, name: str) -> None:
    Keys(page).type(get("lesson.bar.label"), name)
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("lesson.bar.inside", name=name))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def expect_way_back_below(page: Page) -> None:
    """The way back to the first page is not printed over the class."""
    link = page.locator("a.eh-back").bounding_box()
    bar = page.locator(".eh-class").bounding_box()
    assert link is not None
    assert bar is not None
    assert link["y"] >= bar["y"] + bar["height"]


def expect_day(pages: Sequence[Page], serving: Serving) -> None:
    """Wait until every page has the platform's day."""
    day = Translator("en").short_date(training_day(serving.home / "training"))
    for page in pages:
        expect(page.locator("#eh-date")).to_have_text(day, timeout=SOON)


def test_a_class_of_three(bare: Serving, visit: Callable[..., Visit], check: Check) -> None:
    trainer = visit(bare, locale="en-GB").open("trainer", {"lang": "en"})
    user = Mouse(trainer)
    board = trainer.get_by_role("region", name=get("trainer.board"))

    def row(name: str) -> Locator:
        return board.locator("tr", has=trainer.get_by_role("rowheader", name=name))

    windows = [visit(bare, locale="en-GB") for _ in NAMES]
    pages = [window.open("index", {"lang": "en"}) for window in windows]
    expect(pages[0].get_by_label(get("lesson.bar.label"))).to_be_hidden()

    # the class opens, and every open page asks for a name
    user.press(get("trainer.board.open"))
    expect(trainer.get_by_text(get("trainer.board.none")).first).to_be_visible()
    expect(pages[0].get_by_label(get("lesson.bar.label"))).to_be_visible(timeout=SOON)
    check(pages[0], "class-1-name")
    heading = pages[0].get_by_role("heading", level=1)
    Keys(pages[0]).press(get("lesson.bar.later"))
    expect(heading).to_be_focused()
    pages[0].reload()
    enter(pages[0], "Zoë")
    Keys(pages[0]).press(get("lesson.bar.leave"))
    expect(heading).to_be_focused()
    pages[0].reload()
    for page, name in zip(pages, NAMES, strict=True):
        enter(page, name)
        expect(row(name)).to_contain_text(get("page.title.index"), timeout=SOON)

    # each step, and what went wrong
    anna, other = pages[0], pages[1]
    windows[0].follow("request")
    title(anna, get("request.terms.title"))
    expect_way_back_below(anna)
    expect(row(NAMES[0])).to_contain_text(get("request.step.terms"), timeout=SOON)
    expect(row(NAMES[0])).to_contain_text(get("page.title.request"))
    anna.locator(".eh-actions .eh-primary").click()
    sentence = anna.locator(".eh-errors li").inner_text()
    expect(row(NAMES[0])).to_contain_text(sentence, timeout=SOON)
    check(trainer, "class-2-board")
    check(anna, "class-2-inside")
    windows[1].follow("doctor")
    arrive(other, get("doctor.title"))
    expect_way_back_below(other)
    expect(row("Björn")).to_contain_text(get("doctor.title"), timeout=SOON)

    # the clock, by the command and by the page: every open page has the platform's day
    ehtoolkit(bare.home, "training", "clock", "+10d")
    expect_day([*pages, trainer], bare)
    user.press(get("trainer.jump.1d"))
    expect_day([*pages, trainer], bare)
    days = Translator("en").counted("trainer.clock.days", 11)
    expect(trainer.get_by_text(get("trainer.clock.moved", time=days))).to_be_visible()
    expect(other.locator(".eh-caption")).to_contain_text(
        Translator("en").date(training_day(bare.home / "training"))
    )
    expect(anna.locator(".eh-errors li")).to_have_text(sentence)  # what somebody reads stays

    # the next station leads every page on
    for station in ("request", "complete"):
        user.press(get("trainer.board.following", title=get(f"lesson.{station}")))
        for page in pages:
            expect(page.locator(".eh-class a", has_text=get(f"lesson.{station}"))).to_be_visible(timeout=SOON)
    expect_day([*pages, trainer], bare)

    # certificates, and the end: names are gone, also from the pages
    user.press(get("trainer.board.list"))
    table = trainer.get_by_role("region", name=get("trainer.board.certificates"))
    expect(table.locator("tbody tr")).to_have_count(3)
    check(trainer, "class-3-certificates")
    Keys(trainer).press(get("trainer.board.close"))
    for page in pages:
        expect(page.locator(".eh-class")).to_be_hidden(timeout=SOON)
    assert not trainer.get_by_text("Chloé").is_visible()

    # the keyboard is still at the class: the button before it puts the clock back for all
    expect(trainer.get_by_role("button", name=get("trainer.board.open"))).to_be_focused()
    trainer.keyboard.press("Enter")
    first = get("trainer.board.following", title=get(f"lesson.{STATIONS[0].name}"))
    expect(trainer.get_by_role("button", name=first)).to_be_focused()
