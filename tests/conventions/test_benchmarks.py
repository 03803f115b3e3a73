"""Every benchmark runs, each once with its smallest input. What it measures is judged by people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.support.benchmark_run import ROOT, WITH_A_CARD, run

CORPUS: Final = "CORPUS"
"""In the place of the folder of keystores."""
SMALLEST: Final[dict[str, Sequence[str]]] = {
    "audit": [CORPUS, "60", "30"],
    "audit_page": ["50"],
    "board": ["2", "2"],
    "certificate_test": ["1"],
    "comparison": ["2000"],
    "fleet": [CORPUS, "200", "--workers", "1"],
    "keystore": [CORPUS, "1"],
    "load": ["1", "--server-alone"],
    "page_scripts": ["1"],
    "pages": ["1"],
    "providers": ["20", "2000"],
    "road": ["1"],
    "sealing": ["1", "1"],
    "start": ["1"],
    "steps": ["1"],
    "switching": ["1"],
}
"""Benchmarks with the arguments of their smallest input."""
BROWSER: Final = frozenset({"load", "page_scripts", "pages", "steps", "switching"})

pytestmark = pytest.mark.timeout(900)


def test_every_benchmark_has_a_smallest_input() -> None:
    files = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert files == {*SMALLEST, WITH_A_CARD}


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.browser] if name in BROWSER else []) for name in SMALLEST],
)
def test_a_benchmark_runs(name: str, data_folder: Path, tmp_path: Path) -> None:
    corpus = str(data_folder / "keystores")
    arguments = [corpus if word == CORPUS else word for word in SMALLEST[name]]
    assert run(name, *arguments, home=tmp_path / "home").strip()
