"""Admit a limited number of starting pages; others queue and see their place.

A kernel that starts takes a processor for a second or two. Twenty at once on two processors would leave nothing for the
server: all twenty browsers, and those with a form open, would see nothing happen for as long as all of them together
take.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

QUEUE: Final = "eh_admission_queue"
"""The setting of tornado that holds the `AdmissionQueue`."""

ARRIVAL_SECONDS: Final = 20.0
"""How long a browser that has shown the token may take to ask for its first page."""

PATIENCE: Final = 10.0
"""Seconds for which the turn of a browser that does not ask again is kept: it may have been closed."""


FORKED: Final = 4
"""Pages for each processor that may start at once where kernels are forked: one then takes a fifth of a second of a
processor, and most of its time waits for messages."""


def places_of(*, forks: bool) -> int:
    """Return how many pages may start at once on this computer."""
    return (os.cpu_count() or 1) * (FORKED if forks else 1)


@dataclass(slots=True)
class _Waiting:
    """A visitor who waits.

    Attributes:
        asked: when last.
        sees: whether his browser shows him that he waits.
    """

    asked: float
    sees: bool = False


class AdmissionQueue:
    """The queue in front of the pages.

    Args:
        places: how many; None: one for each processor. With two for each, when each started Python, those who waited
            saw nothing for longer, and the last of them had the form sooner (decision 17).
        clock: seconds, of any beginning.

    Attributes:
        is_full: whether no page may start now; the pages of those who wait then start later.

    Unless `is_full`, a page may always start. More may start only while every browser that waits shows its place in the
    queue: loading that page takes a browser a moment, many at once take seconds, and a form that starts takes as much
    again.
    """

    def __init__(self, places: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places_of(forks=False) if places is None else places
        self._clock = clock
        self._inside = 0
        self._waiting: dict[str, _Waiting] = {}
        """Who waits, in the order in which they came."""
        self._arrivals: dict[str, float] = {}
        """When each browser has shown the token, until it asks for a page."""
        self.is_full: Callable[[], bool] = lambda: False

    def note_arrival(self, who: str) -> None:
        """Record that ``who`` has just shown the token."""
        now = self._clock()
        recent = {name: shown for name, shown in self._arrivals.items() if now - shown <= ARRIVAL_SECONDS}
        self._arrivals = {**recent, who: now}

    def take_arrival(self, who: str) -> bool:
        """Return whether ``who`` has just shown the token and has asked for no page since."""
        shown = self._arrivals.pop(who, None)
        return shown is not None and self._clock() - shown <= ARRIVAL_SECONDS

    @property
    def all_see(self) -> bool:
        """Whether everybody who waits sees that he does."""
        now = self._clock()
        return all(visitor.sees or now - visitor.asked > PATIENCE for visitor in self._waiting.values())

    def ask(self, who: str) -> int:
        """Return the turn of ``who``, whose browser shows the page of those who wait: 1 for the next to be let in; 0
        when there is a place."""
        self._note(who).sees = True
        return self._turn(who)

    @contextmanager
    def passing(self, who: str) -> Iterator[int]:
        """Hold a place for ``who`` while the body makes the page, and yield 0. Where no place is free, yield the turn
        of ``who``, who waits."""
        self._note(who)
        turn = self._turn(who)
        is_let_in = turn == 0
        if is_let_in:
            del self._waiting[who]
        self._inside += is_let_in
        try:
            yield turn
        finally:
            self._inside -= is_let_in

    def _note(self, who: str) -> _Waiting:
        """Record that ``who`` asks, and drop all who have not asked for `PATIENCE` seconds."""
        now = self._clock()
        here = {name: visitor for name, visitor in self._waiting.items() if now - visitor.asked <= PATIENCE}
        self._waiting = here
        visitor = here.setdefault(who, _Waiting(now))
        visitor.asked = now
        return visitor

    def _turn(self, who: str) -> int:
        place = list(self._waiting).index(who)
        places = self._places if self.all_see else min(1, self._places)
        places = 0 if self.is_full() else places
        return 0 if place < places - self._inside else place + 1
