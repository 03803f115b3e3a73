"""The conditions of use, accepted explicitly, and what has to be at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ipywidgets import Widget

from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.form_model import M_contra
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import is_ticked
from ehtoolkit.forms.html import bullets, card, heading, section, show
from ehtoolkit.forms.start_obstacles import Obstacle
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.i18n import Translator


def leads_on(then: FormLink | None, texts: Translator) -> list[Button]:
    """Return the one button of a page that can do nothing, a link to the form that can; empty where no form can."""
    if then is None:
        return []
    return [Button("then", texts.get(then.words), "primary", "next", then.address)]


def terms_step(
    *needed: str,
    conditions: str,
    before: Callable[[FormContext[M_contra]], Obstacle | None] = lambda _: None,
    elsewhere: Callable[[FormContext[M_contra]], Sequence[Widget]] = lambda _: (),
) -> FormStep[M_contra]:
    """Return the step of the conditions. The form's texts have ``terms.title|lead``, ``needed.<thing>`` for each thing
    that has to be at hand.

    Args:
        conditions: the key of the conditions: a title and lines that begin with a dash.
        before: what stands in the way already.
        elsewhere: what is shown with it where the form can do nothing else, a way to take a file that it lacks.
    """

    def page(context: FormContext[M_contra]) -> Page:
        get, obstacle = context.texts.get, before(context)
        body = [] if obstacle is None else [show(obstacle.panel(context.texts))]
        if obstacle is not None and obstacle.final:
            more = leads_on(obstacle.then, context.texts)
            return Page(title=context.get("terms.title"), body=[*body, *elsewhere(context)], more=more)
        title, *lines = get(conditions).splitlines()
        body += [
            show(section(get("steps.needed"), bullets(context.get(f"needed.{thing}") for thing in needed))),
            show(card(heading(title), bullets(line.removeprefix("- ") for line in lines))),
            context.tick("accepted", get("steps.terms.accept")),
        ]
        made = context.page("terms", body)
        return made if obstacle is None or obstacle.then is None else replace(made, look="submit")

    is_accepted = is_ticked("accepted", "steps.block.terms")
    return FormStep("terms", page, fields=lambda _: {"accepted": False}, check=is_accepted)
