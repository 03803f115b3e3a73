"""Errors on a page: exceptions in callbacks become sentences, in a summary and at their fields.

An exception that leaves a widget's callback shows nothing in the page, but its text goes to the browser in an
error message. So none leaves: ours become their sentences, others a general one and a report on disk.
"""

from __future__ import annotations

import logging
import platform
import secrets
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.user_progress import HERE
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.fields import SecretField, TextField
from ehtoolkit.forms.widgets.page_parts import ErrorLine, ErrorSummary
from ehtoolkit.i18n import Translator
from ehtoolkit.system.files import create_private, make_private_folder
from ehtoolkit.version import __version__

P = ParamSpec("P")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened, what to do, and for the unexpected the number of the report about it."""

    sentence: str
    next_step: str
    error: errors.EhToolkitError
    report: str | None = None

    def notes(self, texts: Translator) -> list[str]:
        """Return what is said under the sentence."""
        if self.report is None:
            return [self.next_step]
        return [self.next_step, texts.get("wizard.report", number=self.report)]


def guard(listener: Callable[P, object], fail: Callable[[Exception], None]) -> Callable[P, None]:
    """Return ``listener`` inside the error boundary: what it raises goes to ``fail``, and nothing leaves it."""

    def inside(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            listener(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
            fail(error)

    return inside


def button_bar(
    press: Callable[[ButtonPress], None], fail: Callable[[Exception], None], *buttons: Button
) -> ButtonBar:
    """Return a bar of ``buttons``; what ``press`` raises is handed to ``fail``."""
    bar = ButtonBar(buttons)
    bar.on_action(guard(press, fail))
    return bar


def describe_error(error: BaseException, texts: Translator, home: Path) -> Problem:
    """Return the problem that ``error`` is to the user; write a report under ``home`` for one of another library."""
    if isinstance(error, errors.EhToolkitError):
        return Problem(texts.error(error), texts.next_step(error), error)
    unexpected = errors.EhToolkitError()
    return Problem(
        texts.error(unexpected), texts.next_step(unexpected), unexpected, write_report(error, home)
    )


def title_of_error(error: errors.EhToolkitError, texts: Translator) -> str:
    """Return what is certain whatever the page says of its work when that fails: a refusal, that another window was
    there before, and that only a folder was to be shown. Empty for other errors."""
    if isinstance(error, errors.PlatformRefused):
        return texts.get("wizard.refused")
    if isinstance(error, errors.FileBusy) and error.reason in ("changed", "password"):
        return texts.get("wizard.changed")
    if isinstance(error, errors.FileManagerMissing):
        return texts.get("wizard.folder")
    return ""


def write_report(error: BaseException, home: Path) -> str | None:
    """Write where ``error`` came from to ``home/reports/<number>.txt`` and return the number.

    Names of exceptions, files, lines and functions only: the exceptions' own texts may quote what was typed.
    """
    number = secrets.token_hex(4)
    lines = [
        f"report {number}",
        f"time {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"ehtoolkit {__version__}, Python {platform.python_version()}, {platform.platform()}",
    ]
    for cause in _causes(error):
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    folder = home / "reports"
    try:
        make_private_folder(folder)
        with create_private(folder / f"{number}.txt") as file:
            file.write(("\n".join(lines) + "\n").encode())
    except OSError:
        _log.warning("no report could be written in %s", folder)
        return None
    return number


def _causes(error: BaseException) -> list[BaseException]:
    """Return ``error`` and what led to it, each once."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


@dataclass(eq=False)
class FieldErrors:
    """Shows errors.

    Attributes:
        within: returns the widgets that hold the fields.
        title: what was not done.
        home: the folder for reports about unexpected errors.
        shown: makes a sentence safe to show, where it may quote a file.
        summary: the widget above the fields.
    """

    within: Callable[[], Sequence[Widget]]
    title: str
    texts: Translator
    home: Path
    _: KW_ONLY
    shown: Callable[[str], str] = str
    summary: ErrorSummary = field(init=False)
    _marked: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.summary = ErrorSummary(help=self.texts.get("helpdesk.title"))

    def clear(self) -> None:
        self.mark({})
        self.summary.clear()

    def buttons(self, press: Callable[[ButtonPress], None], *buttons: Button) -> ButtonBar:
        """Return a bar of ``buttons``; what ``press`` raises is shown here."""
        return button_bar(press, self.fail, *buttons)

    def mark(self, sentences: Mapping[str, str]) -> None:
        """Show ``sentences`` at the fields of these names, and none at those that were marked before."""
        mark_fields(self.within(), sentences, self.texts, self._marked)
        self._marked = set(sentences)

    def show(
        self, sentence: str, field: str | None = None, notes: Sequence[str] = (), *, title: str = ""
    ) -> None:
        """Show ``sentence``, also at ``field``, and ``notes`` about what to do."""
        self.show_lines([ErrorLine(sentence, field)], notes, title=title)

    def show_lines(self, lines: Sequence[ErrorLine], notes: Sequence[str] = (), *, title: str = "") -> None:
        """Show ``lines``, each also at its field, and ``notes`` about what to do."""
        self.mark({line.field: line.text for line in lines if line.field is not None})
        self.summary.show(title or self.title, lines, notes)

    def fail(self, error: BaseException, field: str | None = None, *, title: str = "") -> None:
        """Show ``error``, also at the ``field`` that it is about."""
        self.show_problem(describe_error(error, self.texts, self.home), field, title=title)

    def show_problem(self, problem: Problem, field: str | None = None, *, title: str = "") -> None:
        """Show ``problem``, also at the ``field`` that it is about."""
        HERE.show_problem(self.texts.error_key(problem.error))
        notes = [self.shown(note) for note in problem.notes(self.texts)]
        self.show(self.shown(problem.sentence), field, notes, title=title)


def mark_fields(
    widgets: Sequence[Widget], sentences: Mapping[str, str], texts: Translator, names: set[str] | None = None
) -> None:
    """Show ``sentences`` at the fields of these names, and none at the others: at all, or at those of ``names``."""
    for widget in fields(widgets):
        if names is None or widget.name in sentences or widget.name in names:
            widget.error_word = texts.get("wizard.error")
            widget.error = sentences.get(widget.name, "")


def is_typed(widgets: Sequence[Widget], name: str | None) -> bool:
    """Return whether the field of this name, among ``widgets``, is one that the user types in."""
    return any(field.name == name and isinstance(field, TextField | SecretField) for field in fields(widgets))


def fields(widgets: Sequence[Widget]) -> Iterator[Any]:
    """Yield all fields among ``widgets`` and inside them."""
    for widget in widgets:
        if widget.has_trait("error") and widget.has_trait("name"):
            yield widget
        yield from fields(getattr(widget, "children", ()))
