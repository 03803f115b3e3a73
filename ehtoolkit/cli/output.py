"""The one border between the commands and the terminal, or the file that output is redirected to.

What is printed may hold names from files and words of others: nothing in them is obeyed by a terminal. No character
that a code page lacks ends a command.
"""

from __future__ import annotations

import glob
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from ehtoolkit.system.text_safety import harmless


def echo(content: str | bytes = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text, made harmless, or bytes as they are. ``err``: on standard error; ``nl``: with an end of line."""
    click.echo(harmless(content) if isinstance(content, str) else content, err=err, nl=nl)


def prepare_streams() -> None:
    """Have output that is redirected be UTF-8 on every system; what a terminal's code page lacks becomes a question
    mark there."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        with suppress(OSError, ValueError):  # it was closed
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def discard_output() -> None:
    """Have nothing more printed: what read standard output has gone, and a complaint about it helps nobody."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def expand_patterns(arguments: Sequence[str], *, windows: bool = os.name == "nt") -> list[str]:
    """Return ``arguments`` with the files that fit in the place of patterns (``*.p12``): shells of Windows hand them on
    as they were typed. A pattern that nothing fits stays as it is."""
    if not windows:
        return list(arguments)
    return [name for argument in arguments for name in _expanded(argument)]


def _expanded(argument: str) -> list[str]:
    if not any(character in argument for character in "*?[") or os.path.lexists(argument):
        return [argument]
    found = glob.glob(argument)  # noqa: PTH207  # a pattern as it was typed, drive and all
    return sorted(found) or [argument]
