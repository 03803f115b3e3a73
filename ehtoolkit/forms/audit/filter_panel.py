"""The filters of the audit: they apply to everything below, including the exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ehtoolkit.forms.audit.filters import ANY, NO_PRACTICE, Filters, counts, practices
from ehtoolkit.forms.audit.html import chips
from ehtoolkit.forms.audit.table_model import ROW_STATES, AuditTable
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import ShownUrgency
from ehtoolkit.forms.layout import column, form_row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.choices import Chips
from ehtoolkit.forms.widgets.fields import ChoiceField, ObservedFields, Option, TextField

WORDS_LENGTH: Final = 100


class FilterPanel:
    """The chips, one for each state, and below them the other filters, which are shown on demand.

    Attributes:
        root: the widget.
        actions: the buttons that show the other filters and clear all.
        filters: what is chosen.
    """

    def __init__(self, shell: PageShell, changed: Callable[[Filters], None]) -> None:
        """Make the panel. ``changed`` is called with the filters when one of them is another one."""
        self._shell = shell
        self._changed = changed
        get = shell.texts.get
        self.chips = Chips(label=get("audit_page.chips"))
        self.chips.on_choose(shell.guard(self._choose_state))
        self.practice = ChoiceField("practice", get("audit_page.filter.practice"), [], compact=True)
        self.urgency = ChoiceField("urgency", get("audit_page.filter.urgency"), [], compact=True)
        self.words = TextField(
            "words",
            get("audit_page.filter.words"),
            kind="search",
            autocomplete="off",
            live=True,
            max_length=WORDS_LENGTH,
        )
        self._observed = ObservedFields(shell.guard(self._apply), (self.practice, self.urgency, self.words))
        self.actions = shell.buttons(self._act)
        self._offered = [self.urgency, self.words]
        self._fields = form_row("eh-filters")
        self._is_open = False
        self.root = column("eh-no-print", of=(self.chips, self._fields))
        self._offer()

    @property
    def filters(self) -> Filters:
        return Filters(self.practice.value, self.chips.chosen, self.urgency.value, self.words.value)

    def fill(self, whole: AuditTable) -> None:
        """Offer what there is now; what was chosen stays chosen where it still exists."""
        get, texts = self._shell.texts.get, self._shell.texts
        with self._observed.filled():
            named, states = practices(whole.rows), counts((row.state for row in whole.rows), ROW_STATES)
            urgent = counts((row.urgency for row in whole.rows), ShownUrgency)
            everything = Option(ANY, get("audit_page.filter.all"))
            names = [
                Option(name, get("audit_page.filter.none") if name == NO_PRACTICE else name) for name in named
            ]
            self.practice.offer([everything, *names])
            urgencies = [
                Option(name, f"{ShownUrgency(name).word(texts)} ({count})") for name, count in urgent.items()
            ]
            self.urgency.offer([everything, *urgencies])
            self.chips.show(chips(states, texts))
            if self.chips.chosen not in states:
                self.chips.chosen = ANY
            # The list of practices is of use where there is more than one.
            self._offered = [*([self.practice] if len(named) > 1 else []), self.urgency, self.words]
        self._offer()

    def choose(self, filters: Filters) -> None:
        """Choose ``filters`` for the first audit; those that it does not have are dropped."""
        with self._observed.filled():
            self.practice.value, self.chips.chosen = filters.practice, filters.state
            self.urgency.value, self.words.value = filters.urgency, filters.words[:WORDS_LENGTH]
        self._is_open = self._is_open or bool(filters.practice or filters.urgency or filters.words)
        self._offer()

    def clear(self) -> None:
        """Show everything."""
        self.choose(Filters())
        self._apply()

    def _choose_state(self, state: str) -> None:
        """Show only the rows of this state; those of all states where it is chosen already."""
        self.chips.chosen = ANY if self.chips.chosen == state else state
        self._apply()

    def _apply(self) -> None:
        self._offer()
        self._changed(self.filters)

    def _act(self, action: ButtonPress) -> None:
        if action.name == "clear":
            self.clear()
        elif action.name == "filter":
            self._is_open = not self._is_open
            self._offer()

    def _offer(self) -> None:
        get = self._shell.texts.get
        buttons = [Button("filter", get("audit_page.filter"), icon="search", expanded=self._is_open)]
        if self.filters.some:
            buttons.append(Button("clear", get("audit_page.filter.clear"), icon="cross"))
        self.actions.offer(buttons)
        self._fields.children = self._offered if self._is_open else ()
