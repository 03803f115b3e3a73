"""Links between our pages, followed without loading another page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anywidget import AnyWidget
from traitlets import Int, List, Unicode

from ehtoolkit.forms.widgets.esm import esm


class Navigator(AnyWidget):  # type: ignore[misc]
    """Takes the links to ``pages`` (names of notebooks beside this one), Back and Forward, and asks Python for the
    form; everything else it leaves to the browser. ``asking``: the question before something that was typed is left.
    """

    _esm = esm("navigator")
    pages: list[str] = List(Unicode()).tag(sync=True)
    asking: str = Unicode().tag(sync=True)
    loading: str = Unicode().tag(sync=True)
    shown: int = Int(0).tag(sync=True)

    def __init__(self, pages: Sequence[str], *, asking: str, loading: str) -> None:
        self._listener: Callable[[str, str, int], None] | None = None
        super().__init__(pages=list(pages), asking=asking, loading=loading)
        self.on_msg(self._receive)

    def on_go(self, listener: Callable[[str, str, int], None]) -> None:
        """``listener(page, query, serial)``: that page is wanted, with the query of its address."""
        self._listener = listener

    def arrived(self, serial: int) -> None:
        """The page that was wanted under ``serial`` is there."""
        self.shown = serial

    def failed(self, serial: int) -> None:
        """It cannot be shown here: the browser loads its address instead."""
        self.send({"failed": serial})

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        page, query, serial = content.get("page"), content.get("query"), content.get("serial")
        if self._listener is None or page not in self.pages:
            return
        if isinstance(query, str) and isinstance(serial, int):
            self._listener(str(page), query, serial)
