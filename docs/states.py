"""Writes docs/STATES.md from the table of moves: ``python docs/states.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.result import (
    TRANSITIONS,
    Transition,
    TransitionEvent,
    next_action,
    transitions_from,
)

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

Made by `python docs/states.py` from the table in `ehtoolkit/procedures/result.py`; do not edit.

Every procedure reads the state of a certificate from file, platform and depot, and proposes the first step of that
state. `certificate status` prints both as `state` and `next`. If the platform did not answer, the state comes from
the file alone, and `checked` is false.
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
        yield f"| `{state}` | {STATES[state]} | {next_action(state) or '–'} | {possible} |"


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
