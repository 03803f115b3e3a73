"""The table of all transitions between states; ``python docs/states.py`` writes docs/STATES.md from it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State


class TransitionEvent(StrEnum):
    """What moves a certificate on although its holder does nothing."""

    REFUSAL = "refusal"
    """The platform decides not to make it."""
    PERIOD = "period"
    """The replacement period begins, from when the platform says."""
    END = "end"
    """The last moment of its validity is over."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a certificate from one state to another.

    Attributes:
        state: None where there is no certificate yet.
        by: what the holder does, or what happens.
        to: where it leads, one of these.
        new_file: the new state is that of another keystore; the old file keeps its own.
    """

    state: State | None
    by: Action | TransitionEvent
    to: tuple[State, ...]
    new_file: bool = False


SENT: Final = (State.WAITING, State.VALIDATING, State.PREPARED)
"""What sending a request leads to; prepared when the platform was not reached."""
INSTALLED: Final = (State.COMPLETE, State.TO_ACTIVATE, State.NO_ETK)
"""What completing leads to; no_etk when it was interrupted. Nothing changes before the platform delivers."""
_INSTALLED: Final = (State.NO_ETK, State.COMPLETE, State.TO_ACTIVATE, State.ACTIVE, State.RENEWABLE)
_REVOCABLE: Final = (State.WAITING, *_INSTALLED)
"""Waiting: once the platform has delivered, also when the password is lost."""
_OVER: Final = (State.EXPIRED, State.REVOKED, State.REFUSED)

TRANSITIONS: Final = (
    Transition(None, Action.REQUEST, SENT, new_file=True),
    Transition(State.PREPARED, Action.RESUME, SENT),
    Transition(State.WAITING, Action.COMPLETE, INSTALLED),
    Transition(State.VALIDATING, Action.COMPLETE, INSTALLED),
    Transition(State.NO_ETK, Action.COMPLETE, INSTALLED),
    Transition(State.TO_ACTIVATE, Action.ACTIVATE, (State.ACTIVE,)),
    Transition(State.COMPLETE, Action.USE, (State.ACTIVE,)),
    Transition(State.ACTIVE, Action.USE, (State.ACTIVE,)),
    Transition(State.RENEWABLE, Action.RENEW, SENT, new_file=True),
    Transition(State.RENEWABLE, Action.REQUEST, SENT, new_file=True),  # who has no card cannot renew
    Transition(State.RENEWABLE, Action.USE, (State.RENEWABLE,)),
    *(Transition(state, Action.REQUEST, SENT, new_file=True) for state in _OVER),
    Transition(State.WAITING, TransitionEvent.REFUSAL, (State.REFUSED,)),
    Transition(State.VALIDATING, TransitionEvent.REFUSAL, (State.REFUSED,)),
    Transition(State.ACTIVE, TransitionEvent.PERIOD, (State.RENEWABLE,)),
    *(Transition(state, TransitionEvent.END, (State.EXPIRED,)) for state in (State.WAITING, *_INSTALLED)),
    *(Transition(state, Action.REVOKE, (State.REVOKED,)) for state in _REVOCABLE),
)
"""Every move, the one that is proposed before the others of its state."""


def transitions_from(state: State | None) -> Iterable[Transition]:
    """Return the moves out of ``state``, in the order of the table."""
    return (move for move in TRANSITIONS if move.state is state)


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────
TARGET = Path(__file__).with_name("STATES.md")
STATES = {
    State.PREPARED: "the key pair is on disk; the platform does not know it",
    State.WAITING: "accepted, not delivered yet",
    State.VALIDATING: "accepted; a person checks it, for up to ten days",
    State.NO_ETK: "the certificate is installed, without an encryption token",
    State.COMPLETE: "certificate and token exist, as the depot has just confirmed",
    State.TO_ACTIVATE: "the depot still publishes the previous token",
    State.ACTIVE: "the platform confirms that certificate and token are valid",
    State.RENEWABLE: "active, and within the replacement period",
    State.EXPIRED: "its validity has ended",
    State.REVOKED: "certificate and token were revoked",
    State.REFUSED: "the platform refused the request",
    State.UNKNOWN: "the platform does not know the certificate, or gives an unknown status",
}
HAPPENINGS = {
    TransitionEvent.REFUSAL: "the platform refuses",
    TransitionEvent.PERIOD: "the replacement period begins",
    TransitionEvent.END: "its validity ends",
}
FRAMES = {
    "asked": (State.WAITING, State.VALIDATING),
    "installed": (State.NO_ETK, State.COMPLETE, State.TO_ACTIVATE, State.ACTIVE, State.RENEWABLE),
}
"""Around states that share ways out: each of those is one arrow, from the frame."""
HEAD = """# States of a certificate

Made by `python docs/states.py`; do not edit.

Every procedure reads the state of a certificate from file, platform and depot, and proposes the first step of that
state. `certificate status` prints both as `state` and `next`; a newer file of the holder changes the step, and while
the platform's word is not understood, the step is `troubleshoot` or, before the certificate is there, `complete`. A
prepared request of a person without a card has no step while another certificate of that person is in force. If the
platform did not answer, the state comes from the file and from what platform and issuer said last, and `checked` is
false.
"""


def page() -> str:
    """The whole of STATES.md."""
    return f"{HEAD}\n```mermaid\n{chr(10).join(diagram())}\n```\n\n{chr(10).join(table())}\n"


def diagram() -> Iterator[str]:
    """Mermaid. What leads to one of several states goes through a choice, one for each such set."""
    choices = dict.fromkeys(move.to for move in TRANSITIONS if len(move.to) > 1)
    names = {to: f"choice{number}" for number, to in enumerate(choices, 1)}
    yield "stateDiagram-v2"
    for frame, states in FRAMES.items():
        yield f"    state {frame} {{"
        yield from (f"        {state}" for state in states)
        yield "    }"
    yield from (f"    state {name} <<choice>>" for name in names.values())
    yield from (f"    {name} --> {state}" for to, name in names.items() for state in to)
    for origin, label, to in dict.fromkeys((_origin(move), _label(move), move.to) for move in TRANSITIONS):
        if to != (origin,):
            yield f"    {origin} --> {to[0] if len(to) == 1 else names[to]}: {label}"


def table() -> Iterator[str]:
    yield "| state | meaning | proposed step | possible steps and events |"
    yield "|---|---|---|---|"
    for state in STATES:
        possible = ", ".join(map(_label, transitions_from(state))) or "–"
        yield f"| `{state}` | {STATES[state]} | {proposed_action(state) or '–'} | {possible} |"


def _origin(move: Transition) -> str:
    """The state, or the frame around it when all states in there have this way out."""
    for frame, states in FRAMES.items():
        if move.state in states and all(replace(move, state=state) in TRANSITIONS for state in states):
            return frame
    return "[*]" if move.state is None else str(move.state)


def _label(move: Transition) -> str:
    label = HAPPENINGS[move.by] if isinstance(move.by, TransitionEvent) else str(move.by)
    return f"{label} (a new file)" if move.new_file else label


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
