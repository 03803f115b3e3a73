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


class Walk:
    """A user before the first page, with the newer of two keystores activated, and their sealed messages."""

    def __init__(self, serving: Serving, visit: Callable[..., Visit], language: LanguageName) -> None:
        self.old = certificate_in(serving.home, PASSWORD, later="+34mo")
        self.new = renewed_in(serving.home, PASSWORD)
        secret = serving.home.parent / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        ehtoolkit(serving.home, "certificate", "activate", str(self.new), "--password-file", str(secret))
        self.get = Translator(language, on_pages=True).get
        self.page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
        self.user = Keys(self.page)

    def letters(self) -> Locator:
        return self.page.get_by_role("list", name=self.get("messages.letters")).get_by_role("button")

    def home(self) -> None:
        look(self.page)  # a page that is left while it is drawn complains
        self.page.goto(self.page.url.replace("messages", "index").replace("trainer", "index"))
        title(self.page, self.get("index.title"))
        look(self.page)

    def read(self, words: str) -> None:
        """From the first page: the newer keystore is proposed."""
        self.user.press(self.get("messages.menu"))
        title(self.page, self.get("messages.choose.title"))
        self.user.type(self.get("choosing.password"), PASSWORD)
        self.page.keyboard.press("Enter")
        title(self.page, self.get("messages.done.title"))
        expect(self.page.get_by_role("heading", name=words)).to_be_visible()
        expect(self.letters()).to_have_count(6)

    def read_open(self) -> None:
        """As it should be: every letter is open."""
        self.read(self.get("messages.done.open", count=6))
        self.letters().first.focus()
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        article = self.page.get_by_role("article")
        expect(article).to_be_focused()
        expect(article).to_contain_text(
            self.get("messages.letter.open.head", sender="", moment="", key="")[:10]
        )

    def read_closed(self) -> None:
        """Without the old key, the old letters stay closed, and say what to do."""
        self.read(self.get("messages.done.closed", count=4, all=6))
        last = self.letters().nth(5)
        expect(last).to_contain_text(self.get("messages.letter.closed"))
        last.focus()
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("article")).to_contain_text(
            self.get("messages.letter.closed.nowhere", folder=str(self.old.parent))
        )

    def merge(self) -> None:
        """Where the closed letters lead to."""
        self.user.press(self.get("messages.done.merge"))
        title(self.page, self.get("troubleshoot.title"))
        expect(self.page.get_by_role("heading", level=2, name=self.new.name)).to_be_visible()


@pytest.mark.parametrize("language", short_in("fr"))
def test_letters_with_and_without_the_old_keys(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    walk = Walk(serving, visit, language)
    walk.read_open()
    check_walk(walk.page, f"messages-{language}-1-open")

    with closing(open_toolkit(load_settings(home=serving.home))) as toolkit:
        assert toolkit.training is not None
        toolkit.training.discarded_keys().discard(walk.new, Secret(PASSWORD))
    walk.home()
    walk.read_closed()
    check_walk(walk.page, f"messages-{language}-2-closed")
    walk.merge()


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("fr"))
def test_the_lesson_by_keyboard(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    walk = Walk(serving, visit, language)
    page, user, get, old, new = walk.page, walk.user, walk.get, walk.old, walk.new
    walk.read_open()

    # The trainer throws the old key away.
    walk.home()
    user.press(get("index.trainer"))
    arrive(page, get("trainer.title"))
    sealed = page.get_by_role("region", name=get("trainer.letters"))
    expect(sealed.locator("tbody tr")).to_have_count(6)
    sealed.focus()  # the long way down the page is another test's
    user.select(get("trainer.discard.file"), new.name)
    user.type(get("trainer.discard.password"), PASSWORD)
    user.press(get("trainer.discard.do"))
    said(page, get("trainer.discard.done"))
    check_walk(page, f"messages-{language}-3-thrown-away")
    assert not old.exists()
    walk.home()
    walk.read_closed()

    # The old file is found.
    walk.home()
    user.press(get("index.trainer"))
    arrive(page, get("trainer.title"))
    page.get_by_role("region", name=get("trainer.letters")).focus()
    user.press(get("trainer.discard.back"))
    said(page, get("trainer.discard.is_back", count=1))
    assert old.exists()

    # Its keys are taken over where the letters lead to, and everything opens again.
    walk.home()
    walk.read(get("messages.done.closed", count=4, all=6))
    walk.merge()
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
    walk.read(get("messages.done.open", count=6))
    look(page)


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)
