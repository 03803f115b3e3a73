"""A keystore as it stands today: the facts of its file, its name, the moment, and what lies beside it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.discovery import path_order
from ehtoolkit.auditing.results.scan_result import HANGS, ScanResult
from ehtoolkit.clock import days_until
from ehtoolkit.finding import Finding
from ehtoolkit.i18n import in_brussels
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FileFacts
from ehtoolkit.keystore.diagnosis.outline import KeyOutline, Outline
from ehtoolkit.keystore.entries import serials_among
from ehtoolkit.keystore.state import (
    RENEWAL_MONTHS,
    CertificateState,
    FileState,
    KeystoreState,
    months_before,
    state_at,
)
from ehtoolkit.keystore.storage.filenames import parse_name, proper_name
from ehtoolkit.keystore.storage.holder_files import (
    FileAge,
    HolderFile,
    HolderFiles,
    HolderKey,
    archived_files,
    holder_key,
)
from ehtoolkit.keystore.storage.state_cache import UNKNOWN, CachedStates
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard
from ehtoolkit.system.text_safety import printable

_DAY = timedelta(days=1)


STATES: Final[tuple[KeystoreState, ...]] = (
    FileState.UNREADABLE,
    CertificateState.EXPIRED,
    FileState.CLOSED,
    CertificateState.NO_ETK,
    CertificateState.PREPARED,
    CertificateState.RENEWABLE,
    CertificateState.NOT_YET_VALID,
    CertificateState.COMPLETE,
)
"""How a keystore of an audit can stand, the most urgent first."""
_ENDING: Final = (CertificateState.EXPIRED, CertificateState.RENEWABLE)


@dataclass(frozen=True, slots=True)
class AuditedKeystore:
    """A keystore file as the audit judges it. Those of all files are there at once: it has what rules and rows ask for,
    and not the diagnosis that it was made of.

    Attributes:
        file: its path, as the system has it.
        folder: of the file; one for all of its files.
        reading: what was seen, without the keys.
        now: the moment that it was judged for, aware.
        state: one of `STATES`.
        holder: of the certificate; while that cannot be seen, what the name says.
        application_id: likewise.
        by_content: whether the certificate shows whose it is.
        environment: by the issuer; while that is unknown, acceptance where the file's suffix says so.
        not_before: of the certificate, aware; ``not_after`` likewise.
        etks: how many encryption keys it has; None for what is no keystore.
        key_id: of the authentication key, by whatever name; None while that cannot be seen.
        age: by the rule of `ehtoolkit.keystore.storage.holder_files`.
        is_misnamed: whether its name is another than the official program would give.
        proper_name: of one that is misnamed; None if unknown.
        replaced_by: the path of another, by that rule, in the same folder; of one that is over or to be renewed,
            anywhere in the audit.
        usable: whether software finds it and can work with it, by that rule; of a file that stays closed, as far as
            shows.
        revocation: what its issuer says; None: not asked.
    """

    file: str
    folder: Path
    reading: ScanResult
    now: datetime
    state: KeystoreState
    holder: Identifier | None
    application_id: str | None
    by_content: bool
    environment: Environment | None
    not_before: datetime | None
    not_after: datetime | None
    etks: int | None
    key_id: str | None
    age: FileAge
    is_misnamed: bool
    proper_name: str | None
    replaced_by: str | None
    usable: bool
    revocation: Finding | None = None

    @classmethod
    def from_diagnosis(
        cls,
        diagnosis: Diagnosis,
        reading: ScanResult,
        held: HolderFile,
        beside: HolderFiles,
        *,
        place: tuple[Path, str],
    ) -> AuditedKeystore:
        """Make the keystore of an audit of what was diagnosed and read. ``held``: the file as one of its holder's,
        ``beside``: those of its folder, ``place``: folder and path."""
        owner, newer = diagnosis.owner, beside.successor(held)
        environment = diagnosis.environment
        folder, file = place
        return cls(
            file=file,
            folder=folder,
            reading=reading.without_keys(),
            now=diagnosis.now,
            state=_state(diagnosis, reading),
            holder=held.identifier,
            application_id=held.application_id,
            by_content=owner is not None,
            environment=held.name.environment if environment is None and owner is None else environment,
            not_before=diagnosis.not_before,
            not_after=diagnosis.not_after,
            etks=len(held.serials) if reading.whole else None,
            key_id=held.key_id,
            age=held.age,
            is_misnamed=held.is_misnamed,
            proper_name=diagnosis.proper_name if held.is_misnamed else None,
            replaced_by=None if newer is None else str(newer.path),
            usable=beside.serves(held),
        )

    @property
    def path(self) -> Path:
        return Path(self.file)

    @property
    def shown(self) -> str:
        return printable(self.file)

    @property
    def holder_name(self) -> str | None:
        """By the certificate."""
        return self.reading.holder_name if self.by_content else None

    @property
    def renewable_from(self) -> datetime | None:
        """By the usual months, a guess: only the platform knows."""
        if self.not_after is None:
            return None
        try:
            return months_before(self.not_after, RENEWAL_MONTHS)
        except ValueError:  # a certificate of the year 1
            return self.not_after

    @property
    def days_left(self) -> int | None:
        """Days in Belgium until that of its end, negative afterwards."""
        return None if self.not_after is None else days_until(self.not_after, self.now)

    @property
    def serves(self) -> bool:
        """Whether software can work with it today, as far as can be seen."""
        return isinstance(self.state, CertificateState) and self.state.serves

    def is_copy_of(self, other: AuditedKeystore) -> bool:
        """Return whether both are of the same certificate."""
        return self.key_id is not None and self.key_id == other.key_id


def _state(diagnosis: Diagnosis, reading: ScanResult) -> KeystoreState:
    state = diagnosis.state
    if not reading.whole or reading.refused or (reading.opened and state is None):
        return FileState.UNREADABLE
    return FileState.CLOSED if state is None else state


def evaluate(
    readings: Iterable[tuple[str, ScanResult]],
    files: Sequence[str],
    now: datetime,
    seconds: float = SECONDS,
    known: CachedStates = UNKNOWN,
) -> dict[str, AuditedKeystore]:
    """Return each file of a scan as it stands at ``now`` (aware), beside the others of its folder, by its path.

    Args:
        readings: path and facts of each, in any order. A folder is judged, and its facts go, when all of it was seen.
        files: their paths, in the order that is wanted.
        seconds: how long looking into the archive of a folder may take; one that hangs counts as none.
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
                ordered = {one: whole[one] for one in sorted(whole, key=path_order)}
                judged.update(_folder(Path(folder), ordered, now, patience, known))
    return _replaced_elsewhere({file: judged.pop(file) for file in files}, known)


def _folder(
    folder: Path,
    readings: Mapping[str, ScanResult],
    now: datetime,
    patience: TimeoutGuard,
    known: CachedStates,
) -> Iterator[tuple[str, AuditedKeystore]]:
    """Yield the path of each file of one folder, and how the file stands beside the others."""
    diagnoses = list(_alone(readings, now))
    hangs = any(one.has(HANGS) for one in diagnoses)
    looked = [
        _holder_file(diagnosis, reading, known)
        for diagnosis, reading in zip(diagnoses, readings.values(), strict=True)
    ]
    beside = HolderFiles(looked, () if hangs else _archived(folder, patience))
    for (file, reading), diagnosis, held in zip(readings.items(), diagnoses, looked, strict=True):
        yield file, AuditedKeystore.from_diagnosis(diagnosis, reading, held, beside, place=(folder, file))


def _replaced_elsewhere(seen: dict[str, AuditedKeystore], known: CachedStates) -> dict[str, AuditedKeystore]:
    """Return ``seen``, with what has replaced old files for which their folder shows no newer one: one that is over or
    soon to be renewed was renewed, when its holder has a newer one that works anywhere. Others are in use wherever they
    are."""
    ending = [one for one in seen.values() if one.replaced_by is None and one.state in _ENDING]
    holders = {_holder_key(one) for one in ending}
    serving = HolderFiles(
        _judged_file(one, known) for one in seen.values() if one.serves and _holder_key(one) in holders
    )
    for one in ending:
        newer = serving.successor(_judged_file(one, known))
        if newer is not None:
            seen[one.file] = replace(one, replaced_by=str(newer.path))
    return seen


def _holder_key(one: AuditedKeystore) -> HolderKey | None:
    return None if one.holder is None else holder_key(one.holder, one.application_id)


def _judged_file(one: AuditedKeystore, known: CachedStates) -> HolderFile:
    """Return ``one`` as the file of its holder that was compared with the others of its folder."""
    diagnosis = _diagnosis(one.path, one.reading, one.now, frozenset())
    return _holder_file(replace(diagnosis, key_id=one.key_id), one.reading, known)


def _holder_file(diagnosis: Diagnosis, reading: ScanResult, known: CachedStates) -> HolderFile:
    file = diagnosis.holder_file(closed=reading.tried and not reading.opened)
    return file.at(diagnosis.now, None, known.word_of(file.key_id))


def _archived(folder: Path, patience: TimeoutGuard) -> Sequence[HolderFile]:
    """Return what was put away beside the files of ``folder``, read while it answers."""
    try:
        return patience.call(folder, lambda: [one for one in archived_files(folder) if one.is_whole])
    except TimedOut:
        return ()


def calendar(moment: datetime | None) -> date | None:
    """Return the day in Belgium of ``moment``; None for None."""
    return None if moment is None else in_brussels(moment).date()


def _alone(readings: Mapping[str, ScanResult], now: datetime) -> Iterator[Diagnosis]:
    """Yield the diagnosis of each file of one folder, without what has replaced it. No two of the files are to be
    called the same."""
    paths = list(map(Path, readings))
    taken = {path.name.lower() for path in paths}
    searched: dict[str, datetime] = {}
    for path, reading in zip(paths, readings.values(), strict=True):
        diagnosis = _diagnosis(path, reading, now, taken, searched)
        taken |= {(diagnosis.proper_name or path.name).lower()}
        yield diagnosis


def _diagnosis(
    path: Path,
    reading: ScanResult,
    now: datetime,
    taken: Set[str],
    searched: dict[str, datetime] | None = None,
) -> Diagnosis:
    """Return what the rules about folders look at, of facts in place of a file; findings that hang on the day are not
    among them. ``taken``: the names in its folder, in lower case; ``searched``: as `proper_name` has
    it."""
    not_before, not_after = _moment(reading.not_before), _moment(reading.not_after)
    validity = None if not_before is None or not_after is None else (not_before, not_after)
    state: CertificateState | None = None
    if validity is not None or reading.prepared:
        state = state_at(now, validity, has_encryption_key=reading.decrypts)
    owner = _owner(reading)
    environment = None if reading.environment is None else Environment(reading.environment)
    name = parse_name(path.name)
    return Diagnosis(
        file=FileFacts(path, path.name, name, reading.size, reading.kind),
        now=now,
        opened=reading.opened or reading.recalled,
        findings=tuple(fault.finding for fault in reading.faults),
        outline=_outline(reading) if reading.whole else None,
        state=state,
        owner=owner,
        issuer=reading.issuer,
        environment=environment,
        key_id=reading.key_id,
        authentication_key=reading.authentication_key,
        not_before=not_before,
        not_after=not_after,
        proper_name=None
        if owner is None
        else proper_name(
            path.name, (owner.identifier, owner.application_id), environment, (not_before,), taken, searched
        ),
    )


def _outline(reading: ScanResult) -> Outline:
    keys = tuple(KeyOutline(alias, key_id) for alias, key_id in reading.keys)
    return Outline(
        keys=keys,
        etk_serials=serials_among([alias for alias, _ in reading.keys]),
        key_ciphers=(),
        safe_ciphers=(),
        iterations=(),
        mac=None,
        mac_iterations=None,
        last_written=None,
        open_keys=0,
        open_certificates=0,
        sealed=not reading.opened,
        has_pbes2=False,
    )


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


def keystore_order(seen: Mapping[str, AuditedKeystore]) -> list[str]:
    """Return the files in the order of their table: the first to end first; those without a certificate last."""
    ranks = {state: place for place, state in enumerate(STATES)}

    def order(file: str) -> tuple[object, ...]:
        keystore = seen[file]
        days = keystore.days_left
        return (days is None, days or 0, ranks[keystore.state], keystore.shown)

    return sorted(seen, key=order)
