"""What is due: how each keystore of the folder stands today, and the one step that comes next.

Of what can be seen without a password, of what was seen with it before, and of the other files of the same holder.
What nobody has seen is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import days_until
from ehtoolkit.forms.due import Due, DueKind
from ehtoolkit.forms.lead import Lead
from ehtoolkit.forms.prefill import PAGE, Prefill
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import outline_pkcs12
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.state import RENEWAL_MONTHS, KeystoreState, months_before, state_at
from ehtoolkit.keystore.storage.fs import read
from ehtoolkit.procedures.outcome import State
from ehtoolkit.procedures.validation import is_foreign


class Standing(StrEnum):
    """The most urgent first."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    TO_ACTIVATE = "to_activate"
    """Renewed and installed; the depot still gives out the old token."""
    INCOMPLETE = "incomplete"
    """The certificate is there, its encryption key is not."""
    UNSENT = "unsent"
    """Prepared; the platform does not know it."""
    REFUSED = "refused"
    RENEWABLE = "renewable"
    WAITING = "waiting"
    VALIDATING = "validating"
    """Waiting for a person's check."""
    BROKEN = "broken"
    """No keystore that could be read."""
    FOREIGN = "foreign"
    """Of another environment."""
    CLOSED = "closed"
    """Whether something is due shows when it is opened."""
    VALID = "valid"
    REPLACING = "replacing"
    """In use until its renewal, in a newer file, is complete and active."""
    OLDER = "older"
    """A newer file of the same holder has taken its place."""


QUIET: Final = frozenset({Standing.VALID, Standing.REPLACING, Standing.OLDER})
"""Nothing is due."""
_GONE: Final = frozenset(
    {Standing.EXPIRED, Standing.REVOKED, Standing.REFUSED, Standing.BROKEN, Standing.FOREIGN}
)
"""Such a file takes nobody's place."""
_PENDING: Final = frozenset({Standing.WAITING, Standing.VALIDATING, Standing.UNSENT})
_COMING: Final = _PENDING | {Standing.INCOMPLETE, Standing.TO_ACTIVATE}
_SERVES: Final = frozenset({Standing.VALID, Standing.RENEWABLE})
_BY_WORD: Final[dict[str, Standing]] = {
    State.REVOKED: Standing.REVOKED,
    State.REFUSED: Standing.REFUSED,
    State.EXPIRED: Standing.EXPIRED,
}
_OF_WAITING: Final[dict[str, Standing]] = {
    State.PREPARED: Standing.UNSENT,
    State.VALIDATING: Standing.VALIDATING,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One keystore at a moment. ``life``: the first and the last moment of its certificate, where they were seen;
    ``renewable_from``: when its replacement period begins, the platform's word or our guess; ``days``: whole days
    until the end, negative afterwards. ``environment``: its own, where that is another one than ours. ``renewal``: it
    has an older file of its holder beside it."""

    due: Due
    standing: Standing
    life: tuple[datetime, datetime] | None = None
    renewable_from: datetime | None = None
    days: int | None = None
    environment: Environment | None = None
    renewal: bool = False

    @property
    def is_due(self) -> bool:
        return self.standing not in QUIET

    @property
    def next_step(self) -> Lead | None:
        """The form that comes next, with this file filled in; None where there is nothing to do, or nobody knows."""
        step = _NEXT.get(self.standing)
        return None if step is None else step(self)


def outlook(
    due: Sequence[Due], now: datetime, environment: Environment, broken: Callable[[Due], bool] | None = None
) -> tuple[Item, ...]:
    """Each file of a folder, the most urgent first. ``now``: aware. ``broken``: tells of a file of which nothing was
    seen whether it is a keystore at all."""
    alone = [_alone(one, now, environment, broken or is_broken) for one in due]
    items = [_beside(one, alone) for one in alone]
    order = list(Standing)
    return tuple(sorted(items, key=lambda item: (order.index(item.standing), _urgency(item))))


def next_event(items: Sequence[Item]) -> Item | None:
    """Of those in order the one whose renewal comes first; None where no end is known."""
    coming = [one for one in items if one.standing is Standing.VALID and one.renewable_from is not None]
    return min(coming, key=lambda one: one.renewable_from or datetime.max, default=None)


def is_broken(due: Due) -> bool:
    """Whether the file is no keystore, or a damaged one, as far as that shows without its password."""
    try:
        outline_pkcs12(read(due.found.path, limits.SIZE))
    except errors.EhToolkitError:
        return True
    return False


def _alone(due: Due, now: datetime, ours: Environment, broken: Callable[[Due], bool]) -> Item:
    """By itself, without the other files."""
    seen, told = due.seen, due.told
    theirs = (None if seen is None else seen.environment) or due.found.name.environment
    if theirs is not None and theirs is not ours:
        return Item(due, Standing.FOREIGN, environment=theirs)
    if seen is None or seen.not_before is None or seen.not_after is None:
        return Item(due, _unseen(due, broken))
    life = (seen.not_before, seen.not_after)
    start = seen.renewable_from or months_before(seen.not_after, RENEWAL_MONTHS)
    state = state_at(now, life, has_encryption_key=seen.has_etk)
    if told in _BY_WORD:
        standing = _BY_WORD[told]
    elif state is KeystoreState.EXPIRED:
        standing = Standing.EXPIRED
    elif state is KeystoreState.NO_ETK:
        standing = Standing.INCOMPLETE
    elif told == State.TO_ACTIVATE:
        standing = Standing.TO_ACTIVATE
    else:
        standing = Standing.RENEWABLE if now >= start else Standing.VALID
    return Item(due, standing, life, start, days_until(seen.not_after, now))


def _unseen(due: Due, broken: Callable[[Due], bool]) -> Standing:
    """While the certificate was not seen: not there yet, or in a file that nobody has opened here."""
    if due.told in _BY_WORD:
        return _BY_WORD[due.told]
    if due.kind is DueKind.WAITING:
        return _OF_WAITING.get(due.told, Standing.WAITING)
    return Standing.BROKEN if due.kind is DueKind.CLOSED and broken(due) else Standing.CLOSED


def _beside(item: Item, others: Sequence[Item]) -> Item:
    """Among the other files of its holder."""
    due = item.due
    same = [one for one in others if one is not item and one.due.same_holder(due)]
    newer = [one for one in same if one.due.found.moment > due.found.moment and one.standing not in _GONE]
    renewal = any(one.due.found.moment < due.found.moment for one in same)
    standing = item.standing
    if standing in _PENDING:  # it may still be delivered, unless another one certainly serves
        standing = Standing.OLDER if any(one.standing in _SERVES for one in newer) else standing
    elif newer and standing not in (Standing.BROKEN, Standing.FOREIGN):
        ready = any(one.standing not in _COMING for one in newer)
        in_use = standing in (Standing.VALID, Standing.RENEWABLE, Standing.CLOSED)
        standing = Standing.REPLACING if in_use and not ready else Standing.OLDER
    return Item(due, standing, item.life, item.renewable_from, item.days, item.environment, renewal)


def _urgency(item: Item) -> float:
    """Within one standing: what ends first, then the newest file."""
    return item.days if item.days is not None else -item.due.found.moment.timestamp()


def _complete(item: Item) -> Lead:
    page = "complete-renewal" if item.renewal else "complete"
    return Lead.to(page, "index.complete.do", item.due.name)


def _renew(item: Item) -> Lead:
    holder = item.due.requested_for
    if holder is not None and is_foreign(holder):  # a renewal is signed with a card
        return Lead.to("foreigner", "index.request.do")
    return Lead.to("renew", "index.renew.do", item.due.name)


def request_again(due: Due) -> Lead:
    """A new request for the same holder, with what was typed the last time."""
    holder, note = due.requested_for, due.note
    if holder is not None and is_foreign(holder):
        return Lead.to("foreigner", "index.request.do")
    address = PAGE if note is None else Prefill.of_note(note).address
    return Lead("request", "index.request.do", address)


_NEXT: Final[dict[Standing, Callable[[Item], Lead]]] = {
    Standing.EXPIRED: lambda item: request_again(item.due),
    Standing.REVOKED: lambda item: request_again(item.due),
    Standing.REFUSED: lambda item: request_again(item.due),
    Standing.TO_ACTIVATE: lambda item: Lead.to("activate", "index.activate.do", item.due.name),
    Standing.INCOMPLETE: _complete,
    Standing.WAITING: _complete,
    Standing.VALIDATING: _complete,
    Standing.UNSENT: lambda item: Lead.to("request", "index.resume.do", item.due.name, "resume"),
    Standing.RENEWABLE: _renew,
    Standing.BROKEN: lambda item: Lead.to("troubleshoot", "index.troubleshoot.do", item.due.name),
    Standing.FOREIGN: lambda item: Lead.to("troubleshoot", "index.troubleshoot.do", item.due.name),
}
