"""A question to the platform about one file, confirmed where it has to be: in production its name is typed first."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ehtoolkit.forms.engine.production_guard import FIELD
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead, TextField


class ConfirmedQuestion(ABC):
    """In the place of the file's findings; what the file says stays beside it.

    Attributes:
        go: the key of the button that asks.
    """

    go: str

    def __init__(self, frame: FileFrame) -> None:
        self._frame = frame
        self._desk = frame.desk
        self._texts = frame.desk.shell.texts

    def begin(self) -> None:
        """Ask at once where that needs no confirmation, else have it confirmed first. What was only looked at so far
        never left this computer."""
        if self._desk.model.may_ask:
            self._ask()
        else:
            self._show_question()

    @abstractmethod
    def _ask(self) -> None:
        """Ask the platform, and show what it says."""

    @abstractmethod
    def _sent(self) -> str:
        """Return the sentence that says what goes to the platform."""

    def _show_question(self) -> None:
        get = self._texts.get
        word = get("page.environment.production")
        real = panel("warn", get("environment.real"), self._sent(), level=3)
        body = [
            SectionHead(get("environment.title"), focus=True),
            show(paragraph(get("environment.lead"))),
            show(real),
            TextField(FIELD, get("environment.label", word=word), autocomplete="off"),
        ]
        buttons = [
            Button("go", get(self.go), "primary"),
            Button("cancel", get("troubleshoot.cancel"), "quiet"),
        ]
        self._frame.show_instead(body, ButtonBar(buttons), self._act_on_question)

    def _act_on_question(self, action: ButtonPress) -> None:
        get = self._texts.get
        if action.name == "cancel":
            self._frame.show_file(focus=True)
        elif self._desk.model.confirm(str(action.values.get(FIELD, ""))):
            self._ask()
        else:
            word = get("page.environment.production")
            self._frame.refuse(get("environment.other", word=word), FIELD)
