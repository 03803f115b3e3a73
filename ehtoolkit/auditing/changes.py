"""Changes between two snapshots of an audit, as values, rows and sentences."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Final

from ehtoolkit.auditing.snapshot import (
    OF_TIME,
    RANKS,
    AuditState,
    KeystoreSnapshot,
    Snapshot,
    is_within,
)
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import OVER, FileState

TOLERANCE: Final = timedelta(minutes=5)
"""Clocks of one computer that are put right go back by as much."""


class ChangeKind(StrEnum):
    """What happened to a keystore, or to a folder; the most urgent first."""

    FOLDER_GONE = "folder_gone"
    """It cannot be looked into any more, or has no keystore: of what was in it, nothing is known."""
    GONE = "gone"
    WORSE = "worse"
    OTHER_CERTIFICATE = "other_certificate"
    """The file has another certificate than before, and not a later one of the same holder."""
    NEW = "new"
    RENEWED = "renewed"
    MOVED = "moved"
    """The same certificate in a file of another name or folder."""
    BETTER = "better"
    FOLDER_BACK = "folder_back"


@dataclass(frozen=True, slots=True)
class KeystoreChange:
    """One change.

    Attributes:
        keystore: as it is now; of one that is gone, as it was.
        before: as it was; of one that was renewed, the old one.
        folder: of a change to a folder.
        count: how many keystores were in it.
    """

    kind: ChangeKind
    keystore: KeystoreSnapshot | None = None
    before: KeystoreSnapshot | None = None
    folder: str | None = None
    count: int = 0

    @property
    def is_alarming(self) -> bool:
        """Whether someone has to hear of it now. An end that comes nearer is said by its thresholds; what is
        acknowledged counts apart."""
        if self.keystore is not None and self.keystore.acknowledged:
            return False
        if self.kind is ChangeKind.GONE:
            return self.keystore is not None and self.keystore.state != FileState.REPLACED
        if self.kind is ChangeKind.WORSE:
            return self.keystore is not None and self.keystore.state not in OF_TIME
        return self.kind is ChangeKind.FOLDER_GONE


def compare(earlier: Snapshot, later: Snapshot) -> tuple[KeystoreChange, ...]:
    """Return what changed, by the paths under which the snapshots have their keystores. Where the clock went back,
    nothing is better for that."""
    clock_back = went_back(earlier.at, later.at)
    unseen = later.unseen(earlier)
    missing = {
        file: keystore
        for file, keystore in earlier.keystores.items()
        if file not in later.keystores and file not in unseen
    }
    added = {file: keystore for file, keystore in later.keystores.items() if file not in earlier.keystores}
    found = [*_folders(earlier, later), *_take_moved(missing, added)]
    of_holder = _by_identity(earlier.keystores)
    for file, new in list(added.items()):
        same = of_holder.get(new.identity, {})
        old = _renewed_by(new, same.values())
        if old is not None:
            found.append(KeystoreChange(ChangeKind.RENEWED, new, old))
            del added[file]
            for gone in same:  # it was put away
                if gone in missing and _ends_before(missing[gone], new):
                    del missing[gone]
    found += [KeystoreChange(ChangeKind.NEW, keystore) for keystore in added.values()]
    found += [KeystoreChange(ChangeKind.GONE, keystore, keystore) for keystore in missing.values()]
    for file, after in later.keystores.items():
        before = earlier.keystores.get(file)
        if before is not None:
            found += _same_file(before, after, clock_back=clock_back)
    return tuple(found)


def went_back(earlier: datetime, later: datetime) -> bool:
    """Return whether the clock was put back since ``earlier``."""
    return later < earlier - TOLERANCE


def _folders(earlier: Snapshot, later: Snapshot) -> Iterator[KeystoreChange]:
    for folder in later.problems:
        if folder not in earlier.problems:
            count = sum(is_within(file, [folder]) for file in earlier.keystores)
            yield KeystoreChange(ChangeKind.FOLDER_GONE, folder=folder, count=count)
    for folder in earlier.problems:
        if folder not in later.problems and not is_within(folder, later.problems):
            count = sum(is_within(file, [folder]) for file in later.keystores)
            yield KeystoreChange(ChangeKind.FOLDER_BACK, folder=folder, count=count)


def _take_moved(
    missing: dict[str, KeystoreSnapshot], added: dict[str, KeystoreSnapshot]
) -> Iterator[KeystoreChange]:
    """Remove each file that has another name or folder now from ``missing`` and ``added``, since it is neither gone nor
    new, and yield it."""
    by_mark: dict[str, deque[str]] = {}
    for file, keystore in added.items():
        for mark in filter(None, (keystore.key_id, PurePath(file).name)):
            by_mark.setdefault(mark, deque()).append(file)
    for file, keystore in list(missing.items()):
        for mark in filter(None, (keystore.key_id, PurePath(file).name)):
            candidates = by_mark.get(mark, deque())
            while candidates and candidates[0] not in added:
                candidates.popleft()  # another file has moved there
            if candidates and added[candidates[0]].has_certificate_of(keystore):
                yield KeystoreChange(ChangeKind.MOVED, added.pop(candidates[0]), missing.pop(file))
                break


def _by_identity(
    keystores: Mapping[str, KeystoreSnapshot],
) -> dict[tuple[str | None, ...], dict[str, KeystoreSnapshot]]:
    found: dict[tuple[str | None, ...], dict[str, KeystoreSnapshot]] = {}
    for file, keystore in keystores.items():
        if keystore.holder:  # of all that stay closed nothing can be said
            found.setdefault(keystore.identity, {})[file] = keystore
    return found


def _renewed_by(new: KeystoreSnapshot, earlier: Iterable[KeystoreSnapshot]) -> KeystoreSnapshot | None:
    """Return the keystore that ``new`` has renewed: of the ``earlier`` ones of its holder the one that ends last. None
    without one, or when it does not end before ``new``."""
    mine = [old for old in earlier if old.not_after and new.holder]
    last = max(mine, key=lambda old: old.not_after or date.min, default=None)
    return last if last is not None and _ends_before(last, new) else None


def _ends_before(old: KeystoreSnapshot, new: KeystoreSnapshot) -> bool:
    return old.not_after is not None and new.not_after is not None and old.not_after < new.not_after


def _same_file(
    before: KeystoreSnapshot, now: KeystoreSnapshot, *, clock_back: bool
) -> Iterator[KeystoreChange]:
    is_other = not now.has_certificate_of(before)
    if is_other and now.identity == before.identity and _ends_before(before, now):
        yield KeystoreChange(ChangeKind.RENEWED, now, before)
        return
    if is_other:
        yield KeystoreChange(ChangeKind.OTHER_CERTIFICATE, now, before)
    if now.state != before.state and FileState.REPLACED not in (now.state, before.state):
        states = {now.state, before.state}
        if states <= OVER or (clock_back and states <= OF_TIME):
            return  # over is over; and nothing is better because the clock went back
        is_lost = now.state == FileState.CLOSED and before.state != FileState.UNREADABLE
        kind = ChangeKind.WORSE if is_lost or now.rank < before.rank else ChangeKind.BETTER
        yield KeystoreChange(kind, now, before)


_DUE: Final = frozenset({ChangeKind.FOLDER_GONE, ChangeKind.WORSE, ChangeKind.OTHER_CERTIFICATE})
_KINDS: Final = tuple(map(str, ChangeKind))
_STATES: Final = tuple(map(str, RANKS))


@dataclass(frozen=True, slots=True, repr=False)
class ChangeRow(TableRow):
    """A change.

    Attributes:
        change: the kind, the most urgent first.
        file: as it is now, missing for a keystore that is gone; ``state`` and ``not_after`` likewise.
        old_file: as it was, missing for a new one; ``old_state`` and ``old_not_after`` likewise.
        folder: of a change to a folder.
        problem: of that folder: the key of its finding, `EMPTY` or `LEFT_OUT`.
        keystores: how many were, or are, in that folder.
        acknowledged: whether the keystore counts apart; of one that is gone, whether it did.
    """

    change: Annotated[str, _KINDS]
    file: str | None
    old_file: str | None
    holder: str | None
    practice: str | None
    state: Annotated[str, _STATES] | None
    old_state: Annotated[str, _STATES] | None
    not_after: date | None
    old_not_after: date | None
    folder: str | None
    problem: str | None
    keystores: int | None
    acknowledged: bool

    @property
    def is_due(self) -> bool:
        """Whether it has to be looked at: something is gone, is worse, or has another certificate, and is not
        acknowledged."""
        if self.acknowledged:
            return False
        if self.change == ChangeKind.GONE:
            return self.old_state != FileState.REPLACED
        return self.change in _DUE


def change_rows(changes: Iterable[KeystoreChange], later: Snapshot) -> tuple[ChangeRow, ...]:
    """Return a row for each change, the most urgent kind first, then by path."""
    rows = (change_row(change, later.problems) for change in changes)
    return tuple(
        sorted(rows, key=lambda row: (_KINDS.index(row.change), row.file or row.old_file or row.folder))
    )


def change_row(change: KeystoreChange, problems: Mapping[str, str]) -> ChangeRow:
    """Return the row of a change. ``problems``: of the later snapshot."""
    now = None if change.kind is ChangeKind.GONE else change.keystore
    about, before = change.keystore, change.before
    return ChangeRow(
        change=str(change.kind),
        file=None if now is None else now.file,
        old_file=None if before is None else before.file,
        holder=None if about is None else about.holder,
        practice=None if about is None else about.practice,
        state=None if now is None else now.state,
        old_state=None if before is None else before.state,
        not_after=None if now is None else now.not_after,
        old_not_after=None if before is None else before.not_after,
        folder=change.folder,
        problem=None if change.folder is None else problems.get(change.folder),
        keystores=None if change.folder is None else change.count,
        acknowledged=about is not None and about.acknowledged,
    )


def change_line(row: ChangeRow, texts: Translator) -> str:
    """Return the sentence about a change."""
    if row.folder is not None:
        return texts.get(f"watch.change.{row.change}", folder=row.folder, count=row.keystores)
    return texts.get(
        f"watch.change.{row.change}",
        file=row.file or row.old_file,
        old=row.old_file or row.file,
        date="?" if row.not_after is None else row.not_after.isoformat(),
        old_date="?" if row.old_not_after is None else row.old_not_after.isoformat(),
        state=_word(row.state or row.old_state, texts),
        before=_word(row.old_state or row.state, texts),
    )


def _word(state: str | None, texts: Translator) -> str:
    return texts.get(f"export.state.{state}")


@dataclass(frozen=True)
class ComparisonResult:
    """What changed from one audit to another.

    Attributes:
        earlier, later: what was compared.
        rows: the changes, the most urgent kind first.
        is_masked: one of the two was saved with masked NISS numbers, so that the numbers of the other are masked too.
        texts: of the sentences.
    """

    earlier: AuditState
    later: AuditState
    rows: tuple[ChangeRow, ...]
    texts: Translator = field(repr=False)
    is_masked: bool = False

    @property
    def is_due(self) -> bool:
        """Whether somebody has to look at one of the changes."""
        return any(row.is_due for row in self.rows)
