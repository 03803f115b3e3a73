"""The INAMI periods of a record: a table that is typed into, and what the rules say, beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ehtoolkit.finding import Finding
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import most_urgent
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.providers.html import findings_of_record, type_words
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.provider_form import COLUMNS, FieldError
from ehtoolkit.forms.widgets import Button, EditColumn, EditRow, EditTable, Option
from ehtoolkit.providers import Conventioned
from ehtoolkit.providers.provider import periods_of

_HEADS = {"inami": "registry.column.period_inami"}


class PeriodsPanel:
    """``root``: the widget. ``changed`` is called after each thing typed."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        self._model = model
        self._shell = shell
        self._changed = changed
        get = shell.texts.get
        self.table = EditTable(
            get("providers.periods"),
            [self._column(column) for column in COLUMNS],
            heading=get("providers.period.number"),
            remove=get("providers.period.remove"),
            nothing=get("providers.periods.none"),
        )
        self.table.on_edit(shell.guard(self._edit))
        self.table.on_remove(shell.guard(self._remove))
        self.actions = shell.buttons(
            lambda _: self._add(), Button("add", get("providers.period.add"), icon="add")
        )
        self._findings = show()
        title = show(heading(get("providers.findings.title"), 2))
        periods = column("eh-part", of=(show(heading(get("providers.periods"), 2)), self.table, self.actions))
        beside = column("eh-part", of=(title, self._findings))
        self.root = row("eh-period-grid", of=(periods, beside))

    def fill(self) -> None:
        """Do nothing: the rows are shown by `refresh`, from the draft."""

    def refresh(self, findings: Sequence[Finding], wrong: Sequence[FieldError], *, tried: bool) -> None:
        """Show the periods of the draft, and what the rules say of them. ``tried``: whether the record was to be saved;
        before that a row in which nothing is typed is not wrong."""
        draft, texts = self._model.draft, self._shell.texts
        if draft is None:
            return
        self._findings.value = str(findings_of_record(findings, texts))
        rows = []
        for number, values in enumerate(draft.rows, start=1):
            about = [finding for finding in findings if number in periods_of(finding)]
            bad = [field_error.field for field_error in wrong if field_error.row == number]
            untouched = not tried and not any(values[name] for name in ("start", "end", "inami"))
            bad = [] if untouched else bad
            severity = "danger" if bad else most_urgent(about).look if about else "" if untouched else "ok"
            word = texts.get(f"providers.row.{severity}") if severity else ""
            rows.append(EditRow(f"p{number}", str(number), values, severity, word, bad))
        self.table.show_fields(rows)

    def _column(self, name: str) -> EditColumn:
        texts = self._shell.texts
        options: list[Option] = []
        if name == "type":
            options = [
                Option("", "–"),
                *(Option(kind, type_words(kind, texts)) for kind in self._model.types),
            ]
        elif name == "conventioned":
            words = [
                Option(str(convention), texts.get(f"registry.conventioned.{convention}"))
                for convention in Conventioned
            ]
            options = [Option("", "–"), *words]
        placeholder = texts.get(f"providers.placeholder.{name}") if name in ("start", "end") else ""
        label = texts.get(_HEADS.get(name, f"registry.column.{name}"))
        return EditColumn(name, label, options, placeholder, wide=name == "inami")

    def _edit(self, key: str, name: str, value: str) -> None:
        draft, place = self._model.draft, _place(key)
        if draft is None or name not in COLUMNS or not 0 <= place < len(draft.rows):
            return
        draft.rows[place] = {**draft.rows[place], name: draft.written(name, value)}
        self._changed()

    def _remove(self, key: str) -> None:
        draft, place = self._model.draft, _place(key)
        if draft is None or not 0 <= place < len(draft.rows):
            return
        del draft.rows[place]
        self._changed()
        self._shell.say(self._shell.texts.get("providers.period.removed", number=place + 1))

    def _add(self) -> None:
        if self._model.draft is not None:
            self._model.draft.add_row()
            self._changed()
            self._shell.say(
                self._shell.texts.get("providers.period.added", number=len(self._model.draft.rows))
            )


def _place(key: str) -> int:
    """Return the place of a row, from 0, by its key; -1 for what is none."""
    return int(key[1:]) - 1 if key[1:].isdigit() else -1
