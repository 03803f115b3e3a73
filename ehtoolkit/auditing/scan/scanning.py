"""Find the keystores of an audit, scan many files, and judge what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.batches import scan_with
from ehtoolkit.auditing.scan.cache import Cache
from ehtoolkit.auditing.scan.discovery import DiscoveredFiles, list_files, path_order
from ehtoolkit.auditing.scan.file_scan import fingerprint, timed_out
from ehtoolkit.auditing.scan.judge import evaluate
from ehtoolkit.auditing.scan.last_seen import keep_seen_files, read_seen_files, with_last_seen
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.auditing.scan.scan_team import JUDGING, FileToScan, ScanLimits, go_on, scan_here
from ehtoolkit.clock import brussels_day
from ehtoolkit.ehealth.revocation_answers import AskRevocation, RevocationResult
from ehtoolkit.identity import PERSON_TYPE
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import PasswordsOf
from ehtoolkit.keystore.storage.records import (
    CachedState,
    CachedStates,
    LastAnswer,
    last_answer,
    read_cached_states,
    write_cached_state,
)
from ehtoolkit.providers import Provider
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard

_CURRENT: Final = frozenset({State.NO_ETK, State.RENEWABLE, State.NOT_YET_VALID, State.COMPLETE})
"""Keystores that are asked about: of a certificate that has ended, authorities need not know any more."""


def find_audited_keystores(
    folders: Sequence[Path],
    records: Sequence[Provider],
    passwords: PasswordsOf | None,
    options: AuditOptions,
    others: Sequence[Provider] = (),
) -> tuple[dict[str, AuditedKeystore], DiscoveredFiles]:
    """Return each keystore by its path, and what else the folders hold: folders that could not be listed, and how many
    files were passed over. ``others``: records whose keystores are left out."""
    listed = list_files(
        [folder.absolute() for folder in folders],
        options.stop,
        options.seconds,
        follow_links=options.request.follow_links,
    )
    assigned = _assigned(records)
    untried = listed.behind_links - assigned

    def password_of(file: Path) -> Secret | Sequence[Secret] | None:
        return None if passwords is None or str(file) in untried else passwords(file)

    leave_out = _assigned(others) - assigned
    files = sorted({*listed.files, *assigned} - leave_out, key=path_order)
    known = () if options.notes is None else read_cached_states(options.notes)
    now_for = options.now_for or (lambda *_: options.now)
    registered = {
        file: keystore
        for record in records
        if (keystore := record.keystore) and (file := assigned_file(record))
    }
    earlier = {} if options.notes is None else read_seen_files(options.notes)

    def judged(states: Sequence[CachedState], options: AuditOptions) -> dict[str, AuditedKeystore]:
        readings = recall(scan(files, password_of, options), states, options.seconds)
        notes, wanted = CachedStates(states), options.request.environment
        seen = evaluate(readings, files, now_for, options.seconds, notes, wanted)
        return with_last_seen(seen, earlier, notes, registered)

    seen = judged(known, options)
    if options.notes is not None:
        keep_seen_files(options.notes, seen.values(), options.now)
    numbers = {record.niss for record in others if record.niss} - {record.niss for record in records}
    theirs = {f"{PERSON_TYPE}={number}" for number in numbers}
    for file in [file for file, keystore in seen.items() if keystore.holder_text in theirs]:
        if file not in assigned:
            del seen[file]
    if options.ask_revocation is not None:
        asked = _ask_about(seen, options.ask_revocation, options)
        changed = {
            answer.keystore.reading.key_id: answer.counts for answer in asked.values() if answer.is_changed
        }
        if changed:  # a revoked keystore replaces no other, so that the others are judged again
            again = judged(_with_answers(known, changed), replace(options, progress=lambda *_: None))
            seen = {file: again[file] for file in seen}
        for file, answer in asked.items():
            seen[file] = answer.of(seen[file])
    return seen, listed


@dataclass(frozen=True, slots=True)
class _IssuerReply:
    """What the issuer of a keystore's certificate says now; ``counts``: its last definite answer, now or earlier."""

    keystore: AuditedKeystore
    found: RevocationResult
    counts: LastAnswer | None

    @property
    def is_changed(self) -> bool:
        """Whether it is revoked now and was not, or the other way round."""
        before = self.keystore.answer
        was_revoked = before is not None and before.revoked
        return was_revoked is not (self.counts is not None and self.counts.revoked)

    def of(self, keystore: AuditedKeystore) -> AuditedKeystore:
        """Return the keystore with the answer, and without its certificates, which are not needed any more."""
        reading = replace(keystore.reading, chain=())
        return replace(keystore, reading=reading, revocation=self.found, answer=self.counts)


def _ask_about(
    seen: Mapping[str, AuditedKeystore], ask: AskRevocation, options: AuditOptions
) -> dict[str, _IssuerReply]:
    """Return what authorities say of certificates, by the files, and keep the definite answers. Raises
    `errors.Cancelled`."""
    asked: dict[str, _IssuerReply] = {}
    for file, keystore in seen.items():
        go_on(options.stop)
        if keystore.file_state not in _CURRENT or not keystore.reading.opened:
            continue
        found = ask(keystore.reading.certificates, keystore.environment)
        now = LastAnswer.of(found.answer, found.as_of or keystore.now, found.since, found.host)
        asked[file] = _IssuerReply(keystore, found, last_answer(keystore.answer, now))
        key_id = keystore.reading.key_id
        if now is not None and key_id is not None and options.notes is not None:
            with suppress(errors.EhToolkitError):  # a note that cannot be written is not known later
                write_cached_state(options.notes, CachedState(key_id, answer=now))
    return asked


def _with_answers(
    known: Sequence[CachedState], answers: Mapping[str | None, LastAnswer | None]
) -> tuple[CachedState, ...]:
    """Return ``known`` with the answers of issuers, by the identifier of the key."""
    updated = (replace(state, answer=answers.get(state.key_id, state.answer)) for state in known)
    there = {state.key_id for state in known}
    new = (CachedState(key_id, answer=answer) for key_id, answer in answers.items() if key_id)
    return (*updated, *(state for state in new if state.key_id not in there))


def assigned_file(record: Provider) -> str | None:
    """Return the path of the keystore that is assigned to ``record``."""
    return None if record.keystore is None else str(Path(record.keystore.path))


def _assigned(records: Iterable[Provider]) -> Set[str]:
    return set(filter(None, map(assigned_file, records)))


# ── Scan many files ──────────────────────────────────────────────────────────────────────────────────────
def scan(
    files: Sequence[str], password_of: PasswordsOf, options: AuditOptions, *, judging: float = JUDGING
) -> Iterator[tuple[str, ScanResult]]:
    """Yield the path of each file and what it shows, with its password where there is one, as it comes: read here, in
    processes that may be ended, or by the workers of an executor. ``judging``: how many seconds judging what was read
    may take, in a process of its own; whatever hangs, the scan ends.

    Raises `errors.Cancelled`, `errors.SchedulerInsecure` and `errors.SchedulerUnreachable`; what was seen until then
    is in the cache all the same.
    """
    cache = None if options.cache is None else Cache.open(options.cache, brussels_day(options.now))
    wanted = (FileToScan.of(file, password_of(Path(file))) for file in files)
    try:
        for done, (file, reading) in enumerate(_readings(wanted, cache, options, judging), start=1):
            options.progress(done, len(files))
            yield file.file, reading.as_untried() if file.guessed else reading
    finally:
        if cache is not None:
            cache.save()


def _readings(
    wanted: Iterable[FileToScan], cache: Cache | None, options: AuditOptions, judging: float
) -> Iterator[tuple[FileToScan, ScanResult]]:
    """Yield each file with what it shows: first those in the cache."""
    chains, unknown = options.ask_revocation is not None, list[FileToScan]()
    with TimeoutGuard(options.seconds) as patience:
        for file in wanted:
            go_on(options.stop)
            known = _known(file, cache, patience)
            if known is None or (chains and known.not_after is not None and not known.chain):
                unknown.append(file)
            else:
                yield file, known
    limits = ScanLimits(options.seconds, chains, judging)
    if options.executor is None:
        found = scan_here(unknown, options.processes, options.stop, limits)
    else:
        found = scan_with(options.executor, unknown, options.processes, options.stop, limits)
    for file, content in found:
        if cache is not None and file.passwords and content.fingerprint is not None:
            cache.put(content.fingerprint, file.passwords[content.place], content.reading)
        yield file, content.reading


def _known(wanted: FileToScan, cache: Cache | None, patience: TimeoutGuard) -> ScanResult | None:
    """Return what an earlier look has shown with one of the passwords, or that the file cannot be read in time. None:
    it has to be looked at; always so without passwords, since looking at the file is then as fast as looking it up."""
    if cache is None or not wanted.passwords:
        return None
    try:
        content = fingerprint(wanted.path, patience)
    except TimedOut as hangs:
        return timed_out(tried=hangs.tried)
    if content is None:
        return None
    kept = [reading for password in wanted.passwords if (reading := cache.get(content, password)) is not None]
    for reading in kept:
        if not reading.password_refused:
            return reading
    # A wrong one settles nothing while another was not tried.
    return kept[0] if len(kept) == len(wanted.passwords) else None


# ── What is known of files that this audit does not open ─────────────────────────────────────────────────
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
    return bool(state.content) and state.not_before is not None


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
        environment=seen.environment,
        key_id=seen.key_id,
        not_before=seen.not_before,
        not_after=seen.not_after,
        decrypts=seen.has_etk,
    )
