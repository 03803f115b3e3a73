"""What every tool page has: the way home, title, error summary, and its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_errors import FieldErrors
from ehtoolkit.forms.engine.step_page import home_link
from ehtoolkit.forms.engine.task import FieldOf, no_field
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.page_frame import Address
from ehtoolkit.forms.widgets.page_parts import ErrorLine, StepHead

UNSAVED = "eh-unsaved"
"""The class by which the script of the pages knows that something would be lost."""


class PageShell(PageBase):
    """The page around the panels of a tool, which get this and never the page.

    Attributes:
        context: of this kernel.
        pages: the names of the pages that can be linked to.
        field_of: which field an error is about.
        address: the query of the page's address, for pages that show several things.
        root: the widget to display.
    """

    def __init__(
        self,
        context: PageContext,
        runner: Runner,
        catalogue: str,
        *,
        pages: frozenset[str] | None = None,
        tab: str = "",
    ) -> None:
        """Make the shell of a page.

        Args:
            catalogue: of its texts: ``title``, and where there are such ``lead``, ``failed`` (the title above an error)
                and ``stopped`` (the same when the user has stopped the work).
            pages: by default those beside the notebook that runs.
            tab: what the browser's tab says, by default the title.
        """
        super().__init__(context.texts, context.settings.home, runner)
        self.context = context
        self.pages = context.pages() if pages is None else pages
        self.field_of: FieldOf = no_field
        self._catalogue = catalogue
        self._title = self.texts.get(f"{catalogue}.title")
        self._tab = tab or self._title
        self._unsaved: set[object] = set()
        self._head = StepHead()
        self._errors = FieldErrors(lambda: (self.root,), self._optional("failed"), self.texts, self.home)
        self.address = Address()
        self.root: Any = column("eh")
        on_close(self.root, self.close)
        self.show_title(lead=self._optional("lead"))

    def _optional(self, key: str) -> str:
        """Return a text of the page by its key; empty where it has none."""
        key = f"{self._catalogue}.{key}"
        return self.texts.get(key) if self.texts.has(key) else ""

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
        beside = (self._head, *beside_title)
        title = row("eh-row", "eh-row-between", of=beside) if beside_title else self._head
        summary = (self._errors.summary,) if has_summary else ()
        for name in classes:
            self.root.add_class(name)
        way_home = (home_link(self.texts),) if has_way_home else ()
        self.root.children = (*way_home, title, *summary, *body, self.announcer)

    # ── title ────────────────────────────────────────────────────────────────────────────────────────────
    def show_title(self, title: str = "", *, caption: str = "", lead: str = "", focus: bool = False) -> None:
        """Show the title and the sentence below it.

        Args:
            title: another one than the page's own, of what the page shows now.
            focus: reading goes on there.
        """
        self._head.tab = f"{title} – {self._tab}" if title else f"{self._tab} – ehtoolkit"
        self._head.show(caption=caption, title=title or self._title, lead=lead, focus=focus)

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

    def fail(self, error: BaseException) -> None:
        title = self._optional("stopped") if isinstance(error, errors.Cancelled) else ""
        field = self.field_of(error) if isinstance(error, errors.EhToolkitError) else None
        self.announcer.clear()
        self._errors.fail(error, field, title=title)

    def set_unsaved(self, unsaved: bool, what: object = None) -> None:
        """Have the browser ask before the page is left, or not any more. ``what``: one of several things on the page,
        of which each is saved alone."""
        (self._unsaved.add if unsaved else self._unsaved.discard)(what)
        (self.root.add_class if self._unsaved else self.root.remove_class)(UNSAVED)
