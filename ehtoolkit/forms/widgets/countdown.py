"""Time that goes by until something is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anywidget import AnyWidget
from traitlets import Int, Unicode

from ehtoolkit.forms.widgets.esm import esm


class Countdown(AnyWidget):  # type: ignore[misc]
    """A sentence with the time left and a bar; hidden while it does not run.

    ``text`` has the places ``{minutes}`` and ``{seconds}``, which the browser fills in every second.
    """

    _esm = esm("countdown")
    text: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    seconds: int = Int(0).tag(sync=True)
    serial: int = Int(0).tag(sync=True)

    def __init__(self, text: str, label: str) -> None:
        self._listener: Callable[[], None] | None = None
        super().__init__(text=text, label=label)
        self.on_msg(self._receive)

    def start(self, seconds: int) -> None:
        self.seconds = seconds
        self.serial += 1

    def stop(self) -> None:
        self.start(0)

    def on_over(self, listener: Callable[[], None]) -> None:
        """``listener`` is called once for each `start` that was not stopped."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and self.seconds and content.get("serial") == self.serial:
            self.seconds = 0
            self._listener()
