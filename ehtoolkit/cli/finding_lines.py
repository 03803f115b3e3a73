"""Findings as every command prints them: how bad it is, what it is, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from ehtoolkit.cli.terminal import draw, echo, is_drawing
from ehtoolkit.finding import Reportable, Severity, with_severity
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.cli.command_session import Session

SYMBOLS: Final = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.INFO: "●", Severity.OK: "●"}
STYLES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
    Severity.OK: "green",
}
"""Colours of a terminal that has eight; the symbol and the word say the same."""


def print_findings(session: Session, findings: Iterable[Reportable], *, indent: int = 2) -> None:
    """Print ``findings`` in their order, each with its next step; of what is fine there is none."""
    for finding in findings:
        print_finding(finding, session.texts, indent=indent)


def print_brief(session: Session, findings: Iterable[Reportable]) -> None:
    """Print the worst findings first: errors and warnings, or the first finding where there are none, and how many
    others --verbose shows. With --verbose all are printed, with --quiet errors and warnings alone."""
    ordered = sorted(findings, key=lambda finding: finding.severity.rank)
    wrong = [finding for finding in ordered if finding.severity.rank <= Severity.WARNING.rank]
    if session.options.verbose or session.options.quiet:
        print_findings(session, wrong if session.options.quiet else ordered)
        return
    first = wrong or ordered[:1]
    print_findings(session, first)
    rest = len(ordered) - len(first)
    if rest:
        echo(f"  {session.texts.get('cli.more', count=rest)}")


def print_finding(
    finding: Reportable, texts: Translator, *, about: str = "", more: Iterable[str] = (), indent: int = 0
) -> None:
    """Print a finding with its next step, unless it is fine. On a terminal long lines are folded under their beginning.

    Args:
        about: what it is about, on a line of its own.
        more: lines after the next step.
    """
    message = with_severity(finding.severity, printable(finding.message(texts)), texts)
    step = "" if finding.severity is Severity.OK else finding.next_step(texts)
    marked = (("", about), ("→", step), *(("", line) for line in more))
    below = [(mark, printable(line)) for mark, line in marked if line]
    if is_drawing():
        _draw(finding.severity, message, below, indent)
        return
    for line in (message, *(f"{mark:>3} {line}" for mark, line in below)):
        echo(" " * indent + line)


def _draw(severity: Severity, message: str, below: Iterable[tuple[str, str]], indent: int) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(Text(SYMBOLS[severity], STYLES[severity]), Text(message))
    for mark, line in below:
        style = "bold" if mark else "dim"
        grid.add_row(Text(mark, style), Text(line, style))
    draw(Padding(grid, (0, 0, 0, indent), expand=False))
