"""The invented providers of a demonstration: made by the page that needs them, told and made anew on the trainer's."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from ehtoolkit.system.locks import folder_lock
from tests.browser.page_users import Keys, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving


def test_a_demonstration_has_them(serving: Serving, visit: Callable[..., Visit], check: Check) -> None:
    get = Translator("de").get
    page = visit(serving, locale="de-BE").open("index", {"lang": "de"})
    expect(page.get_by_text(get("index.due.none"))).to_be_visible()
    user = Keys(page)
    busy = page.get_by_role("progressbar", name=get("providers.sample.making"))
    with folder_lock(
        load_settings(home=serving.home).training_folder
    ):  # they are not there before this is seen
        user.press(get("index.providers"))
        title(page, get("providers.title"))
        expect(busy).to_be_visible()
    expect(page.get_by_text(get("providers.count", shown=40, count=40))).to_be_visible()
    expect(busy).to_be_hidden()
    expect(page.get_by_role("rowheader")).to_have_count(40)
    check(page, "sample-providers")

    # the learner's own list stays empty
    user.press(get("page.home"))
    title(page, get("index.title"))
    expect(page.get_by_text(get("index.due.none"))).to_be_visible()

    # the trainer's page tells the password, and makes them anew after a question
    user.press(get("index.trainer"))
    title(page, get("trainer.title"))
    expect(page.get_by_text("Training-2026")).to_be_visible()
    ehtoolkit(serving.home, "provider", "remove", "Bertholet", "--yes")
    user.press(get("trainer.sample"))  # the link at the top: the page is long
    user.press(get("trainer.sample.anew"))
    expect(page.get_by_role("button", name=get("trainer.sample.no"))).to_be_focused()
    check(page, "sample-trainer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=get("trainer.sample.done"))).to_have_count(1)
    assert len(ehtoolkit(serving.home, "provider", "list")["providers"]) == 40
