"""The test of a certificate in Chromium, by keyboard: after an activation, and on Troubleshoot."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from tests.browser.form_steps import open_chosen
from tests.browser.page_users import Keys, offered, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in
from tests.browser.serving import Serving

PASSWORD = "Kine-2026"
get = Translator("fr", on_pages=True).get


def says(page: Page, verdict: str) -> None:
    expect(page.get_by_role("heading", name=get(f"certificate_test.verdict.{verdict}"))).to_be_visible()


def test_does_it_work(serving: Serving, visit: Callable[..., Visit], check: Check) -> None:
    old = certificate_in(serving.home, PASSWORD, later="+34mo")
    new = renewed_in(serving.home, PASSWORD)
    window = visit(serving, locale="fr-BE")
    page = window.open("activate", {"lang": "fr"})
    user = Keys(page)
    title(page, get("activate.choose.title"))
    open_chosen(user, get, PASSWORD)
    title(page, get("activate.work.title"))
    user.press(get("activate.work.go"))
    title(page, get("activate.done.title"))
    offered(page, get("certificate_test.do"))
    user.press(get("certificate_test.do"))
    says(page, "green")
    expect(
        page.get_by_role("list").get_by_text(get("certificate_test.colour.green"), exact=True)
    ).to_have_count(9)
    check(page, "activate-proven")

    window.follow("troubleshoot", f"lang=fr&keystore={quote(new.name)}")
    title(page, get("troubleshoot.title"))
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    offered(page, get("certificate_test.do"))
    user.press(get("certificate_test.do"))
    says(page, "green")
    expect(page.get_by_role("heading", name=get("certificate_test.title"))).to_be_focused()
    check(page, "troubleshoot-proven")
    ehtoolkit(serving.home, "training", "scenario", "sts-down", "on")
    user.press(get("certificate_test.again"))
    says(page, "amber")
    check(page, "troubleshoot-proven-amber")
    ehtoolkit(serving.home, "training", "scenario", "sts-down", "off")

    window.follow("troubleshoot", f"lang=fr&keystore={quote(old.name)}")
    title(page, get("troubleshoot.title"))
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    offered(page, get("certificate_test.do"))
    user.press(get("certificate_test.do"))
    # The newer file is the headline: nothing else is to be done.
    expect(page.get_by_role("heading", name=new.name)).to_be_visible()
    expect(page.get_by_text(get("certificate_test.colour.red"), exact=True)).not_to_have_count(0)
    check(page, "troubleshoot-proven-red")
    assert PASSWORD not in page.content()
