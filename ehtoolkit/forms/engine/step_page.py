"""One step of a form as a value: texts, widgets, buttons, and the work behind the main one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Work
from ehtoolkit.forms.engine.task import FieldOf, no_field
from ehtoolkit.forms.html import link, show, svg
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.i18n import Translator

HOME: Final = "index.ipynb"


def home_link(texts: Translator) -> Widget:
    """Return the link to the first page that stands above every other."""
    return show(link(svg("back") + texts.get("page.home"), HOME, class_="eh-back"))


def do_nothing(error: errors.EhToolkitError) -> None:
    """Do nothing: for pages that need no more than the error summary."""


@dataclass(frozen=True, slots=True)
class Page:
    """One step's page; all texts are in the user's language already."""

    title: str
    lead: str = ""
    body: Sequence[Widget] = ()
    primary: str = ""
    """The label of the button that goes on, named by what it does; empty: there is none."""
    look: Literal["primary", "danger", "submit"] = "primary"
    """That button's look: ``danger`` where what it does cannot be undone; ``submit``, a plain one, where something else
    on the page is what most people came for."""
    icon: str = ""
    """That button's icon, of `ehtoolkit.forms.html`."""
    work: Work | None = None
    """Slow work that this button starts, in a thread; the step is confirmed when it ends without an exception."""
    after: Callable[[], None] | None = None
    """What follows the work in place of going on to the next step."""
    busy: str = ""
    """What is going on meanwhile; the work itself may say more (`SubmittedForm.report`)."""
    stop: Callable[[], None] | None = None
    """Ends the work early, called in another thread than the work's; None: the user cannot stop waiting."""
    failed: str = ""
    """The title of the error summary: what did not happen."""
    field_of: FieldOf = no_field
    """Which field an error of the work is about."""
    on_error: Callable[[errors.EhToolkitError], None] = do_nothing
    """Called with such an error, to change what the page shows (tries left) or offers (`more`)."""
    arrive: Callable[[], None] | None = None
    """Called when the page is there, for work that starts by itself."""
    more: Sequence[Button] = ()
    """Other buttons."""
    acts: Mapping[str, Callable[[ButtonPress], None]] = field(default_factory=dict)
    """What they do, by their names; links and what the browser does need nothing."""
    can_go_back: bool = True
    can_cancel: bool = True

    def buttons(self, texts: Translator, cancel: str) -> list[Button]:
        """Return its buttons. ``cancel``: the label of the way out; empty: there is none."""
        buttons = []
        if self.primary:
            buttons.append(Button("next", self.primary, self.look, self.icon))
        more = list(self.more)
        if not self.primary and more and not any(button.look == "primary" for button in more):
            more[0] = replace(more[0], look="primary")  # of a page that leads nowhere else
        buttons += more
        if self.stop is not None:
            buttons.append(Button("stop", texts.get("wizard.stop"), "stop", always=True))
        if self.can_cancel and cancel:
            quiet = self.primary or more
            buttons.append(Button("cancel", cancel, "quiet" if quiet else "primary", href=HOME))
        return buttons


Pages = Mapping[str, Callable[[], Page]]
