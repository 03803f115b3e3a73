"""Puts a form on its page: every one is called, names its steps and is left in the same way."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.helpdesk import Helpdesk
from ehtoolkit.forms.page import Page, Pages
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.wizard import Wizard


def open_wizard(
    stage: Stage, toolkit: Toolkit, form: str, wizard: Wizard, pages: Pages, done: Callable[[], Page]
) -> WizardView:
    """The view of ``wizard`` by ``pages``, one per step, then ``done``.

    ``form``: the form's catalogue, which has ``caption``, ``cancel`` and a ``step.<name>`` for each page.
    """
    get = stage.texts.get
    view = WizardView(
        wizard,
        pages,
        lambda _: done(),
        texts=stage.texts,
        home=stage.settings.home,
        caption=get(f"{form}.caption"),
        names={step: get(f"{form}.step.{step}") for step in pages},
        cancel=get(f"{form}.cancel"),
        helpdesk=Helpdesk(toolkit, stage.texts, stage.pages()),
    )
    view.when_left(toolkit.close)
    return view
