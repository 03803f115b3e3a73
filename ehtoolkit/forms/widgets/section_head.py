"""The title of a part of a page that comes and goes."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Bool, Int, Unicode

from ehtoolkit.forms.widgets.esm import esm


class SectionHead(AnyWidget):  # type: ignore[misc]
    """An h2 with a note under it. ``mono``: a file name, to be read letter by letter. ``focused``: how often it has
    taken the keyboard's focus, so that a screen reader reads on here; it does so again when it comes back."""

    _esm = esm("section")
    title: str = Unicode().tag(sync=True)
    note: str = Unicode().tag(sync=True)
    mono: bool = Bool(False).tag(sync=True)
    focused: int = Int(0).tag(sync=True)

    def __init__(self, title: str, note: str = "", *, mono: bool = False, focus: bool = False) -> None:
        super().__init__(title=title, note=note, mono=mono, focused=int(focus))

    def take_focus(self) -> None:
        self.focused += 1
