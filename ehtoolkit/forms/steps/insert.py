"""Insert your card: the page that shows by itself which cards are in the readers, and has one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import HTML, Widget

from ehtoolkit import errors
from ehtoolkit.card import CardSpec
from ehtoolkit.forms.markup import panel
from ehtoolkit.forms.steps.readers import Readers, Seen
from ehtoolkit.forms.widgets import ChoiceField
from ehtoolkit.i18n import Translator


class CardChooser:
    """``widgets``: the cards, one under the other, and a line where there is none. The field is called ``name``."""

    def __init__(self, readers: Readers, texts: Translator, name: str, chosen: str) -> None:
        self._readers = readers
        self._texts = texts
        self._chosen = chosen
        self._field = ChoiceField(name, texts.get("steps.card.choose"), [], value=chosen)
        self._field.layout.display = "none"
        self._status: Any = HTML()
        self._status.layout.display = "none"
        self._shown: Sequence[str] | None = None
        self.widgets: Sequence[Widget] = (self._status, self._field)

    def show(self, seen: Seen) -> str:
        """Show what is there now; the sentence for those who do not see that something changed, empty when nothing
        did."""
        options = self._readers.options(seen, self._texts)
        problem = "" if seen.problem is None else self._texts.error(seen.problem)
        shown = [problem, *(f"{one.label}\n{one.value}" for one in options)]
        if shown == self._shown:
            return ""
        self._shown = shown
        self._field.offer(options)
        self._propose([one.value for one in options])
        self._field.layout.display = "" if options else "none"
        self._status.layout.display = "none" if seen.problem is None else ""
        if seen.problem is None:
            self._status.value = ""
            return "; ".join(
                self._texts.get("steps.card.found", holder=one.label, reader=one.hint) for one in options
            )
        # That a card has to be put in, the page says already.
        more = () if isinstance(seen.problem, errors.CardAbsent) else (self._texts.next_step(seen.problem),)
        self._status.value = str(panel("info", problem, *more))
        return problem

    def _propose(self, values: Sequence[str]) -> None:
        """The card that was chosen before, when it is back; else the only one. Never another's in its place."""
        if self._chosen in values:
            self._field.value = self._field.value or self._chosen
        elif len(values) == 1 and not (self._chosen and CardSpec.parse(self._chosen).reader):
            self._field.value = values[0]
