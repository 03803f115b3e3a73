"""Admit a limited number of starting pages; others queue and see their place.

A kernel that starts takes a processor for a second or two. Twenty at once on two processors leave nothing for the
server: until the last has started, no browser is served, not even those with an open form.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ehtoolkit.system.processors import usable_processors

QUEUE: Final = "eh_page_queue"
"""The setting of tornado that holds the `PageQueue`."""

ARRIVAL_SECONDS: Final = 20.0
"""How long a browser that has sent the token may take to request its first page."""

PATIENCE: Final = 10.0
"""Seconds after which a browser that does not ask again loses its turn: it may have been closed."""


FORKED: Final = 4
"""Pages for each processor that may start at once when kernels are forked: each then takes a fifth of a second of a
processor, and mostly waits for messages."""


def places_of(*, forks: bool) -> int:
    """Return how many pages may start at once, by the processors that this process may use."""
    return usable_processors() * (FORKED if forks else 1)


@dataclass(slots=True)
class _Waiting:
    """A visitor in the queue.

    Attributes:
        asked: time of the last request.
        sees: whether the browser shows the page of the queue.
    """

    asked: float
    sees: bool = False


class PageQueue:
    """The queue in front of the pages.

    Args:
        places: how many pages may start at once (decision 17).
        clock: seconds, from any start.

    Attributes:
        is_full: whether no page may start now, so that all wait.

    Unless `is_full`, one page may always start. More may start only while every waiting browser shows its place in the
    queue: loading that page takes a moment, many at once take seconds, and a form that starts takes as much again.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._clock = clock
        self._inside = 0
        self._waiting: dict[str, _Waiting] = {}
        """Visitors, in the order in which they came."""
        self._arrivals: dict[str, float] = {}
        """When each browser has sent the token, until it requests a page."""
        self.is_full: Callable[[], bool] = lambda: False

    def note_arrival(self, who: str) -> None:
        """Record that ``who`` has just sent the token."""
        now = self._clock()
        recent = {name: shown for name, shown in self._arrivals.items() if now - shown <= ARRIVAL_SECONDS}
        self._arrivals = {**recent, who: now}

    def take_arrival(self, who: str) -> bool:
        """Return whether ``who`` has just sent the token and has requested no page since."""
        shown = self._arrivals.pop(who, None)
        return shown is not None and self._clock() - shown <= ARRIVAL_SECONDS

    @property
    def all_see(self) -> bool:
        """Whether every waiting browser shows the page of the queue."""
        now = self._clock()
        return all(visitor.sees or now - visitor.asked > PATIENCE for visitor in self._waiting.values())

    def ask(self, who: str) -> int:
        """Return the turn of ``who``, whose browser shows the page of the queue: 1 for the next; 0 when a place is
        free."""
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
