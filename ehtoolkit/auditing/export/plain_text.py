"""Audits and comparisons as lines of text, CSV and JSON, and the words of columns for all formats."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ChangeRow, ComparisonResult, change_line
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.auditing.tables.rows import STATE_SEVERITIES
from ehtoolkit.auditing.tables.table_row import PlainValue, TableRow
from ehtoolkit.finding import finding_lines
from ehtoolkit.finding_html import LOOKS, Look
from ehtoolkit.i18n import Translator
from ehtoolkit.providers.table_file import neutral
from ehtoolkit.system import text_safety
from ehtoolkit.system.text_safety import printable


def text_lines(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a text with each finding, what it is about and its next step, and a line with numbers. ``pressing``: only
    why something is due, and nothing at all when nothing is."""
    pressing = options.pressing
    audit_findings = audit.verdict.pressing if pressing else audit.counted_findings
    if pressing and not audit_findings:
        return ""
    lines: list[str] = []
    for audit_finding in audit_findings:
        lines += finding_lines(audit_finding.finding, texts, audit_finding.person, audit_finding.file)
    lines += closing_lines(audit, texts, len(audit_findings), pressing=pressing)
    return _printable_lines(lines, options)


def closing_lines(
    audit: AuditResult, texts: Translator, findings: int, *, pressing: bool = False
) -> Iterator[str]:
    """Yield what follows the findings: how much there is, and what was not looked at. ``findings``: how many there are.
    ``pressing``: only what matters to those for whom something is due."""
    yield texts.get("cli.audit.counts", **audit.counts, findings=findings)
    if not pressing:
        yield from acknowledged_lines(audit, texts)
        yield registry_line(audit, texts)
    if audit.verdict.closed:
        yield texts.get("cli.audit.closed", count=len(audit.verdict.closed))
    if audit.passed_over and not pressing:
        yield texts.get("cli.audit.passed_over", count=audit.passed_over)
    if not audit.request.revocation and not pressing:
        yield texts.get("cli.audit.unasked")


def acknowledged_lines(audit: AuditResult, texts: Translator) -> Iterator[str]:
    """Yield how much is acknowledged, where anything is."""
    counts = audit.acknowledged_counts
    if any(counts.values()):
        yield texts.get("export.acknowledged", **counts)


def changed_lines(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a sentence for each change. ``pressing``: only for what somebody has to look at, and nothing at all when
    nothing is."""
    if options.pressing and not found.is_due:
        return ""
    changes = [change_line(row, texts) for row in found.rows if row.is_due or not options.pressing]
    return _printable_lines([heading_of(found, texts), *changes, *notes_of(found, texts)], options)


def heading_of(found: ComparisonResult, texts: Translator) -> str:
    """Return which audits were compared."""
    return texts.get("audit.comparison.heading", earlier=found.earlier.name, later=found.later.name)


def notes_of(found: ComparisonResult, texts: Translator) -> Iterator[str]:
    """Yield what follows the changes: that there are none, how many there are, and that numbers were masked."""
    if not found.rows:
        yield texts.get("audit.comparison.none")
    yield texts.get(
        "audit.comparison.counts",
        before=len(found.earlier.keystores),
        after=len(found.later.keystores),
        count=len(found.rows),
        due=sum(row.is_due for row in found.rows),
    )
    if found.is_masked:
        yield texts.get("audit.comparison.masked")


def _printable_lines(lines: Iterable[str], options: ExportOptions) -> str:
    return options.hide("".join(f"{printable(line)}\n" for line in lines))


def registry_line(audit: AuditResult, texts: Translator) -> str:
    """Return the sentence that says which registry of providers was read, if any."""
    if audit.registry is None:
        return texts.get(
            "cli.audit.no_registry" if audit.request.environment is None else "cli.audit.registry_unread"
        )
    return texts.get("cli.audit.registry", registry=audit.registry)


# ── Columns and values in the four languages ─────────────────────────────────────────────────────────────
SHOWN: Final[Mapping[str, Sequence[str]]] = {
    "keystores": ("holder", "environment", "state", "not_after", "days_left", "etks", "file"),
    "providers": ("name", "first_names", "practice", "types", "niss", "inami", "file"),
    "periods": ("name", "first_names", "type", "start", "end", "inami", "conventioned"),
}
"""The tables and columns of formats for reading; the first column names the row."""
CHANGES_SHOWN: Final = (
    "change",
    "file",
    "old_file",
    "state",
    "old_state",
    "not_after",
    "old_not_after",
    "folder",
)
"""The columns of changes in those formats."""
_WORDS: Final[Mapping[str, str]] = {
    "severity": "cli.severity",
    "environment": "finding.word",
    "state": "export.state",
    "urgency": "export.urgency",
    "action": "export.action",
    "old_state": "export.state",
    "change": "export.change",
    "problem": "export.problem",
    "revocation": "export.revocation",
    "type": "registry.type",
    "conventioned": "registry.conventioned",
}
"""Columns whose values have words, and where those are."""
STATE_LOOKS: Final[Mapping[str, Look]] = {
    state: LOOKS[severity] for state, severity in STATE_SEVERITIES.items()
}
"""How a value of ``state`` looks in what leaves the audit."""


def title(column: str, texts: Translator) -> str:
    """Return the heading of a column."""
    ours = f"export.column.{column}"
    return texts.get(ours if texts.has(ours) else f"registry.column.{column}")


def word(column: str, value: str, texts: Translator) -> str:
    """Return a value of a column as people read it; one that has no word of ours, as it is."""
    if column == "types":
        return ", ".join(word("type", each, texts) for each in value.split("/"))
    key = f"{_WORDS[column]}.{value}" if column in _WORDS else ""
    return texts.get(key) if key and texts.has(key) else value


# ── CSV and JSON ─────────────────────────────────────────────────────────────────────────────────────────
AUDITED_AT: Final = "audited_at"
"""The column of CSV with the moment of the audit."""


def csv_text(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a table of `ehtoolkit.auditing.tables.TABLES` as CSV: a heading and the rows, semicolons between the
    cells. The last column is `AUDITED_AT`."""
    moment = {AUDITED_AT: audit.now.isoformat()}
    return _csv(ROWS[options.table], audit.table(options.table), options, moment)


def changed_csv(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return the changes as CSV, in the form of `csv_text`."""
    return _csv(ChangeRow, found.rows, options, {})


def _csv(
    kind: type[TableRow],
    rows: Iterable[TableRow],
    options: ExportOptions,
    everywhere: Mapping[str, str],
) -> str:
    """``everywhere``: columns that have one value."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow((*kind.columns(), *everywhere))
    cells = (map(_cell, row.plain(full=options.full).values()) for row in rows)
    writer.writerows((*row, *everywhere.values()) for row in cells)
    return target.getvalue()


def json_text(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return an audit as one JSON object: ``audit`` (see `AuditResult.about`), ``folders``, ``environment`` (null:
    any), ``due``, ``closed``, ``registry`` (null: none was read), ``passed_over``, and the rows of all tables but
    ``merged``."""
    value: dict[str, object] = {
        "audit": audit.about(options.hide),
        "folders": list(map(options.hide, audit.folder_names)),
        "environment": audit.request.environment,
        "due": audit.is_due,
        "closed": len(audit.verdict.closed),
        "registry": None if audit.registry is None else options.hide(audit.registry),
        "passed_over": audit.passed_over,
    }
    for name in ROWS:
        if name != "merged":
            value[name] = [row.plain(full=options.full) for row in audit.table(name)]
    return text_safety.json_text(value) + "\n"


def changed_json(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return one JSON object: ``due``, ``masked``, ``earlier`` and ``later`` (``name``, number of ``keystores`` and
    ``now``, the moment, null where it is not known) and ``changes``."""
    value: dict[str, object] = {"due": found.is_due, "masked": found.is_masked or not options.full}
    for side, state in (("earlier", found.earlier), ("later", found.later)):
        value[side] = {
            "name": options.hide(state.name),
            "keystores": len(state.keystores),
            "now": None if state.now is None else state.now.isoformat(),
        }
    value["changes"] = [row.plain(full=options.full) for row in found.rows]
    return text_safety.json_text(value) + "\n"


def _cell(value: PlainValue) -> str:
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
