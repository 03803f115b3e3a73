"""Columns are listed in the reference, and those of a table of providers in docs/CLI.md as `export` writes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.providers.table_file import COLUMNS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "section"), [("AUDIT.md", "Tables"), ("CLI.md", "The audit")])
def test_columns_of_the_audit_are_listed_in_the_reference_alone(page: str, section: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    assert "(reference/columns.md)" in text
    named = set(re.findall(r"[`\"](\w+)[`\"]", text))
    assert [table for table, row in ROWS.items() if row.columns().keys() <= named] == []


def test_columns_of_a_table_of_providers_are_those_that_export_writes() -> None:
    text = " ".join((DOCS / "CLI.md").read_text(encoding="utf-8").split())
    listed = text.partition("by the names that `export` writes")[2].partition("Other columns are ignored")[0]
    assert re.findall(r"`(\w+)`", listed) == list(COLUMNS)
