"""The formats of an export, in one table. The command, the pages, the reports of practices and the methods of an audit
offer what is declared here, for audits and for comparisons of two.

The function of a format takes what is exported, the sentences and `ExportOptions`. Its module is imported when a file
is made, so that ``--help`` needs no library of a format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit_result import AuditResult
    from ehtoolkit.auditing.changes import ComparisonResult
    from ehtoolkit.auditing.export.scope import ReportScope
    from ehtoolkit.i18n import Translator


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What an export contains.

    Attributes:
        full: NISS whole; they are masked without it.
        table: the table of CSV, of an audit.
        scope: of a report for one practice; for formats with `ExportFormat.for_reports`.
        pressing: of lines of text, only why something is due.
    """

    full: bool = False
    table: str = "merged"
    scope: ReportScope | None = None
    pressing: bool = False


PLAIN: Final = ExportOptions()
"""What an export contains unless a user asks for something else."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of an export.

    Attributes:
        name: as ``--format`` has it.
        content: returns an audit in this format.
        comparison: returns a comparison of two audits in this format; None: not offered.
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
    comparison: Callable[[ComparisonResult, Translator, ExportOptions], str | bytes] | None = None
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
        return self.encoded(self.content(audit, texts, options))

    def encoded(self, content: str | bytes) -> bytes:
        """Return ``content`` as a file has it."""
        return content if isinstance(content, bytes) else content.encode(self.encoding)


def _lazy(module: str, function: str) -> Callable[[Any, Translator, ExportOptions], Any]:
    """Return a function of a module of this package, which is imported when the function is first called."""

    def content(found: object, texts: Translator, options: ExportOptions) -> Any:
        return getattr(import_module(f"{__package__}.{module}"), function)(found, texts, options)

    return content


_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE: Final = "table"
"""The format for people: a table on a terminal, else lines of text."""
FORMATS: Final[Mapping[str, ExportFormat]] = {
    form.name: form
    for form in (
        ExportFormat(
            TABLE, _lazy("plain_text", "text_lines"), _lazy("plain_text", "changed_lines"), method="text"
        ),
        ExportFormat(
            "csv",
            _lazy("plain_text", "csv_text"),
            _lazy("plain_text", "changed_csv"),
            "text/csv",
            encoding="utf-8-sig",  # the mark by which Excel knows UTF-8
        ),
        ExportFormat(
            "json",
            _lazy("plain_text", "json_text"),
            _lazy("plain_text", "changed_json"),
            "application/json",
        ),
        ExportFormat(
            "xlsx",
            _lazy("xlsx", "excel"),
            _lazy("xlsx", "changed_excel"),
            _WORKBOOK,
            binary=True,
            for_reports=True,
            method="excel",
        ),
        ExportFormat("ics", _lazy("ics", "calendar"), media_type="text/calendar"),
        ExportFormat(
            "html",
            _lazy("html", "web_page"),
            _lazy("html", "changed_page"),
            "text/html",
            for_reports=True,
        ),
        ExportFormat(
            "markdown",
            _lazy("markdown", "markdown_text"),
            _lazy("markdown", "changed_markdown"),
            ending="md",
        ),
        ExportFormat("prometheus", _lazy("metrics", "audit_metrics"), ending="prom", unattended=True),
    )
}
"""All formats, in the order in which they are listed. The words of those with a media type are in ``audit_page.po``."""
OF_PAGES: Final = tuple(name for name, form in FORMATS.items() if form.media_type)
OF_COMPARISONS: Final = tuple(name for name, form in FORMATS.items() if form.comparison is not None)
OF_REPORTS: Final = tuple(sorted(name for name, form in FORMATS.items() if form.for_reports))
OF_ENDINGS: Final = {form.suffix: name for name, form in FORMATS.items() if name != TABLE}
