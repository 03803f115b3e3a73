"""An audit as one page that needs nothing else: to be mailed, kept or printed. Its template is ``page.html.j2``.

Style, script and picture are in it. Its own policy lets it load nothing and run nothing but the script that sorts its
tables; without that they stay as they are.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ComparisonResult
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.plain_text import (
    CHANGES_SHOWN,
    SHOWN,
    STATE_LOOKS,
    acknowledged_lines,
    heading_of,
    notes_of,
    title,
    word,
)
from ehtoolkit.auditing.export.report_scope import closing_notes
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import time_line
from ehtoolkit.clock import format_day
from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS, finding_item, findings_list, level_word
from ehtoolkit.html import element
from ehtoolkit.i18n import Translator

_STYLES: Final = (
    "voila/share/jupyter/voila/templates/ehtoolkit/static/ehtoolkit.css",
    "auditing/export/page.css",
)
_SCRIPT: Final = "auditing/export/page.js"
_NUMBERS: Final = frozenset({"days_left", "etks"})
_DAYS: Final = frozenset({"not_after", "old_not_after", "start", "end"})
_FILES: Final = frozenset({"file", "old_file", "folder"})
_STATES: Final = frozenset({"standing", "state", "old_state"})
_HEADINGS: Final = {"timeline": "export.timeline.title", "scope": "export.report.scope"}
"""Of sections without a table."""

_Cell = tuple[str, dict[str, str]]
"""What a cell of a table shows, and the attributes of its element."""


def web_page(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return an audit as a whole HTML document: contents, how many findings there are, each with its next step, the
    tables, the time line, and a warning that this is personal data."""
    full, hide, scope = options.full, options.hide, options.scope
    if scope is None:
        heading, scope_rows = texts.get("export.title"), []
    else:
        heading = texts.get("export.report.title", practice=hide(scope.name(texts)))
        scope_rows = [(row.label, list(map(hide, row.values))) for row in scope.rows(audit, texts)]
    findings = [_finding(audit_finding, texts, hide) for audit_finding in audit.counted_findings]
    severities = Counter(audit_finding.finding.severity for audit_finding in audit.counted_findings)
    tables = {name: audit.table(name) for name in SHOWN}
    line = time_line(audit) if full else time_line(audit).masked()
    notes = [texts.get("cli.audit.passed_over", count=audit.passed_over)] if audit.passed_over else []
    return _page(
        heading,
        texts.get("export.page.caption", moment=audit.now, **audit.counts),
        texts,
        tiles=[
            (LOOKS[severity], severities[severity], texts.get(f"cli.severity.{severity}"))
            for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        ],
        findings=findings_list(findings) if findings else "",
        tables={name: _table(rows, SHOWN[name], texts, full) for name, rows in tables.items() if rows},
        chart=drawing(line, texts) if line.rows else "",
        legend=legend(line, texts),
        scope=scope_rows,
        notes=(*notes, *acknowledged_lines(audit, texts), *closing_notes(audit, texts)),
    )


def changed_page(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a comparison as a whole HTML document: what was compared, the changes, and how many there are."""
    caption = heading_of(found, texts)
    table = _table(found.rows, CHANGES_SHOWN, texts, options.full)
    return _page(
        texts.get("export.comparison.title"),
        options.hide(caption),
        texts,
        tables={"changes": table} if found.rows else {},
        notes=(*notes_of(found, texts), texts.get("export.page.personal")),
    )


def _page(heading: str, caption: str, texts: Translator, **content: Any) -> str:
    """Return the document. ``content``: what ``page.html.j2`` asks for."""
    html = _template().render(title=heading, caption=caption, texts=texts, **content)
    return f"<!doctype html>\n{html}\n"


@cache
def _template() -> Template:
    """Return the template of a page, with what all pages have in common. The space around its lines is for its readers
    alone."""
    style, script = "\n".join(map(_asset, _STYLES)), _asset(_SCRIPT)
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    common = {"headings": _HEADINGS, "style": style, "script": script, "policy": policy}
    lines = _asset("auditing/export/page.html.j2").splitlines()
    return Environment(autoescape=True).from_string("".join(map(str.strip, lines)), common)


def _finding(audit_finding: AuditFinding, texts: Translator, hide: Callable[[str], str]) -> Markup:
    finding = audit_finding.finding
    about = " · ".join(filter(None, (audit_finding.person, audit_finding.file)))
    return finding_item(
        finding.severity,
        hide(finding.message(texts)),
        element("p", hide(about), class_="eh-note") if about else "",
        step=f"→ {hide(finding.next_step(texts))}",
        level=level_word(finding.severity, texts),
    )


def _table(
    rows: Iterable[TableRow], columns: Sequence[str], texts: Translator, full: bool
) -> tuple[list[_Cell], Iterator[tuple[str, list[_Cell]]]]:
    """Return the cells of the heading, and for each row what names it and its other cells."""
    first, *others = columns
    head = [(title(column, texts), {"class": "eh-right"} if column in _NUMBERS else {}) for column in columns]
    plain = (row.plain(full=full) for row in rows)
    return head, (
        (_name(row, first, texts), [_cell(column, row[column], texts) for column in others]) for row in plain
    )


def _name(row: Mapping[str, Any], column: str, texts: Translator) -> str:
    """Return what names a row: of a keystore its holder, with the holder's name where the certificate has shown it."""
    value, name = row[column] or "–", row.get("holder_name")
    if column == "holder" and name:
        return escape(name) + element("small", value)
    return word(column, value, texts)


def _cell(column: str, value: Any, texts: Translator) -> _Cell:
    if column in _DAYS and value is not None:
        return format_day(date.fromisoformat(value)), {"class": "eh-num", "data-value": value}
    shown = "" if value is None else str(value)
    if column in _NUMBERS:
        return shown.replace("-", "−"), {"class": "eh-right", "data-value": shown}
    if not isinstance(value, str):
        return shown, {}
    look = STATE_LOOKS.get(value, "info") if column in _STATES else "info"
    if look != "info":
        return word(column, value, texts), {"class": f"eh-is-state eh-is-{look}"}
    return word(column, value, texts), {"class": "eh-file"} if column in _FILES else {}


def _asset(name: str) -> str:
    return files("ehtoolkit").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
