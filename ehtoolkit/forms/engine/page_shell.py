"""What every tool page has: the way home, title, errors, announcements, background work, and its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_errors import FieldErrors, guard
from ehtoolkit.forms.engine.step_page import home_link
from ehtoolkit.forms.engine.task import FieldOf, PageEnd, Task, TaskRunner, no_field
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.files import Download, DownloadFile
from ehtoolkit.forms.widgets.page_frame import Address, Announcer
from ehtoolkit.forms.widgets.page_parts import ErrorLine, StepHead

P = ParamSpec("P")

UNSAVED = "eh-unsaved"
"""The class by which the script of the pages knows that something would be lost."""


class PageShell:
    """The page around the panels of a tool, which get this and never the page.

    Attributes:
        context: of this kernel.
        texts: in the language of the page.
        home: the folder for reports about unexpected errors.
        pages: the names of the pages that can be linked to.
        runner: does slow work.
        field_of: which field an error is about.
        announcer: for those who do not see that the page changed.
        address: the query of the page's address, for pages that show several things.
        root: the widget to display.
    """

    def __init__(
        self,
        context: PageContext,
        runner: Runner = run_in_thread,
        *,
        title: str,
        lead: str = "",
        failed: str = "",
        stopped: str = "",
        pages: frozenset[str] | None = None,
        tab: str = "",
    ) -> None:
        """Make the shell of a page.

        Args:
            failed: the title above an error.
            stopped: the key of the title when the user has stopped the work; there need not be such a text.
            pages: by default those beside the notebook that runs.
            tab: what the browser's tab says, by default the title.
        """
        self.context = context
        self.texts = texts = context.texts
        self.home = context.settings.home
        self.pages = context.pages() if pages is None else pages
        self.runner = runner
        self.field_of: FieldOf = no_field
        self._title = title
        self._tab = tab or title
        self._stopped = stopped
        self._end = PageEnd()
        self._head = StepHead()
        self._errors = FieldErrors(lambda: (self.root,), failed, texts, self.home)
        self.announcer = Announcer()
        self.address = Address()
        self.root: Any = column("eh")
        on_close(self.root, self._end.close)
        self.show_title(lead=lead)

    def build(
        self,
        body: Sequence[Widget],
        *,
        beside_title: Sequence[Widget] = (),
        has_summary: bool,
        has_way_home: bool = True,
        classes: Sequence[str],
    ) -> None:
        """Put the page together.

        Args:
            beside_title: what is in one row with the title.
            has_summary: errors are shown in a summary under the title.
            has_way_home: a link to the first page stands above the title.
            classes: of the page, for the style sheet.
        """
        title = (
            row("eh-row", "eh-row-between", of=(self._head, *beside_title)) if beside_title else self._head
        )
        summary = (self._errors.summary,) if has_summary else ()
        for name in classes:
            self.root.add_class(name)
        way_home = (home_link(self.texts),) if has_way_home else ()
        self.root.children = (*way_home, title, *summary, *body, self.announcer)

    # ── what is said ─────────────────────────────────────────────────────────────────────────────────────
    def show_title(self, title: str = "", *, caption: str = "", lead: str = "", focus: bool = False) -> None:
        """Show the title and the sentence below it.

        Args:
            title: another one than the page's own, of what the page shows now.
            focus: reading goes on there.
        """
        self._head.tab = f"{title} – {self._tab}" if title else f"{self._tab} – ehtoolkit"
        self._head.show(caption=caption, title=title or self._title, lead=lead, focus=focus)

    def say(self, sentence: str) -> None:
        """Say ``sentence`` to a screen reader; nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence)

    def confirm(self, sentence: str) -> None:
        """Say what was done, to everybody: saved, imported, taken away. Nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence, seen=True)

    # ── errors ───────────────────────────────────────────────────────────────────────────────────────────
    def clear_errors(self) -> None:
        self._errors.clear()

    def mark(self, field: str, sentence: str) -> None:
        """Show ``sentence`` at ``field`` alone, with nothing in the summary; an empty one clears it."""
        self._errors.mark({field: sentence} if sentence else {})

    def blame(self, title: str, lines: list[ErrorLine]) -> None:
        """Show what prevents the action, with the focus on it."""
        self.announcer.clear()
        self._errors.summary.show(title, lines, [])

    def guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """Return ``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guard(listener, self.fail)

    def fail(self, error: BaseException, task: Task[Any] | None = None) -> None:
        """Show ``error``, which ``task`` has raised."""
        field, title = None, "" if task is None else task.failed
        if isinstance(error, errors.EhToolkitError):
            field = (None if task is None else task.field_of(error)) or self.field_of(error)
        if isinstance(error, errors.Cancelled):
            title = title or (self.texts.get(self._stopped) if self.texts.has(self._stopped) else "")
        self.announcer.clear()
        self._errors.fail(error, field, title=title)

    # ── buttons, work and its end ─────────────────────────────────────────────────────────────────────────────────
    def buttons(self, press: Callable[[ButtonPress], None], *buttons: Button) -> ButtonBar:
        """Return a bar of ``buttons``; ``press`` is called inside the error boundary."""
        bar = ButtonBar(buttons)
        bar.on_action(self.guard(press))
        return bar

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
        show_error = self.fail if fail is None else lambda error, _: fail(error)
        made = TaskRunner(self.runner, buttons, show_error, say=say)
        self._end.runners.append(made)
        return made

    def set_unsaved(self, unsaved: bool) -> None:
        """Have the browser ask before the page is left, or not any more."""
        (self.root.add_class if unsaved else self.root.remove_class)(UNSAVED)

    def when_closed(self, close: Callable[[], None]) -> None:
        """Call ``close`` when the page is closed and none of its tasks runs any more; they are stopped."""
        self._end.call(close)
