"""What trials found, held against the tests: each row names tests, and each of these is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRIED = ROOT / "docs" / "TRIED.md"
ROWS = {
    "attacker": ["H1", "H2", *(f"M{n}" for n in range(1, 5)), *(f"L{n}" for n in range(1, 11)), "S1"],
    "consultant": [*(f"A{n}" for n in range(1, 22)), "B"],
    "practice": [
        *(f"A{n}" for n in range(1, 29)),
        *("B", "C"),
        *("F1", "F2", "F3", "F6", "F7", "F9", "F10"),
    ],
}
"""The rows of each trial, in their order."""
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> dict[str, dict[str, str]]:
    """By trial and row, the line of its table."""
    found: dict[str, dict[str, str]] = {}
    trial = ""
    for line in TRIED.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            trial = line.removeprefix("## ").split()[-1].lower()
            found[trial] = {}
        elif re.match(r"\| [A-Z]\d* \|", line):
            found[trial][line.split("|")[1].strip()] = line
    return found


def test_every_row_is_there_once_and_in_order() -> None:
    assert {trial: list(lines) for trial, lines in rows().items()} == ROWS


def test_every_row_names_a_test_that_is_there() -> None:
    texts: dict[str, str] = {}
    for lines in rows().values():
        for row, line in lines.items():
            named = _TEST.findall(line)
            assert named, row
            for file, name in named:
                text = texts.setdefault(file, (ROOT / file).read_text(encoding="utf-8"))
                assert re.search(rf"^\s*(async )?def {name}\(", text, re.MULTILINE), f"{row}: {file}::{name}"
