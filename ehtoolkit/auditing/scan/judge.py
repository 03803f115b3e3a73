"""Judge scan results: how each keystore stands at a moment, beside the others of its folder and of its holder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from ehtoolkit import errors
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.discovery import path_order
from ehtoolkit.auditing.scan.scan_result import HANGS, ScanResult
from ehtoolkit.finding import Severity
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS
from ehtoolkit.keystore.state import FileState, KeystoreState, State, state_at
from ehtoolkit.keystore.storage.filenames import KeystoreName, parse_name, proper_name
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore, HolderKey, holder_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files
from ehtoolkit.keystore.storage.records import UNKNOWN, CachedStates
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard

_ENDING: Final = (State.EXPIRED, State.RENEWABLE)


def evaluate(
    readings: Iterable[tuple[str, ScanResult]],
    files: Sequence[str],
    now: datetime,
    seconds: float = SECONDS,
    known: CachedStates = UNKNOWN,
) -> dict[str, AuditedKeystore]:
    """Return each file of a scan as it stands at ``now`` (aware), beside the others of its folder, by its path.

    Args:
        readings: path and facts of each, in any order. A folder is judged, and its facts are freed, when all of its
            files were scanned.
        files: their paths, in the order that is wanted.
        seconds: limit for reading the archive of a folder; one that takes longer counts as empty.
        known: the platform's last words.
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
                judged.update(_folder(Path(folder), ordered, now, patience, known))
    return _replaced_elsewhere({file: judged.pop(file) for file in files}, known)


@dataclass(frozen=True, slots=True)
class _DatedScan:
    """What a scan result means at a moment."""

    path: Path
    name: KeystoreName
    reading: ScanResult
    now: datetime
    state: State | None
    owner: DistinguishedName | None
    environment: Environment | None
    not_before: datetime | None
    not_after: datetime | None

    @classmethod
    def of(cls, path: Path, reading: ScanResult, now: datetime) -> Self:
        not_before, not_after = _moment(reading.not_before), _moment(reading.not_after)
        state: State | None = None
        if reading.prepared or (not_before is not None and not_after is not None):
            state = state_at(now, not_before, not_after, has_encryption_key=reading.decrypts)
        return cls(
            path=path,
            name=parse_name(path.name),
            reading=reading,
            now=now,
            state=state,
            owner=_owner(reading),
            environment=None if reading.environment is None else Environment(reading.environment),
            not_before=not_before,
            not_after=not_after,
        )

    @property
    def keystore_state(self) -> KeystoreState:
        reading = self.reading
        if reading.kind in JAVA_KINDS:  # its certificate shows, also without a password
            return FileState.UNREADABLE if self.state is None else self.state
        if not reading.whole or reading.refused or (reading.opened and self.state is None):
            return FileState.UNREADABLE
        return FileState.CLOSED if self.state is None else self.state

    def proper_name(self, taken: Set[str], searched: dict[str, datetime]) -> str | None:
        """Return what the official program would call the file; None if that is not known. ``taken``: the names in its
        folder, in lower case; ``searched``: as `proper_name` has it."""
        if self.owner is None:
            return None
        holder = (self.owner.identifier, self.owner.application_id)
        return proper_name(self.path.name, holder, self.environment, (self.not_before,), taken, searched)

    def found_keystore(self, known: CachedStates, key_id: str | None) -> FoundKeystore:
        """Return the file as one of its holder's files."""
        reading = self.reading
        keys = tuple(KeyOutline(alias, local_id) for alias, local_id in reading.keys)
        file = FoundKeystore(
            self.path,
            self.name,
            self.name.moment or LONG_AGO,
            lambda: keys if reading.whole else None,
            owner=self.owner,
            environment=self.environment,
            issuer=reading.issuer,
            not_before=self.not_before,
            state=self.state if reading.whole else None,
            content_key_id=key_id,
            opened=(reading.opened and reading.whole) or reading.recalled,
            closed=reading.tried and not reading.opened,
            faulty=any(fault.severity == Severity.ERROR for fault in reading.faults),
        )
        return file.at(self.now, None, known.word_of(file.key_id))


def _folder(
    folder: Path,
    readings: Mapping[str, ScanResult],
    now: datetime,
    patience: TimeoutGuard,
    known: CachedStates,
) -> Iterator[tuple[str, AuditedKeystore]]:
    """Yield the path of each file of one folder, and its state among the others."""
    scans = [_DatedScan.of(Path(file), reading, now) for file, reading in readings.items()]
    names = list(_proper_names(scans))
    hangs = any(fault.key == HANGS for reading in readings.values() for fault in reading.faults)
    found_keystores = [scan.found_keystore(known, scan.reading.key_id) for scan in scans]
    beside = HolderFiles(found_keystores, () if hangs else _archived(folder, patience))
    for file, scan, name, found in zip(readings, scans, names, found_keystores, strict=True):
        newer, is_known = beside.successor(found), scan.owner is not None
        environment = scan.name.environment if scan.environment is None and not is_known else scan.environment
        is_misnamed = found.is_misnamed and scan.reading.kind not in JAVA_KINDS
        yield (
            file,
            AuditedKeystore(
                file=file,
                folder=folder,
                reading=scan.reading.without_keys(),
                now=now,
                state=scan.keystore_state,
                holder=found.identifier,
                application_id=found.application_id,
                by_content=is_known,
                environment=environment,
                not_before=scan.not_before,
                not_after=scan.not_after,
                etks=len(found.serials) if scan.reading.whole else None,
                key_id=found.key_id,
                age=found.age,
                is_misnamed=is_misnamed,
                proper_name=name if is_misnamed else None,
                replaced_by=None if newer is None else str(newer.path),
                usable=beside.serves(found),
            ),
        )


def _proper_names(scans: Sequence[_DatedScan]) -> Iterator[str | None]:
    """Yield the proper name of each file of one folder; no two files get the same."""
    taken = {scan.path.name.lower() for scan in scans}
    searched: dict[str, datetime] = {}
    for scan in scans:
        name = scan.proper_name(taken, searched)
        taken |= {(name or scan.path.name).lower()}
        yield name


def _replaced_elsewhere(seen: dict[str, AuditedKeystore], known: CachedStates) -> dict[str, AuditedKeystore]:
    """Return ``seen``, with what has replaced old files for which their folder shows no newer one: one that is over or
    soon to be renewed was renewed, when its holder has a newer one that works anywhere. Others are in use wherever they
    are."""
    ending = [
        keystore for keystore in seen.values() if keystore.replaced_by is None and keystore.state in _ENDING
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
    return _DatedScan.of(keystore.path, keystore.reading, keystore.now).found_keystore(known, keystore.key_id)


def _archived(folder: Path, patience: TimeoutGuard) -> Sequence[FoundKeystore]:
    """Return the archived files of ``folder``, read while it answers."""
    try:
        return patience.call(folder, lambda: [file for file in archived_files(folder) if file.is_whole])
    except TimedOut:
        return ()


def _owner(reading: ScanResult) -> DistinguishedName | None:
    if reading.holder is None or reading.holder_name is None:
        return None
    kind, _, number = reading.holder.partition("=")
    try:
        return DistinguishedName(Identifier(kind, number), reading.holder_name, reading.application_id)
    except errors.EhToolkitError:
        return None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
