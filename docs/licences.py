"""Writes docs/LICENCES.md from the metadata of what is installed: ``python docs/licences.py``, in CI's environment."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TARGET = Path(__file__).with_name("LICENCES.md")
EXTRAS = tuple(
    extra for extra in distribution("ehtoolkit").metadata.get_all("Provides-Extra") or () if extra != "dev"
)
"""Those of pyproject.toml but the tools of developers."""
HEAD = """# Licences

Made by `python docs/licences.py` from the metadata of the packages; do not edit.

ehtoolkit has the [MIT licence](../LICENSE). All of its dependencies, listed below, may be used with MIT code. One has
consequences.

## PyKCS11 is under the GPL, and optional

PyKCS11, which reads real cards, is under the GNU General Public License, version 2 or later. It is therefore an extra
(`pipx install ".[card]"`), imported by two modules that run in their own processes ([decision
3](decisions/0003-licence.md)).

- You install ehtoolkit with the extra on your computers or those of a practice: no consequences, because each part
  comes from its own makers.
- You distribute ehtoolkit without the extra, as a wheel, image or installer: MIT. Keep the notices of what it
  contains.
- You distribute a bundle with PyKCS11: the bundle is under the GPL. Offer its whole source, and grant the same
  rights.
- You build closed software on ehtoolkit: do not distribute PyKCS11 with it.

psycopg (extra `postgresql`) is under the LGPL: any software may use it, if its users can replace it. certifi's list
of authorities is under the MPL: changes to its files stay under it.

This is our understanding of the licences, not legal advice.
"""


def page() -> str:
    """The whole of LICENCES.md."""
    core = names("ehtoolkit", frozenset())
    parts = [HEAD, "## Always installed\n", *groups(core)]
    for extra in EXTRAS:
        more = names("ehtoolkit", frozenset({extra})) - core
        parts += [f"\n## With the extra `{extra}`\n", *groups(more)]
    others = "colorama, pywinpty, pywin32-ctypes, appnope"
    parts.append(f"\nOn Linux. Windows and macOS install a few others ({others}), which are not listed.\n")
    return "\n".join(parts)


def names(name: str, extras: frozenset[str]) -> set[str]:
    """Everything that a distribution needs here, directly or not, without itself."""
    found: set[str] = set()
    _collect(name, extras, set(), found)
    return found - {"ehtoolkit"}


def _collect(name: str, extras: frozenset[str], seen: set[tuple[str, str]], found: set[str]) -> None:
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        there = str(canonicalize_name(requirement.name))
        if any(
            requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            for extra in extras | {""}
        ):
            new = {(there, wanted) for wanted in requirement.extras | {""}} - seen
            if new:
                seen |= new
                found.add(there)
                _collect(there, frozenset(requirement.extras), seen, found)


def groups(packages: set[str]) -> Iterator[str]:
    """Yield a list item for each licence, with the packages under it."""
    under: dict[str, list[str]] = {}
    for name in sorted(packages):
        under.setdefault(licence(name), []).append(name)
    for stated in sorted(under):
        yield textwrap.fill(
            f"- {stated}: {', '.join(under[stated])}", 130, subsequent_indent="  ", break_on_hyphens=False
        )


def licence(name: str) -> str:
    """As the package states it: an expression, else its classifiers, else the first line of its text."""
    about = distribution(name).metadata
    expression = about.json.get("license_expression")
    if expression:
        return str(expression)
    classifiers = [
        header.rpartition(" :: ")[2]
        for header in about.get_all("Classifier") or ()
        if header.startswith("License")
    ]
    stated = [classifier for classifier in classifiers if classifier != "OSI Approved"]
    if stated:
        return ", ".join(stated)
    text = str(about.json.get("license", "")).strip()
    return re.sub(r"\s+", " ", text.partition("\n")[0]) or "not stated"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
