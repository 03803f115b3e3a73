"""Errors of one part of a page, shown in that part and at its field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ehtoolkit.forms.engine.field_errors import FieldErrors
from ehtoolkit.forms.widgets import CheckField, TextField
from ehtoolkit.i18n import Translator


class PartErrors:
    """The errors about ``field``. ``summary`` goes above the field; ``title`` says what was not done; ``home``: the
    folder for reports about the unexpected."""

    def __init__(self, field: TextField | CheckField, title: str, texts: Translator, home: Path) -> None:
        self._field = field
        self._errors = FieldErrors(lambda: (field,), title, texts, home)
        self.summary = self._errors.summary

    def clear(self) -> None:
        self._errors.clear()

    def show(self, sentence: str, notes: Sequence[str] = ()) -> None:
        """Show ``sentence`` at the field and above it, and ``notes`` about what to do."""
        self._errors.show(sentence, self._field.name, notes)

    def fail(self, error: BaseException, *, of_field: bool) -> None:
        """Show ``error``; at the field too where it is about what stands there (``of_field``)."""
        self._errors.fail(error, self._field.name if of_field else None)
