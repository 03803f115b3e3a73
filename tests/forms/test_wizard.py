"""The wizard: a state machine that no sequence of clicks brings out of step."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.forms.engine.wizard import Blocker, Phase, Step, Values, Wizard


def needs_name(values: Values) -> Iterable[Blocker]:
    if not values["name"]:
        yield Blocker("error.input_invalid", "name")


def make() -> Wizard:
    return Wizard(
        [
            Step("who", {"name": "", "company": False}, needs_name),
            Step("company", {"number": ""}, applies=lambda values: bool(values["company"])),
            Step("contact", {"email": ""}),
            Step("send"),
        ]
    )


def names(wizard: Wizard) -> list[str]:
    return [step.name for step in wizard.steps]


def test_it_begins_at_the_first_step_with_first_values() -> None:
    wizard = make()

    assert wizard.current.name == "who"
    assert dict(wizard.values) == {"name": "", "company": False, "number": "", "email": ""}
    assert wizard.previous is None
    assert wizard.phase is Phase.OPEN


def test_a_blocker_keeps_the_step() -> None:
    wizard = make()

    assert not wizard.confirm()

    assert wizard.current.name == "who"
    assert wizard.blockers() == (Blocker("error.input_invalid", "name"),)


def test_going_on_confirms() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})

    assert wizard.confirm()

    assert wizard.is_confirmed("who")
    assert wizard.current.name == "contact"
    assert wizard.position == 1


def test_a_step_that_does_not_apply_is_no_step() -> None:
    wizard = make()
    assert names(wizard) == ["who", "contact", "send"]

    wizard.edit({"name": "Élise", "company": True})

    assert names(wizard) == ["who", "company", "contact", "send"]
    wizard.confirm()
    assert wizard.current.name == "company"


def test_after_the_last_step_it_is_done() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    for _ in range(3):
        wizard.confirm()

    assert wizard.phase is Phase.DONE
    assert wizard.previous is None
    assert not any(wizard.can_go(name) for name in names(wizard))


def test_one_can_return_also_from_behind_a_seal_and_from_the_end() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    before = wizard.bookmark
    wizard.edit({"email": "elise@example.test"})
    wizard.seal()
    wizard.keep("receipt", "of Élise")
    wizard.confirm()
    wizard.confirm()
    assert wizard.phase is Phase.DONE

    wizard.return_to(before)

    assert (wizard.phase, wizard.current.name) == (Phase.OPEN, "contact")
    assert [name for name in names(wizard) if wizard.is_confirmed(name)] == ["who"]
    assert (wizard.values["email"], wizard.result("receipt")) == ("elise@example.test", "of Élise")


def test_who_returns_confirms_nothing_that_was_taken_back() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    before = wizard.bookmark

    wizard.edit({"name": "Karl"})
    wizard.return_to(before)

    assert not wizard.is_confirmed("who")


def test_back_keeps_what_was_typed() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    wizard.edit({"email": "elise@example.test"})

    assert wizard.back()

    assert wizard.current.name == "who"
    assert wizard.values["email"] == "elise@example.test"
    assert wizard.is_confirmed("who")
    assert wizard.can_go("contact")
    assert not wizard.can_go("send")


def test_an_edit_takes_back_what_follows_and_what_was_found_out_there() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    wizard.keep("contract", "for Élise")
    wizard.confirm()
    wizard.go("who")
    wizard.keep("card", "Élise's")
    assert wizard.result("contract") == "for Élise"

    assert wizard.edit({"name": "Karl"})

    assert not wizard.is_confirmed("who")
    assert not wizard.is_confirmed("contact")
    assert wizard.result("contract") is None
    assert wizard.result("card") is None


def test_the_same_value_again_is_no_edit() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    wizard.back()

    assert not wizard.edit({"name": "Élise", "unknown": "field"})

    assert wizard.is_confirmed("who")
    assert "unknown" not in wizard.values


def test_an_edit_of_a_later_step_leaves_the_earlier_alone() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.keep("card", "Élise's")
    wizard.confirm()

    wizard.edit({"email": "elise@example.test"})

    assert wizard.is_confirmed("who")
    assert wizard.result("card") == "Élise's"


def test_behind_a_seal_there_is_no_way_back() -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.confirm()
    wizard.confirm()
    wizard.seal()

    assert wizard.previous is None
    assert not wizard.back()
    assert not wizard.go("who")
    assert not wizard.edit({"name": "Karl"})
    assert wizard.values["name"] == "Élise"
    assert wizard.is_confirmed("who")


def test_work_happens_once() -> None:
    wizard = make()

    assert wizard.begin()
    assert not wizard.begin()
    assert wizard.phase is Phase.BUSY
    assert wizard.previous is None

    wizard.end()
    assert wizard.phase is Phase.OPEN


def test_values_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        make().values["name"] = "Karl"  # type: ignore[index]


MOVES = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(["name", "number", "email"]), st.sampled_from(["", "a", "b"])),
    st.tuples(st.just("edit"), st.just("company"), st.booleans()),
    st.tuples(st.just("go"), st.sampled_from(["who", "company", "contact", "send"])),
    st.tuples(st.sampled_from(["confirm", "back", "keep", "seal", "begin", "end"])),
)


@given(st.lists(MOVES, max_size=25))
def test_no_sequence_of_clicks_brings_it_out_of_step(moves: list[tuple[object, ...]]) -> None:
    wizard = make()
    for move in moves:
        if move[0] == "edit":
            # A field is only there to be edited on the page of its own step.
            if move[1] in wizard.current.fields:
                wizard.edit({str(move[1]): move[2]})
        elif move[0] == "go":
            wizard.go(str(move[1]))
        elif move[0] == "keep":
            wizard.keep(wizard.current.name, wizard.values["name"])
        else:
            getattr(wizard, str(move[0]))()

        order = names(wizard)
        assert wizard.current.name in order
        if wizard.phase is Phase.DONE:
            continue
        before = order[: wizard.position]
        assert all(wizard.is_confirmed(name) for name in before), "one stands behind an unconfirmed step"
        for name in order:
            if wizard.can_go(name):
                assert all(wizard.is_confirmed(step) for step in order[: order.index(name)])
        if wizard.result("send") is not None:
            assert wizard.result("send") == wizard.values["name"], "found out for somebody else"


@pytest.mark.parametrize("phase", [Phase.BUSY, Phase.DONE])
def test_what_is_worked_on_is_not_changed_from_outside(phase: Phase) -> None:
    wizard = make()
    wizard.edit({"name": "Élise"})
    wizard.keep("found", "hers")
    assert wizard.begin()
    if phase is Phase.DONE:
        wizard.end()
        while wizard.phase is not Phase.DONE:
            wizard.confirm()

    assert not wizard.edit({"name": "Bram"})

    assert (wizard.values["name"], wizard.result("found")) == ("Élise", "hers")
    assert wizard.fill_in({"email": "elise@example.be"}), "what the work itself has found out"
