"""The filters of the audit: they apply to everything below, including the exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final

from ehtoolkit.finding import Severity
from ehtoolkit.forms.audit.filters import ANY, NO_PRACTICE, Filters, counts, practices
from ehtoolkit.forms.audit.html import state_word
from ehtoolkit.forms.audit.table_model import AuditTable
from ehtoolkit.forms.engine.form_boundary import form_row
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Button, ButtonPress, ChoiceField, Option, TextField

WORDS_LENGTH: Final = 100


class FilterPanel:
    """``root``: the widget. ``changed`` is called with the filters when one of them is another one."""

    def __init__(self, shell: PageShell, changed: Callable[[Filters], None]) -> None:
        self._shell = shell
        self._changed = changed
        self._filling = False
        get = shell.texts.get
        self.practice = ChoiceField("practice", get("audit_page.filter.practice"), [], compact=True)
        self.state = ChoiceField("state", get("audit_page.filter.state"), [], compact=True)
        self.urgency = ChoiceField("urgency", get("audit_page.filter.urgency"), [], compact=True)
        self.words = TextField(
            "words",
            get("audit_page.filter.words"),
            kind="search",
            autocomplete="off",
            live=True,
            max_length=WORDS_LENGTH,
        )
        for field in (self.practice, self.state, self.urgency, self.words):
            field.observe(shell.guard(self._read), "value")
        self.clear = shell.buttons(self._clear)
        self._fields = form_row("eh-filters")
        self.root = column("eh-part", "eh-no-print", of=(self._fields, self.clear))

    @property
    def filters(self) -> Filters:
        return Filters(self.practice.value, self.state.value, self.urgency.value, self.words.value)

    def fill(self, whole: AuditTable) -> None:
        """Offer what there is now; what was chosen stays chosen where it still exists."""
        get = self._shell.texts.get
        self._filling = True
        try:
            named = practices(whole.rows)
            self.practice.offer(
                [
                    Option(ANY, get("audit_page.filter.all")),
                    *(
                        Option(state, get("audit_page.filter.none") if state == NO_PRACTICE else state)
                        for state in named
                    ),
                ]
            )
            self.state.offer(self._counted(counts(whole.rows), self._state))
            self.urgency.offer(self._counted(counts(whole.rows, "urgency"), self._urgency))
            # The list of practices is of use where there is more than one.
            fields = [self.state, self.urgency, self.words]
            self._fields.children = [self.practice, *fields] if len(named) > 1 else fields
        finally:
            self._filling = False
        self._offer_clear()

    def choose(self, filters: Filters) -> None:
        """Choose ``filters`` for the first audit; those that it does not have are dropped."""
        self._filling = True
        try:
            self.practice.value, self.state.value = filters.practice, filters.state
            self.urgency.value, self.words.value = filters.urgency, filters.words[:WORDS_LENGTH]
        finally:
            self._filling = False

    def choose_state(self, state: str) -> None:
        """Show only the rows of this state, as its tile asks; those of all states where it is chosen already."""
        self.state.value = ANY if self.state.value == state else state

    def _counted(self, found: Mapping[str, int], word: Callable[[str], str]) -> list[Option]:
        everything = Option(ANY, self._shell.texts.get("audit_page.filter.all"))
        return [everything, *(Option(name, f"{word(name)} ({count})") for name, count in found.items())]

    def _state(self, name: str) -> str:
        return state_word(name, self._shell.texts)

    def _urgency(self, name: str) -> str:
        return self._shell.texts.get(f"cli.severity.{Severity(name)}")

    def _read(self, _: object) -> None:
        if not self._filling:
            self._offer_clear()
            self._shell.address.keep(asdict(self.filters))
            self._changed(self.filters)

    def _clear(self, _: ButtonPress) -> None:
        self.choose(Filters())
        self._read(None)

    def _offer_clear(self) -> None:
        get = self._shell.texts.get
        self.clear.offer(
            [Button("clear", get("audit_page.filter.clear"), icon="cross")] if self.filters.some else []
        )
