"""A drawing that is wider than its place: it scrolls inside itself, and comes up where today is."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Unicode

from ehtoolkit.forms.markup import Markup
from ehtoolkit.forms.widgets.esm import esm


class Chart(AnyWidget):  # type: ignore[misc]
    """``drawing``: an SVG, escaped by who has made it; its line of class ``today`` is to be seen at first. ``label``:
    what the region is called."""

    _esm = esm("chart")
    label: str = Unicode().tag(sync=True)
    drawing: str = Unicode().tag(sync=True)

    def __init__(self, label: str) -> None:
        super().__init__(label=label)

    def show(self, drawing: Markup) -> None:
        self.drawing = str(drawing)
