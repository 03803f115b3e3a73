"""Leads a life by the forms, with the clock moved on the Trainer page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.settings import LanguageName
from tests.browser import form_steps
from tests.browser.page_users import Hands, look, title
from tests.browser.pages import Visit
from tests.support.life import LifeDriver

CONTACT = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}
GENERAL = {"general_email": "pharmacy@example.be", "general_phone": "+32 4 555 01 00"}


@dataclass
class PageDriver(LifeDriver):
    """A user of the forms. ``trainer``: the window with the Trainer page; ``keystores``: the keystore folder.

    Attributes:
        card, organisation: names to choose; empty for what is proposed.
    """

    window: Visit
    page: Page
    trainer: Page
    user: Hands
    language: LanguageName
    keystores: Path
    card: str = ""
    organisation: str = ""
    _last: str = ""
    """The form that the last page is of, whose link leads on."""

    @property
    def revokes_first(self) -> bool:  # type: ignore[override]
        """The form requests no second certificate of an organisation with the same application id."""
        return bool(self.organisation)

    @property
    def activates_at_once(self) -> bool:  # type: ignore[override]
        return True

    def request(self, password: str) -> Path:
        self._home("request")
        form_steps.request(
            *(self.user, self.get, self._arrived, password),
            CONTACT | GENERAL if self.organisation else CONTACT,
            card=self.card,
            organisation=self.organisation,
        )
        self._last = "request"
        return self._newest()

    def complete(self, keystore: Path, password: str, state: State) -> None:
        self._move("1d")
        self.user.press(self.get(f"{self._last}.next.complete.link"))
        self._last = "complete" if self._last == "request" else "complete_renewal"
        form_steps.complete(self.user, self.get, self._arrived, password, form=self._last)

    def wait_for_renewal_period(self) -> None:
        self._move("renewal")

    def renew(self, keystore: Path, password: str) -> Path:
        self._home("renew")
        form_steps.renew(self.user, self.get, self._arrived, password, card=self.card)
        self._last = "renew"
        return self._newest()

    def activate(
        self, keystore: Path, password: str, *, already: bool = False, retired: Path | None = None
    ) -> None:
        """From the first page, unless completing the renewal has done it."""
        if self._last == "complete_renewal":
            assert not already
            self._last = "activate"
            return
        self._home("activate")
        done = "title.already" if already else "title"
        form_steps.activate(self.user, self.get, self._arrived, password, done=done)
        self._last = "activate"

    def change_password(self, keystore: Path, old: str, new: str) -> None:
        """The first page says before that nothing is due, once the newer file is loaded everywhere."""
        self.page.goto(f"{self.window.base}/index.ipynb")
        title(self.page, self.get("index.title"))
        loaded = Translator(self.language).get("index.loaded.do", holder="").strip()
        self.page.get_by_role("button", name=loaded).click()
        expect(self.page.get_by_role("heading", name=self.get("index.due.nothing"))).to_be_visible()
        self._home("password")
        form_steps.change_password(self.user, self.get, self._arrived, old, new)

    def revoke(self, keystore: Path, password: str) -> None:
        self._home("revoke")
        form_steps.revoke(self.user, self.get, self._arrived, keystore.name, card=self.card)

    def get(self, key: str) -> str:
        """The sentence of a key; the name of the organisation is its own."""
        return key if key == self.organisation else Translator(self.language).get(key)

    def _arrived(self, key: str) -> None:
        title(self.page, self.get(key))
        look(self.page)

    def _home(self, form: str) -> None:
        """From any page to a form, by way of the first page."""
        self.page.goto(f"{self.window.base}/index.ipynb")
        self.page.wait_for_selector("h1")
        self.user.press(self.get(f"index.{form}"))

    def _move(self, jump: str) -> None:
        """Move the clock as the trainer. A page in the background is drawn once a second, and clicked as slowly."""
        self.trainer.bring_to_front()
        shown = self.trainer.locator(".eh-clock-date")
        before = shown.inner_text()
        if jump == "renewal":  # its words have a date
            words = Translator(self.language).get("trainer.jump.renewal", date=date(2026, 1, 1))
            begin = words.partition(":")[0].strip()  # in French a space that no name of a button has
            self.trainer.get_by_role("button", name=re.compile(f"^{re.escape(begin)}")).click()
        else:
            self.trainer.get_by_role("button", name=self.get(f"trainer.jump.{jump}"), exact=True).click()
        expect(shown).not_to_have_text(before, use_inner_text=True)
        self.page.bring_to_front()

    def _newest(self) -> Path:
        return find_keystores(self.keystores)[0].path
