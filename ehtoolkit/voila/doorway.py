"""How many pages may be starting at the same time; whoever comes when it is full waits his turn, and is told.

A kernel that starts takes a processor for a second or two. Twenty at once on two processors would leave nothing for the
server: all twenty browsers, and those with a form open, would see nothing happen for as long as all of them together
take.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

DOORWAY: Final = "eh_doorway"
"""The setting of tornado that holds it."""

PATIENCE: Final = 10.0
"""Seconds for which the turn of a browser that does not ask again is kept: it may have been closed."""


class Doorway:
    """``places``: how many; None: one for each processor. With two, those who waited saw nothing for longer, and the
    last of them had his form sooner (decision 17). ``clock``: seconds, of any beginning."""

    def __init__(self, places: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = os.cpu_count() or 1 if places is None else places
        self._clock = clock
        self._inside = 0
        self._waiting: dict[str, float] = {}
        """Who waits, in the order in which they came, and when each asked last."""

    def turn(self, who: str) -> int:
        """The turn of ``who``, who waits from now on: 1 for the next to be let in; 0 when there is a place for him."""
        now = self._clock()
        self._waiting = {one: asked for one, asked in self._waiting.items() if now - asked <= PATIENCE}
        self._waiting[who] = now
        place = list(self._waiting).index(who)
        return 0 if place < self._places - self._inside else place + 1

    @contextmanager
    def passing(self, who: str) -> Iterator[bool]:
        """Around the making of a page for ``who``: whether there is a place for him; else he waits."""
        is_let_in = self.turn(who) == 0
        if is_let_in:
            del self._waiting[who]
        self._inside += is_let_in
        try:
            yield is_let_in
        finally:
            self._inside -= is_let_in
