"""The state of each keystore of the folder today, and its next step.

Of what can be seen without a password, of what was seen with it before, and of the other files of the same holder.
The state of a file that was never opened is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, auto
from pathlib import Path
from typing import Final

from ehtoolkit.finding import Urgency
from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.prefill import PAGE, Prefill
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.action_places import place_of
from ehtoolkit.keystore.standing import ORDER, Action, Content, Known, Standing, standing
from ehtoolkit.keystore.state import OVER, PENDING, FileState, KeystoreState, State, from_word
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import Beside, HolderFiles

_QUIET: Final = frozenset({Action.USE, Action.NONE})
"""Actions with which nothing is due."""
_HERE: Final = frozenset({Action.OPEN, Action.ASSIGN})
"""Actions for which the first page itself has a field, or that are not about one file."""


class ChoiceRank(IntEnum):
    """In which order keystores are offered wherever one is to be chosen."""

    SERVES = auto()
    """Software works with it today."""
    MAY_SERVE = auto()
    """It is yet to serve, or that is not known."""
    PAST = auto()
    """Nobody works with it any more, or not here."""


_PAST: Final = OVER | {
    FileState.REPLACED,
    FileState.UNUSABLE,
    FileState.UNREADABLE,
    FileState.ELSEWHERE,
}


def choice_rank(state: KeystoreState, *, waits: bool = False) -> ChoiceRank:
    """Return when a keystore is offered. ``waits``: one that waits for its certificate is wanted, and comes first."""
    if state in _PAST:
        return ChoiceRank.PAST
    is_in_use = state is FileState.REPLACING or (isinstance(state, State) and state.serves)
    return ChoiceRank.SERVES if is_in_use or (waits and state in PENDING) else ChoiceRank.MAY_SERVE


@dataclass(frozen=True, slots=True)
class Item:
    """One keystore at a moment.

    Attributes:
        life: the first and the last moment of its certificate, where they were seen.
        renewable_from: when its replacement period begins, the platform's word or our guess.
        environment: its own, where that is another one than ours.
        renewal: it has an older file of its holder beside it.
        beside: what the other files of its holder are to it.
        successor: the key of the file that has replaced it; None without one, or where that does not show.
        replaced_on: the first moment of the certificate in that file; None while that is not known.
    """

    due: Due
    standing: Standing
    life: tuple[datetime, datetime] | None = None
    renewable_from: datetime | None = None
    environment: Environment | None = None
    renewal: bool = False
    beside: Beside = Beside.ALONE
    successor: str | None = None
    replaced_on: datetime | None = None

    @property
    def state(self) -> KeystoreState:
        return self.standing.state

    @property
    def days(self) -> int | None:
        """Whole days until the end, negative afterwards."""
        return self.standing.days

    @property
    def is_due(self) -> bool:
        """Whether a step is to be taken."""
        action = self.standing.action
        return self.reminds if action is Action.ARCHIVE else action not in _QUIET

    @property
    def reminds(self) -> bool:
        """Whether it was replaced, and the user has not said yet that the newer file is loaded everywhere."""
        is_said = self.successor is not None and self.due.loaded == self.successor
        return self.state is FileState.REPLACED and self.environment is None and not is_said

    @property
    def waits(self) -> bool:
        """Whether its certificate was requested, as far as is known, and is not installed."""
        return self.state in PENDING and self.standing.action is Action.COMPLETE

    @property
    def ready(self) -> bool:
        """Whether the platform said that its certificate can be installed."""
        return self.waits and self.due.delivered

    @property
    def urgency(self) -> tuple[int, int, float]:
        """The sort key: how urgent it is, a file whose step is on another page after those of this one, the state; then
        those whose end is not known, the newest file before the others, and what ends first."""
        ends = self.days if self.days is not None else -self.due.file.moment.timestamp()
        return list(Urgency).index(self.standing.urgency), ORDER.index(self.state), ends

    @property
    def next_step(self) -> FormLink | None:
        """The form that comes next, with this file filled in; None if there is nothing to do, or that is unknown."""
        if self.standing.action is Action.ARCHIVE and not self.reminds:
            return None
        return form_of(self.standing.action, self.due, renewal=self.renewal)


def outlook(
    due: Sequence[Due], now: datetime, environment: Environment, archived: Iterable[FoundKeystore] = ()
) -> tuple[Item, ...]:
    """Return how each file of a folder stands, the most urgent first.

    Args:
        now: aware.
        archived: what was put away beside them.
    """
    at = [keystore.at(now) for keystore in due]
    files = HolderFiles(at, archived)
    items = [item_of(keystore, file, files, now, environment) for keystore, file in zip(due, at, strict=True)]
    return tuple(sorted(items, key=lambda item: item.urgency))


def item_of(due: Due, file: FoundKeystore, files: HolderFiles, now: datetime, ours: Environment) -> Item:
    """Return how a file stands among the others of its holder.

    Args:
        file: as it is at ``now`` (aware), one of ``files``.
        ours: the environment that is worked in.
    """
    known = _known(due, file, files, ours)
    content, successor = known.content, files.successor(file)
    life = None
    if content is not None and content.not_before is not None and content.not_after is not None:
        life = (content.not_before, content.not_after)
    return Item(
        due,
        standing(known, now),
        life,
        None if content is None else content.can_be_renewed_from,
        known.elsewhere,
        _renews(file, files),
        known.beside,
        None if successor is None else successor.key_id,
        None if successor is None else successor.age.begins,
    )


def _known(due: Due, file: FoundKeystore, files: HolderFiles, ours: Environment) -> Known:
    """Return what is known of a file of the folder."""
    seen, answer = due.seen, due.answer
    theirs = (None if seen is None else seen.environment) or due.file.name.environment
    is_from_here = due.note is not None  # whoever issued it: see `ehtoolkit.procedures.authorization`
    return Known(
        whole=seen is not None or due.file.is_whole,
        content=None if seen is None else Content.of_cached(seen),
        last_seen=None if due.last_seen is None else Content.of_cached(due.last_seen),
        waits=due.state is State.WAITING,
        word=from_word(due.platform_state),
        delivered=due.delivered,
        revoked=None if answer is None else answer.revoked,
        revocation_at=None if answer is None else answer.at,
        elsewhere=None if theirs in (None, ours) or is_from_here else theirs,
        beside=files.beside(file),
        without_card=due.file.without_card,
    )


def to_choose(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return keystores in the order in which they are offered: by `choice_rank`, the newest of each first."""
    newest = sorted(items, key=lambda item: item.due.file.order, reverse=True)
    return tuple(sorted(newest, key=lambda item: choice_rank(item.state)))


def next_event(items: Sequence[Item]) -> Item | None:
    """Return the complete keystore whose renewal comes first; None where there is none of which the end is known."""
    coming = [
        keystore
        for keystore in items
        if keystore.state is State.COMPLETE and keystore.renewable_from is not None
    ]
    return min(coming, key=lambda keystore: keystore.renewable_from or datetime.max, default=None)


def _renews(file: FoundKeystore, files: HolderFiles) -> bool:
    """Return whether a file renews another one. A request after a refusal, a revocation or the end is no renewal,
    though the old file is there; nor is a second one beside a first that waits. What was renewed in time, and has
    expired since, has given its keys along."""
    older = (other for other in files.others(file) if file.is_newer_than(other) and not files.waits(other))
    return any(
        other.state is None
        or not other.state.is_over
        or (other.state is State.EXPIRED and bool(files.carried(file)))
        for other in older
    )


def request_again(due: Due) -> FormLink:
    """Return the link to a new request for the same holder, with what was typed the last time."""
    if due.file.without_card:
        return FormLink.to("foreigner", "index.request.do")
    address = PAGE if due.note is None else Prefill.of_note(due.note).address
    return FormLink("request", "index.request.do", address)


def resume_link(file: Path, words: str) -> FormLink:
    """Return the link to the form that sends the request of a file of the folder, which was never sent. Who has no card
    is known by the file's name."""
    holder = parse_name(file.name).identifier
    place = place_of(Action.RESUME, without_card=holder is not None and holder.has_bis_number)
    return FormLink.to_place(place, words, file.name)


def form_of(action: Action, due: Due, *, renewal: bool = False) -> FormLink | None:
    """Return the form for what is to be done with a keystore of the folder; None where no other form does it.

    ``renewal``: whether the keystore renews another one.
    """
    if action is Action.REQUEST:
        return request_again(due)
    place = place_of(action, without_card=due.file.without_card, renewal=renewal)
    if place is None or action in _HERE:
        return None
    words = "complete_renewal" if action is Action.COMPLETE and renewal else action
    return FormLink.to_place(place, f"index.{words}.do", due.name)
