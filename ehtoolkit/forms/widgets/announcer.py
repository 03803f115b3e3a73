"""Says to a screen reader what changed without the focus moving."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Int, Unicode

from ehtoolkit.forms.widgets.esm import esm


class Announcer(AnyWidget):  # type: ignore[misc]
    """Writes into the live region of the page's frame."""

    _esm = esm("announcer")
    text: str = Unicode().tag(sync=True)
    count: int = Int(0).tag(sync=True)

    def say(self, sentence: str) -> None:
        """The same sentence twice is said twice."""
        self.text = sentence
        self.count += 1
