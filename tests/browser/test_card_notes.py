"""What the card step says of a card that is not quite right: in one place, before the PIN."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.card.profile import RAW_FILES
from tests.browser.page_users import Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving


def read(page: Page, language: LanguageName, name: str) -> None:
    """Up to the card that was read."""
    get, user = Translator(language).get, Mouse(page)
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))
    title(page, get("steps.card.insert.title"))
    page.get_by_label(get("steps.card.training")).select_option(f"training:{name}")
    user.press(get("steps.card.read"))
    title(page, get("steps.card.title"))


def test_an_address_that_was_changed(
    serving: Serving, visit: Callable[..., Visit], check_both: Check
) -> None:
    """A note above the PIN, and the PIN is asked for all the same."""
    ehtoolkit(serving.home, "card", "show", "--card", "training:elise")
    file = serving.home / "training" / "cards" / "elise" / RAW_FILES["address"]
    file.write_bytes(file.read_bytes().replace(b"Pinsons", b"Merles."))
    page = visit(serving).open("request", {"lang": "de"})
    read(page, "de", "elise")
    get = Translator("de").get
    note = page.locator(".eh-panel", has_text=get("steps.card.concerns"))
    expect(note).to_have_count(1)
    expect(note).to_contain_text(get("card.address_forged"))
    expect(page.get_by_label(get("pin.label"))).to_be_visible()
    check_both(page, "card-note-de")


def test_an_old_card_that_is_over(serving: Serving, visit: Callable[..., Visit], check_both: Check) -> None:
    """The problem with the advice for cards of that age, then the rest; no PIN is asked for."""
    page = visit(serving).open("request", {"lang": "nl"})
    read(page, "nl", "rita")
    get = Translator("nl").get
    expect(page.locator(".widget-html-content .eh-is-danger")).to_contain_text("juli 2017")
    expect(page.locator(".eh-panel", has_text=get("steps.card.concerns"))).to_have_count(1)
    expect(page.get_by_label(get("pin.label"))).to_have_count(0)
    check_both(page, "card-note-nl-old")
