"""Scan many files: here, in processes that may be ended, or by the workers of an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Final

from ehtoolkit.auditing.discovery import Stop
from ehtoolkit.auditing.executors.batches import scan_with
from ehtoolkit.auditing.file_scan import fingerprint, timed_out
from ehtoolkit.auditing.results.cache import Cache
from ehtoolkit.auditing.results.scan_result import ScanResult
from ehtoolkit.auditing.scan_team import JUDGING, FileToScan, ScanLimits, go_on, scan_here
from ehtoolkit.keystore.diagnosis.diagnose import PASSWORD_WRONG
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import PasswordsOf
from ehtoolkit.keystore.storage.records import CachedState
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard

Progress = Callable[[int, int], None]
"""How many files are done, of how many."""


def scan(
    files: Sequence[str],
    password_of: PasswordsOf,
    *,
    cache: Cache | None = None,
    processes: int = 2,
    progress: Progress = lambda done, of: None,
    stop: Stop = lambda: False,
    seconds: float = SECONDS,
    judging: float = JUDGING,
    chains: bool = False,
    executor: Executor | None = None,
) -> Iterator[tuple[str, ScanResult]]:
    """Yield the path of each file and what it shows, with its password where there is one, as it comes.

    Args:
        seconds: how long reading one may take, and ``judging`` what was read, in a process of its own; whatever hangs,
            the scan ends.
        chains: with the certificates of those that are open.
        executor: whose workers look at the files in place of ``processes``; see `ehtoolkit.auditing.executors.batches`.

    Raises `errors.Cancelled`, `errors.SchedulerInsecure` and `errors.SchedulerUnreachable`; what was seen until then
    is in the cache all the same.
    """
    open_: list[FileToScan] = []
    how, done = ScanLimits(seconds, chains, judging), 0
    try:
        with TimeoutGuard(seconds) as patience:
            for file in files:
                go_on(stop)
                passwords = passwords_of(password_of, Path(file))
                known = _known(Path(file), passwords, cache, patience)
                if known is None or (chains and known.not_after is not None and not known.chain):
                    open_.append(FileToScan(file, passwords))
                else:
                    done += 1
                    progress(done, len(files))
                    yield file, known
        if executor is None:
            found = scan_here(open_, processes, stop, how)
        else:
            found = scan_with(executor, open_, processes, stop, how)
        for wanted, content in found:
            if cache is not None and wanted.passwords and content.fingerprint is not None:
                cache.put(content.fingerprint, wanted.passwords[content.place], content.reading)
            done += 1
            progress(done, len(files))
            yield wanted.file, content.reading
    finally:
        if cache is not None:
            cache.save()


def passwords_of(password_of: PasswordsOf, path: Path) -> tuple[Secret, ...]:
    """Return the passwords to try for ``path``, in order."""
    found = password_of(path)
    if found is None:
        return ()
    return (found,) if isinstance(found, Secret) else tuple(found)


def _known(
    path: Path, passwords: Sequence[Secret], cache: Cache | None, patience: TimeoutGuard
) -> ScanResult | None:
    """Return what an earlier look has shown with one of ``passwords``, or that the file cannot be read in time. None:
    it has to be looked at; always so without passwords, since looking at the file is then as fast as looking it up."""
    if cache is None or not passwords:
        return None
    try:
        content = fingerprint(path, patience)
    except TimedOut as hangs:
        return timed_out(tried=hangs.tried)
    if content is None:
        return None
    kept = [reading for password in passwords if (reading := cache.get(content, password)) is not None]
    right = next(
        (state for state in kept if all(fault.key != PASSWORD_WRONG for fault in state.faults)), None
    )
    # A wrong one settles nothing while another was not tried.
    return right or (kept[0] if len(kept) == len(passwords) else None)


# ── What is known of files that this audit does not open ─────────────────────────────────────────────────
_ENDED: Final = frozenset({State.REVOKED, State.REFUSED})
"""What only the platform knows."""


def recall(
    readings: Iterable[tuple[str, ScanResult]], states: Iterable[CachedState], seconds: float
) -> Iterator[tuple[str, ScanResult]]:
    """Yield ``readings``, with what was seen earlier of those that are closed. ``seconds``: how long reading a file may
    take; of one that hangs nothing is recalled."""
    known = {state.content: state for state in states if _tells(state)}
    with TimeoutGuard(seconds) as patience:
        for file, reading in readings:
            yield file, _recalled(Path(file), reading, known, patience) if known else reading


def _tells(state: CachedState) -> bool:
    return bool(state.content) and state.not_before is not None and state.platform_state not in _ENDED


def _recalled(
    path: Path, reading: ScanResult, known: Mapping[str, CachedState], patience: TimeoutGuard
) -> ScanResult:
    if reading.opened or not reading.whole:
        return reading
    try:
        seen = known.get(fingerprint(path, patience) or "")
    except TimedOut:
        return reading
    if seen is None or seen.name is None or seen.not_before is None or seen.not_after is None:
        return reading
    return replace(
        reading,
        recalled=True,
        holder=seen.name.identifier.text,
        holder_name=seen.name.name,
        application_id=seen.name.application_id,
        environment=None if seen.environment is None else str(seen.environment),
        key_id=seen.key_id,
        not_before=seen.not_before.isoformat(),
        not_after=seen.not_after.isoformat(),
        decrypts=seen.has_etk,
    )
