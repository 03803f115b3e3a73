"""The state of a form in steps: what is typed, what is confirmed, what stands in the way. No widget in here.

A step is confirmed when the user has gone on from it. Going back keeps what was typed; changing something takes
back the confirmation of that step and of all after it, together with what was found out there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Blocker:
    """Why one cannot go on: the key of a sentence, its facts, and the field that it concerns."""

    key: str
    field: str | None = None
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One step. ``fields``: the names of what is typed there, with their first values (never a secret).
    ``check`` tells what stands in the way; ``applies`` whether this step is one at all, given the rest."""

    name: str
    fields: Values = dataclasses.field(default_factory=dict)
    check: Callable[[Values], Iterable[Blocker]] = lambda _: ()
    applies: Callable[[Values], bool] = lambda _: True


def is_ticked(field: str, key: str) -> Callable[[Any, Values], Iterable[Blocker]]:
    """Return the check of a step whose box ``field`` has to be ticked. ``key``: of the sentence while it is not."""
    return lambda _, values: () if values[field] else (Blocker(key, field),)


class Phase(StrEnum):
    """Open: the user's turn. Busy: ours. Done: the end."""

    OPEN = "open"
    BUSY = "busy"
    DONE = "done"


Bookmark = tuple[str, Phase, frozenset[str]]
"""A place in a form, to which one can return: the current step, the phase, and the steps that are confirmed."""


class Wizard:
    """A walk through steps, forward and back."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._all = tuple(steps)
        self._owner = {name: step.name for step in steps for name in step.fields}
        self._values: dict[str, Any] = {name: first for step in steps for name, first in step.fields.items()}
        self._results: dict[str, tuple[str, Any]] = {}
        self._confirmed: set[str] = set()
        self._sealed: set[str] = set()
        self._current = self._all[0].name
        self._phase = Phase.OPEN

    # ── what is ──────────────────────────────────────────────────────────────────────────────────────────
    @property
    def values(self) -> Values:
        """Everything that was typed or chosen, by the field's name."""
        return MappingProxyType(self._values)

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that apply now, in order."""
        return tuple(step for step in self._all if step.applies(self._values))

    @property
    def current(self) -> Step:
        return next(step for step in self._all if step.name == self._current)

    @property
    def position(self) -> int:
        """The place of the current step among `steps`, from 0."""
        return [step.name for step in self.steps].index(self._current)

    @property
    def at_its_beginning(self) -> bool:
        """Whether the user is still at the first step."""
        return not self._confirmed and not self._sealed

    def is_confirmed(self, name: str) -> bool:
        return name in self._confirmed

    @property
    def bookmark(self) -> Bookmark:
        """Where the user is now; for `return_to`."""
        return self._current, self._phase, frozenset(self._confirmed)

    def blockers(self) -> tuple[Blocker, ...]:
        """Return what stands in the way of leaving the current step forward."""
        return tuple(self.current.check(self._values))

    def can_go(self, name: str) -> bool:
        """Return whether the user may jump to the step ``name``: it applies, is not sealed, and all before it is
        done."""
        names = [step.name for step in self.steps]
        if self._phase is not Phase.OPEN or name not in names or name in {self._current, *self._sealed}:
            return False
        return all(before in self._confirmed for before in names[: names.index(name)])

    @property
    def previous(self) -> str | None:
        """Where Back leads; None at the first step and behind a seal."""
        before = [step.name for step in self.steps[: self.position] if step.name not in self._sealed]
        return before[-1] if before and self._phase is Phase.OPEN else None

    def result(self, name: str) -> Any:
        """Return what `keep` stored under ``name`` and no change has made void; None otherwise."""
        return self._results.get(name, (None, None))[1]

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────
    def edit(self, values: Values) -> bool:
        """Take over what the user typed or chose, as `fill_in` does. While work runs, and after the end, nothing
        changes: the work goes on with what it began with."""
        return self._phase is Phase.OPEN and self.fill_in(values)

    def fill_in(self, values: Values) -> bool:
        """Take over what fields hold, also from the work that runs; unknown names and fields of sealed steps are
        ignored. Return whether something is different from before."""
        touched = [
            name for name, value in values.items() if self._is_open(name) and self._values[name] != value
        ]
        for name in touched:
            self._values[name] = values[name]
        for name in touched:
            self.reopen(self._owner[name])
        return bool(touched)

    def keep(self, name: str, value: object) -> None:
        """Store something found out at the current step; it is forgotten as soon as that step is reopened."""
        self._results[name] = (self._current, value)

    def reopen(self, name: str) -> None:
        """Take back the confirmation of the step ``name`` and of all after it, and what was kept there."""
        order = [step.name for step in self._all]
        void = set(order[order.index(name) :]) - self._sealed
        self._confirmed -= void
        self._results = {key: kept for key, kept in self._results.items() if kept[0] not in void}

    def confirm(self) -> bool:
        """Go on, if nothing blocks; after the last step the form is done. Return False when something does block."""
        if self.blockers():
            return False
        self._confirmed.add(self._current)
        steps, place = self.steps, self.position
        if place + 1 < len(steps):
            self._current = steps[place + 1].name
        else:
            self._phase = Phase.DONE
        return True

    def back(self) -> bool:
        """Go one step back; what was typed stays. Return False where there is no way back."""
        if self.previous is None:
            return False
        self._current = self.previous
        return True

    def go(self, name: str) -> bool:
        """Jump to the step ``name`` if that is possible; return whether it was."""
        if not self.can_go(name):
            return False
        self._current = name
        return True

    def return_to(self, bookmark: Bookmark) -> None:
        """Go back to ``bookmark`` as if no step had been taken since, also behind a seal and from the end: take back
        what was confirmed after it. What was typed or kept stays."""
        self._current, self._phase, confirmed = bookmark
        self._confirmed &= confirmed

    def seal(self) -> None:
        """Seal all steps so far, this one included, so that none can be changed any more: something irrevocable
        happened."""
        self._sealed.update(step.name for step in self.steps[: self.position + 1])

    def release(self, name: str) -> None:
        """Go back to the step ``name``, which is open again with all after it: what was sealed did not happen after
        all."""
        order = [step.name for step in self._all]
        self._sealed -= set(order[order.index(name) :])
        self.reopen(name)
        self._current = name

    def begin(self) -> bool:
        """Start work; return False when it is not the user's turn, so that a second click does nothing."""
        if self._phase is not Phase.OPEN:
            return False
        self._phase = Phase.BUSY
        return True

    def end(self) -> None:
        """End the busy phase: the work is over, however it went."""
        if self._phase is Phase.BUSY:
            self._phase = Phase.OPEN

    def _is_open(self, name: str) -> bool:
        return name in self._owner and self._owner[name] not in self._sealed
