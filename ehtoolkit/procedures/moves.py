"""The states of a certificate, and every move from one to another: one table.

`next_of` reads the step from it that each procedure proposes, and ``docs/states.py`` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ehtoolkit.procedures.outcome import Next, State


class Happening(StrEnum):
    """What moves a certificate on although its holder does nothing."""

    REFUSAL = "refusal"
    """The platform decides not to make it."""
    PERIOD = "period"
    """The replacement period begins, from when the platform says."""
    END = "end"
    """The last moment of its validity is over."""


@dataclass(frozen=True, slots=True)
class Move:
    """``state``: None where there is no certificate yet. ``by``: what the holder does, or what happens. ``to``:
    where it leads, one of these. ``new_file``: the new state is that of another keystore; the old file keeps
    its own."""

    state: State | None
    by: Next | Happening
    to: tuple[State, ...]
    new_file: bool = False


STATES: Final = tuple(state for state in State if state is not State.NOT_YET_VALID)
"""Those that certificates move between; not yet valid is one for a clock that is slow, and for nobody else."""
SENT: Final = (State.WAITING, State.VALIDATING, State.PREPARED)
"""What sending a request leads to; prepared when the platform was not reached."""
INSTALLED: Final = (State.COMPLETE, State.TO_ACTIVATE, State.NO_ETK)
"""What completing leads to; no_etk when it was interrupted. Nothing changes before the platform delivers."""
_INSTALLED: Final = (State.NO_ETK, State.COMPLETE, State.TO_ACTIVATE, State.ACTIVE, State.RENEWABLE)
_REVOCABLE: Final = (State.WAITING, *_INSTALLED)
"""Waiting: once the platform has delivered, also when nobody can open the file."""
_OVER: Final = (State.EXPIRED, State.REVOKED, State.REFUSED)

MOVES: Final = (
    Move(None, Next.REQUEST, SENT, new_file=True),
    Move(State.PREPARED, Next.RESUME, SENT),
    Move(State.WAITING, Next.COMPLETE, INSTALLED),
    Move(State.VALIDATING, Next.COMPLETE, INSTALLED),
    Move(State.NO_ETK, Next.COMPLETE, INSTALLED),
    Move(State.TO_ACTIVATE, Next.ACTIVATE, (State.ACTIVE,)),
    Move(State.COMPLETE, Next.USE, (State.ACTIVE,)),
    Move(State.ACTIVE, Next.USE, (State.ACTIVE,)),
    Move(State.RENEWABLE, Next.RENEW, SENT, new_file=True),
    Move(State.RENEWABLE, Next.REQUEST, SENT, new_file=True),  # who has no card cannot renew
    Move(State.RENEWABLE, Next.USE, (State.RENEWABLE,)),
    *(Move(state, Next.REQUEST, SENT, new_file=True) for state in _OVER),
    Move(State.WAITING, Happening.REFUSAL, (State.REFUSED,)),
    Move(State.VALIDATING, Happening.REFUSAL, (State.REFUSED,)),
    Move(State.ACTIVE, Happening.PERIOD, (State.RENEWABLE,)),
    *(Move(state, Happening.END, (State.EXPIRED,)) for state in (State.WAITING, *_INSTALLED)),
    *(Move(state, Next.REVOKE, (State.REVOKED,)) for state in _REVOCABLE),
)
"""Every move, the one that is proposed before the others of its state. `State.UNKNOWN` has none: only the
platform knows what to do."""


def moves_from(state: State | None) -> Iterable[Move]:
    """The moves out of ``state``, in the order of the table."""
    return (move for move in MOVES if move.state is state)


def next_of(state: State) -> Next | None:
    """The one step that is proposed to the holder in this state; None where nobody knows one."""
    steps = (move.by for move in moves_from(state) if isinstance(move.by, Next))
    return next(steps, None)
