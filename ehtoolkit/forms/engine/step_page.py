"""One step of a form as a value: texts, widgets, buttons, and the work behind the main one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Work
from ehtoolkit.forms.engine.task import FieldOf, no_field
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.widgets import Button, ButtonPress


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
    stoppable: bool = False
    """The user may stop waiting; the work has to listen (`SubmittedForm.on_stop`)."""
    failed: str = ""
    """The title of the error summary: what did not happen."""
    field_of: FieldOf = no_field
    """Which field an error of the work is about."""
    on_error: Callable[[errors.EhToolkitError], None] = do_nothing
    """Called with such an error, to change what the page shows (tries left) or offers (`more`)."""
    arrive: Callable[[], None] | None = None
    """Called when the page is there, for work that starts by itself."""
    more: Sequence[tuple[Button, Callable[[ButtonPress], None]]] = ()
    """Other buttons, and what they do."""
    can_go_back: bool = True
    can_cancel: bool = True


Pages = Mapping[str, Callable[[Wizard], Page]]
