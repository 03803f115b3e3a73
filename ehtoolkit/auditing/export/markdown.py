"""An audit as Markdown, for a ticket or a wiki: the findings with their next steps, and the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ComparisonResult
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.plain_text import (
    CHANGES_SHOWN,
    SHOWN,
    acknowledged_lines,
    heading_of,
    notes_of,
    registry_line,
    title,
    word,
)
from ehtoolkit.auditing.tables.table_row import PlainValue, TableRow
from ehtoolkit.finding import with_severity
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>&|~])|^(\d*)([-+#=.)])")
"""Characters that Markdown reads as markup: anywhere, or at the beginning of a line."""


def markdown_text(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return an audit as Markdown with tables as GitHub has them."""
    hide = options.hide
    lines = [
        f"# {_escaped(texts.get('export.title'))}",
        "",
        _escaped(texts.get("export.page.caption", moment=audit.now, **audit.counts)),
        *map(_escaped, acknowledged_lines(audit, texts)),
        _escaped(registry_line(audit, texts)),
        *_heading("findings", texts),
        *(line for audit_finding in audit.counted_findings for line in _finding(audit_finding, texts, hide)),
    ]
    if not audit.counted_findings:
        lines.append(_escaped(texts.get("export.page.none")))
    for name, columns in SHOWN.items():
        rows = audit.table(name)
        if rows:
            lines += [*_heading(name, texts), *_table(rows, columns, texts, options.full)]
    lines += ["", _escaped(texts.get("export.page.personal"))]
    return "".join(f"{line}\n" for line in lines)


def changed_markdown(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a comparison as Markdown: what was compared, the changes, and how many there are."""
    heading = _escaped(texts.get("export.comparison.title"))
    lines = [f"# {heading}", "", _escaped(options.hide(heading_of(found, texts)))]
    if found.rows:
        lines += [*_heading("changes", texts), *_table(found.rows, CHANGES_SHOWN, texts, options.full)]
    lines += [line for note in notes_of(found, texts) for line in ("", _escaped(note))]
    lines += ["", _escaped(texts.get("export.page.personal"))]
    return "".join(f"{line}\n" for line in lines)


def _heading(table: str, texts: Translator) -> tuple[str, ...]:
    return ("", f"## {_escaped(texts.get(f'export.sheet.{table}'))}", "")


def _finding(audit_finding: AuditFinding, texts: Translator, hide: Callable[[str], str]) -> Iterator[str]:
    finding = audit_finding.finding
    yield f"- {_escaped(hide(with_severity(finding.severity, finding.message(texts), texts)))}"
    about = " · ".join(filter(None, (audit_finding.person, audit_finding.file)))
    if about:
        yield f"  - {_escaped(hide(about))}"
    yield f"  - → {_escaped(hide(finding.next_step(texts)))}"


def _table(rows: Iterable[TableRow], columns: Sequence[str], texts: Translator, full: bool) -> Iterator[str]:
    yield _line(_escaped(title(column, texts)) for column in columns)
    yield _line("---" for _ in columns)
    for row in rows:
        plain = row.plain(full=full)
        yield _line(_cell(column, plain[column], texts) for column in columns)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: str, value: PlainValue, texts: Translator) -> str:
    if value is None:
        return ""
    return _escaped(word(column, value, texts) if isinstance(value, str) else str(value))


def _escaped(text: str) -> str:
    """Return ``text`` on one line, so that Markdown shows it as it is."""
    return _MARKUP.sub(_escape, printable(text))


def _escape(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"
