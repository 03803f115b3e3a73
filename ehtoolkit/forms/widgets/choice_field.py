"""One of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import Bool, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class Option:
    """``value`` is what the form gets; ``hint`` a second, smaller line."""

    value: str
    label: str
    hint: str = ""


class ChoiceField(AnyWidget):  # type: ignore[misc]
    """Radio buttons in a fieldset, or the browser's drop-down (``compact``) for many short options.

    ``value`` is that of the chosen option; the empty string where none is chosen.
    """

    _esm = esm("choice")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
    options: list[dict[str, Any]] = List().tag(sync=True)
    compact: bool = Bool(False).tag(sync=True)
    value: str = Unicode().tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[Option],
        *,
        value: str = "",
        hint: str = "",
        compact: bool = False,
    ) -> None:
        super().__init__(
            name=name,
            label=label,
            options=[asdict(one) for one in options],
            value=value,
            hint=hint,
            compact=compact,
        )

    def offer(self, options: Sequence[Option]) -> None:
        """Other options in place of those there; a value that is not among them is dropped."""
        if self.value not in {one.value for one in options}:
            self.value = ""
        self.options = [asdict(one) for one in options]
