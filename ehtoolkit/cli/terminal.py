"""The one border to the terminal, or to the file that output is redirected to; progress bar and signals.

What is printed may hold names from files and words of others: nothing in them is obeyed by a terminal. No character
that a code page lacks ends a command.
"""

from __future__ import annotations

import glob
import io
import logging
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from ehtoolkit.errors import EhToolkitError
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import harmless, printable

if TYPE_CHECKING:  # rich takes its time, which nothing but a terminal needs
    from rich.console import RenderableType


def echo(content: str | bytes = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text, made harmless, or bytes as they are.

    Args:
        err: on standard error.
        nl: with an end of line.
    """
    click.echo(harmless(content) if isinstance(content, str) else content, err=err, nl=nl)


# ── Draw on a terminal ───────────────────────────────────────────────────────────────────────────────────
NARROWEST: Final = 60
"""Columns of a terminal on which a table can be read; a narrower one gets lines."""
WIDEST: Final = 160
"""Columns that are used at most: longer lines are hard to follow."""
_DRAWN: Final = "─→●▲✖…"
"""What tables and findings are drawn with, as far as a code page may lack it."""


def is_drawing() -> bool:
    """Return whether standard output is a terminal on which colours and tables can be read: not one that is dumb,
    narrow or without our characters, and not where NO_COLOR is set (https://no-color.org)."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") not in {"dumb", "unknown"}
        and drawing_width() >= NARROWEST
        and _can_show(_DRAWN)
    )


def is_interactive() -> bool:
    """Return whether there is a terminal at which a user can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def drawing_width() -> int:
    """Return the columns to draw in: those of the terminal, or of COLUMNS."""
    return min(shutil.get_terminal_size().columns, WIDEST)


def draw(renderable: RenderableType) -> None:
    """Print something of rich's, where `is_drawing`. Text in it is made harmless as in `echo`, piece by piece: only
    the colours are obeyed."""
    from rich.color import ColorSystem
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        force_terminal=True,
        width=drawing_width(),
        emoji=False,
        markup=False,
        highlight=False,
    )
    pieces = []
    for segment in console.render(renderable):
        if segment.control:
            continue
        text = harmless(segment.text)
        style = segment.style
        pieces.append(text if style is None else style.render(text, color_system=ColorSystem.STANDARD))
    click.echo("".join(pieces), nl=False)


def _can_show(characters: str) -> bool:
    try:
        characters.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


# ── Streams and arguments ────────────────────────────────────────────────────────────────────────────────
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


def keep_line_ends() -> None:
    """Have ends of lines printed as they are from now on: Windows makes ``\\r\\n`` of every ``\\n``, also of the one in
    a ``\\r\\n`` of a file."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")


def discard(*streams: TextIO) -> None:
    """Have nothing more printed on these streams: their reader has gone, and an error message would not help."""
    for stream in streams:
        with suppress(OSError, ValueError, AttributeError):  # it was closed, or there is none
            printed = stream.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, printed)
            os.close(nowhere)


def expand_patterns(arguments: Sequence[str], *, windows: bool = os.name == "nt") -> list[str]:
    """Return ``arguments`` with the files that fit instead of patterns (``*.p12``): shells of Windows hand them on
    as they were typed. A pattern that nothing fits stays as it is."""
    if not windows:
        return list(arguments)
    return [name for argument in arguments for name in _expanded(argument)]


def _expanded(argument: str) -> list[str]:
    if not any(character in argument for character in "*?[") or os.path.lexists(argument):
        return [argument]
    found = glob.glob(argument)  # noqa: PTH207  # a pattern as it was typed, drive and all
    return sorted(found) or [argument]


def command_line(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Return ``words`` as a line that can be typed. Shells of Windows do not all know single quotation marks, which
    every path would have there for its backslashes."""
    if windows:
        import subprocess  # for its rules of quoting alone

        return subprocess.list2cmdline(words)
    return shlex.join(words)


def resume_command(keystore: str | Path, *, without_card: bool) -> str:
    """Return the command line that resumes the request of ``keystore``, without its other options."""
    request = "request-foreigner" if without_card else "request"
    return command_line(["ehtoolkit", "certificate", request, "--resume", str(keystore)])


def log_details() -> None:
    """Have logs written to standard error, for troubleshooting."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # filelock would log the names of its files, which hold the number of a person.
    for talkative in ("httpcore", "httpx", "asyncio", "filelock"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


# ── A progress bar on standard error ─────────────────────────────────────────────────────────────────────
@contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows how many are done, of how many; the bar leaves its line when the body ends."""
    bar: Any = None
    shown = 0

    def show(done: int, of: int) -> None:
        nonlocal bar, shown
        if quiet or sys.stderr is None or not sys.stderr.isatty():
            return
        if bar is None:
            bar = click.progressbar(
                length=of, label=label, show_pos=True, file=sys.stderr, update_min_steps=1 + of // 200
            )
        bar.update(done - shown)
        shown = done

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()


# ── Stop on signals ──────────────────────────────────────────────────────────────────────────────────────
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """The signals that came."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def handle(self, number: int, _: object) -> None:
        self._seen.append(number)
        raise KeyboardInterrupt

    @property
    def is_first_term(self) -> bool:
        """Whether nothing came but SIGTERM, once: a command with several tasks ends the one at work, and goes on."""
        return self._seen == [signal.SIGTERM]


@contextmanager
def stopping_on_signals() -> Iterator[StopSignals]:
    """Make SIGTERM and SIGINT a ``KeyboardInterrupt`` in here: a service manager sends the first, and a background
    job of a shell starts with Ctrl+C ignored. Within another one, the outer one counts them."""
    outer = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(outer, StopSignals):
        yield outer
        return
    signals = StopSignals()
    before = [signal.signal(number, signals.handle) for number in _SIGNALS]
    try:
        yield signals
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)


def display_path(path: Path) -> str:
    """Return a path as it can be printed: names of files need not be text."""
    return printable(str(path))


# ── In JSON ──────────────────────────────────────────────────────────────────────────────────────────────
def plain_value(value: object) -> str:
    """Return ``value`` as text: a day as it is, a moment in UTC, whatever zone it came in; anything else as ``str``
    gives it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def describe_error(error: EhToolkitError, texts: Translator) -> dict[str, object]:
    """Return an error that does not end the command as JSON has it: ``error``, ``message``, ``facts``."""
    return {"error": error.key, "message": texts.error(error), "facts": plain_facts(error.facts)}


def plain_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts of an error as JSON has them: numbers and None as they are, anything else as `plain_value` gives
    it."""
    return {
        name: value if isinstance(value, int | None) else plain_value(value) for name, value in facts.items()
    }
