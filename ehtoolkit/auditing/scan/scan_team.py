"""Worker processes that share the files of one scan, each of which may be ended over a file.

Opening a keystore derives keys and mostly holds the interpreter's lock; so processes, not threads. They are commands of
our own (`ehtoolkit.auditing.scan.worker`): nothing of the program that asks for an audit runs again in them, be that a
script, standard input, a notebook, a thread or a worker of a pool.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.options import Stop
from ehtoolkit.auditing.scan.file_scan import scan_file, timed_out, unjudged
from ehtoolkit.auditing.scan.scan_result import NOT_OURS, KeystoreFacts, path_from_json, path_to_json
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from ehtoolkit.system.worker_process import WorkerGone, WorkerProcess, command_of

JUDGING: Final = 20.0
"""Seconds for judging a file that was read. What a file may cost is bounded, and below a second: this is for what
nobody has thought of."""
_CHUNK: Final = 16
"""Files that a thread takes for its process at once."""
_AHEAD: Final = 2
"""Requests that a process has at a time: the next one waits for it, and they fit into the pipe. Writing into a full one
would wait without end for a process that stands still."""
_ASK_AGAIN: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""
_TRIES: Final = 2
"""Processes that one file may end before it is given up."""
_FEW: Final = 12
"""Files that are read sooner than a process has started."""
_COMMAND: Final = command_of("ehtoolkit.auditing.scan.worker")


@dataclass(frozen=True, slots=True)
class FileToScan:
    """The path of a file, the passwords to try, in order, and how many processes it has ended."""

    file: str
    passwords: tuple[Secret, ...]
    tries: int = 0

    @property
    def path(self) -> Path:
        return Path(self.file)


ScannedFile = tuple[FileToScan, KeystoreFacts]


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """How files are looked at; see `ehtoolkit.auditing.scan.scanning.scan`."""

    seconds: float
    chains: bool
    judging: float = JUDGING


class ScanTeam:
    """Threads, each of which asks a worker process of its own; they share what is left to do.

    ``left``: files that are not looked at yet.
    """

    def __init__(self, wanted: Sequence[FileToScan], how: ScanLimits) -> None:
        self.left = deque(wanted)
        self._how = how
        self._given_up: set[Path] = set()
        self._results: SimpleQueue[ScannedFile | None] = SimpleQueue()
        self._workers: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._threads: list[threading.Thread] = []

    def start(self, processes: int) -> None:
        """Start the threads: ``processes``, and no more than there are files."""
        for _ in range(min(processes, len(self.left))):
            thread = threading.Thread(target=self._work, name="audit", daemon=True)
            self._threads.append(thread)
            thread.start()

    def seen(self, stop: Stop) -> Iterator[ScannedFile]:
        """Yield what was seen, as it comes. Raises `errors.Cancelled`."""
        working = len(self._threads)
        while working:
            go_on(stop)
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

    def _next(self) -> list[FileToScan]:
        """Return the next files, as many as a thread takes at once; one that has ended a process comes alone, and
        at the end there are none. A file of a folder that does not answer gets its result here."""
        with self._lock:
            chunk: list[FileToScan] = []
            while self.left and not self._ended and len(chunk) < _CHUNK:
                if chunk and (self.left[0].tries or chunk[0].tries):
                    break
                file = self.left.popleft()
                if file.path.parent in self._given_up:
                    self._results.put((file, KeystoreFacts(None, timed_out(tried=False))))
                else:
                    chunk.append(file)
            return chunk

    def _put_back(self, rest: Sequence[FileToScan]) -> None:
        with self._lock:
            self.left.extendleft(reversed(rest))

    def _blame(self, rest: Sequence[FileToScan]) -> None:
        """Put ``rest`` back to be looked at again. A process ended over the first of it, or was ended over it: it goes
        behind the others, and at the last of its tries gets the result that it could not be judged."""
        hung, *others = rest
        if hung.tries + 1 < _TRIES:
            others.append(replace(hung, tries=hung.tries + 1))
        else:
            self._results.put((hung, KeystoreFacts(None, unjudged(self._how.judging))))
        self._put_back(others)

    def _ask(self, worker: WorkerProcess, chunk: Sequence[FileToScan]) -> Sequence[FileToScan]:
        """Have the worker look at ``chunk``, and return what it did not answer for, since it ended or took too long."""
        done = 0
        waiting = iter(chunk)
        try:
            for file in islice(waiting, _AHEAD):
                worker.send(self._request(file))
            for file in chunk:
                answer = worker.next_answer(self._how.seconds + self._how.judging)
                facts = KeystoreFacts.from_json(answer["facts"], len(file.passwords))
                self._given_up |= set(map(path_from_json, answer["given_up"]))
                self._results.put((file, facts))
                done += 1
                for following in islice(waiting, 1):
                    worker.send(self._request(following))
        except (WorkerGone, *NOT_OURS):
            pass
        return chunk[done:]

    def _request(self, file: FileToScan) -> dict[str, object]:
        return {
            "path": path_to_json(file.file),
            "passwords": [password.reveal() for password in file.passwords],
            "seconds": self._how.seconds,
            "chains": self._how.chains,
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


def scan_here(
    open_: Sequence[FileToScan], processes: int, stop: Stop, how: ScanLimits
) -> Iterator[ScannedFile]:
    """Yield what the files show, as it comes, looked at by ``processes`` of this computer. Raises
    `errors.Cancelled`."""
    if processes < 2 or len(open_) <= _FEW:
        yield from _in_this_process(open_, stop, how)
        return
    team = ScanTeam(open_, how)
    try:
        team.start(processes)
        yield from team.seen(stop)
    finally:
        team.end()
    yield from _in_this_process(team.left, stop, how)  # no process could be started


def _in_this_process(open_: Sequence[FileToScan], stop: Stop, how: ScanLimits) -> Iterator[ScannedFile]:
    with TimeoutGuard(how.seconds) as patience:
        for file in open_:
            go_on(stop)
            yield file, scan_file(file.path, file.passwords, patience, chains=how.chains)


def go_on(stop: Stop) -> None:
    """Raise `errors.Cancelled` when ``stop`` says so."""
    if stop():
        raise errors.Cancelled
