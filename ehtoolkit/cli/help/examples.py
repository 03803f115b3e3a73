"""Examples for the help of each command: ``examples.txt`` has them, under the command's name in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files


def examples_of(command: str) -> Sequence[str]:
    """Return lines that can be typed. ``command``: as it is typed, without the program's name."""
    return _examples().get(command or "ehtoolkit", ())


@cache
def _examples() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for line in files("ehtoolkit.cli.help").joinpath("examples.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line:
            lines.append(line)
    return found
