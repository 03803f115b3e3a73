"""How many pages start at once."""

from __future__ import annotations

import os

from ehtoolkit.voila.doorway import Doorway


def test_who_finds_it_full_takes_nobody_s_place() -> None:
    doorway = Doorway(2)
    with doorway.passing() as first, doorway.passing() as second:
        with doorway.passing() as third:
            assert (first, second, third) == (True, True, False)
        with doorway.passing() as fourth:
            assert not fourth
    with doorway.passing() as first, doorway.passing() as second:
        assert first
        assert second


def test_a_page_that_fails_leaves_its_place() -> None:
    doorway = Doorway(1)
    for _ in range(3):
        try:
            with doorway.passing() as is_let_in:
                assert is_let_in
                raise OSError
        except OSError:
            continue


def test_there_are_places_for_every_processor() -> None:
    doorway = Doorway()
    places = [doorway.passing() for _ in range(os.cpu_count() or 1)]
    assert all(place.__enter__() for place in places)
    assert not doorway.passing().__enter__()
