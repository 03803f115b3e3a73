"""A keystore as it stands today: the facts of its file, its name, the moment, and what lies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.audit.file_scan import HANGS, ScanResult
from ehtoolkit.audit.io_timeout import SECONDS, TimedOut, TimeoutGuard
from ehtoolkit.finding import Finding
from ehtoolkit.i18n import in_brussels
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FileFacts
from ehtoolkit.keystore.diagnosis.outline import KeyOutline, Outline
from ehtoolkit.keystore.entries import is_serial
from ehtoolkit.keystore.state import (
    RENEWAL_MONTHS,
    CertificateState,
    FileState,
    KeystoreState,
    months_before,
    state_at,
)
from ehtoolkit.keystore.storage.filenames import parse_name, proper_name
from ehtoolkit.keystore.storage.holder_files import HolderFile, HolderFiles, archived_files
from ehtoolkit.keystore.storage.state_cache import UNKNOWN, CachedStates
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


@dataclass(frozen=True, slots=True)
class AuditedKeystore:
    """A keystore file as the audit judges it.

    Attributes:
        file: the same as one of its holder's.
        replaced_by: by the rule of `ehtoolkit.keystore.storage.holder_files`, in the same folder; of one that is over
            or to be renewed, anywhere in the audit.
        usable: whether software finds it and can work with it, by that rule; of a file that stays closed, as far as
            shows.
        revocation: what its issuer says; None: not asked.
    """

    path: Path
    reading: ScanResult
    diagnosis: Diagnosis
    file: HolderFile
    now: datetime
    replaced_by: Path | None = None
    usable: bool = False
    revocation: Finding | None = None

    @property
    def state(self) -> KeystoreState:
        state = self.diagnosis.state
        if not self.reading.whole or self.reading.refused or (self.reading.opened and state is None):
            return FileState.UNREADABLE
        return FileState.CLOSED if state is None else state

    @property
    def shown(self) -> str:
        return printable(str(self.path))

    @property
    def holder(self) -> Identifier | None:
        """Of the certificate; while that cannot be seen, what the name says."""
        owner = self.diagnosis.owner
        return self.file.name.identifier if owner is None else owner.identifier

    @property
    def by_content(self) -> bool:
        return self.diagnosis.owner is not None

    @property
    def application_id(self) -> str | None:
        owner = self.diagnosis.owner
        return self.file.name.application_id if owner is None else owner.application_id

    @property
    def environment(self) -> Environment | None:
        """By the issuer; while he cannot be seen acceptance, when the ending says so."""
        found = self.diagnosis.environment
        return self.file.name.environment if found is None and not self.by_content else found

    @property
    def not_before(self) -> datetime | None:
        return self.diagnosis.not_before

    @property
    def not_after(self) -> datetime | None:
        return self.diagnosis.not_after

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
        """Whole days until the certificate ends, negative afterwards."""
        return self.diagnosis.days_left

    @property
    def serves(self) -> bool:
        """Whether software can work with it today, as far as can be seen."""
        return isinstance(self.state, CertificateState) and self.state.serves


def evaluate(
    readings: Mapping[Path, ScanResult],
    now: datetime,
    seconds: float = SECONDS,
    known: CachedStates = UNKNOWN,
) -> dict[Path, AuditedKeystore]:
    """Each file of a scan as it stands at ``now`` (aware), beside the others of its folder.

    Args:
        seconds: how long looking into the archive of a folder may take; one that hangs counts as none.
        known: the platform's last words.
    """
    with TimeoutGuard(seconds) as patience:
        return _stand(readings, now, patience, known)


def _stand(
    readings: Mapping[Path, ScanResult], now: datetime, patience: TimeoutGuard, known: CachedStates
) -> dict[Path, AuditedKeystore]:
    told: dict[Path, AuditedKeystore] = {}
    for folder, paths in groupby(sorted(readings), key=lambda path: path.parent):
        looked = {one.path: one for one in _alone(paths, readings, now, known)}
        hangs = any(one.diagnosis.has(HANGS) for one in looked.values())
        files = HolderFiles(
            (one.file for one in looked.values()), () if hangs else _archived(folder, patience)
        )
        for path, one in looked.items():
            newer = files.successor(one.file)
            path_of_newer = None if newer is None else newer.path
            told[path] = replace(one, replaced_by=path_of_newer, usable=files.serves(one.file))
    serving = HolderFiles(one.file for one in told.values() if one.serves)
    return {path: _replaced_elsewhere(seen, serving) for path, seen in told.items()}


def _replaced_elsewhere(seen: AuditedKeystore, serving: HolderFiles) -> AuditedKeystore:
    """An old file of which only the newer one's copy is in its folder, or none: one that is over or soon to be renewed
    was renewed, when its holder has a newer one anywhere. Others are in use wherever they are.
    ``serving``: the files that software can work with."""
    if seen.replaced_by is not None or seen.state not in (
        CertificateState.EXPIRED,
        CertificateState.RENEWABLE,
    ):
        return seen
    newer = serving.successor(seen.file)
    return seen if newer is None else replace(seen, replaced_by=newer.path)


def _archived(folder: Path, patience: TimeoutGuard) -> Sequence[HolderFile]:
    """What was put away beside the files of ``folder``, read while it answers."""
    try:
        return patience.call(folder, lambda: [one for one in archived_files(folder) if one.is_whole])
    except TimedOut:
        return ()


def calendar(moment: datetime | None) -> date | None:
    """The day in Belgium."""
    return None if moment is None else in_brussels(moment).date()


def _alone(
    paths: Iterable[Path], readings: Mapping[Path, ScanResult], now: datetime, known: CachedStates
) -> Iterator[AuditedKeystore]:
    """The files of one folder, without what has replaced them. No two of them are to be called the same."""
    paths = list(paths)
    taken = {path.name.lower() for path in paths}
    for path in paths:
        reading = readings[path]
        diagnosis = _diagnosis(path, reading, now, taken)
        taken |= {(diagnosis.proper_name or path.name).lower()}
        file = diagnosis.holder_file(closed=reading.tried and not reading.opened)
        yield AuditedKeystore(path, reading, diagnosis, file.at(now, None, known.word_of(file.key_id)), now)


def _diagnosis(path: Path, reading: ScanResult, now: datetime, taken: Set[str]) -> Diagnosis:
    """What the rules about folders look at, of facts in place of a file; findings that hang on the day are not
    among them. ``taken``: the names in its folder, in lower case."""
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
            path.name, (owner.identifier, owner.application_id), environment, (not_before,), taken
        ),
    )


def _outline(reading: ScanResult) -> Outline:
    keys = tuple(KeyOutline(alias, key_id) for alias, key_id in reading.keys)
    serials = tuple(
        dict.fromkeys(key.alias for key in keys if key.alias is not None and is_serial(key.alias))
    )
    return Outline(
        keys=keys,
        etk_serials=serials,
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
