"""A renewal from requested to archived: the first page turns to ready by itself, then one password and one button."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from tests.browser.form_steps import open_chosen
from tests.browser.geometry import misfits
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import PHONE, Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in
from tests.browser.serving import Serving

PASSWORD = "Kine-2026"
# The browser's own notifications: a headless one has none to allow.
NOTIFICATIONS = """
window.Notification = class {
  static permission = "default";
  static async requestPermission() { window.asked = (window.asked ?? 0) + 1; return this.permission = "granted"; }
  constructor(title) { (window.shown ??= []).push(title); }
};
"""
VISIBLE = """
(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def test_a_renewal_from_requested_to_archived(
    bare: Serving, visit: Callable[..., Visit], check: Check
) -> None:
    old = certificate_in(bare.home, PASSWORD, later="+34mo")
    new = renewed_in(bare.home, PASSWORD, delivered=False)
    questions = bare.home / "notes" / "training" / "deliveries"
    before = old.read_bytes()

    # ── in Dutch, by keyboard ──
    get, window = Translator("nl").get, visit(bare, locale="nl-BE")
    page = window.page
    page.add_init_script(NOTIFICATIONS)
    page.clock.install()
    window.open("index", {"lang": "nl"})
    due, user = page.locator(".eh-due", has_text=new.name), Keys(page)
    expect(due).to_contain_text(get("index.due.waiting.state"))
    expect(page.get_by_text(get("index.delivery"))).to_be_visible()
    assert page.evaluate("() => window.asked") is None
    user.press(get("index.delivery.notify"))
    expect(page.get_by_text(get("index.delivery.notify.granted"))).to_be_visible()
    assert page.evaluate("() => window.asked") == 1
    check(page, "finish-nl-0-waiting")

    ehtoolkit(bare.home, "training", "clock", "+1d")
    page.evaluate(VISIBLE, "hidden")
    page.clock.fast_forward(120_000)
    expect(due).to_contain_text(get("index.due.waiting.state"))
    assert not questions.exists()
    page.evaluate(VISIBLE, "visible")
    expect(due).to_contain_text(get("index.due.ready.state"))
    shown = page.wait_for_function("() => window.shown").json_value()
    assert shown == [get("index.delivery.notification")]
    check(page, "finish-nl-1-ready")

    titles: list[str] = []

    def arrived(key: str) -> None:
        title(page, get(key))
        titles.append(key)
        check(page, f"finish-nl-{key}")

    user.press(get("index.complete_renewal.do"))
    arrived("complete_renewal.choose.title")
    open_chosen(user, get, PASSWORD)
    arrived("complete.work.title")
    user.press(get("complete.work.go"))
    arrived("complete.done.title")
    expect(page.get_by_text(get("certificate_test.verdict.green"))).to_be_visible()

    # ── the same form in French, on a telephone ──
    fr, phone = Translator("fr").get, visit(bare, locale="fr-BE", viewport=PHONE)
    small = phone.open("complete-renewal", {"lang": "fr", "keystore": new.name})
    hand = Mouse(small)
    open_chosen(hand, fr, PASSWORD)
    title(small, fr("complete.work.title"))
    assert list(misfits(small)) == []
    check(small, "finish-fr-work-phone")
    hand.press(fr("complete.work.go"))
    title(small, fr("complete.done.already"))
    assert list(misfits(small)) == []
    check(small, "finish-fr-done-phone")

    # ── and the archive, in Dutch ──
    user.press(get("activate.old.do"))
    expect(page.locator(".eh-error").get_by_text(get("activate.old.loaded.missing"))).to_be_visible()
    assert old.exists()
    user.tick(get("activate.old.loaded"))
    user.press(get("activate.old.do"))
    expect(page.get_by_role("heading", name=get("activate.old.done"))).to_be_visible()
    assert len(titles) <= 4
    assert (old.parent / "archive" / old.name).read_bytes() == before
    assert not old.exists()
    user.press(get("page.home"))
    expect(page.get_by_role("heading", name=get("index.due.nothing"))).to_be_visible()
    assert PASSWORD not in page.content()
