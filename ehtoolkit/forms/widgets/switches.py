"""Switches, one under the other: each does something the moment it is turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class Switch:
    """``key``: what the listener gets; ``hint``: what it does, in a sentence."""

    key: str
    label: str
    hint: str
    on: bool


class Switches(AnyWidget):  # type: ignore[misc]
    """A group of switches called ``label``; ``on_word`` and ``off_word`` say how one stands, beside its look."""

    _esm = esm("switches")
    label: str = Unicode().tag(sync=True)
    on_word: str = Unicode().tag(sync=True)
    off_word: str = Unicode().tag(sync=True)
    switches: list[dict[str, Any]] = List().tag(sync=True)

    def __init__(self, label: str, *, on_word: str, off_word: str) -> None:
        self._listener: Callable[[str, bool], None] | None = None
        super().__init__(label=label, on_word=on_word, off_word=off_word)
        self.on_msg(self._receive)

    def show(self, switches: Sequence[Switch]) -> None:
        self.switches = [asdict(one) for one in switches]

    def on_switch(self, listener: Callable[[str, bool], None]) -> None:
        """``listener(key, on)``: the user turned one."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "switch":
            self._listener(str(content.get("key", "")), bool(content.get("on")))
