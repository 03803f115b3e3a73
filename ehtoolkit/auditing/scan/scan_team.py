"""Worker processes that share the files of one scan, each of which may be ended over a file.

Opening a keystore derives keys and mostly holds the interpreter's lock; so processes, not threads. They are commands of
our own (`ehtoolkit.auditing.scan.worker`): nothing of the program that asks for an audit runs again in them, be that a
script, standard input, a notebook, a thread or a worker of a pool.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Self

from ehtoolkit import errors
from ehtoolkit.auditing.scan.file_scan import judge, scan_file, take, timed_out, unjudged
from ehtoolkit.auditing.scan.scan_result import NOT_OURS, KeystoreFacts, path_to_json, read_answer
from ehtoolkit.keystore.passwords import Guesses
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard
from ehtoolkit.system.worker_process import WorkerGone, WorkerProcess, command_of

if TYPE_CHECKING:  # it loads the registry's database, which no worker needs
    from ehtoolkit.auditing.options import Stop

JUDGING: Final = 20.0
"""Seconds for judging a file that was read. What a file may cost is bounded, and below a second: this is for what
nobody has thought of."""
_ASK_AGAIN: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""
_TRIES: Final = 2
"""Processes that one file may end before it is given up."""
_FEW: Final = 12
"""Files that are read sooner than a process has started."""
_QUICK: Final = 2.0
"""Seconds for judging a file in this process; one that takes longer is left to a process that may be ended."""
_COMMAND: Final = command_of("ehtoolkit.auditing.scan.worker")


@dataclass(frozen=True, slots=True)
class FileToScan:
    """A file, and how it is opened.

    Attributes:
        file: its path.
        passwords: to try, in order.
        guessed: they are not this file's own: see `ehtoolkit.keystore.passwords.Guesses`.
        tries: how many processes it has ended.
    """

    file: str
    passwords: tuple[Secret, ...]
    guessed: bool = False
    tries: int = 0

    @classmethod
    def of(cls, file: str, given: Secret | Sequence[Secret] | None) -> Self:
        """Make it of what `ehtoolkit.keystore.storage.holder_keystores.PasswordsOf` gives."""
        passwords = (given,) if isinstance(given, Secret) else tuple(given or ())
        return cls(file, passwords, isinstance(given, Guesses))

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

    Attributes:
        left: files that are not looked at yet.
    """

    def __init__(self, wanted: Sequence[FileToScan], limits: ScanLimits) -> None:
        self.left = deque(wanted)
        self._limits = limits
        self._given_up: set[Path] = set()
        self._results: SimpleQueue[ScannedFile | None] = SimpleQueue()
        self._workers: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._ended = False

    def scan(self, processes: int, stop: Stop) -> Iterator[ScannedFile]:
        """Yield what ``processes``, and no more than there are files, see, as it comes. Raises `errors.Cancelled`."""
        working = min(processes, len(self.left))
        for _ in range(working):
            threading.Thread(target=self._work, name="audit", daemon=True).start()
        try:
            while working:
                go_on(stop)
                with suppress(Empty):
                    result = self._results.get(timeout=_ASK_AGAIN)
                    if result is None:
                        working -= 1
                    else:
                        yield result
        finally:  # a process in which the system holds a thread is left to itself
            with self._lock:
                self._ended = True
                for worker in self._workers:
                    worker.cancel()

    # ── in the threads ───────────────────────────────────────────────────────────────────────────────────
    def _work(self) -> None:
        worker: WorkerProcess | None = None
        try:
            while (file := self._next()) is not None:
                if file.path.parent in self._given_up:
                    self._results.put((file, KeystoreFacts(None, timed_out(tried=False))))
                    continue
                try:
                    worker = worker or self._new_worker()
                except WorkerGone:
                    self.left.appendleft(file)
                    return
                facts = self._ask(worker, file)
                if facts is None:
                    self._dismiss(worker)
                    worker = None
                    self._blame(file)
                else:
                    self._results.put((file, facts))
        finally:
            if worker is not None:
                self._dismiss(worker)
            self._results.put(None)

    def _next(self) -> FileToScan | None:
        with suppress(IndexError):
            return None if self._ended else self.left.popleft()
        return None

    def _blame(self, file: FileToScan) -> None:
        """Put ``file`` behind the others, to be looked at again: a process ended over it, or was ended over it. At the
        last of its tries it gets the result that it could not be judged."""
        if file.tries + 1 < _TRIES:
            self.left.append(replace(file, tries=file.tries + 1))
        else:
            self._results.put((file, KeystoreFacts(None, unjudged(self._limits.judging))))

    def _ask(self, worker: WorkerProcess, file: FileToScan) -> KeystoreFacts | None:
        """Have the worker look at ``file``, and return what it shows; None when the worker ended or took too long."""
        try:
            worker.send(self._request(file))
            answer = worker.next_answer(self._limits.seconds + self._limits.judging)
            (facts,), given_up = read_answer(answer, [len(file.passwords)])
        except (WorkerGone, *NOT_OURS):
            return None
        self._given_up |= given_up
        return facts

    def _request(self, file: FileToScan) -> dict[str, object]:
        return {
            "path": path_to_json(file.file),
            "passwords": [password.reveal() for password in file.passwords],
            "seconds": self._limits.seconds,
            "chains": self._limits.chains,
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
    open_: Sequence[FileToScan], processes: int, stop: Stop, limits: ScanLimits, *, suspect: bool = False
) -> Iterator[ScannedFile]:
    """Yield what the files show, as it comes, looked at by ``processes`` of this computer. ``suspect``: they may block
    or end a process, so that this one does not read them, be they few. Raises `errors.Cancelled`."""
    if not suspect and (processes < 2 or len(open_) <= _FEW):
        open_ = yield from _judge_quickly(open_, stop, limits)
    team = ScanTeam(open_, limits)
    yield from team.scan(max(processes, 1), stop)
    with TimeoutGuard(limits.seconds) as patience:
        for file in team.left:  # no process could be started
            go_on(stop)
            yield file, scan_file(file.path, file.passwords, patience, chains=limits.chains)


def _judge_quickly(
    open_: Sequence[FileToScan], stop: Stop, limits: ScanLimits
) -> Generator[ScannedFile, None, Sequence[FileToScan]]:
    """Yield what the files show, and return those that are left: the first that this process cannot judge in
    `_QUICK` seconds, and all behind it. The thread that judges it goes on until it is through."""
    with (
        TimeoutGuard(limits.seconds) as patience,
        TimeoutGuard(min(_QUICK, limits.judging)) as judging,
    ):
        for place, file in enumerate(open_):
            go_on(stop)
            taken = take(file.path, patience)
            if not isinstance(taken, KeystoreFacts):
                work = partial(judge, *taken, file.passwords, chains=limits.chains)
                try:
                    taken = judging.call(file.path, work)
                except TimedOut:
                    return open_[place:]
            yield file, taken
    return ()


def go_on(stop: Stop) -> None:
    """Raise `errors.Cancelled` when ``stop`` says so."""
    if stop():
        raise errors.Cancelled
