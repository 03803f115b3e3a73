"""Each page that the registry has is a notebook, made by docs/notebooks.py; others are to be read and changed."""

from __future__ import annotations

import ast
import json
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

import ehtoolkit

ROOT = Path(__file__).parents[2]
WRITTEN = {
    "audit-examples.ipynb",
    "broken-keystore.ipynb",
    "forty-practices.ipynb",
    "unopened-message.ipynb",
}
"""By hand: they are no pages."""


def test_the_notebooks_are_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "notebooks.py"))["notebooks"]()
    there = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there.keys() == made.keys() | WRITTEN, "run python docs/notebooks.py"
    for name, text in made.items():
        assert there[name] == text, "run python docs/notebooks.py"


def test_forty_practices_are_looked_at_in_ten_cells() -> None:
    """That there are forty is held by nbval, which compares what the second cell shows."""
    notebook = json.loads((ROOT / "notebooks" / "forty-practices.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 10
    assert [(cell["id"], cell["outputs"][0]["data"]) for cell in cells if cell["outputs"]] == [
        ("cell-2", {"text/plain": ["40"]})
    ]
    assert "nbval-check-output" in cells[1]["metadata"]["tags"]


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_notebooks_with_code_use_public_names_alone(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    used = set(_names_of_ours(ast.parse(code)))
    assert len(used) > 2
    assert used - set(dir(ehtoolkit)) == set()


def _names_of_ours(code: ast.Module) -> Iterator[str]:
    """What is imported from ehtoolkit or asked of it; a module of it is none of its public names."""
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ehtoolkit":
            yield from (
                alias.name if node.module == "ehtoolkit" else str(node.module) for alias in node.names
            )
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("ehtoolkit."))
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "ehtoolkit"
        ):
            yield node.attr
