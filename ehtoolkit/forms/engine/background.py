"""Work beside the page: a thread does it, the page's own turn goes on with the outcome."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Final, ParamSpec, Protocol

from ehtoolkit.secret import Secret

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form that was sent: what its fields held, its secrets, and the way to say how far the work is."""

    values: Mapping[str, str | bool]
    secrets: Mapping[str, Secret]
    report: Callable[[str], None] = lambda sentence: None
    """Called with a sentence, from the work's thread: what is being done now. The page shows it in its own turn."""


Work = Callable[[SubmittedForm], object]
Outcome = Callable[[BaseException | None], None]


class Runner(Protocol):
    """Does ``work`` and hands what it raised, or None, to ``outcome``."""

    def __call__(self, work: Callable[[], None], outcome: Outcome) -> None: ...


def run_inline(work: Callable[[], None], outcome: Outcome) -> None:
    """Do ``work`` now and here, then call ``outcome``: for tests."""
    outcome(_attempt(work))


def run_in_thread(work: Callable[[], None], outcome: Outcome) -> None:
    """Do ``work`` in a thread of its own; ``outcome`` is called where this was called from, between two messages of the
    page, so that two of them never change the page at the same time. Without an event loop, do both now and here."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        run_inline(work, outcome)
        return

    def target() -> None:
        raised: BaseException | None
        try:
            raised = _attempt(work)
        except BaseException as error:  # noqa: BLE001  # so fails a library in Rust; the page would be busy for ever
            raised = error
        with suppress(RuntimeError):  # the loop is closed: the page is gone
            loop.call_soon_threadsafe(outcome, raised)

    try:
        threading.Thread(target=target, name="eh-work", daemon=True).start()
    except RuntimeError as error:  # the system gives no more threads
        outcome(error)


def on_page(listener: Callable[P, None]) -> Callable[P, None]:
    """Return ``listener`` as a function that calls it in the page's own turn, from whatever thread: for progress. To be
    made there.

    Calls from elsewhere return at once and keep their order, also with the outcome of the work that makes them."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return listener
    home = threading.get_ident()

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        if threading.get_ident() == home:
            listener(*args, **kwargs)
            return
        # The loop is closed when the page is gone: work that writes files goes on without it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(partial(listener, *args, **kwargs))

    return call


def _attempt(work: Callable[[], None]) -> Exception | None:
    try:
        work()
    except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
        return error
    return None


EVERY_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 900.0
"""A page that was left open is not looked after for ever: after this, its button still reads the card."""


@dataclass(eq=False)
class Poller:
    """``look`` is called in a thread of its own, once a second, as long as ``wanted``; what is to be done with what it
    saw, in the page's own turn, is done by the function that it returns; None where nothing is to be done.

    An exception does not end it: the next look comes a second later.

    Attributes:
        fail: gets what a look has raised, or what was done with it, in the page's own turn; once, until a look succeeds
            or raises something else.
        end: called in that thread when it is over.
        paused: not now.
        seconds: how long it looks after `begin`.
    """

    look: Callable[[], Callable[[], None] | None]
    fail: Callable[[Exception], object]
    _: KW_ONLY
    end: Callable[[], None] = lambda: None
    wanted: Callable[[], bool] = lambda: True
    paused: Callable[[], bool] = lambda: False
    seconds: float = LONGEST_SECONDS
    _until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _awake: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _failure: str = field(default="", init=False)

    def begin(self) -> None:
        """Begin to look, or go on for its ``seconds`` from now where it is running. To be called from the page's own
        turn; does nothing where no page is."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        with self._lock:
            self._until = time.monotonic() + self.seconds
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
                if not self.paused():
                    then, raised = self._look()
                    if then is not None or raised is not None or self._failure:
                        with suppress(RuntimeError):  # the loop is closed: the page is gone
                            loop.call_soon_threadsafe(self._then, then, raised)
                    if loop.is_closed():
                        return
                self._awake.wait(EVERY_SECONDS)
        finally:
            with self._lock:
                if self._thread is threading.current_thread():  # else another one has begun since
                    self._thread = None
            self.end()

    def _look(self) -> tuple[Callable[[], None] | None, Exception | None]:
        """Return what is to be done, or what was raised."""
        try:
            return self.look(), None
        except Exception as error:  # noqa: BLE001  # the boundary: what is wrong now may be right in a second
            return None, error

    def _then(self, then: Callable[[], None] | None, raised: Exception | None) -> None:
        if then is not None:
            raised = _attempt(then)
        failure = "" if raised is None else repr(raised)
        if raised is not None and failure != self._failure:
            self.fail(raised)
        self._failure = failure

    def _goes_on(self) -> bool:
        """Return whether to look again. Decided under the lock: a page that comes back then either finds it running, or
        begins it again."""
        with self._lock:
            goes_on = self.wanted() and time.monotonic() < self._until
            if not goes_on:
                self._thread = None
            return goes_on
