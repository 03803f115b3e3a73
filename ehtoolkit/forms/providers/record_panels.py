"""The panels of a record: names, numbers and types, and the table of its INAMI periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ehtoolkit.finding import Finding
from ehtoolkit.forms.engine.page_errors import mark_fields
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import most_urgent
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.providers.html import findings_of_record, formatted, type_words
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.record_fields import COLUMNS, FIELDS, FieldError
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, ObservedFields, Option, TextField
from ehtoolkit.forms.widgets.tables import EditColumn, EditRow, EditTable
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.providers import Conventioned
from ehtoolkit.providers.provider import periods_of

_HINTED: Final = ("birth_date", "niss", "inami")
_WRONG_NUMBERS: Final = {
    "niss_form": "niss",
    "niss_date": "niss",
    "niss_check_digits": "niss",
    "inami_form": "inami",
    "inami_check_digits": "inami",
    "enterprise_form": "enterprise_number",
    "enterprise_check_digits": "enterprise_number",
}
"""Findings about a number that is wrong in itself, and the field that has it."""
_LANGUAGE_NAMES: Final = {"fr": "français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


class RecordPanel:
    """A part of the record that is open. ``changed`` is called after each thing typed or done."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        self._model = model
        self._shell = shell
        self._changed = changed


class IdentityPanel(RecordPanel):
    """``root``: the widget."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        super().__init__(model, shell, changed)
        get = shell.texts.get
        self.fields = {
            name: TextField(
                name,
                get(f"registry.column.{name}"),
                hint=get(f"providers.hint.{name}") if name in _HINTED else "",
                autocomplete="off",
                max_length=200,
            )
            for name in FIELDS
        }
        languages = [
            Option("", "–"),
            *(Option(language, _LANGUAGE_NAMES[language]) for language in LANGUAGES),
        ]
        self.language = ChoiceField("language", get("registry.column.language"), languages, compact=True)
        self.types = {kind: CheckField(f"type-{kind}", type_words(kind, shell.texts)) for kind in model.types}
        fields = (*self.fields.values(), self.language, *self.types.values())
        self._observed = ObservedFields(shell.guard(self._read), fields)
        self._findings = show()
        person, numbers = list(self.fields.values())[:3], list(self.fields.values())[3:]
        halves = row("eh-half", of=(column(of=[*person, self.language]), column(of=numbers)))
        kinds = row("eh-typegrid", of=list(self.types.values()))
        types = column("eh-part", of=(show(heading(get("registry.column.types"), 2)), kinds))
        self.root = form_column("eh-part", of=(self._findings, halves, types))

    def fill(self) -> None:
        """Fill the fields as the draft has them."""
        draft = self._model.opened
        with self._observed.filled():
            for name, field in self.fields.items():
                field.value = draft.texts[name]
            self.language.value = draft.language
            for kind, box in self.types.items():
                box.value = kind in draft.types

    def refresh(self, findings: Sequence[Finding], wrong: Sequence[FieldError]) -> None:
        texts = self._shell.texts
        self._findings.value = str(findings_of_record(findings, texts)) if findings else ""
        reasons = {
            _WRONG_NUMBERS[finding.key]: formatted(finding).message(texts)
            for finding in findings
            if finding.key in _WRONG_NUMBERS
        } | {
            field_error.field: _sentence(texts.get(f"registry.row.{field_error.reason}"))
            for field_error in wrong
            if field_error.row is None
        }
        mark_fields(list(self.fields.values()), reasons, texts)

    def take(self, values: Mapping[str, Any]) -> None:
        """Take over what the fields held when a button was pressed: the one that has the focus has not reported it
        yet."""
        with self._observed.filled():
            for name, field in self.fields.items():
                field.value = str(values.get(name, field.value))
        self._read_all()

    def _read(self) -> None:
        self._read_all()
        self._changed()

    def _read_all(self) -> None:
        draft = self._model.draft
        if draft is None:
            return
        draft.texts = {name: draft.written(name, field.value) for name, field in self.fields.items()}
        with self._observed.filled():
            for name, field in self.fields.items():
                field.value = draft.texts[name]
        draft.language = self.language.value
        ticked = [kind for kind, tick in self.types.items() if tick.value]
        unknown = [kind for kind in draft.types if kind not in self.types]  # of settings that are gone: kept
        kept = [kind for kind in draft.types if kind in ticked or kind in unknown]
        draft.types = (*kept, *(kind for kind in ticked if kind not in kept))


_HEADS = {"inami": "registry.column.period_inami"}


class PeriodsPanel(RecordPanel):
    """``root``: the widget."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        super().__init__(model, shell, changed)
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

    def refresh(self, findings: Sequence[Finding], wrong: Sequence[FieldError], *, tried: bool) -> None:
        """Show the periods of the draft, and what the rules say of them. ``tried``: whether the record was to be saved;
        before that a row in which nothing is typed is not wrong."""
        draft, texts = self._model.opened, self._shell.texts
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
        words: dict[str, str] = {}
        if name == "type":
            words = {kind: type_words(kind, texts) for kind in self._model.types}
        elif name == "conventioned":
            words = {str(answer): texts.get(f"registry.conventioned.{answer}") for answer in Conventioned}
        options = [Option(value, word) for value, word in {"": "–", **words}.items()] if words else []
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


def _sentence(reason: str) -> str:
    """Return a reason, which elsewhere follows the name of its column, as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}."


def _place(key: str) -> int:
    """Return the place of a row, from 0, by its key; -1 for what is none."""
    return int(key[1:]) - 1 if key[1:].isdigit() else -1
