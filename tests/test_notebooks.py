"""Each page that the registry has is a notebook, made by docs/notebooks.py."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITTEN = {"audit-examples.ipynb"}
"""By hand: it is no page."""


def test_the_notebooks_are_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "notebooks.py"))["notebooks"]()
    there = {one.name: one.read_text(encoding="utf-8") for one in (ROOT / "notebooks").glob("*.ipynb")}
    assert there.keys() == made.keys() | WRITTEN, "run python docs/notebooks.py"
    for name, text in made.items():
        assert there[name] == text, "run python docs/notebooks.py"
