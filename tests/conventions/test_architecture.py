"""The house: no circle of imports, no crowded room, and the diagram in docs/ARCHITECTURE.md has what is there."""

from __future__ import annotations

import itertools
import re
import sys
import tomllib
from collections import Counter
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs import architecture

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE = DOCS.parent / "ehtoolkit"


def test_the_diagram_is_up_to_date() -> None:
    assert (DOCS / "ARCHITECTURE.md").read_text(encoding="utf-8") == architecture.page(), (
        "run python docs/architecture.py"
    )


def test_it_has_every_package_and_module() -> None:
    there = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    assert sorted(itertools.chain(*architecture.layers())) == sorted(there - {"__init__", "__main__"})


def test_no_circle_of_imports() -> None:
    """Also not for types alone: `graphlib` names the modules of one."""
    graph = grimp.build_graph("ehtoolkit")
    imports = {
        module: {
            other
            for other in graph.find_modules_directly_imported_by(module)
            if not module.startswith(f"{other}.")  # the packages that it lies in
        }
        for module in graph.modules
    }
    TopologicalSorter(imports).prepare()


def test_rooms_stay_small_enough_to_be_looked_through() -> None:
    folders = Counter(path.parent for path in PACKAGE.rglob("*.py"))
    assert {
        str(folder.relative_to(PACKAGE.parent)): count for folder, count in folders.items() if count > 20
    } == {}


def test_modules_that_documents_name_are_there() -> None:
    root = PACKAGE.parent
    names = {path.name for folder in ("ehtoolkit", "tests", "docs") for path in (root / folder).rglob("*.py")}
    named = [
        (str(page.relative_to(root)), path)
        for page in (*root.glob("*.md"), *DOCS.rglob("*.md"))
        for path in re.findall(r"`((?:\w+/)*\w+\.py)(?:::\w+)?`", page.read_text(encoding="utf-8"))
    ]
    places = (root, PACKAGE, root / "tests", DOCS)
    missing = [
        (page, path)
        for page, path in named
        if path not in names and not any((place / path).exists() for place in places)
    ]
    assert missing == [("docs/JUPYTERHUB.md", "jupyterhub_config.py")]  # the reader's own
    assert len(named) > 100


def test_every_package_that_is_imported_is_declared() -> None:
    """What comes with another one may not come with its next version, or in one that does not do."""
    metadata = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (packages for name, packages in metadata["optional-dependencies"].items() if name != "dev")
    lines = [*metadata["dependencies"], *itertools.chain.from_iterable(extras)]
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    graph = grimp.build_graph("ehtoolkit", include_external_packages=True)
    outside = {module for module in graph.modules if "." not in module} - {
        "ehtoolkit",
        *sys.stdlib_module_names,
    }
    sources = packages_distributions()
    assert len(outside) > 20
    for module in outside:
        assert {canonicalize_name(source) for source in sources[module]} & declared, module


IMPORTED_AS = {"XlsxWriter": "xlsxwriter"}
"""Names of packages that are imported by another one."""


def test_a_library_is_imported_only_by_the_package_that_the_table_names() -> None:
    """The last column of the packages."""
    table = (DOCS / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Packages")[2]
    packages = re.findall(r"^\| (`[^|]*) \|[^\n]*\| ([^|\n]*) ?\|$", table.partition("\n## ")[0], re.M)
    graph = grimp.build_graph("ehtoolkit", include_external_packages=True)
    checked = 0
    for package, names in packages:
        own = {
            f"ehtoolkit.{name.strip('/').removesuffix('.py')}" for name in re.findall(r"`([\w./]+)`", package)
        }
        for name in filter(None, (word.strip() for word in names.split(","))):
            module = IMPORTED_AS.get(name, name)
            if module in graph.modules:
                importers = {
                    ".".join(used.split(".")[:2]) for used in graph.find_modules_that_directly_import(module)
                }
                assert importers <= own, name
                checked += 1
    assert checked > 8


def test_packages_describe_modules_that_are_there() -> None:
    """What the docstring of a package names in backticks."""
    missing = {
        (package, name)
        for package in ("ehealth",)
        for name in re.findall(r"`(\w+)`", (PACKAGE / package / "__init__.py").read_text(encoding="utf-8"))
        if not (PACKAGE / package / f"{name}.py").exists() and not (PACKAGE / package / name).is_dir()
    }
    assert missing == set()
