"""How many pages may be starting at the same time; whoever comes when it is full is told to wait, and asks again.

A kernel that starts takes a processor for a second or two. Twenty at once on two processors would leave nothing for the
server: all twenty browsers, and those with a form open, would see nothing happen for as long as all of them together
take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

DOORWAY = "eh_doorway"
"""The setting of tornado that holds it."""


class Doorway:
    """``places``: how many; None: one for each processor. With two, those who waited saw nothing for longer, and the
    last of them had his form sooner (decision 17)."""

    def __init__(self, places: int | None = None) -> None:
        self._places = os.cpu_count() or 1 if places is None else places
        self._inside = 0

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """Around the making of a page: whether there is a place for it."""
        is_let_in = self._inside < self._places
        self._inside += is_let_in
        try:
            yield is_let_in
        finally:
            self._inside -= is_let_in
