"""Timers that run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from traitlets import Dict, Int, Unicode

from ehtoolkit.forms.widgets.base import MessageWidget, esm


class Timer(MessageWidget):
    """Seconds that go by in the browser."""

    seconds: int = Int(0).tag(sync=True)
    serial: int = Int(0).tag(sync=True)

    def start(self, seconds: int) -> None:
        """Begin to wait for ``seconds``; what was begun before ends."""
        with self.hold_sync():
            self.seconds = seconds
            self.serial += 1

    def stop(self) -> None:
        self.start(0)

    def on_over(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` once for each `start` that was not stopped, when its time is over."""

        def over(serial: int) -> None:
            if self.seconds and serial == self.serial:
                self.seconds = 0
                listener()

        self._listen("over", over, serial=int)


class Countdown(Timer):
    """A sentence with the time left; hidden while it does not run.

    ``text`` has the place ``{left}``, which the browser fills in every second with words of ``units``: of ``minutes``
    and ``seconds`` the word for one, and for several, each with its ``{count}``.
    """

    _esm = esm("countdown")
    text: str = Unicode().tag(sync=True)
    units: dict[str, list[str]] = Dict().tag(sync=True)

    def __init__(self, text: str, units: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(text=text, units={unit: list(words) for unit, words in units.items()})


class DeliveryTimer(Timer):
    """Calls Python only while the page is visible, and notifies where the user has allowed it.

    Attributes:
        offer: the words of the button by which the user allows the browser to notify; empty: there is none.
        granted: the sentence that is shown instead once it is allowed.
        title, body: of the notification.
    """

    _esm = esm("delivery")
    offer: str = Unicode().tag(sync=True)
    granted: str = Unicode().tag(sync=True)
    title: str = Unicode().tag(sync=True)
    body: str = Unicode().tag(sync=True)
    rung: int = Int(0).tag(sync=True)

    def ring(self, title: str, body: str) -> None:
        """Notify, where the user has allowed it."""
        with self.hold_sync():
            self.title, self.body = title, body
            self.rung += 1
