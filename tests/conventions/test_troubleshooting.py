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
"""Entries of the page (tests/doctor/test_advice.py has the same numbers), and from 63 on what was seen in 2026."""
ENTRY = re.compile(
    r"^- \*\*(?P<number>\d+)\*\* (?P<seen>.*?)\n  - (?P<cure>.*?)\n"
    r"  - (?P<where>.*?): (?P<shown>.*?)(?=\n- |\n\n)",
    re.MULTILINE | re.DOTALL,
)
ENTRIES = [match.groupdict() for match in ENTRY.finditer(PAGE.read_text(encoding="utf-8"))]


def test_every_symptom_is_there_once_or_not_ours() -> None:
    not_ours = re.findall(r"^- (\d+):", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(int(our) for our in [*not_ours, *(row["number"] for row in ENTRIES)]) == list(
        range(1, SYMPTOMS + 1)
    )


@pytest.mark.parametrize("row", ENTRIES, ids=lambda row: row["number"])
def test_an_entry_names_what_exists(row: dict[str, str]) -> None:
    where, shown = " ".join(row["where"].split()), row["shown"]
    assert row["seen"]
    assert row["cure"]
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


@pytest.mark.parametrize("row", ENTRIES, ids=lambda row: row["number"])
def test_what_other_programs_show_is_understood(row: dict[str, str]) -> None:
    """A code in the symptom leads the doctor to an advice, and the entry names that advice where it has a key of its
    own there."""
    known = {error.key: error.codes for error in ALL}
    advised = [key for key in re.findall(r"`([^`]+)`", row["shown"]) if key in known]
    codes = {code for key in advised for code in known[key]}
    for code in re.findall(r"ERR200\d{3}|SOA-\d{5}", row["seen"]):
        assert code in codes, code


TITLES = set(messages("index", "en").values())
KEYS = {
    *ERRORS,
    *(error.key for error in ALL),
    *(
        key.split(".")[1]
        for domain in DOMAINS
        for key in messages(domain, "en")
        if f"{key}.next" in messages(domain, "en")
    ),
    *(key.split(".")[1] for key in messages("doctor", "en")),
}
"""Of errors, of advice, and of everything that has a sentence and a next step."""
