"""The benchmark of a card runs with a card in a virtual reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.benchmark_run import WITH_A_CARD, run
from tests.support.card_fixtures import pcsc
from tests.support.pcsc import Pcsc

__all__ = ["pcsc"]


@pytest.mark.long
@pytest.mark.interop
def test_the_benchmark_of_a_card_runs(pcsc: Pcsc, tmp_path: Path) -> None:
    assert run(WITH_A_CARD, "1", home=tmp_path / "home", **pcsc.environment).strip()
