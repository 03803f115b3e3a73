"""The place in which one file is shown, and the base of the panels that take it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_errors import FieldErrors, guard
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import FieldOf, T, Task, no_field
from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import column, fill, form_column, row
from ehtoolkit.forms.troubleshoot import report
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.system.text_safety import printable

Offer = tuple[Button, Callable[[ButtonPress], None] | None]
"""A button, and what it does here; None for a link, and for what the browser does."""


class FileFrame(ABC):
    """What panels about one file get: they put their content in it, and work beside the page.

    Attributes:
        root: the widget to display; it stays the same while its content changes.
        examined: the file as it is known now.
    """

    def __init__(
        self,
        examined: ExaminedFile,
        model: TroubleshootModel,
        shell: PageShell,
        *,
        changed: Callable[[], None],
        close: Callable[[ExaminedFile], None],
    ) -> None:
        """Show a file.

        Args:
            changed: called when a file is another one now, or there is one more.
            close: takes a file off the page.
        """
        self.examined = examined
        self.model = model
        self.shell = shell
        self.texts = texts = shell.texts
        self._changed = changed
        self._close = close
        title = texts.get("troubleshoot.failed")
        self._errors = FieldErrors(lambda: self._left.children, title, texts, shell.home, shown=printable)
        self._tasks = shell.tasks(lambda: self._actions, self.fail, shell.say)
        self._actions = ButtonBar()
        self._head = SectionHead("", mono=True)
        self._left = column("eh-stack")
        self._right = column()
        self._below = column("eh-below")
        columns = row("eh-split", of=(self._left, self._right))
        widgets = (self._head, self._errors.summary, columns, self._below)
        self.root = form_column("eh-detail", of=widgets)
        self.show_file()

    @abstractmethod
    def show_file(self, *, focus: bool = False) -> None:
        """Show the file as it is known now. With ``focus``, reading goes on at its title, before the verdict."""

    def focus(self) -> None:
        """Give the title the keyboard's focus, so that reading goes on there."""
        self._head.take_focus()

    def take(self, examined: ExaminedFile) -> None:
        """Take over what another look has shown, of this file or of another one. This file is left out when it was
        taken off the page meanwhile."""
        if self.model.find(examined.number) is None and examined.number == self.examined.number:
            return  # taken off meanwhile
        self.model.keep(examined)
        if examined.number == self.examined.number:
            self.examined = examined
            self._show_around()
        self._changed()

    def show_instead(
        self,
        title: str,
        body: Sequence[Widget],
        offers: Sequence[Offer],
        *,
        note: str = "",
        beside: Sequence[Widget] = (),
        after: Sequence[Widget] = (),
        below: Sequence[Widget] = (),
        unsaved: bool = False,
    ) -> None:
        """Show other content instead of the findings; reading goes on at its title.

        Args:
            note: under the title.
            beside: what stands in one row with the buttons.
            after: under them.
            below: as wide as the page.
            unsaved: whether the content is in no file yet: the browser then asks before the page is left.
        """
        actions, head = self._offer(offers), SectionHead(title, note, focus=True)
        self._put(
            [head, *body, row("eh-row", of=(*beside, actions)) if beside else actions, *after], below, unsaved
        )

    def _offer(self, offers: Sequence[Offer], more: str = "") -> ButtonBar:
        """Return the buttons of what is shown now."""
        self._actions = actions = ButtonBar([button for button, _ in offers], more)
        acts = {button.name: act for button, act in offers}

        def press(action: ButtonPress) -> None:
            act = acts[action.name]
            if act is not None:
                act(action)

        actions.on_action(guard(press, self.fail))
        return actions

    def show_found(self, examined: ExaminedFile) -> None:
        """Show this file as another look has found it."""
        self.take(examined)
        self.show_file(focus=True)

    def run(
        self, busy: str, work: Callable[[], T], done: Callable[[T], None], field_of: FieldOf = no_field
    ) -> None:
        """Do ``work`` beside the page; the sentence ``busy`` is shown meanwhile."""
        self._errors.clear()

        def failed(error: BaseException) -> None:
            self.fail(error, field_of(error) if isinstance(error, errors.EhToolkitError) else None)

        self._tasks.start(Task(lambda _: work(), done, busy), failed)

    def fail(self, error: BaseException, field: str | None = None) -> None:
        """Show ``error``, at the ``field`` that it is about."""
        self._errors.fail(error, field)

    def refuse(self, sentence: str, field: str, notes: Sequence[str] = (), *, title: str = "") -> None:
        """Show what is wrong with what was typed."""
        self._errors.show(sentence, field, notes, title=title or self.texts.get("wizard.failed"))

    def _put(self, body: Sequence[Widget], below: Sequence[Widget] = (), unsaved: bool = False) -> None:
        self.shell.set_unsaved(unsaved, self)  # before it is seen: a fast reader may leave at once
        self._errors.clear()
        fill(self._left, body)
        fill(self._below, below)

    def _show_around(self) -> None:
        """Show the title, and what the file is."""
        examined, texts = self.examined, self.texts
        self._head.title, self._head.note = printable(examined.name), report.about(examined, texts)
        fill(self._right, [show(report.facts(examined, texts))])


class FilePanel:
    """Something shown instead of a file's findings."""

    def __init__(self, frame: FileFrame) -> None:
        self.frame = frame
        self.model = frame.model
        self.shell = frame.shell
        self.texts = frame.texts

    def back(
        self, name: Literal["back", "cancel"] = "back", look: Literal["", "primary", "quiet"] = "primary"
    ) -> Offer:
        """Return the button that shows the file again."""
        button = Button(name, self.texts.get(f"troubleshoot.{name}"), look)
        return button, lambda _: self.frame.show_file(focus=True)
