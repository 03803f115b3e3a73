"""Look into many files, some at a time, each in a process that may be ended.

Opening a keystore derives keys and mostly holds the interpreter's lock; so processes, not threads. They are commands of
our own (`ehtoolkit.audit.worker`): nothing of the program that asks for an audit runs again in them, be that a script,
standard input, a notebook, a thread or a worker of a pool.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from ehtoolkit import errors
from ehtoolkit.audit.cache import Cache
from ehtoolkit.audit.discovery import Stop
from ehtoolkit.audit.file_scan import (
    PASSWORD_WRONG,
    KeystoreFacts,
    ScanResult,
    fingerprint,
    scan_file,
    timed_out,
    unjudged,
)
from ehtoolkit.audit.io_timeout import SECONDS, TimedOut, TimeoutGuard
from ehtoolkit.keystore.storage.holder_files import PasswordsOf
from ehtoolkit.secret import Secret
from ehtoolkit.system.worker_process import WorkerGone, WorkerProcess, command_of

Progress = Callable[[int, int], None]
"""How many files are done, of how many."""

JUDGING: Final = 20.0
"""Seconds for judging a file that was read. What a file may cost is bounded, and below a second: this is for what
nobody has thought of."""
_FEW: Final = 12
"""Files that are read sooner than a process has started."""
_CHUNK: Final = 16
"""Files that a process is told at once."""
_ASK_AGAIN: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""
_TRIES: Final = 2
"""Processes that one file may end before it is given up."""
_COMMAND: Final = command_of("ehtoolkit.audit.worker")


@dataclass(frozen=True, slots=True)
class _Wanted:
    path: Path
    passwords: tuple[Secret, ...]
    tries: int = 0


_Seen = tuple[_Wanted, KeystoreFacts]


@dataclass(frozen=True, slots=True)
class Looking:
    """How files are looked at; see `scan`."""

    seconds: float
    chains: bool
    judging: float = JUDGING


def scan(
    paths: Sequence[Path],
    password_of: PasswordsOf,
    *,
    cache: Cache | None = None,
    processes: int = 2,
    progress: Progress = lambda done, of: None,
    stop: Stop = lambda: False,
    seconds: float = SECONDS,
    judging: float = JUDGING,
    chains: bool = False,
) -> dict[Path, ScanResult]:
    """What each file shows, with its password where there is one. ``seconds``: how long reading one may take, and
    ``judging`` what was read, in a process of its own; whatever hangs, the scan ends. ``chains``: with the certificates
    of those that are open.

    Raises `errors.Cancelled`; what was seen until then is in the cache all the same.
    """
    seen: dict[Path, ScanResult] = {}
    open_: list[_Wanted] = []
    how = Looking(seconds, chains, judging)
    try:
        with TimeoutGuard(seconds) as patience:
            for path in paths:
                _go_on(stop)
                passwords = passwords_of(password_of, path)
                known = _known(path, passwords, cache, patience)
                if known is None or (chains and known.not_after is not None and not known.chain):
                    open_.append(_Wanted(path, passwords))
                else:
                    seen[path] = known
                    progress(len(seen), len(paths))
        for wanted, content in _looked(open_, processes, stop, how):
            seen[wanted.path] = content.reading
            if cache is not None and wanted.passwords and content.fingerprint is not None:
                cache.put(content.fingerprint, wanted.passwords[content.place], content.reading)
            progress(len(seen), len(paths))
    finally:
        if cache is not None:
            cache.save()
    return seen


def passwords_of(password_of: PasswordsOf, path: Path) -> tuple[Secret, ...]:
    """The passwords to try for ``path``, in order."""
    found = password_of(path)
    if found is None:
        return ()
    return (found,) if isinstance(found, Secret) else tuple(found)


def _known(
    path: Path, passwords: Sequence[Secret], cache: Cache | None, patience: TimeoutGuard
) -> ScanResult | None:
    """What an earlier look has shown with one of ``passwords``; without any looking is as fast as looking it up."""
    if cache is None or not passwords:
        return None
    try:
        content = fingerprint(path, patience)
    except TimedOut as hangs:
        return timed_out(tried=hangs.tried)
    if content is None:
        return None
    kept = [reading for one in passwords if (reading := cache.get(content, one)) is not None]
    right = next((one for one in kept if all(fault.key != PASSWORD_WRONG for fault in one.faults)), None)
    # A wrong one settles nothing while another was not tried.
    return right or (kept[0] if len(kept) == len(passwords) else None)


def _looked(open_: Sequence[_Wanted], processes: int, stop: Stop, how: Looking) -> Iterator[_Seen]:
    if processes < 2 or len(open_) <= _FEW:
        yield from _looked_here(open_, stop, how)
        return
    team = _Team(open_, how)
    try:
        team.start(processes)
        yield from team.seen(stop)
    finally:
        team.end()
    yield from _looked_here(team.left, stop, how)  # no process could be started


def _looked_here(open_: Sequence[_Wanted], stop: Stop, how: Looking) -> Iterator[_Seen]:
    with TimeoutGuard(how.seconds) as patience:
        for one in open_:
            _go_on(stop)
            yield one, scan_file(one.path, one.passwords, patience, chains=how.chains)


@dataclass
class _Team:
    """Threads, each of which asks a worker process of its own; they share what is left to do.

    ``left``: files that are not looked at yet. ``given_up``: folders that do not answer.
    """

    wanted: Sequence[_Wanted]
    how: Looking
    given_up: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = deque(self.wanted)
        self._results: SimpleQueue[_Seen | None] = SimpleQueue()
        self._workers: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._threads: list[threading.Thread] = []

    def start(self, processes: int) -> None:
        """Begin with as many as are worth it."""
        for _ in range(min(processes, len(self.wanted))):
            thread = threading.Thread(target=self._work, name="audit", daemon=True)
            self._threads.append(thread)
            thread.start()

    def seen(self, stop: Stop) -> Iterator[_Seen]:
        """What was seen, as it comes. Raises `errors.Cancelled`."""
        working = len(self._threads)
        while working:
            _go_on(stop)
            with suppress(Empty):
                result = self._results.get(timeout=_ASK_AGAIN)
                if result is None:
                    working -= 1
                else:
                    yield result

    def end(self) -> None:
        """Stop what is at work; a process in which the system holds a thread is left to itself."""
        with self._lock:
            self._ended = True
            for worker in self._workers:
                worker.cancel()

    # ── in the threads ───────────────────────────────────────────────────────────────────────────────────
    def _work(self) -> None:
        worker: WorkerProcess | None = None
        try:
            while chunk := self._next():
                try:
                    worker = worker or self._new_worker()
                except WorkerGone:
                    self._put_back(chunk)
                    return
                rest = self._ask(worker, chunk)
                if rest:
                    self._dismiss(worker)
                    worker = None
                    self._blame(rest)
        finally:
            if worker is not None:
                self._dismiss(worker)
            self._results.put(None)

    def _next(self) -> list[_Wanted]:
        """The next files, as many as a process is told at once; one that has ended a process alone."""
        with self._lock:
            chunk: list[_Wanted] = []
            while self.left and not self._ended and len(chunk) < _CHUNK:
                if chunk and (self.left[0].tries or chunk[0].tries):
                    break
                one = self.left.popleft()
                if one.path.parent in self.given_up:
                    self._results.put((one, KeystoreFacts(None, timed_out(tried=False))))
                else:
                    chunk.append(one)
            return chunk

    def _put_back(self, rest: Sequence[_Wanted]) -> None:
        with self._lock:
            self.left.extendleft(reversed(rest))

    def _blame(self, rest: Sequence[_Wanted]) -> None:
        """A process ended over the first of ``rest``, or was ended over it."""
        one, *others = rest
        if one.tries + 1 < _TRIES:
            others.append(replace(one, tries=one.tries + 1))
        else:
            self._results.put((one, KeystoreFacts(None, unjudged(self.how.judging))))
        self._put_back(others)

    def _ask(self, worker: WorkerProcess, chunk: Sequence[_Wanted]) -> Sequence[_Wanted]:
        """Have the worker look at ``chunk``; returns what it did not answer for, since it ended or took too long."""
        done = 0
        try:
            for one in chunk:
                worker.send(self._request(one))
            for one in chunk:
                answer = worker.next_answer(self.how.seconds + self.how.judging)
                reading = ScanResult.from_json(answer["reading"])
                content = answer["content"]
                self.given_up |= {Path(os.fsdecode(bytes.fromhex(place))) for place in answer["given_up"]}
                fingerprint = None if content is None else str(content)
                self._results.put((one, KeystoreFacts(fingerprint, reading, int(answer["place"]))))
                done += 1
        except (WorkerGone, KeyError, TypeError, ValueError, AttributeError):
            pass
        return chunk[done:]

    def _request(self, one: _Wanted) -> dict[str, object]:
        return {
            "path": os.fsencode(one.path).hex(),  # a name need not be text
            "passwords": [password.reveal() for password in one.passwords],
            "seconds": self.how.seconds,
            "chains": self.how.chains,
        }

    def _new_worker(self) -> WorkerProcess:
        worker = WorkerProcess(_COMMAND, {})
        with self._lock:
            self._workers.add(worker)
            if self._ended:
                worker.cancel()
        return worker

    def _dismiss(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.stop()


def _go_on(stop: Stop) -> None:
    if stop():
        raise errors.Cancelled
