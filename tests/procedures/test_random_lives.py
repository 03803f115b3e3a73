"""Sixty random lives (`tests.procedures.random_lives`), with the same draws every time."""

from __future__ import annotations

import pytest

from tests.procedures.random_lives import SHORT, World, run_lives, world

__all__ = ["world"]


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_random_lives_keep_every_invariant(world: World) -> None:
    run_lives(world, SHORT, 5)
