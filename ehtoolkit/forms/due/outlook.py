"""The state of each keystore of the folder today, and its next step.

Of what can be seen without a password, of what was seen with it before, and of the other files of the same holder.
What nobody has seen is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ehtoolkit.clock import days_until
from ehtoolkit.forms.due.keystores import Due, DueKind
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.prefill import PAGE, Prefill
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import RENEWAL_MONTHS, CertificateState, months_before
from ehtoolkit.keystore.storage.holder_files import HolderFile, HolderFiles
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.state.validation import is_foreign


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
_PENDING: Final = frozenset({Standing.WAITING, Standing.VALIDATING, Standing.UNSENT})
_IN_USE: Final = frozenset({Standing.VALID, Standing.RENEWABLE, Standing.CLOSED})
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
    def next_step(self) -> FormLink | None:
        """The form that comes next, with this file filled in; None where there is nothing to do, or nobody knows."""
        step = _NEXT.get(self.standing)
        return None if step is None else step(self)


def outlook(
    due: Sequence[Due], now: datetime, environment: Environment, archived: Iterable[HolderFile] = ()
) -> tuple[Item, ...]:
    """Each file of a folder, the most urgent first. ``now``: aware. ``archived``: what was put away beside them."""
    at = [one.file.at(now, one.seen, one.told) for one in due]
    files = HolderFiles(at, archived)
    items = [_beside(_alone(one, now, environment), file, files) for one, file in zip(due, at, strict=True)]
    order = list(Standing)
    return tuple(sorted(items, key=lambda item: (order.index(item.standing), _urgency(item))))


def next_event(items: Sequence[Item]) -> Item | None:
    """Of those in order the one whose renewal comes first; None where no end is known."""
    coming = [one for one in items if one.standing is Standing.VALID and one.renewable_from is not None]
    return min(coming, key=lambda one: one.renewable_from or datetime.max, default=None)


def _alone(due: Due, now: datetime, ours: Environment) -> Item:
    """By itself, without the other files."""
    seen, told = due.seen, due.told
    theirs = (None if seen is None else seen.environment) or due.found.name.environment
    if theirs is not None and theirs is not ours:
        return Item(due, Standing.FOREIGN, environment=theirs)
    if seen is None or seen.not_before is None or seen.not_after is None:
        return Item(due, _unseen(due))
    life = (seen.not_before, seen.not_after)
    start = seen.renewable_from or months_before(seen.not_after, RENEWAL_MONTHS)
    state = seen.state(now)
    if told in _BY_WORD:
        standing = _BY_WORD[told]
    elif state is CertificateState.EXPIRED:
        standing = Standing.EXPIRED
    elif state is CertificateState.NO_ETK:
        standing = Standing.INCOMPLETE
    elif told == State.TO_ACTIVATE:
        standing = Standing.TO_ACTIVATE
    else:
        standing = Standing.RENEWABLE if now >= start else Standing.VALID
    return Item(due, standing, life, start, days_until(seen.not_after, now))


def _unseen(due: Due) -> Standing:
    """While the certificate was not seen: not there yet, or in a file that nobody has opened here."""
    if due.told in _BY_WORD:
        return _BY_WORD[due.told]
    if due.kind is DueKind.WAITING:
        return _OF_WAITING.get(due.told, Standing.WAITING)
    return Standing.CLOSED if due.file.is_whole else Standing.BROKEN


def _beside(item: Item, file: HolderFile, files: HolderFiles) -> Item:
    """Among the other files of its holder. What waits is due while no other one serves; what is over is not to be asked
    for again while a newer one is on its way."""
    standing = item.standing
    if standing not in (Standing.BROKEN, Standing.FOREIGN):
        if files.successor(file) is not None:
            standing = Standing.OLDER
        elif standing not in _PENDING and files.coming(file):
            standing = Standing.REPLACING if standing in _IN_USE else Standing.OLDER
    return replace(item, standing=standing, renewal=_renews(file, files))


def _renews(file: HolderFile, files: HolderFiles) -> bool:
    """A request after a revocation is no renewal, though the old file is there."""
    return any(
        file.is_newer_than(one) and one.state is not CertificateState.REVOKED for one in files.others(file)
    )


def _urgency(item: Item) -> float:
    """Within one standing: what ends first, then the newest file."""
    return item.days if item.days is not None else -item.due.found.moment.timestamp()


def _complete(item: Item) -> FormLink:
    page, words = ("complete-renewal", "complete_renewal") if item.renewal else ("complete", "complete")
    return FormLink.to(page, f"index.{words}.do", item.due.name)


def _renew(item: Item) -> FormLink:
    holder = item.due.requested_for
    if holder is not None and is_foreign(holder):  # a renewal is signed with a card
        return FormLink.to("foreigner", "index.request.do")
    return FormLink.to("renew", "index.renew.do", item.due.name)


def request_again(due: Due) -> FormLink:
    """A new request for the same holder, with what was typed the last time."""
    holder, note = due.requested_for, due.note
    if holder is not None and is_foreign(holder):
        return FormLink.to("foreigner", "index.request.do")
    address = PAGE if note is None else Prefill.of_note(note).address
    return FormLink("request", "index.request.do", address)


_NEXT: Final[dict[Standing, Callable[[Item], FormLink]]] = {
    Standing.EXPIRED: lambda item: request_again(item.due),
    Standing.REVOKED: lambda item: request_again(item.due),
    Standing.REFUSED: lambda item: request_again(item.due),
    Standing.TO_ACTIVATE: lambda item: FormLink.to("activate", "index.activate.do", item.due.name),
    Standing.INCOMPLETE: _complete,
    Standing.WAITING: _complete,
    Standing.VALIDATING: _complete,
    Standing.UNSENT: lambda item: FormLink.to("request", "index.resume.do", item.due.name, "resume"),
    Standing.RENEWABLE: _renew,
    Standing.BROKEN: lambda item: FormLink.to("troubleshoot", "index.troubleshoot.do", item.due.name),
    Standing.FOREIGN: lambda item: FormLink.to("troubleshoot", "index.troubleshoot.do", item.due.name),
}
