"""The list of providers, with a search."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

from ehtoolkit.forms.due.action_links import step_cell
from ehtoolkit.forms.due.standings import look_of
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.providers.html import (
    CORRECT,
    STATUSES,
    Status,
    end_of_certificate,
    proposal_words,
    record_words,
    state_words,
    status_of,
    type_words,
)
from ehtoolkit.forms.providers.import_panel import ImportPanel
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, CellLink, Column, Sorting, Table
from ehtoolkit.i18n import search_key
from ehtoolkit.identity.numbers import format_number
from ehtoolkit.providers import Provider
from ehtoolkit.providers.exporting import write_table

_COLUMNS: Final = ("provider", "types", "niss", "certificate", "state", "next")
_SORTED: Final[Mapping[str, Callable[[Listing, Provider], Any]]] = {
    "provider": lambda _, record: search_key(f"{record.name} {record.first_names}"),
    "certificate": lambda listing, record: listing.end_of(record),
    "state": lambda listing, record: listing.status_of(record).order,
}
"""The columns that the list can be sorted by, and what of a record."""
SHOWN: Final = 100
"""Records in the list at a time; of more, the search finds the right one."""


class Listing:
    """``root``: the widget. ``open_record`` shows the record of that number, with None a new one."""

    def __init__(
        self, model: ProvidersModel, shell: PageShell, open_record: Callable[[int | None], None]
    ) -> None:
        self._model = model
        self._shell = shell
        self._open = open_record
        get = shell.texts.get
        self._search = TextField("search", get("providers.search"), hint=get("providers.search.hint"))
        statuses = [Option(word, self._status_word(word)) for word in STATUSES]
        everything = Option("", get("providers.filter.all"))
        self.status = ChoiceField(
            "status", get("providers.column.state"), [everything, *statuses], compact=True
        )
        self.status.value = model.status if model.status in STATUSES else ""
        self.status.observe(shell.guard(self._choose_status), "value")
        self._actions = shell.buttons(self._act)
        self._count = show()
        self._sort, self._ascending = "provider", True
        self._found: Sequence[Provider] = ()
        self._statuses: dict[int | None, Status] = {}
        self.rows = Table(get("providers.title"), self._columns(), nothing=get("providers.none"))
        self.rows.on_press(shell.guard(lambda key, _: self._open(int(key))))
        self.rows.on_sort(shell.guard(self._sort_by))
        self._export_button = shell.download(get("providers.export"), self._export)
        self.importing = ImportPanel(model, shell, self._imported, self._show_actions)
        self._form = form_column()
        self.root = column("eh-part")
        self._is_empty = False
        self._show_actions()

    def _show_actions(self) -> None:
        """Show the buttons. The search is what users come for, and its button the primary one; while there is no
        provider, adding one is. A table that was read and waits comes before both."""
        get = self._shell.texts.get
        look: Literal["", "primary"] = "" if self.importing.waits else "primary"
        if self._is_empty:
            self._actions.offer([Button("new", get("providers.new"), look, "add")])
            return
        find = Button("find", get("providers.search.go"), look, "search")
        self._actions.offer([find, Button("new", get("providers.new"), icon="add")])

    @property
    def query(self) -> Mapping[str, str]:
        """What the address of the page has while the list is shown."""
        return {"words": self._model.words, "status": self._model.status}

    def refresh(self) -> None:
        """Show what the registry has now."""
        self._model.status = wanted = self.status.value
        self._statuses = {}
        self._model.look_again()
        found, count = self._model.found(), self._model.registry.count()
        self._found = [record for record in found if not wanted or wanted in self.status_of(record).words]
        self._arrange(is_empty=not count)
        self._search.value = self._model.words
        words = "providers.count.more" if len(self._found) > SHOWN else "providers.count"
        shown = min(len(self._found), SHOWN)
        self._count.value = str(paragraph(self._shell.texts.get(words, shown=shown, count=count), "eh-note"))
        self._draw()

    def status_of(self, record: Provider) -> Status:
        """Return the status of a record of the registry, worked out once for what the list shows."""
        if record.id not in self._statuses:
            found = self._model.findings_of(record)
            self._statuses[record.id] = status_of(found, self._model.standing_of(record))
        return self._statuses[record.id]

    def end_of(self, record: Provider) -> tuple[bool, float]:
        """Return what the ends of certificates are sorted by; records without one come last."""
        end = self._model.standing_of(record).until
        if end is None and record.keystore is not None:
            end = record.keystore.not_after
        return end is None, 0.0 if end is None else end.timestamp()

    def _status_word(self, word: str) -> str:
        get = self._shell.texts.get
        if word == CORRECT:
            return self._shell.texts.labelled(get("providers.record"), get(f"page.urgency.{word}"))
        return get(f"export.state.{word}")

    def _arrange(self, *, is_empty: bool) -> None:
        """Show the list with its search, or what to do while there is no provider."""
        get = self._shell.texts.get
        if self.root.children and is_empty == self._is_empty:
            return
        self._is_empty = is_empty
        self._show_actions()
        if is_empty:
            self._form.children = (self._actions,)
            verdict = show(panel("info", get("providers.empty"), get("providers.empty.text")))
            self.root.children = (verdict, self._form, self.importing.root)
            return
        self._form.children = (row("eh-filters", of=(self._search, self.status)), self._actions)
        self.root.children = (self._form, self._count, self.rows, self._export_button, self.importing.root)

    def _columns(self) -> list[Column]:
        get = self._shell.texts.get
        places: Mapping[str, Literal["extra", "state"]] = {"types": "extra", "state": "state"}
        return [
            Column(
                get(f"providers.column.{name}"), name if name in _SORTED else "", place=places.get(name, "")
            )
            for name in _COLUMNS
        ]

    def _sort_by(self, column: str) -> None:
        if column not in _SORTED:
            return
        self._ascending = not self._ascending if column == self._sort else True
        self._sort = column
        self._draw()
        get, order = self._shell.texts.get, "ascending" if self._ascending else "descending"
        self._shell.say(get(f"page.sorted.{order}", column=get(f"providers.column.{column}")))

    def _draw(self) -> None:
        """Show the first records of all that were found, as they are sorted."""
        key = partial(_SORTED[self._sort], self)
        shown = sorted(self._found, key=key, reverse=not self._ascending)[:SHOWN]
        proposed = self._model.proposed_for(shown)
        rows = [self._row(record, newer=record.id in proposed) for record in shown]
        self.rows.show(rows, Sorting(self._sort, self._ascending))

    def _row(self, record: Provider, *, newer: bool) -> ActionRow:
        texts, number, status = self._shell.texts, str(record.id), self.status_of(record)
        address = f"providers.ipynb?provider={number}"
        link = CellLink(address, action="open")
        note = proposal_words(record, texts) if newer else ""
        keystore = status.keystore
        step = self._model.step_of(record, self._shell.pages, newer=newer)
        return ActionRow(
            number,
            [
                Cell(f"{record.name} {record.first_names}".strip(), link=link),
                Cell(", ".join(type_words(type_, texts) for type_ in record.types)),
                Cell(format_number("niss", record.niss)),
                Cell(end_of_certificate(record, keystore, self._model.now, texts), note),
                Cell(state_words(keystore, texts), record_words(status, texts), look_of(keystore)),
                step_cell(step, record.full_name, texts),
            ],
        )

    def _act(self, action: ButtonPress) -> None:
        if action.name == "new":
            self._open(None)
            return
        self._model.words = action.typed("search")
        self._find()

    def _choose_status(self, _: object) -> None:
        if self.status.value != self._model.status:
            self._find()

    def _find(self) -> None:
        self._model.status = self.status.value
        self._shell.address.keep(self.query)
        self._shell.clear_errors()
        self.refresh()
        self._shell.say(self._shell.texts.get("providers.found", count=len(self._found)))

    def _imported(self, said: str) -> None:
        # The providers that were imported are shown, whatever was searched before.
        self._model.words = self._model.status = self.status.value = ""
        self.refresh()
        self._shell.confirm(said)

    def _export(self) -> DownloadFile:
        """Return a table of all records that the search finds, as the list says."""
        target = io.StringIO()
        write_table(self._found, target)
        return DownloadFile("providers.csv", target.getvalue().encode("utf-8-sig"), "text/csv")
