"""Before a form reaches the real platform, the environment is confirmed: its name is typed.

As on the command line, only production asks. The form behind is put together afterwards, so that nothing of it has
run before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.page_context import PageContext, set_translation, translated
from ehtoolkit.forms.engine.page_errors import FieldErrors, button_bar
from ehtoolkit.forms.engine.step_page import HOME, home_link
from ehtoolkit.forms.html import panel, show
from ehtoolkit.forms.layout import column, fill, form_column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.i18n import LANGUAGES, Translator

FIELD: Final = "environment"


def confirm_production(open_form: Callable[[], Widget]) -> Widget:
    """Open a form that reaches the platform, and return its widget: in production that begins with the confirmation."""
    context = PageContext.of_this_kernel()
    if context.settings.environment != "production":
        return open_form()
    return Confirmation(context, open_form).root


def is_production(typed: str) -> bool:
    """Return whether ``typed`` is the name of production, in whatever language of ours and in any case."""
    words = {Translator(language).get("page.environment.production") for language in LANGUAGES}
    return typed.strip().casefold() in {word.casefold() for word in words}


def production_field(texts: Translator) -> TextField:
    """Return the field in which the name of production is typed."""
    word = texts.get("page.environment.production")
    return TextField(FIELD, texts.get("environment.label", word=word), autocomplete="off")


def other_name(texts: Translator) -> str:
    """Return the sentence for another name that was typed."""
    return texts.get("environment.other", word=texts.get("page.environment.production"))


class Confirmation:
    """Asks for the name and gives way to the form. ``root`` is the widget to display."""

    def __init__(self, context: PageContext, open_form: Callable[[], Widget]) -> None:
        get = context.texts.get
        self._context = context
        self._open_form = open_form
        self._head = StepHead()
        self._head.show(caption="", title=get("environment.title"), lead=get("environment.lead"), focus=False)
        self._head.tab = f"{get('environment.title')} – ehtoolkit"
        self._errors = FieldErrors(
            lambda: (self._field,), get("wizard.failed"), context.texts, context.settings.home
        )
        self._field = production_field(context.texts)
        go = Button("next", get("wizard.next"), "primary")
        cancel = Button("cancel", get("environment.cancel"), "quiet", href=HOME)
        self._actions = button_bar(self._act, self._fail, go, cancel)
        real = show(panel("warn", get("environment.real"), get("environment.practise")))
        body = column("eh-stack", "eh-body", of=(real, self._field))
        widgets = (self._errors.summary, self._head, body, self._actions)
        step = column("eh-stack", "eh-step", "eh-alone", of=widgets)
        page = form_column("eh", of=(home_link(context.texts), step))
        self.root = column(of=[context.show(page)])

    def _act(self, action: ButtonPress) -> None:
        if action.name != "next":
            return
        self._errors.clear()
        if is_production(action.typed(FIELD)):
            self._give_way()
        else:
            self._errors.show(other_name(self._context.texts), FIELD)

    def _give_way(self) -> None:
        """Show the form instead of the question."""
        self._actions.begin(self._context.texts.get("wizard.busy"))
        form = self._open_form()
        fill(self.root, [form])
        set_translation(self.root, lambda context: translated(form, context))
        focus_title(form)

    def _fail(self, error: Exception) -> None:
        """Show what keeps the form from opening, as in any form."""
        self._actions.end()
        self._errors.fail(error)


def focus_title(form: Widget) -> None:
    """Let the keyboard's focus go on at the title of a form that has just appeared."""
    if isinstance(form, StepHead):
        form.focused += 1
    for child in getattr(form, "children", ()):
        focus_title(child)
