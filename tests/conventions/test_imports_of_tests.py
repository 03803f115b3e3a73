"""A test module imports no other test module: what they share is in `tests/support` or beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_of_a_test_module(name: str) -> bool:
    """Whether ``name`` is a module of tests or stands in one."""
    first, *rest = name.split(".")
    return first == "tests" and any(part.startswith("test_") for part in rest)


def test_no_module_imports_a_test_module() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for folder in ("tests", "docs", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if is_of_a_test_module(name)
    ]
    assert found == []
