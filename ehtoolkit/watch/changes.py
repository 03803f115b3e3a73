"""Compare two snapshots, and find the ends that have come nearer than a number of days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from ehtoolkit.keystore.state import FileState
from ehtoolkit.watch.snapshot import OF_TIME, Snapshot, WatchedKeystore, is_within

THRESHOLDS: Final = (90, 30, 14, 7, 1)
"""Days before an end; each is said once for a certificate."""
ENDED: Final = 0
"""In their place, once it is over."""
TOLERANCE: Final = timedelta(minutes=5)
"""Clocks of one computer that are put right go back by as much."""


class ChangeKind(StrEnum):
    """What happened to a keystore, or to a folder."""

    NEW = "new"
    RENEWED = "renewed"
    GONE = "gone"
    WORSE = "worse"
    BETTER = "better"
    FOLDER_GONE = "folder_gone"
    """It cannot be looked into any more, or has no keystore: of what was in it, nothing is known."""
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
    keystore: WatchedKeystore | None = None
    before: WatchedKeystore | None = None
    folder: str | None = None
    count: int = 0

    @property
    def is_alarming(self) -> bool:
        """Whether somebody has to hear of it now. An end that comes nearer is said by its thresholds."""
        if self.kind is ChangeKind.GONE:
            return self.keystore is not None and self.keystore.state != FileState.REPLACED
        if self.kind is ChangeKind.WORSE:
            return self.keystore is not None and self.keystore.state not in OF_TIME
        return self.kind is ChangeKind.FOLDER_GONE


def compare(earlier: Snapshot, later: Snapshot) -> tuple[KeystoreChange, ...]:
    """What changed. Where the clock went back, nothing is better for that."""
    clock_back = went_back(earlier.at, later.at)
    unseen = later.unseen(earlier)
    missing = {
        file: one
        for file, one in earlier.keystores.items()
        if file not in later.keystores and file not in unseen
    }
    added = {file: one for file, one in later.keystores.items() if file not in earlier.keystores}
    _leave_out_moved(missing, added)
    found = [*_folders(earlier, later)]
    for file, one in list(added.items()):
        old = _renewed_by(one, earlier.keystores.values())
        if old is not None:
            found.append(KeystoreChange(ChangeKind.RENEWED, one, old))
            del added[file]
            for gone, left in list(missing.items()):  # it was put away
                if left.identity == one.identity and _ends_before(left, one):
                    del missing[gone]
    found += [KeystoreChange(ChangeKind.NEW, one) for one in added.values()]
    found += [KeystoreChange(ChangeKind.GONE, one, one) for one in missing.values()]
    for file, one in later.keystores.items():
        before = earlier.keystores.get(file)
        if before is not None:
            found += _same_file(before, one, clock_back=clock_back)
    return tuple(found)


def went_back(earlier: datetime, later: datetime) -> bool:
    """Whether the clock was put back since ``earlier``."""
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


def _leave_out_moved(missing: dict[str, WatchedKeystore], added: dict[str, WatchedKeystore]) -> None:
    """A file that has another name or folder now is neither gone nor new."""
    by_mark: dict[str, list[str]] = {}
    for file, one in added.items():
        for mark in filter(None, (one.key_id, PurePath(file).name)):
            by_mark.setdefault(mark, []).append(file)
    for file, one in list(missing.items()):
        for mark in filter(None, (one.key_id, PurePath(file).name)):
            there = next((new for new in by_mark.get(mark, ()) if new in added), None)
            if there is not None and added[there].has_certificate_of(one):
                del missing[file], added[there]
                break


def _renewed_by(new: WatchedKeystore, earlier: Iterable[WatchedKeystore]) -> WatchedKeystore | None:
    """The one of the same holder that ended last before ``new``; None without one, or when another ended later."""
    mine = [one for one in earlier if one.identity == new.identity and one.not_after and new.holder]
    last = max(mine, key=lambda one: one.not_after or "", default=None)
    return last if last is not None and _ends_before(last, new) else None


def _ends_before(old: WatchedKeystore, new: WatchedKeystore) -> bool:
    return old.not_after is not None and new.not_after is not None and old.not_after < new.not_after


def _same_file(
    before: WatchedKeystore, now: WatchedKeystore, *, clock_back: bool
) -> Iterator[KeystoreChange]:
    if not now.has_certificate_of(before) and _ends_before(before, now):
        yield KeystoreChange(ChangeKind.RENEWED, now, before)
    elif now.state != before.state and FileState.REPLACED not in (now.state, before.state):
        if clock_back and {now.state, before.state} <= OF_TIME:
            return
        kind = ChangeKind.WORSE if now.rank < before.rank else ChangeKind.BETTER
        yield KeystoreChange(kind, now, before)


# ── Thresholds ───────────────────────────────────────────────────────────────────────────────────────────
Said = Mapping[str, Mapping[str, str]]
"""By certificate: the thresholds that were said of it, and when, as ISO text."""


@dataclass(frozen=True, slots=True)
class ThresholdReached:
    """A certificate that ends within ``days``; `ENDED` when it is over."""

    keystore: WatchedKeystore
    days: int


def thresholds_reached(
    snapshot: Snapshot, said: Said, thresholds: tuple[int, ...] = THRESHOLDS
) -> tuple[tuple[ThresholdReached, ...], dict[str, dict[str, str]]]:
    """The certificates that have come within a threshold that was not said of them, the nearest end first, and what has
    been said once they are.

    Of several thresholds at once the nearest counts for all. What was said by a clock that was ahead does not count:
    else it would never be said at the right time. What was said of certificates that are no longer there is forgotten.
    """
    valid = {
        certificate: {days: at for days, at in told.items() if not went_back(_moment(at), snapshot.at)}
        for certificate, told in said.items()
    }
    kept: dict[str, dict[str, str]] = {}
    reached: dict[str, ThresholdReached] = {}
    for one in snapshot.keystores.values():
        kept[one.certificate] = dict(valid.get(one.certificate, {}))
        days = _threshold(one, thresholds)
        if days is not None and min(map(int, kept[one.certificate]), default=days + 1) > days:
            reached[one.certificate] = ThresholdReached(one, days)
    for certificate, event in reached.items():
        kept[certificate][str(event.days)] = snapshot.at.isoformat()
    order = sorted(reached.values(), key=lambda event: (event.keystore.days_left or 0, event.keystore.file))
    return tuple(order), {certificate: told for certificate, told in kept.items() if told}


def _threshold(one: WatchedKeystore, thresholds: tuple[int, ...]) -> int | None:
    """The nearest one that the end has come within."""
    if one.state == FileState.REPLACED or one.days_left is None:
        return None
    if one.state == "expired" or one.days_left < 0:
        return ENDED
    return min((days for days in thresholds if one.days_left <= days), default=None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
