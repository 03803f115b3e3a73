"""A keystore as it stands today: the facts of its file, its name, the moment, and what lies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.audit.file_scan import HANGS, ScanResult
from ehtoolkit.audit.io_timeout import SECONDS, TimedOut, TimeoutGuard
from ehtoolkit.finding import Finding
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FileFacts
from ehtoolkit.keystore.diagnosis.outline import KeyOutline, Outline, is_serial
from ehtoolkit.keystore.state import RENEWAL_MONTHS, KeystoreState, months_before, state_at
from ehtoolkit.keystore.storage.candidate import Candidate, with_carried
from ehtoolkit.keystore.storage.filenames import parse_name, proper_name
from ehtoolkit.system.text_safety import printable

_DAY = timedelta(days=1)


class Standing(StrEnum):
    """How a keystore stands, the most urgent first."""

    UNREADABLE = "unreadable"
    """It is no keystore, or a damaged one, or cannot be read."""
    EXPIRED = "expired"
    CLOSED = "closed"
    """A whole keystore that its password was not given for, or not the right one."""
    NO_ETK = "no_etk"
    PREPARED = "prepared"
    RENEWABLE = "renewable"
    NOT_YET_VALID = "not_yet_valid"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class AuditedKeystore:
    """``candidate``: the same file as one of its folder. ``replaced_by``: a newer sound file of the same holder,
    application id and environment in the same folder; of one that is over or to be renewed, anywhere in the audit.
    ``revocation``: what its issuer says; None: not asked."""

    path: Path
    reading: ScanResult
    candidate: Candidate
    now: datetime
    replaced_by: Path | None = None
    revocation: Finding | None = None

    @property
    def standing(self) -> Standing:
        state = self.candidate.diagnosis.state
        if not self.reading.whole or self.reading.refused or (self.reading.opened and state is None):
            return Standing.UNREADABLE
        if state is None:
            return Standing.CLOSED
        return Standing(state)

    @property
    def shown(self) -> str:
        return printable(str(self.path))

    @property
    def holder(self) -> Identifier | None:
        """Of the certificate; while that cannot be seen, what the name says."""
        owner = self.candidate.diagnosis.owner
        return self.candidate.name.identifier if owner is None else owner.identifier

    @property
    def by_content(self) -> bool:
        return self.candidate.diagnosis.owner is not None

    @property
    def application_id(self) -> str | None:
        owner = self.candidate.diagnosis.owner
        return self.candidate.name.application_id if owner is None else owner.application_id

    @property
    def environment(self) -> Environment | None:
        """By the issuer; while he cannot be seen acceptance, when the ending says so."""
        found = self.candidate.diagnosis.environment
        return self.candidate.name.environment if found is None and not self.by_content else found

    @property
    def not_before(self) -> datetime | None:
        return self.candidate.diagnosis.not_before

    @property
    def not_after(self) -> datetime | None:
        return self.candidate.diagnosis.not_after

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
        return self.candidate.diagnosis.days_left

    @property
    def serves(self) -> bool:
        """Whether software can work with it today, as far as can be seen."""
        return self.standing in (Standing.COMPLETE, Standing.RENEWABLE)


def evaluate(
    readings: Mapping[Path, ScanResult], now: datetime, seconds: float = SECONDS
) -> dict[Path, AuditedKeystore]:
    """Each file of a scan as it stands at ``now`` (aware), beside the others of its folder. ``seconds``: how long
    looking into the archive of a folder may take; one that hangs counts as none."""
    with TimeoutGuard(seconds) as patience:
        return _stand(readings, now, patience)


def _stand(
    readings: Mapping[Path, ScanResult], now: datetime, patience: TimeoutGuard
) -> dict[Path, AuditedKeystore]:
    told: dict[Path, AuditedKeystore] = {}
    for folder, paths in groupby(sorted(readings), key=lambda path: path.parent):
        looked = list(_candidates(paths, readings, now))
        looked.sort(key=lambda one: (one.name.moment or datetime.min, one.path.name), reverse=True)
        of_holder: dict[object, list[Candidate]] = {}
        for one in _carried(looked, folder, patience):
            of_holder.setdefault(one.holder, []).append(one)
        for holder, group in of_holder.items():
            for one in group:
                newer = None if holder is None else _successor(one, group)
                path = None if newer is None else newer.path
                told[one.path] = AuditedKeystore(one.path, readings[one.path], one, now, path)
    serving: dict[object, list[Candidate]] = {}
    for seen in told.values():
        if seen.serves and seen.candidate.holder is not None:
            serving.setdefault(seen.candidate.holder, []).append(seen.candidate)
    return {
        path: _replaced_elsewhere(seen, serving.get(seen.candidate.holder, ())) for path, seen in told.items()
    }


def _replaced_elsewhere(seen: AuditedKeystore, serving: Sequence[Candidate]) -> AuditedKeystore:
    """An old file of which only the newer one's copy is in its folder, or none: one that is over or soon to be renewed
    was renewed, when its holder has a newer one anywhere. Others are in use wherever they are.
    ``serving``: the files of the holder that software can work with."""
    if seen.replaced_by is not None or seen.standing not in (Standing.EXPIRED, Standing.RENEWABLE):
        return seen
    newer = [one for one in serving if one.has_replaced(seen.candidate)]
    if not newer:
        return seen
    newest = max(newer, key=lambda one: (one.name.moment or datetime.min, one.path.name))
    return replace(seen, replaced_by=newest.path)


def _carried(looked: Sequence[Candidate], folder: Path, patience: TimeoutGuard) -> Sequence[Candidate]:
    """With what the archive tells of them; a folder that has not answered is not asked again."""
    if any(one.diagnosis.has(HANGS) for one in looked):
        return looked
    try:
        return patience.call(folder, lambda: list(with_carried(looked, folder)))
    except TimedOut:
        return looked


def calendar(moment: datetime | None) -> date | None:
    """The day in Belgium."""
    if moment is None:
        return None
    try:
        return moment.astimezone(BRUSSELS).date()
    except OverflowError:
        return moment.date()


def _successor(one: Candidate, group: Iterable[Candidate]) -> Candidate | None:
    """The newest that has replaced it; ``group``: those of its holder, newest first."""
    return next((other for other in group if other.has_replaced(one)), None)


def _candidates(
    paths: Iterable[Path], readings: Mapping[Path, ScanResult], now: datetime
) -> Iterator[Candidate]:
    """The files of one folder. No two of them are to be called the same."""
    paths = list(paths)
    taken = {path.name.lower() for path in paths}
    for path in paths:
        reading = readings[path]
        seen = _diagnosis(path, reading, now, taken)
        taken |= {(seen.proper_name or path.name).lower()}
        yield Candidate(path, parse_name(path.name), seen, reading.tried and not reading.opened)


def _diagnosis(path: Path, reading: ScanResult, now: datetime, taken: Set[str]) -> Diagnosis:
    """What the rules about folders look at, of facts in place of a file; findings that hang on the day are not
    among them. ``taken``: the names in its folder, in lower case."""
    not_before, not_after = _moment(reading.not_before), _moment(reading.not_after)
    validity = None if not_before is None or not_after is None else (not_before, not_after)
    state: KeystoreState | None = None
    if validity is not None or reading.prepared:
        state = state_at(now, validity, has_encryption_key=reading.decrypts)
    owner = _owner(reading)
    environment = None if reading.environment is None else Environment(reading.environment)
    name = parse_name(path.name)
    return Diagnosis(
        file=FileFacts(path, path.name, name, reading.size, reading.kind),
        now=now,
        opened=reading.opened,
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
