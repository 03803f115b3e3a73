"""Frames that are shown: without a whole NISS, and otherwise what they were; and a notebook that shows them, saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.tables.frames import masked_frame
from tests.auditing.conftest import CLAIRE, ELISE, KARL, Workshop
from tests.auditing.practice import LEFT, audited
from tests.support.notebook_run import run

NUMBERS = (ELISE, KARL, CLAIRE, LEFT)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as made:
        yield made


def written(frame: pd.DataFrame) -> str:
    with pd.option_context("display.max_colwidth", None, "display.width", None):
        return frame.to_string() + frame.to_html(max_cols=None, max_rows=None)


def test_frames_that_are_shown_hold_no_niss(audit: Audit) -> None:
    shown = audit.masked()
    whole = "".join(written(getattr(audit, name)) for name in TABLES)
    hidden = "".join(written(getattr(shown, name)) for name in TABLES)
    for number in NUMBERS:
        assert number in whole
        assert number not in hidden
        assert f"{number[:6]}*****" in hidden
    assert "41234502401" in hidden  # an INAMI number is nobody's secret


def test_they_are_otherwise_the_same(audit: Audit) -> None:
    shown = audit.masked()
    for name in TABLES:
        before, after = getattr(audit, name), getattr(shown, name)
        pd.testing.assert_series_equal(before.dtypes, after.dtypes)
        pd.testing.assert_index_equal(before.index, after.index)
        pd.testing.assert_frame_equal(before.isna(), after.isna())
    assert (shown.is_due, shown.now, len(shown.audit_findings)) == (
        audit.is_due,
        audit.now,
        len(audit.audit_findings),
    )


def test_the_ends_are_those_of_the_files_that_are_shown(audit: Audit) -> None:
    shown = audit.masked()
    files = audit.keystores.loc[audit.keystores["not_after"].notna(), "file"]
    assert set(shown.ends) == set(shown.keystores["file"][files.index])
    assert min(shown.ends.values()) == min(audit.ends.values())
    assert not any(number in file for file in shown.ends for number in NUMBERS)


def test_the_numbers_of_an_index_are_masked_too(audit: Audit) -> None:
    by_number = audit.providers.set_index("niss")
    by_both = audit.providers.set_index(["practice", "niss"])
    by_name = audit.providers.assign(twice=audit.providers["niss"]).rename(columns={"twice": "niss"})
    for frame in (by_number, by_both, by_name):
        assert ELISE in written(frame)
        assert not any(number in written(masked_frame(frame)) for number in NUMBERS)


def test_an_audit_as_a_text_holds_nothing_of_its_frames(audit: Audit) -> None:
    text = repr(audit)
    assert "environment=" in text
    for private in (*NUMBERS, "Vandamme", ".p12"):
        assert private not in text


def test_a_notebook_that_is_saved_with_its_widgets(audit: Audit) -> None:
    """What was shown, in outputs and in widgets; the files themselves are read by the notebook's own kernel."""
    folder = Path(str(audit.keystores["file"].iloc[0])).parent
    asked = f"""
from IPython.display import display
from ipywidgets import HTML, Output
import ehtoolkit

audit = ehtoolkit.audit({str(folder)!r}, processes=1)
shown = audit.masked()
audit"""
    in_a_box = """
box = Output()
with box:
    display(shown.merged)
box"""
    cells = (
        *(asked, "display(shown.keystores, shown.findings)"),
        *(in_a_box, "HTML(shown.findings.to_html())"),
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    run(notebook, ROOT)
    saved = nbformat.writes(notebook)
    (state,) = json.loads(saved)["metadata"]["widgets"].values()
    assert {widget["model_name"] for widget in state["state"].values()} >= {"HTMLModel", "OutputModel"}
    assert f"{ELISE[:6]}*****" in saved
    assert re.search(r"\d{6}\*{5}", json.dumps(state))
    for number in NUMBERS:
        assert number not in saved


def test_the_notebook_of_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs to its end, and what it shows may be sent on."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = nbformat.read(ROOT / "notebooks" / "audit-examples.ipynb", as_version=4)
    run(notebook, ROOT)
    shown = json.dumps([cell.get("outputs", []) for cell in notebook.cells])
    assert "Vandamme" in shown
    assert ELISE not in shown
