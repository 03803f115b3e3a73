"""Buttons of which one is chosen: tabs, large numbers, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from traitlets import List, Unicode

from ehtoolkit.forms.html import severity_icon, svg
from ehtoolkit.forms.widgets.base import MessageWidget, esm


@dataclass(frozen=True, slots=True)
class ChoiceButton:
    """A tab or a chip. ``count``: a number beside the label, 0 for none on a tab, in the colour of ``severity``;
    ``about`` says to a screen reader what is counted."""

    key: str
    label: str
    count: int = 0
    severity: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A line.

    Attributes:
        severity: ok, info, warn, danger or off.
        verdict: in a word or two.
        note: what the file is beside it.
    """

    key: str
    name: str
    note: str
    severity: str
    verdict: str


class Chooser(MessageWidget):
    """Buttons called ``label`` together, of which the ``chosen`` one is marked; invisible without any. The page shows
    what belongs to the chosen one."""

    _esm = esm("chooser")
    look: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    chosen: str = Unicode().tag(sync=True)
    options: list[dict[str, Any]] = List().tag(sync=True)

    def on_choose(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(key)`` when the user presses the button of an option."""

        def choose(key: str) -> None:
            if any(option["key"] == key for option in self.options):
                listener(key)

        self._listen("choose", choose, key=str)

    def show(self, options: Sequence[ChoiceButton | ListedFile], chosen: str | None = None) -> None:
        """Show ``options``. ``chosen``: the key of one; None leaves the choice as it is."""
        if chosen is not None:
            self.chosen = chosen
        self.options = [{**asdict(option), "icon": self._icon(option.severity)} for option in options]

    def _icon(self, severity: str) -> str:
        return severity_icon(severity)


class Tabs(Chooser):
    """Buttons in a row."""

    look: str = Unicode("tabs").tag(sync=True)


class Chips(Chooser):
    """Words with a number, each a switch: the page shows the chosen kind alone."""

    look: str = Unicode("chips").tag(sync=True)


class FileList(Chooser):
    """Files, one a line."""

    look: str = Unicode("files").tag(sync=True)

    def _icon(self, severity: str) -> str:
        return svg("key") if severity == "off" else severity_icon(severity)
