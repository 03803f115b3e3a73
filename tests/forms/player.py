"""A form without a browser: its widgets are found where they are, and pressed as the browser would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ipywidgets import HTML

from ehtoolkit.forms.engine.background import Outcome, run_inline
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.files import DropZone
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import ErrorSummary, Passage, StepHead
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.support.ipywidgets_internals import send_to


class Player:
    """Plays the browser's part for the form whose widget is ``root``."""

    def __init__(self, root: Any) -> None:
        self.root = root

    def press(
        self,
        action: str = "next",
        values: Mapping[str, str | bool] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Press a button. The fields hold ``values``; of those that are not named, choices hold what is shown."""
        held = {part.name: part.value for part in self.parts(ChoiceField)} | dict(values or {})
        actions = next(part for part in self.parts(ButtonBar) if action in _names(part))
        message = {"action": action, "serial": actions.serial, "values": held, "secrets": dict(secrets or {})}
        send_to(actions, message)

    def drop_elsewhere(self, name: str, content: bytes) -> None:
        """Drop a file on the place for files from elsewhere."""
        zone = self.part(DropZone, "import_files")
        send_to(zone, {"action": "file", "name": name}, [memoryview(content)])
        send_to(zone, {"action": "end", "refused": []})

    def part(self, kind: type[Any], name: str | None = None) -> Any:
        return next(part for part in self.parts(kind) if name is None or part.name == name)

    def parts(self, kind: type[Any]) -> list[Any]:
        return [widget for widget in self.everything() if isinstance(widget, kind)]

    def everything(self) -> Iterator[Any]:
        yield from _inside(self.root)

    @property
    def title(self) -> str:
        return str(self.part(StepHead).title)

    @property
    def buttons(self) -> list[str]:
        return [name for part in self.parts(ButtonBar) for name in _names(part)]

    @property
    def html(self) -> str:
        """All that is only read."""
        written = "".join(part.value for part in self.parts(HTML))
        written += "".join(part.content for part in self.parts(Passage))
        return written + "".join(_cells(table) for table in self.parts(Table))

    @property
    def problem(self) -> list[tuple[str, str]]:
        """The lines of the error summary: the sentence and its field."""
        return [(problem["text"], problem["field"]) for problem in self.part(ErrorSummary).items]

    @property
    def part_problem(self) -> list[tuple[str, str]]:
        """The lines of the error summaries of the page's parts, below that of the page."""
        _, *summaries = self.parts(ErrorSummary)
        return [(problem["text"], problem["field"]) for summary in summaries for problem in summary.items]

    @property
    def error_title(self) -> str:
        return str(self.part(ErrorSummary).title)

    @property
    def said(self) -> str:
        """What a screen reader was given last."""
        return str(self.part(Announcer).text)

    def holds(self, secret: str) -> bool:
        """Whether any state of any widget has it."""
        return any(secret in repr(widget.get_state()) for widget in self.everything())


def _cells(table: Table) -> str:
    return "".join(f"<td>{cell['text']} {cell['note']}</td>" for row in table.rows for cell in row["cells"])


class SomePage(PageBase):
    """A page that notes what it would show as an error."""

    def __init__(self, home: Path, language: LanguageName = "en") -> None:
        super().__init__(Translator(language), home, run_inline)
        self.failures: list[BaseException] = []

    def fail(self, error: BaseException) -> None:
        self.failures.append(error)


class Later:
    """A runner whose work waits for the test."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None], outcome: Outcome) -> None:
        self._waiting.append(lambda: run_inline(work, outcome))

    def __len__(self) -> int:
        """Return how much work waits."""
        return len(self._waiting)

    def do_one(self, place: int = 0) -> None:
        """Do the work that was asked for first, or that at another ``place``."""
        self._waiting.pop(place)()


def _names(actions: ButtonBar) -> list[str]:
    return [button["name"] for button in actions.buttons]


def _inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)
