"""Decide which keystores of a folder may be archived, and why others stay.

In doubt a file stays: the software that reads it would find nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.state import KeystoreState
from ehtoolkit.keystore.storage import fs
from ehtoolkit.keystore.storage.candidate import Candidate, PasswordOf, candidates


class Stays(StrEnum):
    """Why a file stays where it is."""

    NEWEST = "newest"
    """No newer sound file of this holder is there."""
    WAITING = "waiting"
    """Its certificate is yet to come; or its password is needed to know that it has come."""
    MISNAMED = "misnamed"
    """It wants its normal name first; then it is seen whether another one has replaced it."""
    KEYS = "keys"
    """It has decryption keys that the newer file of the same certificate lacks."""
    UNJUDGED = "unjudged"
    """Damaged, closed to the password that was given, or of a holder that nobody knows."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``successor``: the file that has replaced it, None when it ``stays``. ``lost``: serial numbers of the
    decryption keys that it has and its successor lacks. ``proper_name``: what it should be called, None when
    nobody knows."""

    path: Path
    successor: Path | None = None
    stays: Stays | None = None
    lost: tuple[str, ...] = ()
    proper_name: str | None = None


def judge(folder: Path, now: datetime, password_of: PasswordOf) -> tuple[Verdict, ...]:
    """A verdict on each file in ``folder`` that is called like a keystore, newest first. ``now``: aware.

    A successor stays itself. Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    found = candidates(folder, now, password_of)
    by_holder: dict[object, list[Candidate]] = {}
    for one in found:
        by_holder.setdefault(one.holder, []).append(one)
    # Contents and names may disagree on which is newer; one that nothing has replaced stays for certain.
    last = {
        holder: [one for one in group if not _replaced(one, group)] for holder, group in by_holder.items()
    }
    return tuple(_verdict(one, last[one.holder]) for one in found)


def superseded(folder: Path, now: datetime, password_of: PasswordOf) -> tuple[Verdict, ...]:
    """Those of `judge` that have a successor: what can be archived. Raises as it does."""
    return tuple(verdict for verdict in judge(folder, now, password_of) if verdict.successor is not None)


def require_archivable(path: Path, now: datetime, password_of: PasswordOf) -> None:
    """Raise `errors.WrongState` for a file that has to stay, although somebody named it: one that waits for its
    certificate (state ``prepared``) or may do so (reason ``closed``), and the last one of its holder that is
    not damaged (reason ``only``). Raises `errors.KeystoreNotFound`."""
    fs.require_file(path)
    found = candidates(path.parent, now, password_of)
    this = next((one for one in found if one.path.name == path.name), None)
    this = this or Candidate.of(path, now, password_of, None)
    if this.diagnosis.state is KeystoreState.PREPARED:
        raise errors.WrongState(path=str(path), state=KeystoreState.PREPARED)
    if not this.is_whole:
        return
    if this.may_wait:
        raise errors.WrongState(path=str(path), reason="closed")
    others = [one for one in found if one.holder == this.holder and one.path.name != path.name]
    useful = (one for one in others if one.is_useful and one.may_be_with(this))
    if this.holder is not None and not any(useful):
        raise errors.WrongState(path=str(path), reason="only")


def _replaced(one: Candidate, group: Sequence[Candidate]) -> bool:
    return any(other.has_replaced(one) for other in group)


def _verdict(one: Candidate, last: Sequence[Candidate]) -> Verdict:
    """``last``: those of the holder that nothing has replaced, newest first."""
    proper_name = one.diagnosis.proper_name
    stays = _stays(one)
    successor = next((other for other in last if other.has_replaced(one)), None)
    if stays is None and successor is None:
        stays = Stays.NEWEST
    if stays is not None or successor is None:
        return Verdict(one.path, stays=stays, proper_name=proper_name)
    lost = successor.lacks(one)
    if lost and successor.is_of_the_same_certificate(one):
        return Verdict(one.path, stays=Stays.KEYS, lost=lost, proper_name=proper_name)
    return Verdict(one.path, successor.path, lost=lost, proper_name=proper_name)


def _stays(one: Candidate) -> Stays | None:
    """By what the file itself is."""
    if one.is_misnamed:
        return Stays.MISNAMED
    if one.diagnosis.state is KeystoreState.PREPARED or (one.is_judged and one.may_wait):
        return Stays.WAITING
    return None if one.is_judged else Stays.UNJUDGED
