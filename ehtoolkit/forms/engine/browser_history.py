"""The way through a form as the browser keeps it: its list of steps, and what Back, Forward and a reload bring again.

Step and values live in the entries of the browser's history (decision 34), in its tab alone. Never a secret: no wizard
holds one. Never the number of a person: a value with one is left out, and asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.step_page import Page, Pages
from ehtoolkit.forms.engine.wizard import Phase, Step, Values, Wizard
from ehtoolkit.forms.layout import close
from ehtoolkit.forms.widgets.page_parts import StepMark, Stepper
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.actor import has_person_number

SIGNED: Final = "signed"
"""What a form keeps that was signed and is to be sent: the one thing that is lost when the form is left."""

Typed = Mapping[str, str | bool]


class BrowserHistory:
    """The list of a form's steps, and their place in the browser's history.

    Attributes:
        stepper: the widget.
        names: the steps' short titles.
        pages: as the view has them.
    """

    def __init__(self, wizard: Wizard, pages: Pages, names: Mapping[str, str], texts: Translator) -> None:
        self._wizard = wizard
        self._pages = pages
        self._names = names
        self._texts = texts
        # What was made on the last way and never shown. It is closed on the next one: now, the browser still makes its
        # half of it, and would complain.
        self._unseen: list[Widget] = []
        self.stepper = Stepper(label=texts.get("wizard.steps"), done_word=texts.get("wizard.done"))

    def show(self) -> None:
        """Show where the user is now, and hand the browser what it keeps of it."""
        wizard, get = self._wizard, self._texts.get
        marks = [self._mark_of(step) for step in wizard.steps]
        place = "" if wizard.phase is Phase.DONE else wizard.current.name
        self.stepper.keep(place, kept_values(wizard.values), self._loss())
        if wizard.phase is Phase.DONE:
            self.stepper.show(marks, now=get("wizard.all_done"), then="")
            return
        number, rest = wizard.position + 1, marks[wizard.position + 1 :]
        then = get("wizard.then", title=rest[0].title) if rest else ""
        self.stepper.show(marks, now=get("wizard.step", number=number, total=len(marks)), then=then)

    def take_up(self, step: str, typed: Typed) -> bool:
        """Take in what was typed before a reload or in another visit, and go on towards ``step`` as far as nothing has
        to be done again: a card to be read, a secret to be typed. Return whether another step is current now."""
        wizard, before = self._wizard, self._wizard.current.name
        if wizard.phase is not Phase.OPEN or not wizard.at_its_beginning:
            return False
        wizard.edit({name: value for name, value in typed.items() if _fits(wizard.values, name, value)})
        self._go_on(step)
        return wizard.current.name != before

    def follow(self, step: str) -> bool:
        """Go to ``step``, also forward to one that was reached before the form was opened again. Return False where
        there is no way: then the user is at the same step as before."""
        wizard, before = self._wizard, self._wizard.bookmark
        if wizard.go(step):
            return True
        if step == wizard.current.name:
            return False
        self._go_on(step)
        if wizard.current.name != step:
            wizard.return_to(before)
            return False
        return True

    def _go_on(self, step: str) -> None:
        """Go on towards ``step``, as far as the buttons of the pages before do nothing else."""
        while self._unseen:
            close(self._unseen.pop())
        wizard = self._wizard
        names = [each.name for each in wizard.steps]
        while step in names[wizard.position + 1 :]:
            page = self._pages[wizard.current.name]()
            self._unseen += page.body
            if not _only_goes_on(page) or not wizard.confirm():
                break

    def _loss(self) -> str:
        """Return the question before the form is left; empty where all is there again afterwards."""
        wizard = self._wizard
        signed = wizard.phase is not Phase.DONE and wizard.result(SIGNED) is not None
        return self._texts.get("page.leave.signed") if signed else ""

    def _mark_of(self, step: Step) -> StepMark:
        wizard = self._wizard
        if wizard.phase is not Phase.DONE and step.name == wizard.current.name:
            return StepMark(step.name, self._names[step.name], "now")
        done = wizard.is_confirmed(step.name)
        return StepMark(
            step.name, self._names[step.name], "done" if done else "later", link=wizard.can_go(step.name)
        )


def kept_values(values: Values) -> dict[str, str | bool]:
    """Return what of ``values`` the browser may keep."""
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, bool) or (isinstance(value, str) and not has_person_number(value))
    }


def _fits(values: Values, name: str, typed: object) -> bool:
    """Return whether a form has such a field; what a browser kept may be of an older version."""
    return name in values and type(values[name]) is type(typed)


def _only_goes_on(page: Page) -> bool:
    """Return whether the button of ``page`` does nothing but go on to the next one."""
    return bool(page.primary) and page.work is None and not page.more
