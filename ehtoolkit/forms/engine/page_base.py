"""What a form and a tool page have in common: sentences, the error boundary, buttons, background work, and its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec
from weakref import WeakSet

from ipywidgets import Widget

from ehtoolkit.forms.engine.background import Runner
from ehtoolkit.forms.engine.page_errors import FieldErrors, button_bar, guard
from ehtoolkit.forms.engine.task import TaskRunner
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.i18n import Translator

P = ParamSpec("P")


class PageBase(ABC):
    """What parts of a page need from the page.

    Attributes:
        texts: in the language of the page.
        home: the folder for reports about unexpected errors.
        runner: does slow work.
        announcer: for users who do not see that the page changed.
    """

    def __init__(self, texts: Translator, home: Path, runner: Runner) -> None:
        self.texts = texts
        self.home = home
        self.runner = runner
        self.announcer = Announcer()
        # Of parts that are shown, or still work: a form makes the parts of a step anew each time.
        self._runners: WeakSet[TaskRunner] = WeakSet()
        self._closers: list[Callable[[], None]] = []

    # ── sentences ────────────────────────────────────────────────────────────────────────────────────────
    def say(self, sentence: str) -> None:
        """Say ``sentence`` to a screen reader; nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence)

    def confirm(self, sentence: str) -> None:
        """Say what was done, to everybody: saved, imported, taken away. Nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence, seen=True)

    # ── errors ───────────────────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def fail(self, error: BaseException) -> None:
        """Show ``error``."""

    def guard(self, listener: Callable[P, object]) -> Callable[P, None]:
        """Return ``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guard(listener, self._show_raised)

    def _show_raised(self, error: Exception) -> None:
        self.fail(error)

    def field_errors(self, title: str, *fields: Widget) -> FieldErrors:
        """Return the errors of one part of the page, which has these ``fields``."""
        return FieldErrors(lambda: fields, title, self.texts, self.home)

    # ── buttons and work ─────────────────────────────────────────────────────────────────────────────────
    def buttons(self, press: Callable[[ButtonPress], None], *buttons: Button) -> ButtonBar:
        """Return a bar of ``buttons``; ``press`` is called inside the error boundary."""
        return button_bar(press, self._show_raised, *buttons)

    def download(
        self, label: str, make: Callable[[], DownloadFile | None], *, look: str = "quiet small"
    ) -> Download:
        """Return a button that hands out what ``make`` returns; what it raises is shown, and nothing is handed out."""

        def handed_out() -> DownloadFile | None:
            try:
                return make()
            except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
                self.fail(error)
                return None

        return Download(label, handed_out, look=look)

    def tasks(
        self,
        buttons: Callable[[], ButtonBar],
        fail: Callable[[BaseException], None] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> TaskRunner:
        """Return what runs the tasks of one part of the page; they end with the page.

        Args:
            buttons: returns the buttons that show how far a task is.
            fail: shows an error; by default the page.
            say: gets each sentence about the progress.
        """
        made = TaskRunner(self.runner, buttons, fail or self.fail, say=say)
        self._runners.add(made)
        return made

    @property
    def busy(self) -> bool:
        """Whether a task of the page runs; then no other view may show the same."""
        return any(runner.busy for runner in self._runners)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────
    def when_closed(self, close: Callable[[], None]) -> None:
        """Call ``close`` when the page is left and none of its tasks runs any more; they are stopped. What was added
        last is called first."""
        self._closers.append(close)

    def give_up(self) -> Sequence[Callable[[], None]]:
        """Call nothing at the end, since another page shows the same. Return what would be called."""
        closers, self._closers = self._closers, []
        return closers

    def close(self) -> None:
        """Stop the tasks: the page is left. What was sent is waited for, since the file has to say it."""
        for runner in self._runners:
            runner.close()
        self._release()

    def _release(self) -> None:
        busy = next((runner for runner in self._runners if runner.busy), None)
        if busy is not None:
            busy.when_idle(self._release)
            return
        for close in reversed(self.give_up()):
            close()
