"""An audit of keystores whose password it does not have, or that were replaced. Each walk in one language in the short
run, in another one than the walk before, and in all four in the long run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import BRUSSELS, Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.browser.languages import short_in
from tests.browser.page_users import Mouse
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in
from tests.browser.serving import Serving

Windows = Callable[..., Visit]
PASSWORD = "Kine-2026"


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
    expect(row).to_contain_text(get("audit_page.state.closed"))
    page.get_by_role("link", name=get("audit_page.do.look")).first.wait_for()
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
    expect(row).not_to_contain_text(get("audit_page.state.closed"))
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
        expect(row).to_contain_text(get("audit_page.state.replaced"))
        for wrong in ("audit_page.state.expired", "audit_page.state.renewable"):
            expect(row).not_to_contain_text(get(wrong))
        turn(page, get, "work")
        main = page.get_by_role("main")
        expect(main).to_contain_text(get("audit.replaced", file=old.name, newer=new.name))
        for wrong in ("audit_page.do.request", "audit_page.do.renew"):
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
        expect(page.get_by_role("main")).not_to_contain_text(get("audit_page.state.closed"))
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
