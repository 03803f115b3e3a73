"""How many pages start at once, and whose turn is next."""

from __future__ import annotations

import os

from ehtoolkit.voila.doorway import PATIENCE, Doorway


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_finds_it_full_takes_nobody_s_place() -> None:
    doorway = Doorway(2)
    with doorway.passing("a") as first, doorway.passing("b") as second:
        with doorway.passing("c") as third:
            assert (first, second, third) == (True, True, False)
        with doorway.passing("c") as fourth:
            assert not fourth
    with doorway.passing("c") as first, doorway.passing("d") as second:
        assert first
        assert second


def test_the_first_who_came_is_the_next() -> None:
    doorway = Doorway(1)
    with doorway.passing("a"):
        assert [doorway.turn(who) for who in "bcd"] == [1, 2, 3]
        assert [doorway.turn(who) for who in "dcb"] == [3, 2, 1]
    assert [doorway.turn(who) for who in "cdb"] == [2, 3, 0]  # a place for b, who has not come yet
    with doorway.passing("e") as newcomer:
        assert not newcomer
    with doorway.passing("b") as next_one:
        assert next_one
        assert [doorway.turn(who) for who in "cde"] == [1, 2, 3]


def test_a_turn_is_kept_for_those_only_who_ask_again() -> None:
    clock = Clock()
    doorway = Doorway(1, clock)
    with doorway.passing("a"):
        assert [doorway.turn(who) for who in "bc"] == [1, 2]
        clock.now = PATIENCE
        assert doorway.turn("c") == 2
        clock.now = PATIENCE + 1
        assert doorway.turn("c") == 1
    with doorway.passing("c") as is_let_in:
        assert is_let_in


def test_a_page_that_fails_leaves_its_place() -> None:
    doorway = Doorway(1)
    for _ in range(3):
        try:
            with doorway.passing("a") as is_let_in:
                assert is_let_in
                raise OSError
        except OSError:
            continue


def test_there_are_places_for_every_processor() -> None:
    doorway = Doorway()
    places = [doorway.passing(str(number)) for number in range(os.cpu_count() or 1)]
    assert all(place.__enter__() for place in places)
    assert not doorway.passing("another").__enter__()
