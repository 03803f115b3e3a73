"""Java's own regular expressions against ours: the same verdict on every pattern of the table."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest

from ehtoolkit.procedures.organisation_types import fits
from tests.unit.procedures.java_patterns import TABLE, TEXTS

PROGRAM = Path(__file__).with_name("Patterns.java")

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def java() -> str:
    found = shutil.which("java")
    if found is None or shutil.which("javac") is None:
        pytest.skip("Java is not here (default-jdk-headless)")
    return str(found)


COUNTS = ("", "?", "*", "+", "{0}", "{2}", "{1,2}", "{2,}", "{2,1}", "*+", "+?")
ATOMS = (
    "1",
    r"\d",
    "[12]",
    "[0-9a-c]",
    "[A-z]",
    r"[\d]",
    "[2-1]",
    "[1-2-3]",
    "[^1]",
    "[1&&2]",
    r"[\d-2]",
    ".",
)


def verdicts(java: str, pairs: Iterable[tuple[str, str]], folder: Path) -> list[bool | None]:
    """What Java says of each pattern and text; None: that it is no pattern."""
    asked = folder / "pairs"
    asked.write_text("".join(f"{pattern}\n{text}\n" for pattern, text in pairs), encoding="utf-8")
    done = subprocess.run([java, str(PROGRAM), str(asked)], capture_output=True, text=True, check=True)
    return [{"true": True, "false": False, "none": None}[line] for line in done.stdout.splitlines()]


def test_java_says_the_same(java: str, tmp_path: Path) -> None:
    pairs = [(pattern, text) for pattern, _ in TABLE for text in TEXTS]
    theirs = verdicts(java, pairs, tmp_path)
    ours = [fits(pattern, text) for pattern, text in pairs]
    different = [pair for pair, our, other in zip(pairs, ours, theirs, strict=True) if our is not other]
    assert different == []


def test_java_never_says_the_contrary(java: str, tmp_path: Path) -> None:
    """Every combination of some parts: those that are applied, as Java does."""
    patterns = [f"{a}{r}{b}{s}" for a, r, b, s in product(ATOMS, COUNTS, ATOMS, COUNTS)]
    pairs = list(product(patterns, ("", "1", "a", "11", "1_", "121")))
    theirs = verdicts(java, pairs, tmp_path)
    ours = [fits(pattern, text) for pattern, text in pairs]
    contrary = [
        pair
        for pair, our, other in zip(pairs, ours, theirs, strict=True)
        if our is not None and our is not other
    ]
    assert contrary == []
    assert sum(our is not None for our in ours) > 0.15 * sum(their is not None for their in theirs)
