"""Examples for the help of each command: ``examples.txt`` has them, under the command's name in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files


@cache
def examples() -> Mapping[str, Sequence[str]]:
    """Return the lines that can be typed, by command as in `ehtoolkit.cli.help.command.command_words`; those of the
    program by ``ehtoolkit``."""
    found: dict[str, list[str]] = {}
    for line in files("ehtoolkit.cli.help").joinpath("examples.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line:
            lines.append(line)
    return found
