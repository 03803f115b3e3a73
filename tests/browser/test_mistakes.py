"""What a practice does wrong or has refused, in all four languages: telephone numbers as people write them, an address
with a comma, a request that eHealth refuses, and the old file chosen for the activation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from tests.browser.hands import Mouse, title
from tests.browser.lives import certificate_in, renewed_in
from tests.browser.pages import Check, Visit
from tests.browser.serving import Serving
from tests.browser.walks import identify, open_chosen, send

Windows = Callable[..., Visit]
PASSWORD = "Kine-2026"


def refuse_on(serving: Serving) -> None:
    """What a trainer decides about the only request, or a person at eHealth."""
    toolkit = open_toolkit(load_settings(home=serving.home))
    assert toolkit.training is not None
    (held,) = toolkit.training.certificates()
    assert toolkit.training.decide(held.key_id, deliver=False)
    toolkit.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_contact_data_with_mistakes_and_a_request_that_is_refused(
    bare: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    get = Translator(language).get
    window = visit(bare, locale=f"{language}-BE")
    page = window.open("request", {"lang": language})
    user = Mouse(page)

    def arrived(key: str) -> None:
        title(page, get(key))
        check(page, f"mistakes-{language}-{key}")

    arrived("request.terms.title")
    identify(user, get, arrived)
    arrived("request.who.title")
    user.press(get("wizard.next"))

    arrived("steps.contact.title")
    user.type(get("steps.contact.email"), "elise,vandamme@example.be")
    user.type(get("steps.contact.phone"), "12")
    user.press(get("wizard.next"))
    expect(page.get_by_role("alert")).to_contain_text(get("error.contact_invalid.comma"))
    expect(page.get_by_role("alert")).to_contain_text(get("error.contact_invalid.phone"))
    check(page, f"mistakes-{language}-contact-refused")
    user.type(get("steps.contact.email"), "elise.vandamme@example.be")
    user.type(get("steps.contact.phone"), "0475/12.34.56")
    user.press(get("wizard.next"))
    title(page, get("request.check.title"))
    expect(page.get_by_text("0475 12 34 56")).to_be_visible()
    user.press(get("wizard.back"))
    title(page, get("steps.contact.title"))
    expect(page.get_by_label(get("steps.contact.phone"))).to_have_value("0475 12 34 56")
    user.press(get("wizard.next"))
    send(user, get, arrived, "request", PASSWORD)

    page = window.open("complete", {"lang": language})
    open_chosen(user, get, PASSWORD)
    title(page, get("complete.work.title"))
    user.press(get("complete.work.go"))
    title(page, get("complete.wait.title"))
    expect(page.locator("progress:visible")).to_have_count(1)
    refuse_on(bare)
    user.press(get("complete.wait.go"))
    arrived("complete.refused.title")
    expect(page.locator("progress:visible")).to_have_count(0)  # no count-down
    for words in ("complete.wait.go", "complete.cancel"):
        expect(page.get_by_text(get(words))).to_have_count(0)
    expect(page.get_by_role("link", name=get("complete.refused.do"))).to_be_visible()

    first_page_says_refused(window.open("index", {"lang": language}), get)
    first_page_says_refused(window.open("index", {"lang": language}), get)  # also when it is loaded anew
    check(page, f"mistakes-{language}-index")
    page.locator(".eh-due-list").get_by_role("link", name=get("index.request.do")).click()
    arrived("request.terms.title")
    identify(user, get, arrived)
    title(page, get("request.who.title"))
    user.press(get("wizard.next"))
    title(page, get("steps.contact.title"))
    expect(page.get_by_label(get("steps.contact.phone"))).to_have_value("0475 12 34 56")


def first_page_says_refused(page: Page, get: Callable[[str], str]) -> None:
    due = page.locator(".eh-due-list")
    expect(due).to_contain_text(get("index.due.refused.state"))
    expect(due).not_to_contain_text(get("index.complete.do"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_old_file_chosen_for_the_activation(
    bare: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    old = certificate_in(bare.home, PASSWORD, later="+34mo")
    new = renewed_in(bare.home, PASSWORD)
    get = Translator(language).get
    page = visit(bare, locale=f"{language}-BE").open("activate", {"lang": language, "keystore": old.name})
    user = Mouse(page)
    title(page, get("activate.choose.title"))
    open_chosen(user, get, PASSWORD)
    title(page, get("activate.work.title"))
    user.press(get("activate.work.go"))

    title(page, get("activate.old_file.title"))
    check(page, f"mistakes-{language}-activate-old")
    rows = page.get_by_role("main")
    for name in (old.name, new.name):
        expect(rows).to_contain_text(name)
    expect(rows).not_to_contain_text(get("activate.done.title"))

    user.press(get("activate.old_file.activate.do"))
    title(page, get("activate.choose.title"))
    expect(page.locator(".eh-choice", has_text=new.name).locator("input")).to_be_checked()
    open_chosen(user, get, PASSWORD)
    title(page, get("activate.work.title"))
    user.press(get("activate.work.go"))
    title(page, get("activate.done.title"))
    expect(rows).to_contain_text(new.name)
