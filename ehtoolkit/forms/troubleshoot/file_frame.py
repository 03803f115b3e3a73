"""The place in which one file is shown, and in it, one after the other, what is done with the file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ipywidgets import Widget

from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.engine.view import close, fields
from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.troubleshoot import report
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.page_services import About, PageServices, T
from ehtoolkit.forms.widgets import ButtonBar, ButtonPress, ErrorLine, ErrorSummary, SectionHead


class FileFrame(ABC):
    """What panels about one file get: they put their content in it, and work beside the page.

    Attributes:
        root: the widget to display; it stays the same while its content changes.
        specimen: the file as it is known now.
        desk: what the page around it does.
    """

    def __init__(self, specimen: ExaminedFile, desk: PageServices) -> None:
        self.specimen = specimen
        self.desk = desk
        self._texts = desk.texts
        self._errors = ErrorSummary()
        self._actions = ButtonBar()
        self._head = SectionHead("", mono=True)
        self._left = column("eh-stack")
        self._right = column()
        self._below = column("eh-below")
        columns = row("eh-split", of=(self._left, self._right))
        parts = (self._head, self._errors, columns, self._below)
        self.root = column("eh-form", "eh-detail", of=parts)

    @abstractmethod
    def show_file(self, *, focus: bool = False) -> None:
        """Show the file as it is known now. With ``focus``, reading goes on at its title, before the verdict."""

    def take(self, specimen: ExaminedFile) -> None:
        """Take over what another look has shown, of this file or of another one. This file is left out when it was
        taken off the page meanwhile."""
        if self.desk.model.find(specimen.number) is None and specimen.number == self.specimen.number:
            return  # taken off meanwhile
        self.desk.model.keep(specimen)
        if specimen.number == self.specimen.number:
            self.specimen = specimen
            self._show_around()
        self.desk.changed()

    def show_instead(
        self,
        body: Sequence[Widget],
        actions: ButtonBar,
        act: Callable[[ButtonPress], None],
        beside: Sequence[Widget] = (),
        after: Sequence[Widget] = (),
        below: Sequence[Widget] = (),
    ) -> None:
        """Show other content in the place of the findings; ``act`` is called with presses of ``actions``.

        Args:
            beside: what stands in one row with them.
            after: under them.
            below: as wide as the page.
        """
        self._actions = actions
        actions.on_action(guard(lambda action: None if actions.busy else act(action), self.fail))
        buttons = row("eh-row", of=(*beside, actions)) if beside else actions
        self._put([*body, buttons, *after], below)

    def run(self, busy: str, work: Callable[[], T], done: Callable[[T], None], about: About) -> None:
        """Do ``work`` beside the page; the sentence ``busy`` is shown meanwhile."""
        actions = self._actions
        self._errors.clear()
        self.mark({})
        actions.begin(busy)
        self.desk.say(busy)

        def over(result: T) -> None:
            actions.end()
            done(result)

        def failed(error: BaseException) -> None:
            actions.end()
            self.fail(error, about(error))

        self.desk.run(work, over, failed)

    def fail(self, error: BaseException, about: str | None = None) -> None:
        """Show ``error``, at the field that it is ``about``."""
        problem = describe_error(error, self._texts, self.desk.home)
        sentence = report.visible(problem.sentence)
        self.mark({} if about is None else {about: sentence})
        lines = [ErrorLine(sentence, about)]
        self._errors.show(self._texts.get("troubleshoot.failed"), lines, problem.notes(self._texts))

    def refuse(self, sentence: str, field: str) -> None:
        """Show what is wrong with what was typed."""
        self.mark({field: sentence})
        self._errors.show(self._texts.get("wizard.failed"), [ErrorLine(sentence, field)], [])

    def mark(self, sentences: Mapping[str, str]) -> None:
        for field in fields(self._left.children):
            field.error = sentences.get(field.name, "")

    def _put(self, body: Sequence[Widget], below: Sequence[Widget] = ()) -> None:
        self._errors.clear()
        for field in fields(body):
            field.error_word = self._texts.get("wizard.error")
        _fill(self._left, body)
        _fill(self._below, below)

    def _show_around(self) -> None:
        """Show the title, and what the file is."""
        specimen, texts = self.specimen, self._texts
        self._head.title, self._head.note = report.visible(specimen.name), report.about(specimen, texts)
        _fill(self._right, [show(report.facts(specimen, texts))])


def _fill(box: Any, widgets: Sequence[Widget]) -> None:
    """Put other content into a box, and close what was there."""
    old, box.children = box.children, tuple(widgets)
    for widget in old:
        close(widget)
