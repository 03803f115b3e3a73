"""Environments with nothing in them but what a lock or a wheel asks for.

Each package was fetched, checked against its hash and unpacked when the tests' own environment was made, from the same
locks. To do so again takes a processor twenty seconds for each environment; the short run copies the files instead, and
lets pip judge the outcome. The long run leaves all to pip, as users do.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

SITE: Final = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")
_SCRIPT: Final = "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"
"""How pip begins a script whose interpreter's path has blanks."""


LOCKS: Final = Path(__file__).resolve().parents[2] / "locks"
_ENTRY: Final = re.compile(
    r"^(?P<requirement>[A-Za-z].*?) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def locked(name: str, *, here: bool = False) -> dict[str, Version]:
    """Return name and version of all in a lock. ``here``: of what is for this computer alone.

    Nothing else may stand in a lock than versions with hashes.
    """
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    assert _ENTRY.sub("", text) == ""
    found: dict[str, Version] = {}
    for match in _ENTRY.finditer(text):
        requirement = Requirement(match["requirement"])
        if here and requirement.marker is not None and not requirement.marker.evaluate():
            continue
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        found[canonicalize_name(requirement.name)] = Version(specifier.version)
    return found


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the names of everything that a distribution of this environment needs on this computer."""
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        for extra in sorted(extras | {""}):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                package = canonicalize_name(requirement.name)
                new = {(package, wanted) for wanted in requirement.extras | {""}} - seen
                if new:
                    seen |= new
                    yield package
                    yield from needed(package, frozenset(requirement.extras), seen)


def create_copied(environment: Path, names: Iterable[str]) -> None:
    """Make an environment with pip and these distributions, copied from the tests' own."""
    venv.create(environment, with_pip=False)
    copy_packages(("pip", *names), environment)


def copy_packages(names: Iterable[str], environment: Path) -> None:
    """Copy installed distributions into an environment, as they were installed here, with scripts that run there.

    What is compiled here and what is not there yet makes no difference to what can be imported.
    """
    for name in names:
        package = distribution(name)
        for file in package.files or ():
            there = Path(os.path.normpath(environment / SITE / file))
            here = Path(os.path.normpath(str(package.locate_file(file))))
            if not there.is_relative_to(environment) or not here.is_file():
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            if there.parent == environment / "bin":
                _copy_script(here, there)
                continue
            _link(here, there)
            compiled = Path(cache_from_source(str(here)))
            if here.suffix == ".py" and compiled.is_file():
                (there.parent / compiled.parent.name).mkdir(exist_ok=True)
                _link(compiled, there.parent / compiled.parent.name / compiled.name)


def check(environment: Path) -> None:
    """Fail unless every package there has all that it requires, in a version that it takes."""
    command = [str(environment / "bin" / "python"), "-m", "pip", "check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def _link(here: Path, there: Path) -> None:
    """A second name for the file: pip and Python write a new one and never into one that is there."""
    if there.exists():
        return
    try:
        there.hardlink_to(here)
    except OSError:  # on another drive
        shutil.copy2(here, there)


def _copy_script(here: Path, there: Path) -> None:
    content = here.read_bytes()
    first, _, rest = content.partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        content = _SCRIPT.format(python=there.parent / "python").encode() + rest
    there.write_bytes(content)
    there.chmod(0o755)
