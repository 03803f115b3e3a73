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
DEFINITIONS, _, IDENTIFIERS = GLOSSARY.partition("| not in an identifier |")
ROW = re.compile(r"^\| `(\w+)` \| (`.+`) \|$", re.MULTILINE)
GIVEN_UP = dict(ROW.findall(DEFINITIONS))
GIVEN_UP_IN_IDENTIFIERS = dict(ROW.findall(IDENTIFIERS))
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
    assert len(GIVEN_UP) > 40
    assert len(GIVEN_UP_IN_IDENTIFIERS) > 15


def test_no_name_is_a_word_that_was_given_up(modules: Modules) -> None:
    found = [
        (module, name, GIVEN_UP[name])
        for module, tree in modules.items()
        for name in (module.rpartition("/")[2], *definitions(tree))
        if name in GIVEN_UP
    ]
    assert found == []


def identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name


def test_no_identifier_has_a_word_that_was_given_up(modules: Modules) -> None:
    found = {
        (module, name): GIVEN_UP_IN_IDENTIFIERS[word]
        for module, tree in modules.items()
        for name in identifiers(tree)
        for word in name.casefold().split("_")
        if word in GIVEN_UP_IN_IDENTIFIERS
    }
    assert found == {}


@pytest.mark.parametrize(
    "code", ["def f(desk): ...", "x.told", "f(wish=1)", "def _whose(): ...", "noted = 1"]
)
def test_a_given_up_word_would_be_found(code: str) -> None:
    words = {word for name in identifiers(ast.parse(code)) for word in name.strip("_").split("_")}
    assert words & GIVEN_UP_IN_IDENTIFIERS.keys()


LOOP_NAMES = {"one", "item", "entry", "x", "elem", "obj"}
MOST_LOOPS = 20


def test_loop_variables_are_named_after_what_they_hold(modules: Modules) -> None:
    found = [
        (module, name.id)
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name) and name.id in LOOP_NAMES
    ]
    assert len(found) <= MOST_LOOPS, found
