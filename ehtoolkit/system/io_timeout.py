"""Call the file system, or the resolver of names, with a time limit.

A network drive that is gone, a file that is yet to be fetched from elsewhere, or a name server that is silent can block
a call for long, and Python cannot interrupt it. Calls run in a daemon thread, which is abandoned when its time is over;
the next call gets another.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.system.files import read_file

T = TypeVar("T")

SECONDS: Final = 20.0
"""How long reading a file, or looking into a folder, may take."""
_STRIKES: Final = 3
"""Calls in a row that hang before a folder is given up."""
_SHARE: Final = 0.1
"""Of the time, that is left to the next call in a folder in which one has hung."""
_LEAVE: Final = 1.0
"""Seconds that an idle thread has to end."""


class TimedOut(Exception):
    """A call did not come back; ``tried``: whether it was made at all."""

    def __init__(self, *, tried: bool) -> None:
        super().__init__(tried)
        self.tried = tried


class TimeoutGuard(AbstractContextManager["TimeoutGuard"]):
    """Made for one piece of work, used by one thread, and closed at the end.

    Of a folder in which three calls in a row hang no more is asked: a drive that is gone costs its folders little more
    than one wait each, however many files they have.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._strikes: Counter[Path] = Counter()
        self._caller: _CallThread | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the thread that makes the calls end; wait for it for a second at most."""
        if self._caller is not None:
            self._caller.leave()

    @property
    def given_up(self) -> frozenset[Path]:
        """The folders of which no more is asked."""
        return frozenset(place for place, count in self._strikes.items() if count >= _STRIKES)

    def call(self, place: Path, work: Callable[[], T]) -> T:
        """Call ``work``, and return what it gives. Raises what it raises, and `TimedOut` when it takes too long, or
        when ``place`` was given up."""
        strikes = self._strikes[place]
        if strikes >= _STRIKES:
            raise TimedOut(tried=False)
        self._caller = self._caller or _CallThread()
        answer = self._caller.ask(work, self._seconds * (_SHARE if strikes else 1))
        if answer is None:
            self._caller = None
            self._strikes[place] += 1
            raise TimedOut(tried=True)
        del self._strikes[place]
        result: T = _result_of(answer)
        return result

    def attempt(self, place: Path, work: Callable[[], T]) -> T | None:
        """Return what `call` returns; None where that takes too long, or the system refuses it."""
        with suppress(TimedOut, OSError, ValueError):
            return self.call(place, work)
        return None


def call_in_time(work: Callable[[], T], seconds: float) -> T:
    """Call ``work`` once, and return what it gives. Raises what it raises, and `TimedOut` after ``seconds``."""
    caller = _CallThread()
    answer = caller.ask(work, seconds)
    if answer is None:
        raise TimedOut(tried=True)
    caller.leave()
    result: T = _result_of(answer)
    return result


def _result_of(answer: tuple[Any, Exception | None]) -> Any:
    value, error = answer
    if error is not None:
        raise error
    return value


class _CallThread:
    """The thread that asks. Daemonic: it keeps no program from ending."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="patience", daemon=True)
        self._thread.start()

    def ask(self, work: Callable[[], Any], seconds: float) -> tuple[Any, Exception | None] | None:
        """Have the thread call ``work``, and return its result and its error; None when it does not come back in
        ``seconds``, and then this is used no more."""
        self._tasks.put(work)
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            self._tasks.put(None)  # should it come back after all
            return None

    def leave(self) -> None:
        self._tasks.put(None)
        self._thread.join(_LEAVE)

    def _run(self) -> None:
        while (work := self._tasks.get()) is not None:
            try:
                self._answers.put((work(), None))
            except Exception as error:  # noqa: BLE001  # it is raised where it was asked for
                self._answers.put((None, error))


def require_answer(path: Path, patience: TimeoutGuard) -> None:
    """Read the first byte of a file, or look into a folder: raise `errors.FileUnreadable` (reason ``drive``) where that
    does not come back in time. What is wrong with the file otherwise is not judged."""

    def touch() -> None:
        with suppress(errors.EhToolkitError, OSError, ValueError):
            if path.is_dir():
                next(path.iterdir(), None)
            else:
                read_file(path, 0)

    try:
        patience.call(path.parent, touch)
    except TimedOut as error:
        raise errors.FileUnreadable(path=str(path), reason="drive") from error
