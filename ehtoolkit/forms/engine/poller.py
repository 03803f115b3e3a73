"""Looks again and again at something that changes by itself (the readers), beside the page."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

EVERY_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 900.0
"""A page that was left open is not looked after for ever: after this, its button still reads the card."""


class Poller:
    """``look`` is called in a thread of its own, once a second, as long as ``wanted``; what is to be done with what it
    saw, in the page's own turn, is done by the function that it returns; None where nothing is to be done.

    Args:
        paused: not now.
        seconds: how long it looks after `begin`.
        end: called in that thread when it is over.
    """

    def __init__(
        self,
        look: Callable[[], Callable[[], None] | None],
        *,
        wanted: Callable[[], bool],
        paused: Callable[[], bool],
        end: Callable[[], None],
        seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._look = look
        self._wanted = wanted
        self._paused = paused
        self._end = end
        self._seconds = seconds
        self._until = 0.0
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin to look, or go on for its ``seconds`` from now where it is running. To be called from the page's own
        turn; does nothing where no page is."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        with self._lock:
            self._until = time.monotonic() + self._seconds
            if self._thread is None:
                thread = threading.Thread(target=self._run, args=(loop,), name="eh-watch", daemon=True)
                thread.start()
                self._thread = thread

    def soon(self) -> None:
        """Look at once instead of at the end of the second, where it is running."""
        self._awake.set()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while self._goes_on():
                self._awake.clear()
                if not self._paused():
                    then = self._look()
                    if then is not None:
                        with suppress(RuntimeError):  # the loop is closed: the page is gone
                            loop.call_soon_threadsafe(then)
                    if loop.is_closed():
                        return
                self._awake.wait(EVERY_SECONDS)
        finally:
            with self._lock:
                if self._thread is threading.current_thread():  # else another one has begun since
                    self._thread = None
            self._end()

    def _goes_on(self) -> bool:
        """Return whether to look again. Decided under the lock: a page that comes back then either finds it running, or
        begins it again."""
        with self._lock:
            goes_on = self._wanted() and time.monotonic() < self._until
            if not goes_on:
                self._thread = None
            return goes_on
