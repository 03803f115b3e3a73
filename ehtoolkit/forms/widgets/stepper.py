"""Where one is in a form, and the way back to what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class StepMark:
    """One line: ``link`` makes its title lead there."""

    name: str
    title: str
    state: Literal["done", "now", "later"]
    link: bool = False


class Stepper(AnyWidget):  # type: ignore[misc]
    """The list of steps; on narrow screens one line and a bar."""

    _esm = esm("stepper")
    label: str = Unicode().tag(sync=True)
    steps: list[dict[str, Any]] = List().tag(sync=True)
    now: str = Unicode().tag(sync=True)
    then: str = Unicode().tag(sync=True)
    done_word: str = Unicode().tag(sync=True)
    done_icon: str = Unicode(icon("done")).tag(sync=True)

    def __init__(self, label: str, done_word: str) -> None:
        self._listener: Callable[[str, Mapping[str, str | bool]], None] | None = None
        super().__init__(label=label, done_word=done_word)
        self.on_msg(self._receive)

    def show(self, steps: Sequence[StepMark], *, now: str, then: str) -> None:
        """``now`` and ``then``: the sentences of the narrow variant."""
        self.now, self.then, self.steps = now, then, [asdict(step) for step in steps]

    def on_go(self, listener: Callable[[str, Mapping[str, str | bool]], None]) -> None:
        """``listener(step, values)``: a link was followed; ``values`` is what the fields held."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "go":
            self._listener(content["step"], content.get("values", {}))
