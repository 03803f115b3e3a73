"""What a practice does wrong, or what is done to it: telephone numbers as people write them, an address with a comma, a
request that eHealth refuses, the old file chosen for the activation, an audit of keystores whose password it does not
have, or that were replaced, and a PIN or a password that was not typed. Each walk in one language in the short run, in
another one than the walk before, and in all four in the long run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit import errors
from ehtoolkit.i18n import BRUSSELS, Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.browser.form_steps import identify, open_chosen, send
from tests.browser.languages import short_in
from tests.browser.page_users import Mouse, look, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in
from tests.browser.serving import Serving
from tests.gallery.commands import COMMAND_LINE

Windows = Callable[..., Visit]
PASSWORD = "Kine-2026"


def refuse_on(serving: Serving) -> None:
    """What a trainer decides about the only request, or a person at eHealth."""
    toolkit = open_toolkit(load_settings(home=serving.home))
    assert toolkit.training is not None
    (held,) = toolkit.training.certificates()
    assert toolkit.training.decide(held.key_id, deliver=False)
    toolkit.close()


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("fr"))
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
    help_link = page.get_by_role("alert").get_by_role("link", name=get("helpdesk.title"))
    assert re.search(r"/manual/request$", help_link.get_attribute("href") or "")
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
    counting = get("complete.wait.countdown", left="")
    expect(page.get_by_text(counting)).to_be_visible()
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


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("nl"))
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

    title(page, get("steps.old_file.title"))
    check(page, f"mistakes-{language}-activate-old")
    rows = page.get_by_role("main")
    for name in (old.name, new.name):
        expect(rows).to_contain_text(name)
    expect(rows).not_to_contain_text(get("activate.done.title"))

    user.press(get("steps.old_file.activate.do"))
    title(page, get("activate.choose.title"))
    expect(page.locator(".eh-choice", has_text=new.name).locator("input")).to_be_checked()
    open_chosen(user, get, PASSWORD)
    title(page, get("activate.work.title"))
    user.press(get("activate.work.go"))
    title(page, get("activate.done.title"))
    expect(rows).to_contain_text(new.name)


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("fr"))
def test_the_old_file_chosen_for_the_completion(
    bare: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    old = certificate_in(bare.home, PASSWORD, later="+34mo")
    new = renewed_in(bare.home, PASSWORD)
    get = Translator(language).get
    address = {"lang": language, "keystore": old.name}
    page = visit(bare, locale=f"{language}-BE").open("complete-renewal", address)
    user = Mouse(page)
    title(page, get("complete_renewal.choose.title"))
    open_chosen(user, get, PASSWORD)
    title(page, get("complete.work.title"))
    user.press(get("complete.work.go"))

    title(page, get("steps.old_file.title"))
    check(page, f"mistakes-{language}-complete-old")
    for name in (old.name, new.name):
        expect(page.get_by_role("main")).to_contain_text(name)
    expect(page.get_by_role("main")).not_to_contain_text(get("complete.done.title"))
    user.press(get("steps.old_file.activate.do"))
    title(page, get("activate.choose.title"))
    expect(page.locator(".eh-choice", has_text=new.name).locator("input")).to_be_checked()


# ── audits ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.long
@pytest.mark.parametrize("language", short_in("de"))
def test_an_audit_that_has_the_passwords_of_others(
    serving: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    """Of a demonstration: it opens the invented practices, and accuses nobody of what it cannot open."""
    own = certificate_in(serving.home, PASSWORD)
    get = Translator(language, on_pages=True).get
    window = visit(serving, locale=f"{language}-BE")
    page = audited(window, get, language)
    row = row_of(page, get, own.name)
    expect(row).to_contain_text(get("export.state.closed"))
    page.get_by_role("link", name=get("export.action.open")).first.wait_for()
    turn(page, get, "work")
    main = page.get_by_role("main")
    expect(main).to_contain_text(get("audit.closed", file=own.name))
    expect(main).not_to_contain_text(get("finding.password_wrong"))
    check(page, f"mistakes-{language}-audit-closed")

    # what the first page has seen of it the audit knows, too
    page = window.open("index", {"lang": language})
    user = Mouse(page)
    user.type(get("index.unlock.password"), PASSWORD)
    user.press(get("index.unlock.do"))
    expect(page.get_by_role("button", name=get("index.unlock.do"))).to_have_count(0)
    page = audited(window, get, language)
    row = row_of(page, get, own.name)
    expect(row).to_contain_text("VANDAMME ELISE")
    expect(row).not_to_contain_text(get("export.state.closed"))
    turn(page, get, "work")
    expect(page.get_by_role("main")).to_contain_text(get("audit.closed.seen.next"))
    expect(page.get_by_role("main")).not_to_contain_text(get("finding.password_wrong"))


@pytest.mark.parametrize("language", short_in("en"))
def test_an_audit_of_what_was_replaced(
    bare: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    """Also once the old certificate has expired: nobody is to renew it, and nobody to ask for another one."""
    old = certificate_in(bare.home, PASSWORD, later="+34mo")
    new = renewed_in(bare.home, PASSWORD)
    get = Translator(language, on_pages=True).get
    window = visit(bare, locale=f"{language}-BE")
    for later in ("+1d", "+4mo"):
        ehtoolkit(bare.home, "training", "clock", later)
        page = audited(window, get, language, PASSWORD)
        turn(page, get, "list")
        row = page.get_by_role("row").filter(has_text=old.name)
        expect(row).to_contain_text(get("export.state.replaced"))
        for wrong in ("export.state.expired", "export.state.renewable"):
            expect(row).not_to_contain_text(get(wrong))
        turn(page, get, "work")
        main = page.get_by_role("main")
        expect(main).to_contain_text(get("audit.replaced", file=old.name, newer=new.name))
        for wrong in ("export.action.request", "export.action.renew"):
            expect(main.get_by_role("link", name=get(wrong))).to_have_count(0)
        # the time line: what is in force, and no word of an end beside it
        turn(page, get, "timeline")
        chart = page.locator(".eh-chart .eh-scroll > svg").first
        expect(chart).to_contain_text(get("export.timeline.until", date=end_of(new)))
        expect(chart).not_to_contain_text(get("export.timeline.over", date=end_of(old)))
        check(page, f"mistakes-{language}-audit-replaced")


def audited(window: Visit, get: Callable[..., str], language: LanguageName, password: str = "") -> Page:
    """The audit page, when it has looked at everything."""
    page = window.open("audit", {"lang": language})
    expect(page.locator(".eh-chip").first).to_be_visible(timeout=120_000)
    if password:
        user = Mouse(page)
        user.press(get("audit_page.choose"))
        page.get_by_label(get("audit_page.password"), exact=True).fill(password)
        user.press(get("audit_page.start"))
        expect(page.get_by_role("main")).not_to_contain_text(get("export.state.closed"))
    return page


def turn(page: Page, get: Callable[..., str], part: str) -> None:
    """Turn to a tab of the audit."""
    page.locator(".eh-tab", has_text=get(f"audit_page.part.{part}")).click()


def end_of(path: Path) -> str:
    """When the certificate of a keystore expires, as a time line writes it."""
    end = KeystoreFile.open(path, Secret(PASSWORD)).keystore.not_after
    assert end is not None
    return f"{end.astimezone(BRUSSELS):%d/%m/%Y}"


def row_of(page: Page, get: Callable[..., str], file: str) -> Locator:
    """The row of a keystore, which is the only one that is shown."""
    turn(page, get, "list")
    Mouse(page).press(get("audit_page.filter"))
    page.get_by_label(get("audit_page.filter.words")).fill(file)
    row = page.get_by_role("row").filter(has_text=file)
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(row).to_have_count(1)
    return row


# ── nothing typed ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.long
@pytest.mark.parametrize("language", short_in("nl"))
def test_a_pin_and_a_password_that_are_not_typed(
    bare: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    """They are asked for in words of the page, nothing is called wrong, and no page shows a command."""
    own = certificate_in(bare.home, PASSWORD)
    (own.parent / "cut.p12").write_bytes(own.read_bytes()[:-400])
    texts = Translator(language, on_pages=True)
    get, wrong = texts.get, errors.KeystorePasswordWrong()
    window = visit(bare, locale=f"{language}-BE")

    page = window.open("request", {"lang": language})
    user = Mouse(page)
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))
    title(page, get("steps.card.insert.title"))
    user.press(get("steps.card.read"))
    title(page, get("steps.card.title"))
    user.press(get("steps.card.go"))
    alert = page.get_by_role("alert").filter(visible=True)
    expect(alert).to_contain_text(texts.next_step(errors.PinNeeded()))
    no_command(page)
    check(page, f"mistakes-{language}-no-pin")

    for form in ("password", "activate"):
        page = window.open(form, {"lang": language, "keystore": own.name})
        title(page, get(f"{form}.choose.title"))
        user.press(get("choosing.go"))
        expect(alert).to_contain_text(get("error.keystore_password_wrong.empty"))
        expect(alert).to_contain_text(get("error.keystore_password_wrong.empty.next"))
        for accusing in (texts.error(wrong), texts.next_step(wrong)):
            expect(alert).not_to_contain_text(accusing)
        no_command(page)
    check(page, f"mistakes-{language}-no-password")

    page = audited(window, get, language)
    expect(page.get_by_role("main")).to_contain_text(get("finding.damaged_truncated.next"))
    no_command(page)


def no_command(page: Page) -> None:
    look(page)
    assert COMMAND_LINE.search(page.locator("body").inner_text()) is None
