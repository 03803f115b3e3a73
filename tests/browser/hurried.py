"""A hurried life at the pages: what is true on every page that somebody comes to, and what a mistake may cost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Dialog, Locator, expect

from ehtoolkit.i18n import BRUSSELS, Translator
from ehtoolkit.keystore import parse_name
from ehtoolkit.training import PEOPLE
from tests.browser import walks
from tests.browser.effort import Counted
from tests.browser.hands import Keys, Mouse, look, title
from tests.browser.life import Life
from tests.browser.lives import ehtoolkit
from tests.gallery.commands import COMMAND_LINE

ELISE: Final = PEOPLE[0].person
_FILE: Final = re.compile(r"SSIN=[\d*]+")
"""How names of files begin, the one place where the number has its English name."""
_PLURALS: Final[Mapping[str, str]] = {
    "fr": "essais|constats|secondes|minutes|heures|jours|keystores|fichiers|périodes|e-mails|prestataires",
    "nl": "pogingen|bevindingen|seconden|minuten|dagen|keystores|bestanden|periodes|e-mails|zorgverleners",
}
_MAIN: Final = """
() => [...document.querySelectorAll(".eh-primary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.textContent.trim())
"""


@dataclass
class Hurried(Life):
    """Somebody who makes mistakes. ``asked``: the questions of the browser before a page was left."""

    hand: type[Mouse | Keys] = Mouse
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def reply(dialog: Dialog) -> None:
            self.asked.append(dialog.message)
            dialog.accept()

        self.page.on("dialog", reply)

    def get(self, key: str, **facts: object) -> str:
        """The sentence of a key, as pages say it."""
        return self.texts.get(key, **facts)

    @property
    def texts(self) -> Translator:
        return Translator(self.language, on_pages=True)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert").filter(visible=True)

    @property
    def folder(self) -> Path:
        return self.witness.toolkit.parts.keystores

    # ── what is true everywhere ──────────────────────────────────────────────────────────────────────────
    def arrived(self, key: str) -> None:
        super().arrived(key)
        self.words_are_those_of_the_page()

    def words_are_those_of_the_page(self) -> None:
        """No command line, no English name of a number, no "1 essais"."""
        words = self.page.locator("body").inner_text()
        assert COMMAND_LINE.search(words) is None
        assert "SSIN" not in _FILE.sub("", words)
        assert re.search(rf"(?<![\d.,-])1 ({_PLURALS[self.language]})\b", words) is None

    def is_wrong(self, *keys: str) -> None:
        """What the page blames, and nothing in words of the command line."""
        for key in keys:
            expect(self.alert).to_contain_text(self.get(key))
        self.words_are_those_of_the_page()

    def leads_on(self, key: str) -> None:
        """The one button that stands out is the next step; the paper is a quiet one."""
        assert self.page.evaluate(_MAIN) == [self.get(key)]
        paper = self.page.get_by_role("button", name=self.get("steps.print"))
        if paper.count():
            expect(paper).to_have_class(re.compile("eh-quiet"))

    def said(self, words: str) -> None:
        """What was done is spoken, and seen."""
        expect(self.page.get_by_role("status").filter(has_text=words)).to_have_count(1)
        expect(self.page.locator(".eh-said", has_text=words)).to_be_visible()

    def no_secret_is_asked_for(self) -> None:
        expect(self.page.locator("input[type=password]")).to_have_count(0)

    def named_in_belgian_time(self, path: Path) -> None:
        """The keystore that was made a moment ago, wherever the computer thinks that it is."""
        now = self.witness.toolkit.parts.clock.now().astimezone(BRUSSELS).replace(tzinfo=None)
        moment = parse_name(path.name).moment
        assert isinstance(moment, datetime)
        assert timedelta() <= now - moment.replace(tzinfo=None) < timedelta(minutes=15)

    # ── hands ────────────────────────────────────────────────────────────────────────────────────────────
    def index(self) -> None:
        self.page.goto(f"{self.window.base}/index.ipynb")
        self.arrived("index.title")

    def leave(self) -> None:
        """By the link above the page."""
        self.user.press(self.get("page.home"))
        self.arrived("index.title")

    def open(self, password: str) -> None:
        walks.open_chosen(self.user, self.get, password)

    def pin(self, pin: str) -> None:
        self.user.type(self.get("pin.label"), pin)
        self.user.press(self.get("steps.card.go"))

    def as_chosen(self, path: Path) -> None:
        """The file is the one that the page has chosen."""
        expect(self.page.locator(".eh-choice", has_text=path.name).locator("input")).to_be_checked()

    def due(self, path: Path) -> Locator:
        """The line of a keystore on the first page."""
        return self.page.locator(".eh-due", has_text=path.name)

    def beside(self, form: str) -> Hurried:
        """The same person in a second window, on a form."""
        page = self.window.new_page()
        page.goto(f"{self.window.base}/{form}.ipynb?lang={self.language}")
        page.wait_for_selector("h1")
        return replace(self, page=page, user=Counted(self.hand(page)))

    def record(self) -> dict[str, Any]:
        """What the registry has of the holder, by the command line."""
        found = ehtoolkit(self.home_folder, "provider", "list")["providers"]
        (one,) = (each for each in found if each["niss"] == ELISE.niss.digits)
        kept: dict[str, Any] = one
        return kept

    @property
    def home_folder(self) -> Path:
        return self.witness.toolkit.settings.home

    # ── the trainer ──────────────────────────────────────────────────────────────────────────────────────
    def trainer(self, deed: str, region: str, about: str, shown: str) -> None:
        """Press a button of a table at the desk. ``about``: whom or what it is about; ``shown``: what the row has
        then."""
        self.desk.bring_to_front()
        self.desk.get_by_role("button", name=self.get("trainer.look"), exact=True).click()
        table = self.desk.get_by_role("region", name=self.get(region))
        row = table.locator("tbody tr", has_text=about).first
        row.get_by_role("button", name=self.get(deed)).click()
        expect(row).to_contain_text(shown)
        self.page.bring_to_front()

    def at(self, words: str, step: str) -> None:
        """The step is shown, and the browser's history has come there too."""
        title(self.page, words)
        self.page.wait_for_function("(step) => history.state.step === step", arg=step)
        look(self.page)
