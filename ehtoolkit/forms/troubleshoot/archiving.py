"""Which of a holder's files another one has replaced, seen from one of them; and putting them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore import archive_keystore
from ehtoolkit.keystore.storage.archival import Stays, Verdict, judge
from ehtoolkit.keystore.storage.holder_files import PasswordOf
from ehtoolkit.keystore.storage.state_cache import CachedStates


@dataclass(frozen=True, slots=True)
class Plan:
    """``goes``: this file when another one has replaced it, else those that this one has replaced. ``stays``: why this
    file stays, None when it goes."""

    goes: tuple[Verdict, ...]
    stays: Stays | None


@dataclass(frozen=True, slots=True)
class PutAway:
    """``moved``: from where to where. ``failure``: why the next one could not be moved; None when all were."""

    moved: tuple[tuple[Path, Path], ...]
    failure: errors.EhToolkitError | None = None


def plan(path: Path, now: datetime, password_of: PasswordOf, notes: Path) -> Plan:
    """Judge the folder of ``path``, by content where the password is known, and by what ``notes`` has of the others.

    Raises `errors.KeystoreNotFound` for a file that is not there, and what `judge` raises.
    """
    verdicts = judge(path.parent, now, password_of, CachedStates.read(notes))
    mine = next((one for one in verdicts if one.path == path), None)
    if mine is None:
        raise errors.KeystoreNotFound(path=str(path))
    if mine.successor is not None:
        return Plan((mine,), None)
    return Plan(tuple(one for one in verdicts if one.successor == path), mine.stays)


def put_away(paths: Sequence[Path]) -> PutAway:
    """Move each into the archive. Raises as `archive_keystore` when not even the first could be moved."""
    moved: list[tuple[Path, Path]] = []
    for path in paths:
        try:
            moved.append((path, archive_keystore(path)))
        except errors.EhToolkitError as error:
            if not moved:
                raise
            return PutAway(tuple(moved), error)
    return PutAway(tuple(moved))
