"""The revocation through the pages: from the index, with mistakes, to a new request with what is known filled in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser.form_steps import identify, sign
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import CONTACT, PIN, certificate_in, ehtoolkit
from tests.browser.serving import Serving


@pytest.mark.parametrize("language", short_in("en"))
def test_a_revocation_by_keyboard_with_mistakes_and_on_to_a_new_request(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    keystore = certificate_in(serving.home, "Kine-2026")
    before = keystore.read_bytes()
    get = Translator(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user, summary = Keys(page), page.get_by_role("alert")

    def arrived(key: str) -> None:
        title(page, get(key))
        check_walk(page, f"{language}-{key}")

    def stopped(sentence: str, name: str) -> None:
        expect(summary).to_be_focused()
        expect(summary).to_contain_text(sentence)
        check_walk(page, f"{language}-revoke.{name}")

    user.press(get("index.revoke"))
    arrived("revoke.questions.title")
    user.press(get("wizard.next"))
    stopped(get("revoke.block.looked"), "not-looked")
    user.tick(get("revoke.questions.looked"))
    user.press(get("wizard.next"))
    arrived("revoke.terms.title")
    user.press(get("wizard.next"))
    stopped(get("steps.block.terms"), "not-accepted")
    identify(user, get, arrived)

    arrived("revoke.choose.title")
    expect(page.get_by_role("radio").first).to_be_checked()  # the only one
    expect(page.get_by_text(keystore.name)).to_be_visible()
    user.press(get("revoke.choose.go"))
    stopped(get("revoke.block.reason"), "no-reason")
    user.choose(get("revoke.reason.forgotten"))
    user.press(get("revoke.choose.go"))

    arrived("revoke.sign.title")
    sign(user, get, "revoke", "4321")
    stopped(get("error.pin_wrong", tries_left=2), "wrong-pin")
    expect(page.get_by_text(get("pin.tries.many", left=2))).to_be_visible()
    sign(user, get, "revoke")
    arrived("revoke.done.title")
    assert keystore.read_bytes() == before, "the old file still opens old messages"
    (held,) = ehtoolkit(serving.home, "training", "certificates")["certificates"]
    assert (held["status"], held["revocation_reason"]) == ("REVOKED", "superseded")

    user.press(get("revoke.next.request.link"))
    title(page, get("request.terms.title"))
    identify(user, get, lambda key: title(page, get(key)))
    title(page, get("request.who.title"))
    user.press(get("wizard.next"))
    title(page, get("steps.contact.title"))
    expect(page.get_by_label(get("steps.contact.email"))).to_have_value(CONTACT.email)
    expect(page.get_by_label(get("steps.contact.phone"))).to_have_value(CONTACT.phone)
    check_walk(page, f"{language}-revoke.request")


def test_what_is_revoked_cannot_be_revoked_again(
    serving: Serving, visit: Callable[..., Visit], check_both: Check
) -> None:
    keystore = certificate_in(serving.home, "Kine-2026")
    (serving.home / "pin").write_text(PIN)
    done = ehtoolkit(
        serving.home,
        *("certificate", "revoke", str(keystore), "--reason", "lost", "--accept-terms"),
        *("--pin-file", str(serving.home / "pin")),
    )
    assert done["state"] == "revoked"
    get = Translator("en").get
    page = visit(serving, locale="en-GB").open("revoke", {"lang": "en"})
    user = Keys(page)
    user.tick(get("revoke.questions.looked"))
    user.press(get("wizard.next"))
    title(page, get("revoke.terms.title"))
    identify(user, get, lambda key: title(page, get(key)))
    title(page, get("revoke.choose.title"))
    expect(page.get_by_role("heading", name=get("revoke.none"))).to_be_visible()
    expect(page.get_by_role("button", name=get("revoke.choose.go"))).to_have_count(0)
    user.press(get("revoke.others", count=1))
    expect(page.locator("details")).to_contain_text(f"– {get('revoke.state.revoked')}")
    check_both(page, "en-revoke.nothing")
