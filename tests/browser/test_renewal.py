"""The renewal through the pages: renewed, finished, the old file archived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser.form_steps import choose_password, identify, open_chosen, sign
from tests.browser.page_users import Hands, Keys, Mouse, title
from tests.browser.pages import Check, Visit, shoot
from tests.browser.prepared_homes import certificate_in, ehtoolkit
from tests.browser.serving import Serving

OLD, NEW = "Kine-2026", "Kine-2029"


@pytest.fixture
def old(serving: Serving) -> Path:
    """A complete keystore of 34 months ago, in the home that is served."""
    return certificate_in(serving.home, OLD, later="+34mo")


@pytest.mark.long  # the short run has `test_finish`, and a renewal with the wheel of `tests.packaging`
@pytest.mark.parametrize(
    ("language", "hand"),
    [
        pytest.param("nl", Keys, id="nl-keys"),
        pytest.param("de", Keys, id="de-keys"),
        pytest.param("en", Keys, id="en-keys"),
        pytest.param("fr", Keys, id="fr-keys"),
        pytest.param("fr", Mouse, id="fr-mouse"),
    ],
)
def test_a_renewal_from_the_index_to_the_archive(
    serving: Serving,
    old: Path,
    visit: Callable[..., Visit],
    check_walk: Check,
    tmp_path: Path,
    language: LanguageName,
    hand: Callable[..., Hands],
) -> None:
    get = Translator(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = hand(page)
    before = old.read_bytes()

    def arrived(key: str) -> None:
        title(page, get(key))
        check_walk(page, f"{language}-{key}")

    user.press(get("index.renew"))
    arrived("renew.terms.title")
    identify(user, get, arrived)
    arrived("renew.choose.title")
    open_chosen(user, get, "not this one")
    expect(page.get_by_role("alert")).to_be_focused()
    check_walk(page, f"{language}-renew.choose.wrong")
    open_chosen(user, get, OLD)
    arrived("steps.contact.title")
    expect(page.get_by_label(get("steps.contact.email"))).to_have_value("elise@example.be")
    user.press(get("wizard.next"))
    arrived("renew.check.title")
    user.press(get("renew.check.go"))
    arrived("renew.sign.title")
    sign(user, get, "renew")
    arrived("steps.password.title")
    choose_password(user, get, NEW, another=True)
    arrived("renew.send.title")
    user.press(get("renew.send.go"))
    arrived("renew.done.title")
    assert old.read_bytes() == before
    page.emulate_media(media="print")
    shoot(page, f"{language}-renew.done-printed")
    for operated in ("button", "textbox"):
        expect(page.get_by_role(operated)).to_have_count(0)
    expect(page.get_by_role("heading", name=get("renew.receipt"))).to_be_visible()
    page.emulate_media(media="screen")
    user.type(get("closing.copy.folder"), str(tmp_path / "nowhere"))
    user.press(get("closing.copy.do"))
    expect(page.get_by_role("alert")).to_be_focused()
    check_walk(page, f"{language}-renew.done.no-folder")

    ehtoolkit(serving.home, "training", "clock", "+1d")
    user.press(get("renew.next.complete.link"))
    arrived("complete_renewal.choose.title")
    open_chosen(user, get, NEW)
    arrived("complete.work.title")
    user.press(get("complete.work.go"))
    arrived("complete.done.title")
    user.press(get("activate.old.do"))
    expect(page.locator(".eh-error").get_by_text(get("activate.old.loaded.missing"))).to_be_visible()
    check_walk(page, f"{language}-complete.not-loaded")
    user.tick(get("activate.old.loaded"))
    user.press(get("activate.old.do"))
    expect(page.get_by_role("heading", name=get("activate.old.done"))).to_be_visible()
    check_walk(page, f"{language}-complete.archived")
    assert NEW not in page.content()
    user.press(get("page.home"))
    title(page, get("index.title"))
    expect(page.get_by_role("heading", name=get("index.due.nothing"))).to_be_visible()
    check_walk(page, f"{language}-index.nothing")

    assert not old.exists()
    assert (old.parent / "archive" / old.name).read_bytes() == before
    (new,) = old.parent.glob("*.p12")
    password = tmp_path / "password"
    password.write_text(NEW)
    found = ehtoolkit(serving.home, "certificate", "status", str(new), "--password-file", str(password))
    assert found["state"] == "active"
