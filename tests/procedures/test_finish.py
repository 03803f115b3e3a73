"""Finishing: from whatever an earlier call has left, the same call goes on, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import KEPT
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.procedures.certificate_test import Colour, prove_certificate
from ehtoolkit.procedures.finish import FinishResult, FinishStep, StepStatus, archive_replaced, finish
from ehtoolkit.providers import Assignment, Provider, open_registry
from tests.procedures.conftest import Road
from tests.support.training_life import Life

DOWN = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
INSTALL, ETK, ACTIVATE, TEST, ARCHIVE = FinishStep
OPEN, DONE, ALREADY, UNNEEDED = StepStatus


def delivered(life: Life) -> Path:
    asked = life.ask()
    life.move("+1d")
    return asked.keystore


def renewal(life: Life) -> Path:
    asked = life.renew(life.due())
    life.move("+1d")
    return asked.keystore


def waiting(life: Life) -> Path:
    return life.ask().keystore


def finished(life: Life) -> Path:
    path = renewal(life)
    finish(life.open(path), life.road.toolkit.context)
    return path


@dataclass(frozen=True)
class Case:
    """``stops_at``: the message that an earlier call did not get through."""

    make: Callable[[Life], Path]
    state: State
    steps: tuple[StepStatus, ...]
    begun: tuple[FinishStep, ...]
    stops_at: str = ""


CASES = {
    "not delivered": Case(waiting, State.WAITING, (OPEN,) * 5, (INSTALL,)),
    "first": Case(delivered, State.COMPLETE, (DONE, DONE, UNNEEDED, DONE, UNNEEDED), (INSTALL, ETK, TEST)),
    "first, without ETK": Case(
        *(delivered, State.COMPLETE, (ALREADY, DONE, UNNEEDED, DONE, UNNEEDED), (ETK, TEST)),
        stops_at="startETKRegistration",
    ),
    "renewal": Case(renewal, State.ACTIVE, (DONE, DONE, DONE, DONE, OPEN), (INSTALL, ETK, ACTIVATE, TEST)),
    "renewal, without ETK": Case(
        *(renewal, State.ACTIVE, (ALREADY, DONE, DONE, DONE, OPEN), (ETK, ACTIVATE, TEST)),
        stops_at="startETKRegistration",
    ),
    "renewal, not activated": Case(
        *(renewal, State.ACTIVE, (ALREADY, ALREADY, DONE, DONE, OPEN), (ETK, ACTIVATE, TEST)),
        stops_at="activateETK",
    ),
    "renewal, again": Case(finished, State.COMPLETE, (ALREADY, ALREADY, UNNEEDED, DONE, OPEN), (ETK, TEST)),
}


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


@pytest.mark.parametrize("name", CASES)
def test_steps_that_are_left_are_done_once(name: str, road: Road, life: Life) -> None:
    case, context, begun = CASES[name], road.toolkit.context, list[FinishStep]()
    file = life.open(case.make(life))
    if case.stops_at:
        road.wire.before[case.stops_at] = DOWN
        with pytest.raises(errors.PlatformUnreachable):
            finish(file, context)
        road.wire.before.clear()
        file = life.open(file.path)
    road.wire.seen.clear()

    done = finish(file, context, progress=begun.append)

    assert (done.outcome.state, tuple(done.steps.values()), tuple(begun)) == (
        case.state,
        case.steps,
        case.begun,
    )
    assert done.outcome.already is (name == "renewal, again")
    assert len(road.wire.seen) <= KEPT, "the helpdesk report has all messages of the click"
    made = [road.wire.count(word) for word in ("completeETKRegistration", "activateETK")]
    assert made == [int(done.steps[step] is DONE) for step in (ETK, ACTIVATE)]
    if done.test is not None:
        assert done.test.colour is Colour.GREEN
        assert life.published().serial == int(life.open(file.path).keystore.current_encryption[0].alias or "")


def test_lost_answers_of_each_step_are_made_up_for(road: Road, life: Life) -> None:
    path = renewal(life)
    for word in ("completeETKRegistration", "activateETK"):
        road.wire.lost[word] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    road.wire.seen.clear()
    done = finish(life.open(path), road.toolkit.context)
    assert (done.outcome.state, done.steps[ACTIVATE]) == (State.ACTIVE, DONE)
    assert road.wire.count("activateETK") == 1
    assert len(road.wire.seen) <= KEPT


def test_old_file_of_a_renewal_is_refused_before_and_after(road: Road, life: Life) -> None:
    old = life.due()
    asked = life.renew(old)
    life.move("+1d")
    before = old.path.read_bytes()
    with pytest.raises(errors.RequestWaiting) as waits:
        finish(life.open(old.path), road.toolkit.context)
    assert (waits.value.reason, waits.value.path) == ("old", str(asked.keystore))
    finish(life.open(asked.keystore), road.toolkit.context)
    with pytest.raises(errors.AlreadyRenewed) as renewed:
        finish(life.open(old.path), road.toolkit.context)
    assert renewed.value.newer == str(asked.keystore)
    assert old.path.read_bytes() == before


# ── the archive ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def done(road: Road, life: Life) -> FinishResult:
    return finish(life.open(renewal(life)), road.toolkit.context)


def test_old_file_is_archived_on_request(road: Road, done: FinishResult) -> None:
    (old,) = done.retired
    content, toolkit = old.read_bytes(), road.toolkit
    assert done.may_archive
    after = done.after(archive_replaced(done, toolkit.settings, toolkit.context))
    assert (after.steps[ARCHIVE], after.retired) == (DONE, ())
    assert after.archived == (old.parent / "archive" / old.name,)
    assert after.archived[0].read_bytes() == content
    assert not old.exists()


def test_nothing_is_archived_after_a_red_test(road: Road, life: Life, done: FinishResult) -> None:
    (old,) = done.retired
    red = prove_certificate(life.open(old), road.toolkit.context)
    assert red.colour is Colour.RED
    faulty = replace(done, test=red)
    assert not faulty.may_archive
    assert archive_replaced(faulty, road.toolkit.settings, road.toolkit.context).moved == ()
    assert old.exists()


def test_records_follow_a_file_after_an_interrupted_move(road: Road, life: Life, done: FinishResult) -> None:
    (old,), toolkit = done.retired, road.toolkit
    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        record = registry.add(Provider(name="Vandamme", niss="79031421872"))
        registry.assign(record.id or 0, Assignment(str(old), life.open(old).keystore.key_id))
    archive_keystore(old)  # and then the process is killed

    again = finish(life.open(done.outcome.keystore), toolkit.context)
    assert again.retired == ()
    archive_replaced(again, toolkit.settings, toolkit.context)

    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        kept = registry.get(record.id or 0)
    assert kept.keystore is not None
    assert kept.keystore.path == str(done.outcome.keystore)
