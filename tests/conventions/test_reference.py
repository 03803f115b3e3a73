"""docs/reference/ is what docs/reference.py writes now, and leaves nothing out."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import ehtoolkit
from ehtoolkit.providers.table_file import COLUMNS
from ehtoolkit.settings import Settings
from tests.support.catalogues import ERRORS, messages
from tests.support.commands import COMMANDS, SHARED

reference: Any = importlib.import_module("docs.reference")  # mypy finds the folder of that name
DOCS = Path(__file__).parents[2] / "docs"
NO_FINDING = {"doctor.ask.nothing"}
"""Texts of a page that have a next step all the same."""


def test_the_reference_is_up_to_date() -> None:
    made = reference.pages()
    for name, text in made.items():
        there = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert there == text, f"{name}: run python docs/reference.py"
    assert {path.name for path in (DOCS / "reference").iterdir()} == made.keys()


def test_it_has_every_command_and_every_setting() -> None:
    commands, settings = reference.cli(), reference.settings()
    assert re.findall(r"^## ehtoolkit (.*)$", commands, re.MULTILINE) == COMMANDS
    for option in SHARED:
        assert f"| `{option.opts[0]}" in commands
    for name in Settings.model_fields:
        assert f"`EHTOOLKIT_{name.upper()}`" in settings
    for page in (commands, settings):
        assert not [line for line in page.splitlines() if line.startswith("| ") and line.endswith("|  |")]


@pytest.mark.parametrize(("page", "section"), [("AUDIT.md", "Tables"), ("CLI.md", "The audit")])
def test_columns_of_the_audit_are_listed_in_the_reference_alone(page: str, section: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    assert "(reference/columns.md)" in text
    named = set(re.findall(r"[`\"](\w+)[`\"]", text))
    assert [table for table, columns in reference.FRAMES.items() if columns.keys() <= named] == []


def test_columns_of_a_table_of_providers_are_those_that_export_writes() -> None:
    text = (DOCS / "CLI.md").read_text(encoding="utf-8")
    listed = text.partition("by the names that `export` writes")[2].partition("others are passed over")[0]
    assert re.findall(r"`(\w+)`", listed) == list(COLUMNS)


def test_it_has_every_public_name_with_its_example() -> None:
    page = reference.python()
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n## ")[1:]}
    assert sections.keys() == {*dir(ehtoolkit)} - {"__version__", "errors"}
    assert [name for name, text in sections.items() if "```pycon\n>>>" not in text] == []
    assert "(keystore: PathLike, password: Password" in sections["certificate_status"]


def test_it_has_every_error_with_its_sentences() -> None:
    page = reference.error_tree()
    for key in ERRORS:
        assert f"\n### {key}\n" in page
    for key in messages("error", "en"):
        if not key.endswith((".next", ".page")):
            assert f"| `{key.removeprefix('error.')}` |" in page


def test_it_has_every_finding_with_a_severity() -> None:
    """What has a sentence and a next step in one of these catalogues is a finding; of those without a step only what
    the code makes a finding of."""
    page = reference.findings()
    for domain in reference.CATALOGUES:
        texts = messages(domain, "en")
        for key in texts.keys() - NO_FINDING:
            if f"{key}.next" in texts:
                assert f"| `{key.removeprefix(f'{domain}.')}` | `" in page, key
