"""Private names of other libraries are used in a few modules alone, and those libraries have an upper bound.

A private name has one leading underscore. What a library has not documented without such a name cannot be found so: it
stands in the docstrings of the same modules, and has tests (docs/decisions/0009-private-parts.md).
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "ehtoolkit"
_STATIC: Final = "voila/share/jupyter/voila/templates/ehtoolkit/static"

USED: Final = {
    "anywidget": ("<0.12", "forms/widgets/base.py"),
    "click": ("<9", "cli/command.py"),
    "comm": ("<0.3", "forms/log_filter.py"),
    "distributed": ("<2027", "auditing/scan/dask_cluster.py"),
    "httpcore": ("<2", "ehealth/wire/failures.py"),
    "ipykernel": ("<8", "forms/isolated_kernel.py", "forms/page_kernel.py"),
    "ipython": ("<10", "forms/isolated_kernel.py", "forms/page_kernel.py"),
    "ipywidgets": ("<9", "forms/ipywidgets_internals.py", f"{_STATIC}/internals.js"),
    "jupyter-client": ("<9", "voila/fork_provisioner.py"),
    "jupyter-server": ("<3", "voila/jupyter_server_internals.py"),
    "lxml": ("<7", "ehealth/soap/xml.py"),
    "psycopg": ("<4", "providers/db_errors.py"),
    "pykcs11": ("<1.6", "card/pkcs11/pykcs11_internals.py"),
    "signxml": ("<6", "ehealth/soap/signature.py"),
    "voila": ("<0.6", "voila/voila_internals.py", f"{_STATIC}/internals.js"),
}
"""By library: its upper bound, and the files that use its private and undocumented parts."""

DOCUMENTED: Final = frozenset({"_asdict", "_replace", "_repr_html_"})
"""Of named tuples, and what a notebook asks of an object."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED | {"_"}


@cache
def defined(tree: ast.Module) -> frozenset[str]:
    """Return the private names that a module defines: functions, classes, variables and attributes."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store(), value=ast.Name(id="self" | "cls")):
                found.add(name)
    return frozenset(filter(is_private, found))


def foreign(tree: ast.Module, own: set[str]) -> Iterator[str]:
    """Yield the private names of other libraries that a module uses. ``own``: those that ehtoolkit defines anywhere.

    A class of ours may have been given what it is asked for by another module of ours; any other object by this one.
    """
    here = defined(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, value=ast.Name(id="self" | "cls")) if is_private(name):
                if name not in own:
                    yield name
            case ast.Attribute(attr=name, value=ast.Call(func=ast.Name(id="super"))) if is_private(name):
                yield name
            case ast.Attribute(attr=name) if is_private(name) and name not in here:
                yield name
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr" | "delattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ) if is_private(name):
                yield name
            case ast.ImportFrom(module=str(module), names=names) if module.partition(".")[0] != "ehtoolkit":
                yield from filter(is_private, [*module.split("."), *(imported.name for imported in names)])
            case ast.Import(names=names):
                yield from filter(
                    is_private, (part for imported in names for part in imported.name.split("."))
                )


def test_private_names_are_used_where_they_are_declared() -> None:
    trees = {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
    }
    own = {name for tree in trees.values() for name in defined(tree)}
    allowed = {file for _, *files in USED.values() for file in files}
    found = {file: sorted({*foreign(tree, own)}) for file, tree in trees.items() if file not in allowed}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "code",
    [
        "executor._client",
        "self._kernels",
        "super()._start()",
        "from lib import _name",
        "from lib._module import name",
        "import _md5",
        "getattr(executor, '_client', None)",
    ],
)
def test_what_is_found(code: str) -> None:
    assert list(foreign(ast.parse(code), {"_own"})) != []


@pytest.mark.parametrize(
    "code",
    [
        "self._own",
        "class A:\n    def __init__(self): self._b = 1\n    def __eq__(self, other): return other._b",
        "row._replace(a=1)",
        "a.__dict__",
        "from ehtoolkit.a import _b",
    ],
)
def test_what_is_ours(code: str) -> None:
    assert list(foreign(ast.parse(code), {"_b", "_own"})) == []


@pytest.mark.parametrize("library", sorted(USED))
def test_the_library_has_its_upper_bound(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(requirement for extra in project["optional-dependencies"].values() for requirement in extra),
    ]
    (wanted,) = [
        requirement
        for requirement in map(Requirement, lines)
        if canonicalize_name(requirement.name) == library
    ]
    assert USED[library][0] in {str(bound) for bound in wanted.specifier}


@pytest.mark.parametrize("file", sorted({file for _, *files in USED.values() for file in files}))
def test_the_module_says_why_and_where_upstream(file: str) -> None:
    text = (PACKAGE / file).read_text(encoding="utf-8")
    assert "upstream" in text.lower()
    assert "tests/" in text


def test_no_other_library_has_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounded = {
        canonicalize_name(requirement.name)
        for requirement in map(Requirement, project["dependencies"])
        if any(bound.operator in ("<", "<=", "~=", "==") for bound in requirement.specifier)
    }
    assert bounded <= USED.keys()
