"""Tests that need the smart-card service are in files that one worker runs, and long files are known as such."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.timing import COMMITTED, PLUGGED, ROOT, kind_of, read_durations

HERE = Path(__file__).parents[1]


def test_a_test_that_needs_the_smart_card_service_is_in_a_file_of_its_name() -> None:
    users = {
        path.name.startswith(PLUGGED)
        for path in HERE.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and {"pcsc", "plug"} & {argument.arg for argument in node.args.args}
    }
    assert users == {True}


def test_nearly_every_file_has_its_duration() -> None:
    """A long one that has none is begun late, and keeps the other workers waiting."""
    files = {*HERE.rglob("test_*.py"), *(ROOT / "notebooks").glob("*.ipynb")}
    unknown = {str(path.relative_to(ROOT)) for path in files} - read_durations(COMMITTED).keys()
    assert len(unknown) < len(files) / 20, f"--write-durations after a whole run: {sorted(unknown)}"


def test_the_kind_of_a_test_is_its_marker_or_its_file() -> None:
    assert kind_of("notebooks/index.ipynb", {}) == "notebooks"
    assert kind_of("tests/browser/test_load.py", {"browser": 1, "timeout": 1}) == "browser"
    assert kind_of("tests/unit/crypto/test_der.py", {"parametrize": 1}) == "unit"
