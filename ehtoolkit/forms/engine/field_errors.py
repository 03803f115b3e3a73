"""The errors of a page or of a part of it: a summary above, and each sentence at its field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ipywidgets import Widget

from ehtoolkit.forms.engine.activity import HERE
from ehtoolkit.forms.engine.error_boundary import describe_error
from ehtoolkit.forms.widgets import ErrorLine, ErrorSummary, SecretField, TextField
from ehtoolkit.i18n import Translator


class FieldErrors:
    """Shows errors.

    Attributes:
        summary: the widget above the fields.
        title: what was not done.
    """

    def __init__(
        self,
        within: Callable[[], Sequence[Widget]],
        title: str,
        texts: Translator,
        home: Path,
        *,
        shown: Callable[[str], str] = str,
    ) -> None:
        """Make the summary, empty.

        Args:
            within: returns the widgets that hold the fields.
            home: the folder for reports about unexpected errors.
            shown: makes a sentence safe to show, where it may quote a file.
        """
        self._within = within
        self.title = title
        self._texts = texts
        self._home = home
        self._shown = shown
        self._marked: set[str] = set()
        self.summary = ErrorSummary(texts.get("helpdesk.title"))

    def clear(self) -> None:
        self.mark({})
        self.summary.clear()

    def mark(self, sentences: Mapping[str, str]) -> None:
        """Show ``sentences`` at the fields of these names, and none at those that were marked before."""
        mark_fields(self._within(), sentences, self._texts, self._marked)
        self._marked = set(sentences)

    def show(
        self, sentence: str, field: str | None = None, notes: Sequence[str] = (), *, title: str = ""
    ) -> None:
        """Show ``sentence``, also at ``field``, and ``notes`` about what to do."""
        self.mark({} if field is None else {field: sentence})
        self.summary.show(title or self.title, [ErrorLine(sentence, field)], notes)

    def fail(self, error: BaseException, field: str | None = None, *, title: str = "") -> None:
        """Show ``error``, also at the ``field`` that it is about."""
        problem = describe_error(error, self._texts, self._home)
        HERE.fail(problem.error, self._texts)
        notes = [self._shown(note) for note in problem.notes(self._texts)]
        self.show(self._shown(problem.sentence), field, notes, title=title)


def mark_fields(
    widgets: Sequence[Widget], sentences: Mapping[str, str], texts: Translator, names: set[str] | None = None
) -> None:
    """Show ``sentences`` at the fields of these names, and none at the others: at all, or at those of ``names``."""
    for field in fields(widgets):
        if names is None or field.name in sentences or field.name in names:
            field.error_word = texts.get("wizard.error")
            field.error = sentences.get(field.name, "")


def is_typed(widgets: Sequence[Widget], name: str | None) -> bool:
    """Return whether the field of this name, among ``widgets``, is one that the user types in."""
    return any(field.name == name and isinstance(field, TextField | SecretField) for field in fields(widgets))


def fields(widgets: Sequence[Widget]) -> Iterator[Any]:
    """Yield all fields among ``widgets`` and inside them."""
    for widget in widgets:
        if widget.has_trait("error") and widget.has_trait("name"):
            yield widget
        yield from fields(getattr(widget, "children", ()))
