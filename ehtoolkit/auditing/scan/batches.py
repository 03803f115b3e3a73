"""Scan files by the workers of a `concurrent.futures.Executor`, batch by batch, on this computer or on many.

A worker that dies or hangs costs its batch another try, not the scan: what it leaves is looked at by another worker,
and at last here, where a process of its own reads it (`ehtoolkit.auditing.scan.scan_team`). So is a file that a worker
cannot read: the folder may not be mounted there.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.auditing.scan.dask_cluster import insecure_address
from ehtoolkit.auditing.scan.file_scan import scan_file, timed_out
from ehtoolkit.auditing.scan.scan_result import HANGS, NOT_OURS, KeystoreFacts, answer_of, read_answer
from ehtoolkit.auditing.scan.scan_team import FileToScan, ScanLimits, ScannedFile, go_on, scan_here
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from ehtoolkit.version import __version__

if TYPE_CHECKING:  # it loads the registry's database, which no worker needs
    from ehtoolkit.auditing.options import Stop

BATCH: Final = 64
"""Files that a worker is given at once."""
AHEAD: Final = 128
"""Batches that are handed out and not answered yet, at most: more would only lie in memory."""
PATIENCE: Final = 4
"""Without any answer for so many times as long as a file may take, what was handed out is looked at here."""
_ASK_AGAIN: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""
_TRIES: Final = 2
"""Times that a batch is handed out."""


class ScanBatch:
    """Files for a worker, with their passwords: pickled on its way, and otherwise without a word about itself, since
    executors write the arguments of what fails into their logs."""

    __slots__ = ("_files", "_limits", "_version")

    def __init__(self, files: Sequence[FileToScan], limits: ScanLimits) -> None:
        self._files = [(file.path, [secret.reveal() for secret in file.passwords]) for file in files]
        self._limits = limits
        self._version = __version__

    def __repr__(self) -> str:
        return f"ScanBatch({len(self._files)} files)"

    def scan(self) -> str:
        """Look at the files where this runs, and return the answer as JSON; it is checked before it is used."""
        files = self._files if self._version == __version__ else []
        with TimeoutGuard(self._limits.seconds) as patience:
            facts = [
                scan_file(path, list(map(Secret, passwords)), patience, chains=self._limits.chains)
                for path, passwords in files
            ]
            return json.dumps(answer_of(facts, patience.given_up))


def scan_with(
    executor: Executor, wanted: Sequence[FileToScan], processes: int, stop: Stop, limits: ScanLimits
) -> Iterator[ScannedFile]:
    """Yield what the files show, as it comes, looked at by the workers of ``executor``, and by ``processes`` of this
    computer what they leave. ``executor`` is not shut down.

    Raises `errors.Cancelled`; `errors.SchedulerInsecure` before anything is sent over a connection that needs TLS
    and has none; `errors.SchedulerUnreachable` when the executor ends meanwhile.
    """
    address = insecure_address(executor, passwords=any(file.passwords for file in wanted))
    if address is not None:
        raise errors.SchedulerInsecure(address=address)
    work = _Dispatch(executor, iter(wanted), limits)
    last_result = time.monotonic()
    try:
        while True:
            go_on(stop)
            yield from work.hand_out()
            if not work.handed_out:
                break
            try:
                future = work.answers.get(timeout=_ASK_AGAIN)
            except Empty:
                if time.monotonic() - last_result > PATIENCE * (limits.seconds + limits.judging):
                    work.take_back()
                    last_result = time.monotonic()
                continue
            last_result = time.monotonic()
            yield from work.take(future)
    finally:
        work.cancel()
    yield from scan_here(work.left, processes, stop, limits, suspect=True)


@dataclass
class _Dispatch:
    """What is still to be handed out, what is with the workers, and what is left for this computer."""

    executor: Executor
    files: Iterator[FileToScan]
    limits: ScanLimits
    left: list[FileToScan] = field(default_factory=list)
    answers: SimpleQueue[Future[str]] = field(default_factory=SimpleQueue)
    handed_out: dict[Future[str], tuple[list[FileToScan], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._again: deque[tuple[list[FileToScan], int]] = deque()
        self._given_up: set[Path] = set()
        self._taken_back = 0  # times since the last answer

    def hand_out(self) -> Iterator[ScannedFile]:
        """Hand out as many batches as may be; files of folders that do not answer are answered here."""
        while len(self.handed_out) < AHEAD:
            batch, tries = self._again.popleft() if self._again else (list(islice(self.files, BATCH)), 0)
            if not batch:
                return
            hangs = [file for file in batch if file.path.parent in self._given_up]
            yield from ((hang, KeystoreFacts(None, timed_out(tried=False))) for hang in hangs)
            rest = [file for file in batch if file.path.parent not in self._given_up]
            if rest:
                self._submit(rest, tries)

    def _submit(self, batch: list[FileToScan], tries: int) -> None:
        work = ScanBatch(batch, self.limits)
        try:
            future = self.executor.submit(ScanBatch.scan, work)
        except RuntimeError:  # it is broken, or was shut down
            self.left += batch
            self._leave_all()
            return
        self.handed_out[future] = (batch, tries)
        future.add_done_callback(self.answers.put)

    def take(self, future: Future[str]) -> Iterator[ScannedFile]:
        """Yield what a worker has answered. Raises `errors.SchedulerUnreachable`."""
        if not future.cancelled():  # as those are that were taken back
            self._taken_back = 0
        if future not in self.handed_out:  # too late
            return
        batch, tries = self.handed_out.pop(future)
        if future.cancelled() or isinstance(future.exception(), CancelledError):
            raise errors.SchedulerUnreachable(reason="lost")
        if isinstance(future.exception(), BrokenExecutor):
            self.left += batch
            self._leave_all()
            return
        answer = None if future.exception() is not None else _read(future.result(), batch)
        if answer is None:
            self._retry(batch, tries + 1)
            return
        found, given_up = answer
        self._given_up |= given_up
        for file, facts in zip(batch, found, strict=True):
            if _is_unread(facts):
                self.left.append(file)
            else:
                yield file, facts

    def _retry(self, batch: list[FileToScan], tries: int) -> None:
        if tries < _TRIES:
            self._again.append((batch, tries))
        else:
            self.left += batch

    def _leave_all(self) -> None:
        """Put into ``left``, for this computer, all that is still to be handed out: the executor does nothing any
        more."""
        for batch, _ in self._again:
            self.left += batch
        self._again.clear()
        self.left += self.files

    def take_back(self) -> None:
        """Put into ``left``, for this computer, all that was handed out: the workers do not answer. After the second
        time without an answer in between, nothing more is handed out: each time costs the whole patience."""
        for future, (batch, _) in self.handed_out.items():
            future.cancel()
            self.left += batch
        self.handed_out.clear()
        self._taken_back += 1
        if self._taken_back == _TRIES:
            self._leave_all()

    def cancel(self) -> None:
        for future in self.handed_out:
            future.cancel()


def _read(answer: object, batch: Sequence[FileToScan]) -> tuple[tuple[KeystoreFacts, ...], set[Path]] | None:
    """Return what a worker answered; None for an answer that is not ours, or of another version of ehtoolkit."""
    if not isinstance(answer, str):
        return None
    try:
        values = json.loads(answer)
        if values["version"] != __version__:
            return None
        return read_answer(values, [len(file.passwords) for file in batch])
    except (*NOT_OURS, RecursionError):
        return None


def _is_unread(facts: KeystoreFacts) -> bool:
    """Return whether the worker could not read the file, for another reason than that reading takes too long."""
    return facts.reading.size is None and all(fault.key != HANGS for fault in facts.reading.faults)
