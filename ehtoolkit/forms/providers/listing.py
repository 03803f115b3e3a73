"""The list of providers, with a search."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Literal

from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.engine.form_boundary import form_column
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.providers.html import certificate_words, proposal_words, type_words
from ehtoolkit.forms.providers.import_panel import ImportPanel
from ehtoolkit.forms.providers.model import SHOWN, ProvidersModel
from ehtoolkit.forms.widgets import (
    ActionRow,
    ActionTable,
    Button,
    ButtonPress,
    Cell,
    Download,
    DownloadFile,
    RowButton,
    TextField,
)
from ehtoolkit.identity.formatting import format_number
from ehtoolkit.providers import Provider
from ehtoolkit.providers.exporting import write_table

_COLUMNS = ("provider", "niss", "certificate", "state", "actions")


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
        self._actions = shell.buttons(self._act)
        self._count = show()
        columns = [get(f"providers.column.{column}") for column in _COLUMNS]
        self.rows = ActionTable(get("providers.title"), columns, nothing=get("providers.none"))
        self.rows.on_press(shell.guard(self._press))
        export = Download(get("providers.export"), self._export)
        self.importing = ImportPanel(model, shell, self._imported, self._show_actions)
        self._show_actions()
        form = form_column(of=(self._search, self._actions))
        self.root = column("eh-part", of=(form, self._count, self.rows, export, self.importing.root))

    def _show_actions(self) -> None:
        """Show the buttons. The search is what users come for, and its button the primary one, but for a table that was
        read and waits."""
        get = self._shell.texts.get
        look: Literal["", "primary"] = "" if self.importing.waits else "primary"
        find = Button("find", get("providers.search.go"), look, "search")
        self._actions.offer([find, Button("new", get("providers.new"), icon="add")])

    @property
    def query(self) -> Mapping[str, str]:
        """What the address of the page has while the list is shown."""
        return {"words": self._model.words}

    def refresh(self) -> None:
        """Show what the registry has now."""
        texts, found, count = self._shell.texts, self._model.found(), self._model.count()
        self._search.value = self._model.words
        words = texts.get("providers.count", shown=len(found), count=count)
        if len(found) == SHOWN < count:
            words = texts.get("providers.count.more", shown=len(found), count=count)
        self._count.value = str(paragraph(words, "eh-note"))
        proposed = self._model.proposed_for(found)
        self.rows.show([self._row(record, newer=record.id in proposed) for record in found])

    def _row(self, record: Provider, *, newer: bool) -> ActionRow:
        texts = self._shell.texts
        severity, words = certificate_words(record, self._model.now, texts)
        worst = next(iter(self._model.findings_of(record)), None)
        look = "ok" if worst is None else LOOKS[worst.severity]
        state = Cell(texts.get(f"cli.severity.{worst.severity}") if worst else "", severity=look)
        return ActionRow(
            str(record.id),
            [
                Cell(
                    f"{record.name} {record.first_names}".strip(),
                    note=", ".join(type_words(type_, texts) for type_ in record.types),
                ),
                Cell(format_number("niss", record.niss)),
                Cell(words, note=proposal_words(record, texts) if newer else "", severity=severity),
                state,
            ],
            [RowButton("open", texts.get("providers.open"), record.full_name)],
        )

    def _act(self, action: ButtonPress) -> None:
        if action.name == "new":
            self._open(None)
            return
        self._model.words = str(action.values.get("search", ""))
        self._shell.address.keep(self.query)
        self._shell.clear_errors()
        self.refresh()
        self._shell.say(self._shell.texts.get("providers.found", count=len(self.rows.rows)))

    def _imported(self, said: str) -> None:
        self._model.words = ""  # the providers that were imported are shown, whatever was searched before
        self.refresh()
        self._shell.confirm(said)

    def _press(self, key: str, _: str) -> None:
        self._open(int(key))

    def _export(self) -> DownloadFile | None:
        made: list[DownloadFile] = []
        self._shell.guard(lambda: made.append(self._table()))()
        return made[0] if made else None

    def _table(self) -> DownloadFile:
        target = io.StringIO()
        write_table(self._model.everybody(), target)
        return DownloadFile("providers.csv", target.getvalue().encode("utf-8-sig"), "text/csv")
