"""The formats of an export, in one table. The command, the pages, the reports of practices and the methods of an audit
offer what is declared here.

A format imports its libraries when it is made, so that ``--help`` needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit_result import AuditResult
    from ehtoolkit.auditing.export.scope import ReportScope
    from ehtoolkit.i18n import Translator


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export contains.

    Attributes:
        full: NISS whole; they are masked without it.
        table: the table of CSV.
        scope: of a report for one practice; for formats with `ExportFormat.for_reports`.
        pressing: of lines of text, only why something is due.
    """

    full: bool = False
    table: str = "merged"
    scope: ReportScope | None = None
    pressing: bool = False


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of an export.

    Attributes:
        name: as ``--format`` has it.
        content: returns an audit in this format.
        media_type: of a file that a page offers; empty: pages do not offer it.
        ending: of its files; empty: like the name.
        encoding: of its text in a file.
        binary: a terminal cannot show it.
        for_reports: ``--per-practice`` writes it.
        unattended: programs read it, so an audit asks for nothing.
        method: the method of an audit in Python is called ``to_`` and this; empty: and the name.
    """

    name: str
    content: Callable[[AuditResult, Translator, ExportOptions], str | bytes]
    media_type: str = ""
    ending: str = ""
    encoding: str = "utf-8"
    binary: bool = False
    for_reports: bool = False
    unattended: bool = False
    method: str = ""

    @property
    def suffix(self) -> str:
        """The ending of its files."""
        return self.ending or self.name

    def file(self, audit: AuditResult, texts: Translator, options: ExportOptions) -> bytes:
        """Return the content of a file."""
        content = self.content(audit, texts, options)
        return content if isinstance(content, bytes) else content.encode(self.encoding)


def _lines(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.plain_text import text_lines

    return text_lines(audit, texts, pressing=options.pressing, full=options.full)


def _csv(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.plain_text import csv_text

    return csv_text(audit, options.table, full=options.full)


def _json(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.plain_text import json_text

    return json_text(audit, full=options.full)


def _workbook(audit: AuditResult, texts: Translator, options: ExportOptions) -> bytes:
    from ehtoolkit.auditing.export.xlsx import excel

    return excel(audit, texts, full=options.full, scope=options.scope)


def _calendar(audit: AuditResult, texts: Translator, options: ExportOptions) -> bytes:
    from ehtoolkit.auditing.export.ics import calendar

    return calendar(audit, texts, full=options.full)


def _page(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.html import web_page

    return web_page(audit, texts, full=options.full, scope=options.scope)


def _markdown(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.markdown import markdown_text

    return markdown_text(audit, texts, full=options.full)


def _metrics(audit: AuditResult, texts: Translator, options: ExportOptions) -> str:
    from ehtoolkit.auditing.export.metrics import metrics_text
    from ehtoolkit.auditing.keyed_names import Pseudonyms

    if audit.secrets is None:
        raise ValueError("metrics need AuditOptions.secrets, the folder of the key of pseudonyms")
    return metrics_text(audit, Pseudonyms.in_folder(audit.secrets), full=options.full)


_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE: Final = "table"
"""The format for people: a table on a terminal, else lines of text."""
FORMATS: Final[Mapping[str, ExportFormat]] = {
    form.name: form
    for form in (
        ExportFormat(TABLE, _lines, method="text"),
        ExportFormat("csv", _csv, "text/csv", encoding="utf-8-sig"),  # the mark by which Excel knows UTF-8
        ExportFormat("json", _json, "application/json"),
        ExportFormat("xlsx", _workbook, _WORKBOOK, binary=True, for_reports=True, method="excel"),
        ExportFormat("ics", _calendar, "text/calendar"),
        ExportFormat("html", _page, "text/html", for_reports=True),
        ExportFormat("markdown", _markdown, ending="md"),
        ExportFormat("prometheus", _metrics, ending="prom", unattended=True),
    )
}
"""All formats, in the order in which they are listed. The words of those with a media type are in ``audit_page.po``."""
OF_PAGES: Final = tuple(name for name, form in FORMATS.items() if form.media_type)
OF_REPORTS: Final = tuple(sorted(name for name, form in FORMATS.items() if form.for_reports))
OF_ENDINGS: Final = {form.suffix: name for name, form in FORMATS.items() if name != TABLE}
