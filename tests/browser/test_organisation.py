"""A certificate for an organisation through the pages: a listed one by keyboard, a typed one with mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.training import PEOPLE
from tests.browser.form_steps import choose_password, identify, sign
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import PIN, ehtoolkit
from tests.browser.serving import Serving

PASSWORD = "Reagens-2026"
PHARMACY = Identifier("NIHII-PHARMACY", "71452079")


INES, KARL = (
    next(person.person.full_name for person in PEOPLE if person.name == name) for name in ("ines", "karl")
)


def ask(home: Path, *arguments: str) -> None:
    """A request from the command line, so that something is there already."""
    for name, text in (("pin", PIN), ("password", PASSWORD)):
        (home / name).write_text(text)
    done = ehtoolkit(
        home,
        *("certificate", "request", "--accept-terms", "--quiet"),
        *("--pin-file", str(home / "pin"), "--new-password-file", str(home / "password")),
        *("--email", "ines@example.be", "--phone", "+32 9 555 01 42"),
        *arguments,
    )
    assert done["state"] == "waiting"


def test_a_listed_one_by_keyboard_in_german_filled_in_by_the_address(
    serving: Serving, visit: Callable[..., Visit], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(serving.home, "--card", "training:ines", "--organisation", PHARMACY.text)
    get = Translator("de").get
    known = Prefill(
        organisation=PHARMACY,
        application_id="KASSE-1",
        email="ines@example.be",
        phone="+32 9 555 01 42",
        general_email="apotheke@example.be",
        general_phone="+32 9 555 01 43",
    )
    monkeypatch.setenv("EHTOOLKIT_HOME", str(serving.home))  # where the contact data are kept
    query = dict(parse_qsl(known.query()))
    page = visit(serving, locale="de-BE").open("request", {"lang": "de", **query})
    user = Keys(page)

    def arrived(words: str, name: str) -> None:
        title(page, words)
        check(page, f"organisation-de-{name}")

    identify(user, get, lambda key: title(page, get(key)), INES)
    arrived(get("request.who.title"), "who")
    expect(page.get_by_role("radio", name="Pharmacie de l'Été & fils Apotheke")).to_be_checked()
    user.press(get("request.who.missing.some"))
    check(page, "organisation-de-who-missing")
    user.press(get("wizard.next"))
    arrived("Pharmacie de l'Été & fils", "organisation")
    expect(page.get_by_text(get("request.organisation.used.bare"))).to_be_visible()
    expect(page.get_by_label(get("request.organisation.application_id"))).to_have_value("KASSE-1")
    user.press(get("wizard.next"))
    arrived(get("steps.contact.title"), "contact")
    user.press(get("wizard.next"))
    arrived(get("request.check.title"), "check")
    expect(page.get_by_text("NIHII-PHARMACY=71452079,KASSE-1 [Datum-Uhrzeit].p12")).to_be_visible()
    user.press(get("request.check.go"))
    title(page, get("request.sign.title"))
    sign(user, get, "request")
    arrived(get("steps.password.title"), "password")
    choose_password(user, get, PASSWORD)
    arrived(get("request.send.title"), "send")
    user.press(get("request.send.go"))
    arrived(get("request.done.title"), "done")
    assert PASSWORD not in page.content()
    made = sorted(path.name.partition(" ")[0] for path in (serving.home / "training/keystore").glob("*.p12"))
    assert made == ["NIHII-PHARMACY=71452079", "NIHII-PHARMACY=71452079,KASSE-1"]


@pytest.mark.long
def test_a_typed_one_with_mistakes_by_mouse_in_english_with_an_ec_card(
    serving: Serving, visit: Callable[..., Visit], check: Check
) -> None:
    ask(
        serving.home,
        *("--card", "training:ines", "--organisation", PHARMACY.text, "--application-id", "app-1"),
    )
    get = Translator("en").get
    page = visit(serving, locale="en-GB").open("request", {"lang": "en"})
    user = Mouse(page)
    identify(user, get, lambda key: title(page, get(key)), KARL)

    title(page, get("request.who.title"))
    page.locator("summary", has_text=get("request.who.missing.none")).click()
    expect(page.get_by_text("RAE/VTE").first).to_be_visible()
    check(page, "organisation-en-who-none")
    user.choose(get("request.who.organisation"))
    user.press(get("wizard.next"))

    title(page, get("request.organisation.title"))
    check(page, "organisation-en-typed")
    user.press(get("wizard.next"))
    summary = page.get_by_role("alert")
    for missing in ("kind", "number.empty", "name.empty"):
        expect(summary).to_contain_text(get(f"request.block.{missing}"))
    page.get_by_label(get("request.organisation.kind")).select_option("NIHII-PHARMACY")
    expect(page.get_by_text(get("request.organisation.number.length", length=8))).to_be_visible()
    user.type(get("request.organisation.number"), "7-14520-78")
    user.type(get("request.organisation.name"), "Apotheke Sommer")
    user.type(get("request.organisation.application_id"), "été n° 1")
    user.press(get("wizard.next"))
    expect(summary).to_contain_text(get("request.block.number.check_digits"))
    expect(summary).to_contain_text(get("request.block.application_id"))
    check(page, "organisation-en-typed-mistakes")
    user.type(get("request.organisation.number"), "7-14520-79")
    user.type(get("request.organisation.application_id"), "App-1")
    user.press(get("wizard.next"))
    taken = page.get_by_role("textbox", name=get("request.organisation.application_id"))
    expect(taken).to_have_attribute("aria-invalid", "true")
    expect(summary).to_contain_text("APP-1")
    expect(page.get_by_text(get("request.organisation.taken", ids="APP-1"))).to_be_visible()
    check(page, "organisation-en-typed-taken")
    taken.fill("App-2")
    user.press(get("wizard.next"))

    title(page, get("steps.contact.title"))
    for name, value in (
        ("email", "karl@example.be"),
        ("phone", "+32 87 55 01 42"),
        ("general_email", "sommer@example.be"),
        ("general_phone", "+32 87 55 01 43"),
    ):
        page.get_by_label(get(f"steps.contact.{name}"), exact=True).fill(value)
    user.press(get("wizard.next"))
    title(page, get("request.check.title"))
    expect(page.get_by_text("APP-2", exact=True)).to_be_visible()
    user.press(get("request.check.go"))
    title(page, get("request.sign.title"))
    sign(user, get, "request")
    title(page, get("steps.password.title"))
    choose_password(user, get, PASSWORD)
    title(page, get("request.send.title"))
    user.press(get("request.send.go"))
    title(page, get("request.done.title"))
    expect(page.get_by_text(get("request.receipt.person.yes"))).to_be_visible()
    check(page, "organisation-en-done")
