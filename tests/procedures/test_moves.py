"""The table of states and moves: it proposes what the contract says, real lives keep to it, the docs draw it."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import states
from docs.states import TRANSITIONS, TransitionEvent, transitions_from
from ehtoolkit import errors
from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import resume
from ehtoolkit.procedures.state.platform_status import status
from tests.procedures.conftest import PIN, Road
from tests.support.training_life import Life

DOCS = Path(__file__).resolve().parents[2] / "docs"
OPEN = (State.PREPARED, State.WAITING, State.VALIDATING, State.NO_ETK, State.TO_ACTIVATE)
OVER = (State.EXPIRED, State.REVOKED, State.REFUSED)


@pytest.mark.parametrize("state", states.STATES)
def test_the_proposed_step_is_the_first_of_the_table(state: State) -> None:
    steps = (move.by for move in transitions_from(state) if isinstance(move.by, Action))
    assert proposed_action(state) is next(steps, None)


def test_each_state_is_left_in_one_way_by_one_step_and_reached_by_some() -> None:
    assert len({(move.state, move.by) for move in TRANSITIONS}) == len(TRANSITIONS)
    reached = {state for move in TRANSITIONS for state in move.to}
    assert reached == set(states.STATES) - {State.UNKNOWN}
    assert all(move.to for move in TRANSITIONS)


@pytest.mark.parametrize("state", OPEN)
def test_from_every_open_state_the_proposed_steps_lead_to_use(state: State) -> None:
    seen: set[State] = set()
    ahead = {state}
    while ahead:
        seen |= ahead
        steps = [
            move for place in ahead for move in transitions_from(place) if move.by is proposed_action(place)
        ]
        ahead = {to for move in steps for to in move.to} - seen
    assert State.ACTIVE in seen
    assert not seen & set(OVER)


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_is_only_left_by_a_new_request(state: State) -> None:
    moves = list(transitions_from(state))
    assert [(move.by, move.new_file) for move in moves] == [(Action.REQUEST, True)]


def require_move(before: State | None, by: Action | TransitionEvent, after: State) -> State:
    """``after``, if the table has the move."""
    assert any(move.by is by and after in move.to for move in transitions_from(before)), (before, by, after)
    return after


def test_a_life_makes_only_moves_of_the_table(road: Road) -> None:
    """Seen through `status`, whose steps are taken; a renewal that does not leave, a completion that is cut."""
    life, context = Life(road), road.toolkit.context

    def now(path: Path) -> State:
        return status(life.open(path), context).state

    cut = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    first = life.ask().keystore
    state = require_move(None, Action.REQUEST, now(first))
    life.move("+1d")
    road.wire.before["startETKRegistration"] = cut
    with pytest.raises(errors.PlatformUnreachable):
        complete(life.open(first), context)
    state = require_move(state, Action.COMPLETE, now(first))
    road.wire.before.clear()
    state = require_move(state, Action.COMPLETE, complete(life.open(first), context).state)
    state = require_move(state, Action.USE, now(first))
    life.move("+34mo")
    state = require_move(state, TransitionEvent.PERIOD, now(first))

    road.wire.before["generatecertificate"] = cut
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(life.open(first))
    road.wire.before.clear()
    (second,) = (path for path in road.keystores if path != first)
    state = require_move(state, Action.RENEW, now(second))
    card = road.toolkit.open_card()
    resume(life.open(second), life.requested, card, lambda _: PIN, context, show=lambda _: None)
    state = require_move(state, Action.RESUME, now(second))
    life.move("+1d")
    complete(life.open(second), context)
    state = require_move(state, Action.COMPLETE, now(second))
    life.activate(life.open(second))
    state = require_move(state, Action.ACTIVATE, now(second))
    life.move("+36mo")
    state = require_move(state, TransitionEvent.PERIOD, now(second))
    life.move("+4mo")
    state = require_move(state, TransitionEvent.END, now(second))
    require_move(state, Action.REQUEST, life.ask().state)


def test_the_docs_draw_the_table_as_it_is() -> None:
    assert (DOCS / "STATES.md").read_text(encoding="utf-8") == states.page()


def test_the_drawing_has_every_state_and_every_move() -> None:
    lines = list(states.diagram())
    drawn = {line.strip().partition(":")[2].strip() for line in lines if "-->" in line}
    assert {states._label(move) for move in TRANSITIONS if move.to != (move.state,)} <= drawn
    words = {word for line in lines for word in line.split()}
    assert {str(state) for state in states.STATES if state is not State.UNKNOWN} <= {
        word.rstrip(":") for word in words
    }
