"""constraints.txt is a lock: whatever CI installs has its version there, and nothing else is."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> Iterator[str]:
    """Everything that a distribution of this environment needs on this computer, directly or not, by its plain name."""
    for text in distribution(name).requires or ():
        one = Requirement(text)
        for extra in sorted(extras | {""}):
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                there = canonicalize_name(one.name)
                new = {(there, wanted) for wanted in one.extras | {""}} - seen
                if new:
                    seen |= new
                    yield there
                    yield from needed(there, frozenset(one.extras), seen)


def pinned() -> dict[str, Version]:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            one = Requirement(line)
            (specifier,) = one.specifier
            assert specifier.operator == "==", line
            pins[str(canonicalize_name(one.name))] = Version(specifier.version)
    return pins


def test_everything_that_the_tests_run_with_is_pinned_to_what_is_here() -> None:
    names = set(needed("ehtoolkit", frozenset({"dev"}), set())) - {"ehtoolkit"}
    assert len(names) > 100
    pins = pinned()
    assert {name: Version(distribution(name).version) for name in names} == {
        name: version for name, version in pins.items() if name in names
    }
    # What is left is Binder's alone: its environment is made, and goes with these versions, in test_binder.py.
    assert "jupyter-server-proxy" in pins.keys() - names


def test_the_list_of_licences_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = script.page()
    assert (ROOT / "docs" / "LICENCES.md").read_text(encoding="utf-8") == page, "run python docs/licences.py"
    assert "not stated" not in page
    always, _, with_card = page.partition("## With the extra `card`")
    assert not re.findall(r"^\| .*\bA?GPL.*\|$", always, re.MULTILINE)
    assert "| pykcs11 | GPL-2.0-or-later |" in with_card


def test_every_extra_is_in_the_documents() -> None:
    """With its licence in the table of INSTALL.md, and with its packages in LICENCES.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"]) - {"dev"}
    installation = (ROOT / "docs" / "INSTALL.md").read_text(encoding="utf-8")
    licences = (ROOT / "docs" / "LICENCES.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", installation, re.M)) == extras
    assert set(re.findall(r"^## With the extra `(\w+)`$", licences, re.M)) == extras
