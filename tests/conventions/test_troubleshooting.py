"""docs/guide/consultants/troubleshooting.md: every symptom once, with commands, pages and keys that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ehtoolkit.doctor.known_errors import ALL
from tests.support.catalogues import DOMAINS, ERRORS, messages
from tests.support.commands import assert_command

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "consultants" / "troubleshooting.md"
SYMPTOMS = 68
"""Rows of the table of symptoms (tests/doctor/test_advice.py has the same numbers), and from 63 on what was seen in
2026."""

ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]


def test_every_symptom_is_there_once_or_not_ours() -> None:
    not_ours = re.findall(r"^- (\d+):", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(int(our) for our in [*not_ours, *(row[0] for row in ROWS)]) == list(range(1, SYMPTOMS + 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_what_exists(row: list[str]) -> None:
    _, seen, cure, where, shown = row
    assert seen
    assert cure
    commands, pages = re.findall(r"`([^`]+)`", where), re.findall(r"\*\*([^*]+)\*\*", where)
    assert commands
    for command in commands:
        assert_command(command.split())
    assert pages
    assert set(pages) <= TITLES
    keys = re.findall(r"`([^`]+)`", shown)
    assert keys
    for key in keys:
        assert key in KEYS, key


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_other_programs_show_is_understood(row: list[str]) -> None:
    """A code in the symptom leads the doctor to an advice, and the row names that advice where it has a key of its
    own there."""
    known = {one.key: one.codes for one in ALL}
    advised = [one for one in re.findall(r"`([^`]+)`", row[4]) if one in known]
    codes = {code for key in advised for code in known[key]}
    for code in re.findall(r"ERR200\d{3}|SOA-\d{5}", row[1]):
        assert code in codes, code


TITLES = set(messages("index", "en").values())
KEYS = {
    *ERRORS,
    *(one.key for one in ALL),
    *(
        key.split(".")[1]
        for domain in DOMAINS
        for key in messages(domain, "en")
        if f"{key}.next" in messages(domain, "en")
    ),
    *(key.split(".")[1] for key in messages("doctor", "en")),
}
"""Of errors, of advice, and of everything that has a sentence and a next step."""
