"""How many pages start at once, and whose turn is next."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from ehtoolkit.system.processors import usable_processors
from ehtoolkit.voila.page_queue import ARRIVAL_SECONDS, FORKED, PATIENCE, PageQueue, places_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_visitor_of_a_full_server_takes_no_place() -> None:
    queue = PageQueue(1)
    with queue.passing("a") as first:
        with queue.passing("c") as second:
            assert (first, second) == (0, 1)
        with queue.passing("c") as third:
            assert third == 1
    with queue.passing("c") as first:
        assert first == 0


def test_the_first_who_came_is_the_next() -> None:
    queue = PageQueue(1)
    with queue.passing("a"):
        assert [queue.ask(who) for who in "bcd"] == [1, 2, 3]
        assert [queue.ask(who) for who in "dcb"] == [3, 2, 1]
    assert [queue.ask(who) for who in "cdb"] == [2, 3, 0]  # a place for b, who has not come yet
    with queue.passing("e") as newcomer:
        assert newcomer == 4
    with queue.passing("b") as next_one:
        assert next_one == 0
        assert [queue.ask(who) for who in "cde"] == [1, 2, 3]


def test_a_turn_is_kept_for_those_only_who_ask_again() -> None:
    clock = Clock()
    queue = PageQueue(1, clock)
    with queue.passing("a"):
        assert [queue.ask(who) for who in "bc"] == [1, 2]
        clock.now = PATIENCE
        assert queue.ask("c") == 2
        clock.now = PATIENCE + 1
        assert queue.ask("c") == 1
    with queue.passing("c") as turn:
        assert turn == 0


def test_only_one_kernel_starts_while_a_visitor_waits() -> None:
    queue = PageQueue(3)
    with queue.passing("a") as first, queue.passing("b") as second, queue.passing("c") as third:
        assert (first, second, third) == (0, 1, 2)
        assert not queue.all_see
        assert queue.ask("b") == 1, "c sees nothing"
        assert queue.ask("c") == 0
        assert queue.all_see
        assert queue.ask("b") == 0
        with queue.passing("b") as turn:
            assert turn == 0
            assert queue.ask("c") == 0


def test_a_visitor_that_stops_asking_does_not_block_the_queue() -> None:
    clock = Clock()
    queue = PageQueue(2, clock)
    with queue.passing("a"), queue.passing("b"):
        clock.now = PATIENCE / 2
        assert queue.ask("c") == 2
        clock.now = PATIENCE + 1
        assert queue.all_see
        assert queue.ask("c") == 0


def test_a_page_that_fails_leaves_its_place() -> None:
    queue = PageQueue(1)
    for _ in range(3):
        try:
            with queue.passing("a") as turn:
                assert turn == 0
                raise OSError
        except OSError:
            continue


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone")
def test_there_is_one_place_for_the_one_processor_that_the_server_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        require_places(PageQueue(places_of(forks=False)), 1)
        require_places(PageQueue(places_of(forks=True)), FORKED)
    finally:
        os.sched_setaffinity(0, allowed)


def test_there_are_places_for_every_processor_that_the_server_may_use() -> None:
    require_places(PageQueue(places_of(forks=False)), usable_processors())


def require_places(queue: PageQueue, count: int) -> None:
    with ExitStack() as inside:
        for number in range(count):
            queue.ask(str(number))
            assert inside.enter_context(queue.passing(str(number))) == 0
        assert queue.ask("another") == 1


def test_a_browser_that_has_shown_the_token_arrives_once() -> None:
    clock = Clock()
    queue = PageQueue(1, clock)
    queue.note_arrival("a")
    queue.note_arrival("b")
    assert [queue.take_arrival(who) for who in "aac"] == [True, False, False]
    clock.now = ARRIVAL_SECONDS + 1
    assert not queue.take_arrival("b")


def test_no_page_starts_while_too_many_kernels_wait_for_theirs() -> None:
    queue = PageQueue(2)
    full = True
    queue.is_full = lambda: full
    with queue.passing("a") as turn:
        assert turn == 1
    full = False
    with queue.passing("a") as turn:
        assert turn == 0
