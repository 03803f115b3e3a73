"""Scan files by the workers of a `concurrent.futures.Executor`, batch by batch, on this computer or on many.

A batch whose worker dies, hangs or gives no valid answer is scanned on this computer, in a process of its own
(`ehtoolkit.auditing.scan.scan_team`). So is a file that a worker cannot read: the folder may not be mounted there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.auditing.scan.dask_cluster import insecure_address
from ehtoolkit.auditing.scan.file_scan import scan_file, timed_out
from ehtoolkit.auditing.scan.scan_result import NOT_OURS, KeystoreFacts, answer_of, read_answer
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
_SILENCES: Final = 2
"""Times that workers may stay silent for that long before nothing more is handed out."""
_ASK_AGAIN: Final = 0.2
"""Seconds after which it is asked again whether the scan is to end."""


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
    last_answer = time.monotonic()
    try:
        while True:
            go_on(stop)
            yield from work.hand_out()
            if not work.handed_out:
                break
            wait(work.handed_out, _ASK_AGAIN, FIRST_COMPLETED)
            # Not what `wait` returns: it leaves out batches that a shutdown of the executor has cancelled.
            future = next(filter(Future.done, work.handed_out), None)
            if future is not None:
                yield from work.take(future)
            elif time.monotonic() - last_answer > PATIENCE * (limits.seconds + limits.judging):
                work.take_back()
            else:
                continue
            last_answer = time.monotonic()
    finally:
        for future in work.handed_out:
            future.cancel()
    yield from scan_here(work.left, processes, stop, limits, suspect=True)


@dataclass
class _Dispatch:
    """What is still to be handed out, what is with the workers, and what is left for this computer."""

    executor: Executor
    files: Iterator[FileToScan]
    limits: ScanLimits
    left: list[FileToScan] = field(default_factory=list)
    handed_out: dict[Future[str], list[FileToScan]] = field(default_factory=dict)
    given_up: set[Path] = field(default_factory=set)
    silences: int = 0

    def hand_out(self) -> Iterator[ScannedFile]:
        """Hand out as many batches as may be; files of folders that do not answer are answered here."""
        while len(self.handed_out) < AHEAD and (batch := list(islice(self.files, BATCH))):
            hangs = [file for file in batch if file.path.parent in self.given_up]
            yield from ((hang, KeystoreFacts(None, timed_out(tried=False))) for hang in hangs)
            rest = [file for file in batch if file.path.parent not in self.given_up]
            if rest:
                self._submit(rest)

    def _submit(self, batch: list[FileToScan]) -> None:
        try:
            future = self.executor.submit(ScanBatch.scan, ScanBatch(batch, self.limits))
        except RuntimeError:  # it is broken, or was shut down
            self.left += (*batch, *self.files)
        else:
            self.handed_out[future] = batch

    def take(self, future: Future[str]) -> Iterator[ScannedFile]:
        """Yield what a worker has answered. Raises `errors.SchedulerUnreachable`."""
        self.silences = 0
        batch = self.handed_out.pop(future)
        if future.cancelled() or isinstance(future.exception(), CancelledError):
            raise errors.SchedulerUnreachable(reason="lost")
        if isinstance(future.exception(), BrokenExecutor):
            self.left += self.files
        answer = None if future.exception() is not None else _read(future.result(), batch)
        if answer is None:
            self.left += batch
            return
        found, given_up = answer
        self.given_up |= given_up
        for file, facts in zip(batch, found, strict=True):
            if _is_unread(facts):
                self.left.append(file)
            else:
                yield file, facts

    def take_back(self) -> None:
        """Put into ``left``, for this computer, all that was handed out: the workers do not answer. After several times
        without an answer in between, nothing more is handed out: each time costs the whole patience."""
        for future, batch in self.handed_out.items():
            future.cancel()
            self.left += batch
        self.handed_out.clear()
        self.silences += 1
        if self.silences == _SILENCES:
            self.left += self.files


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
    return facts.reading.size is None and not facts.reading.hangs
