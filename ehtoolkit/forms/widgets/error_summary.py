"""What stands in the way, in one place that takes the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anywidget import AnyWidget
from traitlets import Int, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """A sentence, and the name of the field that it leads to."""

    text: str
    field: str | None = None


class ErrorSummary(AnyWidget):  # type: ignore[misc]
    """Empty and invisible until there is something to say."""

    _esm = esm("errors")
    title: str = Unicode().tag(sync=True)
    items: list[dict[str, str]] = List().tag(sync=True)
    notes: list[str] = List().tag(sync=True)
    icon: str = Unicode(icon("danger")).tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def show(self, title: str, lines: Sequence[ErrorLine], notes: Sequence[str] = ()) -> None:
        """Say it and take the focus; ``notes`` tell what was not changed and what to do."""
        self.title = title
        self.items = [{"text": line.text, "field": line.field or ""} for line in lines]
        self.notes = [note for note in notes if note]
        self.focused += 1

    def clear(self) -> None:
        self.title, self.items, self.notes = "", [], []
