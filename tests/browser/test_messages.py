"""Sealed letters by keyboard alone: with the old keys they open, without them they stay closed; in the long run the
whole lesson on old keys."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, arrive, look, offered, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit, renewed_in
from tests.browser.serving import Serving

PASSWORD = "Kine-2026"


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("fr"))
def test_the_lesson_by_keyboard(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    old = certificate_in(serving.home, PASSWORD, later="+34mo")
    new = renewed_in(serving.home, PASSWORD)
    secret = serving.home.parent / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    ehtoolkit(serving.home, "certificate", "activate", str(new), "--password-file", str(secret))
    get = Translator(language, on_pages=True).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = Keys(page)

    def letters() -> Locator:
        return page.get_by_role("list", name=get("messages.letters")).get_by_role("button")

    def read(words: str) -> None:
        """From the first page: the newer keystore is proposed."""
        user.press(get("messages.menu"))
        title(page, get("messages.choose.title"))
        user.type(get("choosing.password"), PASSWORD)
        page.keyboard.press("Enter")
        title(page, get("messages.done.title"))
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        expect(letters()).to_have_count(6)

    def home() -> None:
        look(page)  # a page that is left while it is drawn complains
        page.goto(page.url.replace("messages", "index").replace("trainer", "index"))
        title(page, get("index.title"))
        look(page)

    # As it should be: every letter is open.
    read(get("messages.done.open", count=6))
    check_walk(page, f"messages-{language}-1-open")
    letters().first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    article = page.get_by_role("article")
    expect(article).to_be_focused()
    expect(article).to_contain_text(get("messages.letter.open.head", sender="", moment="", key="")[:10])

    # The trainer throws the old key away.
    home()
    user.press(get("index.trainer"))
    arrive(page, get("trainer.title"))
    sealed = page.get_by_role("region", name=get("trainer.letters"))
    expect(sealed.locator("tbody tr")).to_have_count(6)
    sealed.focus()  # the long way down the page is another test's
    user.select(get("trainer.discard.file"), new.name)
    user.type(get("trainer.discard.password"), PASSWORD)
    user.press(get("trainer.discard.do"))
    said(page, get("trainer.discard.done"))
    check_walk(page, f"messages-{language}-2-thrown-away")
    assert not old.exists()

    # The old letters stay closed, and say what to do.
    home()
    read(get("messages.done.closed", count=4, all=6))
    last = letters().nth(5)
    expect(last).to_contain_text(get("messages.letter.closed"))
    last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text(
        get("messages.letter.closed.nowhere", folder=str(old.parent))
    )
    check_walk(page, f"messages-{language}-3-closed")

    # The old file is found.
    home()
    user.press(get("index.trainer"))
    arrive(page, get("trainer.title"))
    page.get_by_role("region", name=get("trainer.letters")).focus()
    user.press(get("trainer.discard.back"))
    said(page, get("trainer.discard.is_back", count=1))
    assert old.exists()

    # Its keys are taken over where the letters lead to, and everything opens again.
    home()
    read(get("messages.done.closed", count=4, all=6))
    user.press(get("messages.done.merge"))
    title(page, get("troubleshoot.title"))
    expect(page.get_by_role("heading", level=2, name=new.name)).to_be_visible()
    user.type(get("troubleshoot.password"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=new.name)).to_be_focused()
    offered(page, get("troubleshoot.merge"))
    user.press(get("troubleshoot.merge"))
    expect(page.get_by_role("heading", level=2, name=get("troubleshoot.merge.title"))).to_be_focused()
    user.select(get("troubleshoot.old"), old.name)
    user.type(get("troubleshoot.old.password"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=get("troubleshoot.merge.done"))).to_be_focused()
    look(page)
    page.goto(page.url.replace("troubleshoot", "index").partition("?")[0] + f"?lang={language}")
    title(page, get("index.title"))
    read(get("messages.done.open", count=6))
    look(page)


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)


@pytest.mark.parametrize("language", short_in("fr"))
def test_letters_with_and_without_the_old_keys(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    old = certificate_in(serving.home, PASSWORD, later="+34mo")
    new = renewed_in(serving.home, PASSWORD)
    secret = serving.home.parent / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    ehtoolkit(serving.home, "certificate", "activate", str(new), "--password-file", str(secret))
    get = Translator(language, on_pages=True).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = Keys(page)

    def letters() -> Locator:
        return page.get_by_role("list", name=get("messages.letters")).get_by_role("button")

    def read(words: str) -> None:
        """From the first page: the newer keystore is proposed."""
        user.press(get("messages.menu"))
        title(page, get("messages.choose.title"))
        user.type(get("choosing.password"), PASSWORD)
        page.keyboard.press("Enter")
        title(page, get("messages.done.title"))
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        expect(letters()).to_have_count(6)

    # As it should be: every letter is open.
    read(get("messages.done.open", count=6))
    check_walk(page, f"messages-{language}-1-open")
    letters().first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    article = page.get_by_role("article")
    expect(article).to_be_focused()
    expect(article).to_contain_text(get("messages.letter.open.head", sender="", moment="", key="")[:10])

    # Without the old key, the old letters stay closed, and say what to do.
    with closing(open_toolkit(load_settings(home=serving.home))) as toolkit:
        assert toolkit.training is not None
        toolkit.training.discarded_keys().discard(new, Secret(PASSWORD))
    look(page)  # a page that is left while it is drawn complains
    page.goto(page.url.replace("messages", "index"))
    title(page, get("index.title"))
    read(get("messages.done.closed", count=4, all=6))
    last = letters().nth(5)
    expect(last).to_contain_text(get("messages.letter.closed"))
    last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text(
        get("messages.letter.closed.nowhere", folder=str(old.parent))
    )
    check_walk(page, f"messages-{language}-2-closed")
    user.press(get("messages.done.merge"))
    title(page, get("troubleshoot.title"))
    expect(page.get_by_role("heading", level=2, name=new.name)).to_be_visible()
