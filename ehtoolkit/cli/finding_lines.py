"""Findings as every command prints them: how bad it is, what it is, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ehtoolkit.cli.terminal import draw, echo, is_drawing
from ehtoolkit.finding import Reportable, Severity, with_severity
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from ehtoolkit.cli.command_session import Session

SYMBOLS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "✖",
    Severity.WARNING: "▲",
    Severity.INFO: "●",
    Severity.OK: "●",
}
STYLES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
    Severity.OK: "green",
}
"""Colours of a terminal that has eight; the symbol and the word say the same."""


@dataclass(frozen=True, slots=True)
class FindingLines:
    """A finding in words.

    Attributes:
        about: what it is about, on a line of its own; empty: what stands above.
        more: lines after the next step.
    """

    severity: Severity
    message: str
    next_step: str = ""
    about: str = ""
    more: tuple[str, ...] = ()

    @classmethod
    def of(cls, finding: Reportable, texts: Translator, *more: str) -> FindingLines:
        """Return ``finding`` in words. One that is fine has no next step."""
        step = "" if finding.severity is Severity.OK else finding.next_step(texts)
        return cls(finding.severity, finding.message(texts), step, more=more)


def print_findings(session: Session, findings: Iterable[Reportable], *, indent: int = 2) -> None:
    """Print ``findings`` in their order, each with its next step; of what is fine there is none."""
    print_lines(
        (FindingLines.of(finding, session.texts) for finding in findings), session.texts, indent=indent
    )


def print_brief(session: Session, findings: Iterable[Reportable], *, indent: int = 2) -> None:
    """Print the worst findings first: errors and warnings, or the first finding where there are none, and how many
    others --verbose shows. With --verbose all are printed, with --quiet errors and warnings alone."""
    ordered = sorted(findings, key=lambda finding: finding.severity.rank)
    wrong = [finding for finding in ordered if finding.severity.rank <= Severity.WARNING.rank]
    if session.options.verbose or session.options.quiet:
        print_findings(session, wrong if session.options.quiet else ordered, indent=indent)
        return
    first = wrong or ordered[:1]
    print_findings(session, first, indent=indent)
    rest = len(ordered) - len(first)
    if rest:
        echo(" " * indent + session.texts.get("cli.more", count=rest))


def print_lines(lines: Iterable[FindingLines], texts: Translator, *, indent: int = 0) -> None:
    """Print findings that are words already. On a terminal long ones are folded under their beginning."""
    drawn = is_drawing()
    for finding_lines in lines:
        if drawn:
            _draw(finding_lines, texts, indent)
        else:
            for line in _plain(finding_lines, texts):
                echo(" " * indent + line)


def finding_line(severity: Severity, message: str, texts: Translator) -> str:
    """Return a finding's first line as plain text."""
    return with_severity(severity, printable(message), texts)


def _plain(finding: FindingLines, texts: Translator) -> Iterator[str]:
    yield finding_line(finding.severity, finding.message, texts)
    if finding.about:
        yield f"    {printable(finding.about)}"
    if finding.next_step:
        yield f"  → {printable(finding.next_step)}"
    for line in finding.more:
        yield f"    {printable(line)}"


def _draw(finding: FindingLines, texts: Translator, indent: int) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    style = STYLES[finding.severity]
    grid.add_row(
        Text(SYMBOLS[finding.severity], style), Text(finding_line(finding.severity, finding.message, texts))
    )
    if finding.about:
        grid.add_row("", Text(printable(finding.about), "dim"))
    if finding.next_step:
        grid.add_row(Text("→", "bold"), Text(printable(finding.next_step), "bold"))
    for line in finding.more:
        grid.add_row("", Text(printable(line), "dim"))
    draw(Padding(grid, (0, 0, 0, indent), expand=False))
