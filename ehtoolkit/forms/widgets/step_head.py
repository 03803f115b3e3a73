"""The title of a step, which is also the browser tab's."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Int, Unicode

from ehtoolkit.forms.widgets.esm import esm


class StepHead(AnyWidget):  # type: ignore[misc]
    """Caption, title (the page's h1) and lead."""

    _esm = esm("head")
    caption: str = Unicode().tag(sync=True)
    title: str = Unicode().tag(sync=True)
    lead: str = Unicode().tag(sync=True)
    tab: str = Unicode().tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def show(self, *, caption: str, title: str, lead: str, focus: bool) -> None:
        """Say it; with ``focus`` the title takes the keyboard's focus, so that a screen reader reads on here."""
        self.caption, self.title, self.lead = caption, title, lead
        if focus:
            self.focused += 1
