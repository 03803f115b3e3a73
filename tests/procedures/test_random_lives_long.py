"""Many random lives, others every time: what a run finds is printed so that it can be repeated."""

from __future__ import annotations

import pytest

from tests.procedures.random_lives import LONG, World, run_lives, world

__all__ = ["world"]


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.timeout(5 * LONG)
def test_random_lives_keep_every_invariant(world: World) -> None:
    run_lives(world, LONG, None)
