"""An audit on a terminal: a table of the keystores, the findings of the worst, numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.auditing.tables.rows import STATE_SEVERITIES, KeystoreRow
from ehtoolkit.cli.finding_lines import print_finding
from ehtoolkit.cli.table import TableCell, TableColumn, first_clause, print_table, state_word
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.audit_finding import AuditFinding
    from ehtoolkit.auditing.export.formats import ExportOptions
    from ehtoolkit.i18n import Translator

WORST: Final = 5
"""Findings that stand under the table, at most; --findings gives all."""


def print_audit(
    audit: Audit, texts: Translator, folders: Sequence[Path], options: ExportOptions, *, findings: bool
) -> None:
    """Print all keystores, the most urgent first, and under them the worst findings, or all with ``findings``.

    ``folders``: files are shown by their paths within.
    """
    get, shown, steps = texts.get, options.hide, _steps(audit, texts)
    pressing = {keystore.file for keystore in audit.verdict.pressing}
    rows = sorted(audit.rows.keystores, key=lambda row: _urgency(row, pressing))
    columns: Sequence[TableColumn[KeystoreRow]] = (
        TableColumn(get("export.column.holder"), lambda row: shown(row.holder_name or row.holder or ""), 12),
        TableColumn(get("registry.column.practice"), lambda row: row.practice, 10, 4, cut=True),
        TableColumn(get("export.column.state"), lambda row: _state(row, texts), 14),
        TableColumn(get("export.column.not_after"), lambda row: row.not_after, 10, 1),
        TableColumn(get("export.column.days"), lambda row: row.days_left, 6, 2, right=True),
        TableColumn(get("export.column.next"), lambda row: shown(steps.get(row.file, "")), 20, 3),
        TableColumn(get("export.column.file"), lambda row: shown(relative_path(row.file, folders)), 24),
    )
    print_table(columns, rows)
    shown_findings = list(audit.counted_findings) if findings else _worst(audit)
    for audit_finding in shown_findings:
        file = audit_finding.file and relative_path(audit_finding.file, folders)
        about = shown("  ".join(filter(None, (audit_finding.person, file))))
        public = audit_finding if options.full else audit_finding.masked()
        print_finding(public.finding, texts, about=about)
    for line in _numbers(audit, rows, texts, len(audit.counted_findings) - len(shown_findings)):
        echo(shown(line))


def _urgency(row: KeystoreRow, pressing: Set[str | None]) -> tuple[object, ...]:
    """Return the sort key of a keystore: the files that are ``pressing`` come first, acknowledged ones last, the worse
    state and the earlier end before others."""
    rank = STATE_SEVERITIES[row.state].rank
    return (
        row.file not in pressing,
        row.acknowledged,
        rank,
        row.days_left is None,
        row.days_left or 0,
        row.file,
    )


def _steps(audit: Audit, texts: Translator) -> dict[str, str]:
    """Return, by file, what to do first: the beginning of the next step of its most urgent finding."""
    steps: dict[str, str] = {}
    for audit_finding in audit.audit_findings:
        if audit_finding.file is not None and audit_finding.file not in steps:
            steps[audit_finding.file] = first_clause(audit_finding.finding.next_step(texts))
    return steps


def _state(row: KeystoreRow, texts: Translator) -> TableCell:
    return TableCell(state_word(row.state, texts), STATE_SEVERITIES[row.state])


def relative_path(file: str, folders: Sequence[Path]) -> str:
    """Return ``file`` as seen from the folder that it lies in, with that folder's name where there are several; as it
    is when it lies in none, or is the only folder."""
    path = Path(file)
    for folder in folders:
        root = folder.absolute()
        if path.is_relative_to(root) and (path != root or len(folders) > 1):
            return str(path.relative_to(root.parent if len(folders) > 1 else root))
    return file


def _worst(audit: Audit) -> list[AuditFinding]:
    """Return the most urgent findings, at most `WORST`, as far as they are as bad as the first."""
    found = audit.counted_findings
    return [each for each in found if each.finding.severity is found[0].finding.severity][:WORST]


def _numbers(audit: Audit, rows: Sequence[KeystoreRow], texts: Translator, left: int) -> Iterator[str]:
    from ehtoolkit.auditing.export.plain_text import closing_lines

    if left:
        yield texts.get("cli.audit.more", count=left)
    if rows:
        counted = Counter(row.state for row in rows)
        states = (name for name in STATE_SEVERITIES if counted[name])
        named = ", ".join(f"{state_word(state, texts)} {counted[state]}" for state in states)
        yield texts.get("cli.audit.states", states=named)
    yield from closing_lines(audit, texts, len(audit.counted_findings))
