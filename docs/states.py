"""Writes docs/STATES.md from the table of moves: ``python docs/states.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ehtoolkit.procedures.result import (
    TRANSITIONS,
    State,
    Transition,
    TransitionEvent,
    next_action,
    transitions_from,
)

TARGET = Path(__file__).with_name("STATES.md")
STATES = {
    State.PREPARED: "the key pair is on disk, the platform does not know it",
    State.WAITING: "accepted, not delivered yet",
    State.VALIDATING: "accepted, a person checks it, up to ten days",
    State.NO_ETK: "the certificate is installed, it has no encryption token",
    State.COMPLETE: "certificate and token are there, the depot has just proven it",
    State.TO_ACTIVATE: "the token replaces another one, which the depot still gives out",
    State.ACTIVE: "the platform says that certificate and token are valid",
    State.RENEWABLE: "active, and the platform lets it be replaced",
    State.EXPIRED: "its time is over",
    State.REVOKED: "it was revoked, and its token with it",
    State.REFUSED: "the platform did not make it",
    State.UNKNOWN: "the platform says something that we do not know, or does not know the certificate",
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

Made by `python docs/states.py` from the table in `ehtoolkit/procedures/result.py`; do not edit.

Every procedure reads from file, platform and depot in which of these states a certificate is, and proposes the first
step of that state. `certificate status` prints it as `state` and `next`. A keystore that could not be checked with the
platform has the state that its file alone tells, and `checked` is false.
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
    yield "| state | what it means | proposed step | what can be done, or happens | leads to |"
    yield "|---|---|---|---|---|"
    for state in STATES:
        moves = list(transitions_from(state))
        done, to = _cell(map(_label, moves)), _cell(_to(moves))
        yield f"| `{state}` | {STATES[state]} | {next_action(state) or '–'} | {done} | {to} |"


def _origin(move: Transition) -> str:
    """The state, or the frame around it when all states in there have this way out."""
    for frame, states in FRAMES.items():
        if move.state in states and all(replace(move, state=state) in TRANSITIONS for state in states):
            return frame
    return "[*]" if move.state is None else str(move.state)


def _label(move: Transition) -> str:
    label = HAPPENINGS[move.by] if isinstance(move.by, TransitionEvent) else str(move.by)
    return f"{label} (a new file)" if move.new_file else label


def _to(moves: Iterable[Transition]) -> Iterator[str]:
    return (" or ".join(f"`{state}`" for state in move.to) for move in moves)


def _cell(lines: Iterable[str]) -> str:
    return "<br>".join(lines) or "–"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
