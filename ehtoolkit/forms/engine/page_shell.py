"""The shell around pages that are no wizard: way home, title, errors, announcements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.engine.view import HOME
from ehtoolkit.forms.html import link, show, svg
from ehtoolkit.forms.widgets import Address, Announcer, ErrorLine, ErrorSummary, StepHead
from ehtoolkit.i18n import Translator

P = ParamSpec("P")


def no_field(error: errors.EhToolkitError) -> str | None:
    """Return None: for a page whose errors concern no field."""
    return None


class PageShell:
    """Panels get this, and callables for what is one page's own; never the page.

    Attributes:
        texts: in the language of the page.
        home: the folder for reports about what nobody foresaw.
        back: the link to the first page.
        head: title, caption and lead.
        errors: the error summary.
        announcer: for those who do not see that the page changed.
        address: the query of the page's address, for pages that show several things.
    """

    def __init__(
        self,
        texts: Translator,
        home: Path,
        title: str,
        failed: str | Callable[[BaseException], str],
        *,
        lead: str = "",
        field_of: Callable[[errors.EhToolkitError], str | None] = no_field,
    ) -> None:
        """Make the shell of a page.

        Args:
            title, lead: sentences.
            failed: the key of what is said above an error, or what chooses one.
            field_of: which field an error is about.
        """
        self.texts = texts
        self.home = home
        self._title = title
        self._failed = failed
        self._field_of = field_of
        self.back: Widget = show(link(svg("back") + texts.get("page.home"), HOME, class_="eh-back"))
        self.head = StepHead()
        self.head.tab = f"{title} – ehtoolkit"
        self.errors = ErrorSummary()
        self.announcer = Announcer()
        self.address = Address()
        self.show_title(lead=lead)

    def show_title(self, title: str = "", *, caption: str = "", lead: str = "", focus: bool = False) -> None:
        """Show the title and the sentence below it.

        Args:
            title: another one than the page's own.
            focus: reading goes on there.
        """
        self.head.show(caption=caption, title=title or self._title, lead=lead, focus=focus)

    def say(self, sentence: str) -> None:
        """Say ``sentence`` to a screen reader; nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence)

    def confirm(self, sentence: str) -> None:
        """Say what was done, to everybody: saved, imported, taken away. Nothing for an empty sentence."""
        if sentence:
            self.announcer.say(sentence, seen=True)

    def clear_errors(self) -> None:
        self.errors.clear()

    def blame(self, title: str, lines: list[ErrorLine]) -> None:
        """Show what stands in the way, with the focus on it."""
        self.errors.show(title, lines, [])

    def guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """Return ``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guard(listener, self.fail)

    def fail(self, error: BaseException) -> None:
        """Show ``error``."""
        problem = describe_error(error, self.texts, self.home)
        key = self._failed if isinstance(self._failed, str) else self._failed(error)
        line = ErrorLine(problem.sentence, self._field_of(problem.error))
        self.announcer.clear()
        self.errors.show(self.texts.get(key), [line], problem.notes(self.texts))
