"""The line above a page while a trainer's class is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from traitlets import Bool, Dict, Unicode

from ehtoolkit.forms.widgets.base import MessageWidget, esm


class ClassBar(MessageWidget):
    """Asks for a name while a class is open, and then says who is in class and what the class works on.

    The browser keeps the name, and a random number of its own, until it sees another class.

    Attributes:
        class_id: of the class that is open; empty without one, and then nothing is shown.
        hushed: nothing is shown all the same, as on the trainer's page.
        words: ``title``, ``note``, ``label``, ``enter``, ``later``, ``inside`` with the place ``{name}``, ``leave``.
        station: what the class works on; empty: nothing yet.
        href: the page that it works on.
    """

    _esm = esm("class_bar")
    class_id: str = Unicode().tag(sync=True)
    hushed: bool = Bool(False).tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    station: str = Unicode().tag(sync=True)
    href: str = Unicode().tag(sync=True)

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(words=dict(words))

    def show(self, class_id: str, station: str, href: str) -> None:
        with self.hold_sync():
            self.class_id, self.station, self.href = class_id, station, href

    def on_enter(self, listener: Callable[[str, str, str], None]) -> None:
        """Call ``listener(class_id, visitor, name)`` when the user enters the class, and ``listener`` with an empty
        name when they leave it. ``visitor``: the browser's random number."""
        self._listen("enter", listener, class_id=str, visitor=str, name=str)

    def on_visible(self, listener: Callable[[bool], None]) -> None:
        """Call ``listener`` when the page is shown, or hidden behind another window."""
        self._listen("visible", listener, visible=bool)
