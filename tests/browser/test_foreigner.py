"""A request without an identity card, by keyboard with mistakes, to the complete certificate, in every language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.state.invented_people import FOREIGNER, PEOPLE
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving

PASSWORD = "Grenz-2026"
NATIONAL = PEOPLE[0].person.niss.formatted
WRONG = FOREIGNER.niss.digits[:-2] + "00"


@pytest.mark.parametrize("language", short_in("de"))
def test_a_request_by_keyboard_with_mistakes_to_the_complete_certificate(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    get = Translator(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user, summary = Keys(page), page.get_by_role("alert")

    def arrived(key: str) -> None:
        title(page, get(key))
        check_walk(page, f"{language}-{key}")

    def stopped(name: str, *keys: str) -> None:
        expect(summary).to_be_focused()
        for key in keys:
            expect(summary).to_contain_text(get(key))
        check_walk(page, f"{language}-foreigner.{name}")

    user.press(get("index.foreigner"))
    arrived("foreigner.where.title")
    user.press(get("wizard.next"))
    stopped("no-number", "foreigner.block.bis")
    user.tick(get("foreigner.where.has_bis"))
    user.press(get("wizard.next"))

    arrived("foreigner.who.title")
    user.type(get("foreigner.who.niss"), WRONG)
    user.press(get("wizard.next"))
    stopped("mistakes", *(f"foreigner.block.{name}" for name in ("niss", "first_names", "surname")))
    user.type(get("foreigner.who.niss"), NATIONAL)
    user.type(get("foreigner.who.first_names"), FOREIGNER.first_names)
    user.type(get("foreigner.who.surname"), FOREIGNER.name)
    user.press(get("wizard.next"))
    stopped("no-bis", "error.identifier_invalid.not_bis")
    user.type(get("foreigner.who.niss"), FOREIGNER.niss.formatted)
    user.press(get("wizard.next"))

    arrived("steps.contact.title")
    user.type(get("steps.contact.email"), "anaïs@example")
    user.press(get("wizard.next"))
    stopped("no-contact", "error.contact_invalid.accent", "steps.block.phone.empty")
    user.type(get("steps.contact.email"), "anais@example.org")
    user.type(get("steps.contact.phone"), "+33 1 99 00 01 42")
    user.press(get("wizard.next"))
    arrived("foreigner.check.title")
    expect(page.get_by_text(FOREIGNER.niss.formatted)).to_be_visible()
    user.press(get("foreigner.check.go"))
    arrived("steps.password.title")
    user.type(get("steps.password.first"), PASSWORD)
    user.type(get("steps.password.second"), PASSWORD.lower())
    user.press(get("wizard.next"))
    stopped("passwords", "error.passwords_differ")
    user.type(get("steps.password.first"), PASSWORD)
    user.type(get("steps.password.second"), PASSWORD)
    user.press(get("wizard.next"))
    arrived("foreigner.send.title")
    user.press(get("foreigner.send.go"))

    arrived("foreigner.done.title")
    address = page.locator(".eh-panel .eh-mono").inner_text()
    assert "/validation/" in address
    expect(page.get_by_role("link", name=address)).to_have_count(0)  # no network has that host
    expect(page.get_by_text(get("foreigner.confirm.training"))).to_be_visible()
    assert PASSWORD not in page.content()

    user.press(get("foreigner.next.complete.link"))
    title(page, get("complete.choose.title"))
    user.type(get("choosing.password"), PASSWORD)
    user.press(get("choosing.go"))
    title(page, get("complete.work.title"))
    user.press(get("complete.work.go"))
    arrived("complete.wait.title")
    confirmed = ehtoolkit(serving.home, "training", "validate", address)
    ehtoolkit(serving.home, "training", "clock", "+1d")
    user.press(get("complete.wait.go"))
    arrived("complete.done.title")
    (held,) = ehtoolkit(serving.home, "training", "certificates")["certificates"]
    assert (held["key_id"], held["status"]) == (confirmed["key_id"], "VALID_ACTIVE")
    assert held["token_status"] == "VALID_ACTIVE"
