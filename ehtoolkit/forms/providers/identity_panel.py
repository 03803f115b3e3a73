"""The first part of a record: names, numbers, types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ehtoolkit.finding import Finding
from ehtoolkit.forms.engine.field_errors import mark_fields
from ehtoolkit.forms.engine.form_boundary import form_column
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.providers.html import findings_of_record, formatted, type_words
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.provider_form import FIELDS, FieldError
from ehtoolkit.forms.widgets import CheckField, ChoiceField, Option, TextField
from ehtoolkit.i18n import LANGUAGES, Translator

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


class IdentityPanel:
    """``root``: the widget. ``changed`` is called after each thing typed."""

    def __init__(self, model: ProvidersModel, shell: PageShell, changed: Callable[[], None]) -> None:
        self._model = model
        self._shell = shell
        self._changed = changed
        self._filling = False
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
        widgets: list[Any] = [*self.fields.values(), self.language, *self.types.values()]
        for widget in widgets:
            widget.observe(shell.guard(self._read), "value")
        self._findings = show()
        left = [self.fields[name] for name in ("name", "first_names", "birth_date")]
        right = [
            self.fields[name]
            for name in ("niss", "inami", "recognition_number", "enterprise_number", "practice")
        ]
        halves = row("eh-half", of=(column(of=[*left, self.language]), column(of=right)))
        kinds = row("eh-typegrid", of=list(self.types.values()))
        types = column("eh-part", of=(show(heading(get("registry.column.types"), 2)), kinds))
        self.root = form_column("eh-part", of=(self._findings, halves, types))

    def fill(self) -> None:
        """Fill the fields as the draft has them."""
        draft = self._model.draft
        if draft is None:
            return
        self._filling = True
        try:
            for name, field in self.fields.items():
                field.value = draft.texts[name]
            self.language.value = draft.language
            for kind, box in self.types.items():
                box.value = kind in draft.types
        finally:
            self._filling = False

    def refresh(self, findings: Sequence[Finding], wrong: Sequence[FieldError]) -> None:
        texts = self._shell.texts
        self._findings.value = str(findings_of_record(findings, texts)) if findings else ""
        reasons = _of_numbers(findings, texts) | {
            field_error.field: texts.get(f"registry.row.{field_error.reason}")
            for field_error in wrong
            if field_error.row is None
        }
        mark_fields(list(self.fields.values()), reasons, texts)

    def take(self, values: Mapping[str, Any]) -> None:
        """Take over what the fields held when a button was pressed: the one that has the focus has not reported it
        yet."""
        self._filling = True
        try:
            for name, field in self.fields.items():
                if name in values:
                    field.value = str(values[name])
        finally:
            self._filling = False
        self._read_all()

    def _read(self, _: object) -> None:
        if not self._filling:
            self._read_all()
            self._changed()

    def _read_all(self) -> None:
        draft = self._model.draft
        if draft is None:
            return
        draft.texts = {name: draft.written(name, field.value) for name, field in self.fields.items()}
        before, self._filling = self._filling, True
        try:
            for name, field in self.fields.items():
                field.value = draft.texts[name]
        finally:
            self._filling = before
        draft.language = self.language.value
        ticked = [kind for kind, tick in self.types.items() if tick.value]
        unknown = [kind for kind in draft.types if kind not in self.types]  # of settings that are gone: kept
        kept = [kind for kind in draft.types if kind in ticked or kind in unknown]
        draft.types = (*kept, *(kind for kind in ticked if kind not in kept))


def _of_numbers(findings: Sequence[Finding], texts: Translator) -> dict[str, str]:
    """Return what is wrong with numbers that are in the registry as they are, by their fields."""
    return {
        _WRONG_NUMBERS[finding.key]: formatted(finding).message(texts)
        for finding in findings
        if finding.key in _WRONG_NUMBERS
    }
