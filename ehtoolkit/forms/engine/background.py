"""Slow work beside the page: a thread does it, the page's own turn goes on with the outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, Protocol

from ehtoolkit.secret import Secret

P = ParamSpec("P")


@dataclass(slots=True)
class SubmittedForm:
    """A form that was sent: what its fields held, its secrets, and the way to say how far the work is."""

    values: Mapping[str, str | bool]
    secrets: Mapping[str, Secret]
    report: Callable[[str], None] = lambda sentence: None
    """Called with a sentence, from the work's thread: what is being done now. The page shows it in its own turn."""
    _stops: list[Callable[[], None]] = field(default_factory=list)

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Call ``stop``, in another thread than the work's, when the user does not want to wait any more."""
        self._stops.append(stop)

    def stop(self) -> None:
        for stop in self._stops:
            stop()


Work = Callable[[SubmittedForm], None]
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


def _attempt(work: Callable[[], None]) -> BaseException | None:
    try:
        work()
    except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
        return error
    return None
