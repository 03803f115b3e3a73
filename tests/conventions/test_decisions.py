"""The decisions are numbered without gaps, and their index has the title and the date of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DECISIONS: Final = Path(__file__).parents[2] / "docs" / "decisions"
ENTRY: Final = re.compile(
    r"^(\d+)\. \[(.+?)\]\((.+?)\), (\d{4}-\d\d-\d\d)(?:, superseded by \[\d+\]\(.+\))?$"
)


def test_the_numbers_have_no_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted(DECISIONS.glob("0*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_index_lists_each_decision() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = [match.groups() for line in index.splitlines() if (match := ENTRY.match(line))]
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in DECISIONS.glob("0*.md")}
    assert {file: f"# {number}. {title}" for number, title, file, _ in listed} == titles
    assert [int(number) for number, *_ in listed] == sorted(int(number) for number, *_ in listed)
