"""Asking by itself whether a certificate is delivered: less and less often, once for a home, and quietly."""

from __future__ import annotations

from datetime import datetime

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.records import CachedStates, read_cached_states
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import ask_deliveries, next_question
from ehtoolkit.system.locks import hold_lock
from tests.procedures.conftest import Road

ASKED = "getcertificate"
Waiting = dict[str, datetime | None]


@pytest.fixture
def waiting(road: Road) -> Waiting:
    """A request of now, that is not delivered before its scenario ends."""
    training = road.toolkit.training
    assert training is not None
    training.switch("not-yet-delivered", True)
    asked = road.ask()
    road.wire.seen.clear()
    return {asked.key_id: training.clock.now()}


def context_of(road: Road) -> Context:
    return road.toolkit.context


def later(road: Road, minutes: int) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move(f"+{minutes}min")


def delivered_keys(road: Road) -> frozenset[str]:
    states = read_cached_states(context_of(road).notes)
    return frozenset(state.key_id for state in states if state.delivered)


def deliver(road: Road) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.switch("not-yet-delivered", False)


def test_questions_become_rarer_up_to_one_an_hour(road: Road, waiting: Waiting) -> None:
    ask_deliveries(waiting, context_of(road))
    assert road.wire.count(ASKED) == 0, "not within the first minute"
    for count, minutes in enumerate((1, 2, 4, 8, 16, 32, 60, 60), 1):
        later(road, minutes - 1)
        ask_deliveries(waiting, context_of(road))
        assert road.wire.count(ASKED) == count - 1
        later(road, 1)
        ask_deliveries(waiting, context_of(road))
        ask_deliveries(waiting, context_of(road))  # the other page
        assert road.wire.count(ASKED) == count
    assert delivered_keys(road) == frozenset()


def test_delivered_certificate_is_kept_and_not_asked_about_again(road: Road, waiting: Waiting) -> None:
    deliver(road)
    road.wait()
    ask_deliveries(waiting, context_of(road))
    assert delivered_keys(road) == frozenset(waiting)
    assert next_question(waiting, context_of(road)) is None
    road.wait()
    ask_deliveries(waiting, context_of(road))
    assert road.wire.count(ASKED) == 1


def test_without_a_network_it_is_quiet_and_tried_at_the_next_time(road: Road, waiting: Waiting) -> None:
    road.wire.before[ASKED] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    later(road, 1)
    ask_deliveries(waiting, context_of(road))
    ask_deliveries(waiting, context_of(road))
    assert road.wire.count(ASKED) == 1
    road.wire.before.clear()
    deliver(road)
    road.wait()
    ask_deliveries(waiting, context_of(road))
    assert delivered_keys(road) == frozenset(waiting)


def test_only_one_process_asks(road: Road, waiting: Waiting) -> None:
    later(road, 1)
    context = context_of(road)
    with hold_lock(context.locks / "deliveries.lock", 0.0, errors.FileBusy(path="", reason="folder")):
        ask_deliveries(waiting, context)
    assert road.wire.count(ASKED) == 0
    ask_deliveries(waiting, context)
    assert road.wire.count(ASKED) == 1


def test_clock_that_was_moved_back_does_not_stop_it(road: Road, waiting: Waiting) -> None:
    road.wait()
    ask_deliveries(waiting, context_of(road))
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("reset")
    moment = next_question(waiting, context_of(road))
    assert moment is not None
    assert moment <= context_of(road).clock.now()


def test_refused_request_is_recorded_as_refused(road: Road, waiting: Waiting) -> None:
    assert road.toolkit.training is not None
    (key_id,) = waiting
    road.toolkit.training.decide(key_id, deliver=False)
    deliver(road)
    later(road, 1)
    ask_deliveries(waiting, context_of(road))
    assert CachedStates.read(context_of(road).notes).word_of(key_id) == State.REFUSED
