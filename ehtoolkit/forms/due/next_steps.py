"""The state of each keystore of the folder today, and its next step.

Of what can be seen without a password, of what was seen with it before, and of the other files of the same holder.
The state of a file that was never opened is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ehtoolkit.clock import days_until
from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.html import Severity
from ehtoolkit.forms.prefill import PAGE, Prefill
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import PENDING, FileState, KeystoreState, State, from_word, renewable_from
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles

STATES: Final[dict[KeystoreState, tuple[str, Severity, str]]] = {
    State.EXPIRED: ("expired", "danger", "danger"),
    State.REVOKED: ("revoked", "danger", "danger"),
    State.TO_ACTIVATE: ("to_activate", "warn", "warn"),
    State.NO_ETK: ("incomplete", "warn", "warn"),
    State.PREPARED: ("unsent", "warn", "warn"),
    State.REFUSED: ("refused", "danger", "danger"),
    State.RENEWABLE: ("renewable", "warn", "warn"),
    State.WAITING: ("waiting", "info", "mail"),
    State.VALIDATING: ("validating", "info", "mail"),
    FileState.UNREADABLE: ("broken", "danger", "danger"),
    FileState.ELSEWHERE: ("foreign", "off", "info"),
    FileState.CLOSED: ("closed", "off", "file"),
    State.COMPLETE: ("valid", "ok", "ok"),
    FileState.REPLACING: ("replacing", "info", "clock"),
    FileState.REPLACED: ("older", "off", "clock"),
}
"""How a keystore of the folder can stand, the most urgent first, with the word of its sentences, below ``index.due``,
its colour and its icon. Prepared: and the platform does not know it."""
ORDER: Final = tuple(STATES)
QUIET: Final[frozenset[KeystoreState]] = frozenset({State.COMPLETE, FileState.REPLACING, FileState.REPLACED})
"""Nothing is due."""
_IN_USE: Final = frozenset({State.COMPLETE, State.RENEWABLE, FileState.CLOSED})
_OF_THE_PLATFORM: Final = (State.PREPARED, State.VALIDATING)
"""What it alone knows of a request."""


@dataclass(frozen=True, slots=True)
class Item:
    """One keystore at a moment.

    Attributes:
        life: the first and the last moment of its certificate, where they were seen.
        renewable_from: when its replacement period begins, the platform's word or our guess.
        days: whole days until the end, negative afterwards.
        environment: its own, where that is another one than ours.
        renewal: it has an older file of its holder beside it.
    """

    due: Due
    state: KeystoreState
    life: tuple[datetime, datetime] | None = None
    renewable_from: datetime | None = None
    days: int | None = None
    environment: Environment | None = None
    renewal: bool = False

    @property
    def is_due(self) -> bool:
        return self.state not in QUIET

    @property
    def waits(self) -> bool:
        """Whether its certificate was requested and is not installed."""
        return self.state in (State.WAITING, State.VALIDATING)

    @property
    def ready(self) -> bool:
        """Whether the platform said that its certificate can be installed."""
        return self.waits and self.due.delivered

    @property
    def urgency(self) -> tuple[int, float]:
        """The sort key: a certificate that is ready is as urgent as one whose installation was interrupted; within one
        state those whose end is not known first, the newest file before the others, then what ends first."""
        state = State.NO_ETK if self.ready else self.state
        ends = self.days if self.days is not None else -self.due.file.moment.timestamp()
        return ORDER.index(state), ends

    @property
    def next_step(self) -> FormLink | None:
        """The form that comes next, with this file filled in; None if there is nothing to do, or that is unknown."""
        step = _NEXT.get(self.state)
        return None if step is None else step(self)


def outlook(
    due: Sequence[Due], now: datetime, environment: Environment, archived: Iterable[FoundKeystore] = ()
) -> tuple[Item, ...]:
    """Return how each file of a folder stands, the most urgent first.

    Args:
        now: aware.
        archived: what was put away beside them.
    """
    at = [keystore.file.at(now, keystore.seen, keystore.platform_state) for keystore in due]
    files = HolderFiles(at, archived)
    items = [
        _beside(_alone(keystore, now, environment), file, files)
        for keystore, file in zip(due, at, strict=True)
    ]
    return tuple(sorted(items, key=lambda item: item.urgency))


def next_event(items: Sequence[Item]) -> Item | None:
    """Return the complete keystore whose renewal comes first; None where there is none of which the end is known."""
    coming = [
        keystore
        for keystore in items
        if keystore.state is State.COMPLETE and keystore.renewable_from is not None
    ]
    return min(coming, key=lambda keystore: keystore.renewable_from or datetime.max, default=None)


def _alone(due: Due, now: datetime, ours: Environment) -> Item:
    """Return how a keystore stands by itself, without the other files."""
    seen, platform_state = due.seen, due.platform_state
    theirs = (None if seen is None else seen.environment) or due.file.name.environment
    is_from_here = due.note is not None  # whoever issued it: see `ehtoolkit.procedures.authorization`
    if theirs is not None and theirs is not ours and not is_from_here:
        return Item(due, FileState.ELSEWHERE, environment=theirs)
    if seen is None or seen.not_before is None or seen.not_after is None:
        return Item(due, _unseen(due))
    life = (seen.not_before, seen.not_after)
    start = seen.renewable_from or renewable_from(seen.not_after)
    found, word = seen.state(now), from_word(platform_state)
    state: KeystoreState
    if word is not None and word.is_over:
        state = word
    elif found in (State.EXPIRED, State.NO_ETK):
        state = found
    elif word is State.TO_ACTIVATE:
        state = word
    else:
        state = State.RENEWABLE if now >= start else State.COMPLETE
    return Item(due, state, life, start, days_until(seen.not_after, now))


def _unseen(due: Due) -> KeystoreState:
    """Return how a keystore stands while its certificate was not seen: not there yet, or in a file that was never
    opened here."""
    word = from_word(due.platform_state)
    if word is not None and word.is_over:
        return word
    if due.state is State.WAITING:
        return word if word in _OF_THE_PLATFORM else due.state
    return FileState.CLOSED if due.file.is_whole else FileState.UNREADABLE


def _beside(item: Item, file: FoundKeystore, files: HolderFiles) -> Item:
    """Return how a keystore stands among the other files of its holder. What waits is due while no other one serves;
    what is over is not to be asked for again while a newer one is on its way."""
    state = item.state
    if state not in (FileState.UNREADABLE, FileState.ELSEWHERE):
        if files.successor(file) is not None:
            state = FileState.REPLACED
        elif state not in PENDING and files.coming(file):
            state = FileState.REPLACING if state in _IN_USE else FileState.REPLACED
    return replace(item, state=state, renewal=_renews(file, files))


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


def _complete(item: Item) -> FormLink:
    page, words = ("complete-renewal", "complete_renewal") if item.renewal else ("complete", "complete")
    return FormLink.to(page, f"index.{words}.do", item.due.name)


def _renew(item: Item) -> FormLink:
    holder = item.due.requested_for
    if holder is not None and holder.has_bis_number:  # a renewal is signed with a card
        return FormLink.to("foreigner", "index.request.do")
    return FormLink.to("renew", "index.renew.do", item.due.name)


def request_again(due: Due) -> FormLink:
    """Return the link to a new request for the same holder, with what was typed the last time."""
    holder, note = due.requested_for, due.note
    if holder is not None and holder.has_bis_number:
        return FormLink.to("foreigner", "index.request.do")
    address = PAGE if note is None else Prefill.of_note(note).address
    return FormLink("request", "index.request.do", address)


_NEXT: Final[dict[KeystoreState, Callable[[Item], FormLink]]] = {
    State.EXPIRED: lambda item: request_again(item.due),
    State.REVOKED: lambda item: request_again(item.due),
    State.REFUSED: lambda item: request_again(item.due),
    State.TO_ACTIVATE: lambda item: FormLink.to("activate", "index.activate.do", item.due.name),
    State.NO_ETK: _complete,
    State.WAITING: _complete,
    State.VALIDATING: _complete,
    State.PREPARED: lambda item: FormLink.to("request", "index.resume.do", item.due.name, "resume"),
    State.RENEWABLE: _renew,
    FileState.UNREADABLE: lambda item: FormLink.to("troubleshoot", "index.troubleshoot.do", item.due.name),
    FileState.ELSEWHERE: lambda item: FormLink.to("troubleshoot", "index.troubleshoot.do", item.due.name),
}
