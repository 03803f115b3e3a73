"""Rows are the tables: frames, columns and documents follow their fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.export.formats import FORMATS
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.auditing.tables.rows import KeystoreRow
from tests.auditing.conftest import ELISE, Workshop
from tests.auditing.practice import audited

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as made:
        yield made


def test_each_table_has_its_rows() -> None:
    assert sorted(ROWS) == sorted(TABLES)
    assert list(KeystoreRow.columns()) == [field.name for field in fields(KeystoreRow)]


def test_one_module_needs_pandas() -> None:
    """But for names in annotations, which are not imported."""
    package = ROOT / "ehtoolkit" / "auditing"
    needs = set()
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typing_only = [node for node in tree.body if isinstance(node, ast.If)]
        imports = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import) and not any(node in block.body for block in typing_only)
            for alias in node.names
        }
        if imports & {"pandas", "numpy"}:
            needs.add(path.relative_to(package).as_posix())
    assert needs == {"tables/frames.py"}


def test_merged_is_the_join_that_pandas_makes(audit: Audit) -> None:
    whole = replace(audit)
    providers, keystores = whole.providers, whole.keystores
    assigned = providers[providers["file"].notna()]
    joined = assigned.merge(keystores.drop(columns="practice"), on="file", how="outer")
    without = providers[providers["file"].isna()].reindex(columns=joined.columns)
    wanted = pd.concat([joined, without.astype(joined.dtypes.to_dict())])
    wanted = wanted.sort_values(["days_left", "name", "file"], na_position="last", ignore_index=True)
    pd.testing.assert_frame_equal(whole.merged, wanted)


def test_a_masked_audit_has_the_same_verdict(audit: Audit) -> None:
    shown = audit.masked()
    assert [audit_finding.finding.key for audit_finding in shown.audit_findings] == [
        audit_finding.finding.key for audit_finding in audit.audit_findings
    ]
    assert len(shown.verdict.pressing) == len(audit.verdict.pressing)
    assert ELISE in repr(audit.audit_findings)
    assert ELISE not in repr(shown.audit_findings)
    assert ELISE not in repr(audit.rows)


def test_the_page_of_the_audit_lists_each_format() -> None:
    page = (ROOT / "docs" / "AUDIT.md").read_text(encoding="utf-8")
    table = page.partition("| `--format` | what it is |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(FORMATS)
    for name, form in FORMATS.items():
        assert f"`to_{form.method or name}`" in page
