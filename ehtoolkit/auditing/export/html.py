"""An audit as one page that needs nothing else: to be mailed, kept or printed.

Style, script and picture are in it. Its own policy lets it load nothing and run nothing but the script that sorts its
tables; without that they stay as they are.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup, escape

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ComparisonResult
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.plain_text import (
    CHANGES_SHOWN,
    SHOWN,
    STATE_LOOKS,
    heading_of,
    notes_of,
    title,
    word,
)
from ehtoolkit.auditing.export.report_scope import ReportScope, ScopeRow, closing_notes
from ehtoolkit.auditing.masking import masked
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import TimeLine, time_line
from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS, finding_item, findings_list, level_word
from ehtoolkit.html import element, join
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


def web_page(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return an audit as a whole HTML document: contents, how many findings there are, each with its next step, the
    tables, the time line, and a warning that this is personal data."""
    full, scope = options.full, options.scope
    return _document(_title(texts, scope, full), _content(audit, texts, full, scope), texts)


def changed_page(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> str:
    """Return a comparison as a whole HTML document: what was compared, the changes, and how many there are."""
    heading = texts.get("export.comparison.title")
    caption = heading_of(found, texts)
    pieces = [
        element("h1", heading, class_="eh-h1"),
        element("p", caption if options.full else masked(caption), class_="eh-caption"),
    ]
    if found.rows:
        table = _table("changes", found.rows, CHANGES_SHOWN, texts, options.full)
        pieces.append(_section("changes", texts, table))
    pieces += _notes((*notes_of(found, texts), texts.get("export.page.personal")))
    return _document(heading, join(pieces), texts)


def _document(heading: str, content: Markup, texts: Translator) -> str:
    style = "\n".join(map(_asset, _STYLES))
    script = _asset(_SCRIPT)
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = join(
        (
            Markup('<meta charset="utf-8">'),
            _meta(http_equiv="Content-Security-Policy", content=policy),
            _meta(name="viewport", content="width=device-width, initial-scale=1"),
            _meta(name="referrer", content="no-referrer"),
            _meta(name="robots", content="noindex"),
            element("title", f"{heading} – ehtoolkit"),
            element("style", Markup(style)),  # noqa: S704  # our own, as it was hashed
        )
    )
    body = element("main", element("div", content, class_="eh-wrap"), class_="eh-main")
    end = element("script", Markup(script))  # noqa: S704  # the same
    page = element("head", head) + element("body", body + end, class_="eh eh-report")
    return f"<!doctype html>\n{element('html', page, lang=texts.language)}\n"


def _title(texts: Translator, scope: ReportScope | None, full: bool) -> str:
    if scope is None:
        return texts.get("export.title")
    return texts.get("export.report.title", practice=scope.name(texts) if full else masked(scope.name(texts)))


def _content(audit: AuditResult, texts: Translator, full: bool, scope: ReportScope | None) -> Markup:
    caption = texts.get("export.page.caption", moment=audit.now, **audit.counts)
    sections = {"findings": _findings(audit.audit_findings, texts, full)}
    for name, columns in SHOWN.items():
        table = audit.table(name)
        if table:
            sections[name] = _table(name, table, columns, texts, full)
    line = time_line(audit) if full else time_line(audit).masked()
    if line.rows:
        sections["timeline"] = _chart(line, texts)
    if scope is not None:
        sections["scope"] = _scope(scope.rows(audit, texts), full)
    pieces = [
        element("h1", _title(texts, scope, full), class_="eh-h1"),
        element("p", caption, class_="eh-caption"),
        _tiles(audit, texts),
        _contents(sections, texts),
        *(_section(name, texts, content) for name, content in sections.items()),
    ]
    notes = [texts.get("cli.audit.passed_over", count=audit.passed_over)] if audit.passed_over else []
    notes += closing_notes(audit, texts)
    return join((*pieces, *_notes(notes)))


def _notes(sentences: Iterable[str]) -> Iterator[Markup]:
    return (element("p", sentence, class_="eh-note eh-section") for sentence in sentences)


def _tiles(audit: AuditResult, texts: Translator) -> Markup:
    found = Counter(audit_finding.finding.severity for audit_finding in audit.audit_findings)
    tiles = (
        element(
            "li",
            element("b", str(found[severity]))
            + element("span", texts.get(f"cli.severity.{severity}"), class_="eh-tag"),
            class_=f"eh-tile eh-is-{LOOKS[severity]}",
        )
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
    )
    return element("ul", join(tiles), class_="eh-tiles eh-section-s")


def _contents(sections: Iterable[str], texts: Translator) -> Markup:
    """Return where to find what; the script puts a field beside it that searches."""
    links = (
        element("li", element("a", _heading(section, texts), href=f"#{section}-heading"))
        for section in sections
    )
    return element(
        "nav",
        element("ul", join(links)),
        class_="eh-contents eh-section-s",
        aria_label=texts.get("export.page.contents"),
        data_search=texts.get("export.page.search"),
    )


def _scope(rows: Sequence[ScopeRow], full: bool) -> Markup:
    hide = str if full else masked
    return element(
        "dl",
        join(
            element("dt", row.label)
            + (
                element("dd", hide(row.values[0]))
                if len(row.values) == 1
                else element("dd", element("ul", join(element("li", hide(value)) for value in row.values)))
            )
            for row in rows
        ),
        class_="eh-scope",
    )


def _heading(name: str, texts: Translator) -> str:
    if name == "scope":
        return texts.get("export.report.scope")
    return texts.get("export.timeline.title" if name == "timeline" else f"export.sheet.{name}")


def _section(name: str, texts: Translator, content: Markup) -> Markup:
    heading = element("h2", _heading(name, texts), class_="eh-h2", id=f"{name}-heading")
    return element("section", heading + content, class_="eh-section")


def _findings(audit_findings: Iterable[AuditFinding], texts: Translator, full: bool) -> Markup:
    items = [_finding(finding, texts, full) for finding in audit_findings]
    if not items:
        return element("p", texts.get("export.page.none"))
    return findings_list(items)


def _finding(audit_finding: AuditFinding, texts: Translator, full: bool) -> Markup:
    hide = str if full else masked
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
    name: str, rows: Iterable[TableRow], columns: Sequence[str], texts: Translator, full: bool
) -> Markup:
    heads = (
        element("th", title(column, texts), scope="col", class_="eh-right" if column in _NUMBERS else None)
        for column in columns
    )
    cells = (
        element(
            "tr",
            _first(row, columns[0], texts)
            + join(_cell(column, row[column], texts) for column in columns[1:]),
        )
        for row in (row.shown(full=full) for row in rows)
    )
    caption = element("caption", texts.get(f"export.sheet.{name}"), class_="eh-sr")
    table = caption + element("thead", element("tr", join(heads))) + element("tbody", join(cells))
    return element(
        "div",
        element("table", table, class_="eh-table"),
        class_="eh-scroll",
        tabindex="0",
        role="region",
        aria_labelledby=f"{name}-heading",
    )


def _first(row: Mapping[str, Any], column: str, texts: Translator) -> Markup:
    """Return the cell that names a row: of a keystore its holder, with the holder's name where the certificate has
    shown it."""
    value, name = row[column] or "–", row.get("holder_name")
    shown = (
        escape(name) + element("small", value) if column == "holder" and name else word(column, value, texts)
    )
    return element("th", shown, scope="row")


def _cell(column: str, value: Any, texts: Translator) -> Markup:
    class_, sorts = None, None
    shown = "" if value is None else str(value)
    if column in _DAYS and value is not None:
        day = date.fromisoformat(value)
        shown, sorts, class_ = f"{day.day:02}/{day.month:02}/{day.year}", value, "eh-num"
    elif column in _NUMBERS:
        shown, sorts, class_ = shown.replace("-", "−"), shown, "eh-right"
    elif isinstance(value, str):
        shown = word(column, value, texts)
        class_ = "eh-file" if column in _FILES else None
        if column in _STATES and (look := STATE_LOOKS.get(value, "info")) != "info":
            class_ = f"eh-is-state eh-is-{look}"
    return element("td", shown, class_=class_, data_value=sorts)


def _chart(line: TimeLine, texts: Translator) -> Markup:
    scroll = element(
        "div",
        drawing(line, texts),
        class_="eh-scroll eh-bare",
        tabindex="0",
        role="region",
        aria_labelledby="timeline-heading",
    )
    return element("div", scroll + legend(line, texts), class_="eh-card eh-chart")


def _meta(**attributes: str) -> Markup:
    return Markup("<meta{}>").format(
        join(Markup(' {}="{}"').format(name.replace("_", "-"), value) for name, value in attributes.items())
    )


@cache
def _asset(name: str) -> str:
    return files("ehtoolkit").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
