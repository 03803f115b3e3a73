"""A training card as JSON has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ehtoolkit.training.people.person_state import PersonState


def describe_card(state: PersonState) -> dict[str, Any]:
    return {
        "card": f"training:{state.person.name}",
        "plugged": state.plugged,
        "pin_tries_left": state.tries_left,
    }
