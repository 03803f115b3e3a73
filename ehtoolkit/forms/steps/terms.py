"""The conditions of use, accepted explicitly, and what has to be at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ehtoolkit.forms.engine.form import FormContext, FormModel, StepType
from ehtoolkit.forms.engine.page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Step, Values, Wizard
from ehtoolkit.forms.html import card, checks, element, heading, join, show
from ehtoolkit.forms.widgets import CheckField


def terms_block(values: Values) -> Iterable[Blocker]:
    if not values["accepted"]:
        yield Blocker("steps.block.terms", "accepted")


class TermsStep(StepType[FormModel]):
    """The form's texts have ``terms.title|lead``, ``needed.<thing>`` for each thing that has to be at hand, and
    ``terms.conditions``, unless the key of the conditions is given: a title and lines that begin with a dash."""

    def __init__(self, *needed: str, conditions: str = "") -> None:
        super().__init__("terms")
        self._needed, self._conditions = needed, conditions

    def step(self, model: FormModel) -> Step:
        return Step(self.name, {"accepted": False}, terms_block)

    def pages(self, context: FormContext[FormModel]) -> Callable[[Wizard], Page]:
        def page(wizard: Wizard) -> Page:
            get = context.texts.get
            title, *lines = get(self._conditions or f"{context.catalogue}.terms.conditions").splitlines()
            conditions = element(
                "ul", join(element("li", line.removeprefix("- ")) for line in lines), class_="eh-bullets"
            )
            hand = checks([("info", context.get(f"needed.{thing}")) for thing in self._needed])
            body = [
                show(element("section", heading(get("steps.needed")) + hand)),
                show(card(heading(title), conditions)),
                CheckField("accepted", get("steps.terms.accept"), value=bool(wizard.values["accepted"])),
            ]
            return context.page(self.name, body)

        return page
