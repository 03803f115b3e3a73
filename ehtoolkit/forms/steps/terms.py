"""The conditions of use, accepted explicitly, and what has to be at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ipywidgets import Widget

from ehtoolkit.forms.engine.form import FormContext, M_contra, StepType
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.forms.html import card, element, heading, join, section, show
from ehtoolkit.forms.start_obstacles import Obstacle
from ehtoolkit.forms.widgets import Button, ButtonPress, CheckField
from ehtoolkit.i18n import Translator


def terms_block(values: Values) -> Iterable[Blocker]:
    if not values["accepted"]:
        yield Blocker("steps.block.terms", "accepted")


def lead_on(then: FormLink, texts: Translator) -> tuple[Button, Callable[[ButtonPress], None]]:
    """Return the one button of a page that can do nothing, a link to the form that can, and the listener of that
    button, which does nothing."""
    return Button("then", texts.get(then.words), "primary", "next", then.address), lambda _: None


class TermsStep(StepType[M_contra]):
    """The form's texts have ``terms.title|lead``, ``needed.<thing>`` for each thing that has to be at hand, and
    ``terms.conditions``, unless the key of the conditions is given: a title and lines that begin with a dash.

    Args:
        before: what stands in the way already.
        elsewhere: what is shown with it where the form can do nothing else, a way to take a file that it lacks.
    """

    def __init__(
        self,
        *needed: str,
        conditions: str = "",
        before: Callable[[FormContext[M_contra]], Obstacle | None] = lambda _: None,
        elsewhere: Callable[[FormContext[M_contra]], Sequence[Widget]] = lambda _: (),
    ) -> None:
        super().__init__("terms")
        self._needed, self._conditions, self._before = needed, conditions, before
        self._elsewhere = elsewhere

    def step(self, model: M_contra) -> Step:
        return Step(self.name, {"accepted": False}, terms_block)

    def pages(self, context: FormContext[M_contra]) -> Callable[[Wizard], Page]:
        def page(wizard: Wizard) -> Page:
            get, obstacle = context.texts.get, self._before(context)
            if obstacle is not None and obstacle.final:
                more = [] if obstacle.then is None else [lead_on(obstacle.then, context.texts)]
                body = [show(obstacle.panel(context.texts)), *self._elsewhere(context)]
                return Page(title=context.get("terms.title"), body=body, more=more)
            title, *lines = get(self._conditions or f"{context.catalogue}.terms.conditions").splitlines()
            conditions = element(
                "ul", join(element("li", line.removeprefix("- ")) for line in lines), class_="eh-bullets"
            )
            things = (element("li", context.get(f"needed.{thing}")) for thing in self._needed)
            hand = element("ul", join(things), class_="eh-bullets")
            body = [] if obstacle is None else [show(obstacle.panel(context.texts))]
            body += [
                show(section(get("steps.needed"), hand)),
                show(card(heading(title), conditions)),
                CheckField("accepted", get("steps.terms.accept"), value=bool(wizard.values["accepted"])),
            ]
            made = context.page(self.name, body)
            return made if obstacle is None or obstacle.then is None else replace(made, look="submit")

        return page
