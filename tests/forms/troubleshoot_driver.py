"""The Troubleshoot page without a browser, and who sits at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.tools.troubleshoot import TROUBLESHOOT
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import FileList
from ehtoolkit.forms.widgets.files import Download, DropZone
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName, load_settings
from tests.forms.player import Player
from tests.support.ipywidgets_internals import send_to

if TYPE_CHECKING:
    from ehtoolkit.toolkit import Toolkit

PAGES: Final = frozenset({"complete", "password"})


class TroubleshootDriver(Player):
    """The page and who sits at it."""

    def __init__(
        self,
        toolkit: Toolkit,
        language: LanguageName = "en",
        runner: Any = run_inline,
        pages: frozenset[str] = PAGES,
    ) -> None:
        self.model = TroubleshootModel(toolkit)
        context = PageContext(load_settings(), Translator(language))
        self.page = TROUBLESHOOT.build(self.model, context, runner, pages=pages)
        self.page.begin()
        super().__init__(self.page.root)

    def drop(self, *files: tuple[str, bytes], refused: tuple[dict[str, str], ...] = ()) -> None:
        for name, data in files:
            send_to(self.zone, {"action": "file", "name": name}, [memoryview(data)])
        send_to(self.zone, {"action": "end", "refused": list(refused)})

    def look(self, name: str = "") -> None:
        """Examine a file of the keystore folder; all of them without ``name``."""
        if "look" not in self.buttons:
            self.press("another")
        self.press("look", {"folder": name})

    def do(self, action: str, values: dict[str, str | bool] | None = None, **secrets: str) -> None:
        """Press a button of the file that is shown."""
        actions = self.detail.parts(ButtonBar)[-1]
        message = {
            "action": action,
            "serial": actions.serial,
            "values": values or {},
            "secrets": dict(secrets),
        }
        send_to(actions, message)

    def choose(self, name: str) -> None:
        key = next(option["key"] for option in self.part(FileList).options if option["name"] == name)
        send_to(self.part(FileList), {"action": "choose", "key": key})

    def download(self, monkeypatch: pytest.MonkeyPatch, label: str | None = None) -> tuple[str, bytes]:
        button = next(part for part in self.parts(Download) if label in (None, part.label))
        sent: list[tuple[Any, Any]] = []
        monkeypatch.setattr(button, "send", lambda content, buffers: sent.append((content, buffers)))
        send_to(button, {"action": "want"})
        return sent[0][0]["name"], sent[0][1][0]

    @property
    def zone(self) -> DropZone:
        return self.page.intake.zone

    @property
    def detail(self) -> Player:
        assert self.page.detail is not None
        return Player(self.page.detail.root)

    @property
    def verdicts(self) -> list[tuple[str, str, str]]:
        return [
            (option["name"], option["severity"], option["verdict"]) for option in self.part(FileList).options
        ]

    @property
    def deeds(self) -> list[tuple[str, str]]:
        actions = self.detail.parts(ButtonBar)[-1]
        return [
            (button["name"], button["look"])
            for button in actions.buttons
            if button["name"] not in ("print", "close")
        ]
