"""Hold the vocabulary of the code: one name for one thing. Ruff checks first lines of docstrings (rules D).

The words are those of docs/glossary.md, section “Words of the code”.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ehtoolkit"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
# Private words of before, each with the one that is used: rows of the glossary's table.
GIVEN_UP = dict(re.findall(r"^\| `(\w+)` \| (`.+`) \|$", GLOSSARY, re.MULTILINE))
Modules = dict[str, ast.Module]


@pytest.fixture(scope="module")
def modules() -> Modules:
    """The code by module; made here, since every worker imports this file."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def definitions(tree: ast.Module) -> Iterator[str]:
    """Public classes and functions at the top of a module."""
    for node in tree.body:
        if isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and not node.name.startswith("_"):
            yield node.name


def test_a_class_name_is_of_one_class(modules: Modules) -> None:
    homes = defaultdict(list)
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_the_glossary_has_the_words_that_were_given_up() -> None:
    assert len(GIVEN_UP) > 30


def test_no_name_is_a_word_that_was_given_up(modules: Modules) -> None:
    found = [
        (module, name, GIVEN_UP[name])
        for module, tree in modules.items()
        for name in (module.rpartition("/")[2], *definitions(tree))
        if name in GIVEN_UP
    ]
    assert found == []
