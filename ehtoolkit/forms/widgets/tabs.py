"""The parts of a record, of which one is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class Tab:
    """``count``: a number beside the label, 0 for none, in the colour of ``severity``; ``about`` says to a screen
    reader what is counted."""

    key: str
    label: str
    count: int = 0
    severity: str = ""
    about: str = ""


class Tabs(AnyWidget):  # type: ignore[misc]
    """Buttons in a row called ``label``; the part of the one that is ``chosen`` is below. What is shown is the page's
    business: it hears of each choice."""

    _esm = esm("tabs")
    label: str = Unicode().tag(sync=True)
    chosen: str = Unicode().tag(sync=True)
    tabs: list[dict[str, Any]] = List().tag(sync=True)

    def __init__(self, label: str) -> None:
        self._listener: Callable[[str], None] | None = None
        super().__init__(label=label)
        self.on_msg(self._receive)

    def show(self, tabs: Sequence[Tab], chosen: str) -> None:
        self.tabs, self.chosen = [asdict(one) for one in tabs], chosen

    def on_choose(self, listener: Callable[[str], None]) -> None:
        """``listener(key)``: the user chose one."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "choose":
            self._listener(str(content.get("key", "")))
