"""Judge scan results: how each keystore stands at a moment, beside the others of its folder and of its holder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.discovery import path_order
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.finding import Severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS
from ehtoolkit.keystore.state import FileState, KeystoreState, State, from_word, state_at
from ehtoolkit.keystore.storage.filenames import parse_name, proper_name
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore, HolderKey, holder_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files
from ehtoolkit.keystore.storage.records import UNKNOWN, CachedStates
from ehtoolkit.providers.audit_registry import NowFor
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard

_ENDING: Final = (State.EXPIRED, State.RENEWABLE)


def evaluate(
    readings: Iterable[tuple[str, ScanResult]],
    files: Sequence[str],
    now_for: NowFor,
    seconds: float = SECONDS,
    known: CachedStates = UNKNOWN,
    wanted: Environment | None = None,
) -> dict[str, AuditedKeystore]:
    """Return each file of a scan as it stands now, beside the others of its folder, by its path.

    Args:
        readings: path and facts of each, in any order. A folder is judged, and its facts are freed, when all of its
            files were scanned.
        files: their paths, in the order that is wanted.
        now_for: returns the moment to judge a file for, aware.
        seconds: limit for reading the archive of a folder; one that takes longer counts as empty.
        known: what platform and issuers said last, and what was seen last.
        wanted: the environment that is audited; None: any.
    """
    left = Counter(map(os.path.dirname, files))
    waiting: dict[str, dict[str, ScanResult]] = {}
    judged: dict[str, AuditedKeystore] = {}
    with TimeoutGuard(seconds) as patience:
        for file, reading in readings:
            folder = os.path.dirname(file)  # noqa: PTH120  # a path object takes four times as much
            waiting.setdefault(folder, {})[file] = reading
            left[folder] -= 1
            if not left[folder]:
                whole = waiting.pop(folder)
                ordered = {path: whole[path] for path in sorted(whole, key=path_order)}
                found = _folder(Path(folder), ordered, now_for, patience, known, wanted)
                judged |= {keystore.file: keystore for keystore in found}
    return _replaced_elsewhere({file: judged.pop(file) for file in files}, known)


def _folder(
    folder: Path,
    readings: Mapping[str, ScanResult],
    now_for: NowFor,
    patience: TimeoutGuard,
    known: CachedStates,
    wanted: Environment | None,
) -> Iterator[AuditedKeystore]:
    """Yield each file of one folder with its state among the others."""
    moments = [now_for(file, reading.environment) for file, reading in readings.items()]
    found = [
        _found_keystore(Path(file), reading, now, known, reading.key_id)
        for (file, reading), now in zip(readings.items(), moments, strict=True)
    ]
    names = list(_proper_names(found))
    hangs = any(reading.hangs for reading in readings.values())
    beside = HolderFiles(found, () if hangs else _archived(folder, patience))
    for (file, reading), now, keystore, name in zip(readings.items(), moments, found, names, strict=True):
        newer, is_known = beside.successor(keystore), keystore.owner is not None
        is_misnamed = keystore.is_misnamed and reading.kind not in JAVA_KINDS
        file_state = _file_state(reading, now)
        yield AuditedKeystore(
            file=file,
            folder=folder,
            reading=reading.without_keys(),
            now=now,
            file_state=file_state,
            holder=keystore.identifier,
            application_id=keystore.application_id,
            by_content=is_known,
            environment=keystore.environment or (None if is_known else keystore.name.environment),
            not_before=keystore.not_before,
            not_after=reading.not_after,
            etks=len(keystore.serials) if reading.whole else None,
            key_id=keystore.key_id,
            age=keystore.age,
            is_misnamed=is_misnamed,
            proper_name=name if is_misnamed else None,
            replaced_by=None if newer is None else str(newer.path),
            beside=beside.beside(keystore),
            waits=file_state is FileState.CLOSED and beside.waits(keystore) is True,
            word=from_word(known.word_of(keystore.key_id)),
            delivered=known.is_delivered(keystore.key_id),
            last_seen=known.of_key(keystore.key_id) if file_state is FileState.CLOSED else None,
            answer=known.answer_of(keystore.key_id),
            wanted=wanted,
            usable=beside.serves(keystore),
        )


def _found_keystore(
    path: Path, reading: ScanResult, now: datetime, known: CachedStates, key_id: str | None
) -> FoundKeystore:
    """Return a file as one of its holder's files."""
    name = parse_name(path.name)
    keys = tuple(KeyOutline(alias, local_id) for alias, local_id in reading.keys)
    file = FoundKeystore(
        path,
        name,
        name.moment or LONG_AGO,
        lambda: keys if reading.whole else None,
        owner=reading.owner,
        environment=reading.environment,
        issuer=reading.issuer,
        not_before=reading.not_before,
        state=_state(reading, now) if reading.whole else None,
        content_key_id=key_id,
        opened=(reading.opened and reading.whole) or reading.recalled,
        closed=reading.tried and not reading.opened,
        faulty=any(fault.severity == Severity.ERROR for fault in reading.faults),
    )
    return file.at(now, None, known.word_of(file.key_id), known.answer_of(file.key_id))


def _state(reading: ScanResult, now: datetime) -> State | None:
    """Return the state of the certificate; None where it cannot be seen."""
    if reading.prepared or (reading.not_before is not None and reading.not_after is not None):
        return state_at(now, reading.not_before, reading.not_after, has_encryption_key=reading.decrypts)
    return None


def _file_state(reading: ScanResult, now: datetime) -> KeystoreState:
    state = _state(reading, now)
    if reading.kind in JAVA_KINDS:  # its certificate shows, also without a password
        return state or FileState.UNREADABLE
    if not reading.whole or reading.refused or (reading.opened and state is None):
        return FileState.UNREADABLE
    return state or FileState.CLOSED


def _proper_names(found: Sequence[FoundKeystore]) -> Iterator[str | None]:
    """Yield what the official program would call each file of one folder, None where that is not known; no two files
    get the same."""
    taken = {keystore.path.name.lower() for keystore in found}
    searched: dict[str, datetime] = {}
    for keystore in found:
        owner, file, name = keystore.owner, keystore.path.name, None
        if owner is not None:
            holder, starts = (owner.identifier, owner.application_id), (keystore.not_before,)
            name = proper_name(file, holder, keystore.environment, starts, taken, searched)
        taken.add((name or file).lower())
        yield name


def _replaced_elsewhere(seen: dict[str, AuditedKeystore], known: CachedStates) -> dict[str, AuditedKeystore]:
    """Return ``seen``, with what has replaced old files for which their folder shows no newer one: one that is over or
    soon to be renewed was renewed, when its holder has a newer one that works anywhere. Others are in use wherever they
    are."""
    ending = [
        keystore
        for keystore in seen.values()
        if keystore.replaced_by is None and keystore.file_state in _ENDING
    ]
    holders = {_holder_key(keystore) for keystore in ending}
    serving = HolderFiles(
        _judged_file(keystore, known)
        for keystore in seen.values()
        if keystore.serves and _holder_key(keystore) in holders
    )
    for keystore in ending:
        newer = serving.successor(_judged_file(keystore, known))
        if newer is not None:
            seen[keystore.file] = replace(keystore, replaced_by=str(newer.path))
    return seen


def _holder_key(keystore: AuditedKeystore) -> HolderKey | None:
    holder = keystore.holder
    return None if holder is None else holder_key(holder, keystore.application_id)


def _judged_file(keystore: AuditedKeystore, known: CachedStates) -> FoundKeystore:
    """Return ``keystore`` as the file of its holder that was compared with the others of its folder."""
    return _found_keystore(keystore.path, keystore.reading, keystore.now, known, keystore.key_id)


def _archived(folder: Path, patience: TimeoutGuard) -> Sequence[FoundKeystore]:
    """Return the archived files of ``folder``, read while it answers."""
    try:
        return patience.call(folder, lambda: [file for file in archived_files(folder) if file.is_whole])
    except TimedOut:
        return ()
