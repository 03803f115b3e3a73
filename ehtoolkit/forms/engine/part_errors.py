"""Errors of one part of a page, shown in that part and at its field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ehtoolkit.forms.engine.error_boundary import describe_error
from ehtoolkit.forms.widgets import CheckField, ErrorLine, ErrorSummary, TextField
from ehtoolkit.i18n import Translator


class PartErrors:
    """The errors about ``field``. ``summary`` goes above the field; ``title`` says what was not done; ``home``: the
    folder for reports about the unexpected."""

    def __init__(self, field: TextField | CheckField, title: str, texts: Translator, home: Path) -> None:
        self._field = field
        self._title = title
        self._texts = texts
        self._home = home
        self.summary = ErrorSummary()

    def clear(self) -> None:
        self._field.error = ""
        self.summary.clear()

    def show(self, sentence: str, notes: Sequence[str] = ()) -> None:
        """Show ``sentence`` at the field and above it, and ``notes`` about what to do."""
        self._field.error = sentence
        self.summary.show(self._title, [ErrorLine(sentence, self._field.name)], notes)

    def fail(self, error: BaseException, *, of_field: bool) -> None:
        """Show ``error``; at the field too where it is about what stands there (``of_field``)."""
        problem = describe_error(error, self._texts, self._home)
        notes = problem.notes(self._texts)
        if of_field:
            self.show(problem.sentence, notes)
        else:
            self.summary.show(self._title, [ErrorLine(problem.sentence)], notes)
