"""The formats of an export, in one table. The command, the pages, the reports of practices and the methods of an audit
offer what is declared here, for audits and for comparisons of two.

The function of a format takes what is exported, the sentences and `ExportOptions`. Its module is imported when a file
is made, so that ``--help`` needs no library of a format.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.i18n import LANGUAGES, Translator, language_of
from ehtoolkit.result_display import masked
from ehtoolkit.system.files import put_file, require_new
from ehtoolkit.type_errors import checked_choice, wrong_type

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit_result import AuditResult
    from ehtoolkit.auditing.changes import ComparisonResult
    from ehtoolkit.auditing.export.report_scope import ReportScope


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

    def hide(self, text: str) -> str:
        """Return ``text`` without a whole NISS, unless ``full``."""
        return text if self.full else masked(text)


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
            "json", _lazy("plain_text", "json_text"), _lazy("plain_text", "changed_json"), "application/json"
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
            "html", _lazy("html", "web_page"), _lazy("html", "changed_page"), "text/html", for_reports=True
        ),
        ExportFormat(
            "markdown", _lazy("markdown", "markdown_text"), _lazy("markdown", "changed_markdown"), ending="md"
        ),
        ExportFormat("prometheus", _lazy("metrics", "audit_metrics"), ending="prom", unattended=True),
    )
}
"""All formats, in the order in which they are listed. The words of those with a media type are in ``audit_page.po``."""
OF_PAGES: Final = tuple(name for name, form in FORMATS.items() if form.media_type)
OF_COMPARISONS: Final = tuple(name for name, form in FORMATS.items() if form.comparison is not None)
OF_REPORTS: Final = tuple(sorted(name for name, form in FORMATS.items() if form.for_reports))
OF_ENDINGS: Final = {form.suffix: name for name, form in FORMATS.items() if name != TABLE}


# ── Methods of an audit, and of a comparison of two, that write it as a file ─────────────────────────────
StrPath = str | os.PathLike[str]
Content = TypeVar("Content", covariant=True)


class AuditMethod(Protocol[Content]):
    """A method that writes an audit as a file, or returns the content."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        table: str = ...,
    ) -> Content | None: ...


class ComparisonMethod(Protocol[Content]):
    """A method that writes a comparison as a file, or returns the content."""

    def __call__(
        self,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        pressing: bool = False,
    ) -> Content | None: ...


def add_audit_methods(target: type) -> None:
    """Add a method to ``target``, an audit, for each format."""
    for form in FORMATS.values():
        _add(target, form, _audit_method(form), "audit", "table: which one CSV contains.")


def add_comparison_methods(target: type) -> None:
    """Add a method to ``target``, a comparison, for each format that comparisons have."""
    pressing = "pressing: of text, only the changes that somebody has to look at."
    for form in FORMATS.values():
        if form.comparison is not None:
            _add(target, form, _comparison_method(form, form.comparison), "comparison", pressing)


def _add(
    target: type, form: ExportFormat, method: Callable[..., object], subject: str, last_argument: str
) -> None:
    method.__name__ = f"to_{form.method or form.name}"
    method.__qualname__ = f"{target.__name__}.{method.__name__}"
    method.__doc__ = f"""Write the {subject} in the format `{form.name}` into a new file, readable by its owner alone.

        Args:
            path: of the file; None returns the content instead.
            language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``; None: that of the {subject}.
            full: writes whole NISS numbers; they are masked without it.
            force: replaces a file of that name in one step and keeps its permissions.
            {last_argument}

        Raises `errors.FileExists` and what else `map_os_errors` raises; then no file is written.
        """
    setattr(target, method.__name__, method)


def _audit_method(form: ExportFormat) -> Callable[..., object]:
    def write(
        self: Any,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        table: str = "merged",
    ) -> str | bytes | None:
        options = ExportOptions(full=full, table=checked_choice("table", table, TABLES))
        return _export(self, form, form.content, options, language, path, force=force)

    return write


def _comparison_method(form: ExportFormat, content: Callable[..., str | bytes]) -> Callable[..., object]:
    def write(
        self: Any,
        path: StrPath | None = None,
        *,
        language: str | None = None,
        full: bool = False,
        force: bool = False,
        pressing: bool = False,
    ) -> str | bytes | None:
        options = ExportOptions(full=full, pressing=pressing)
        return _export(self, form, content, options, language, path, force=force)

    return write


def _export(
    found: Any,
    form: ExportFormat,
    content: Callable[..., str | bytes],
    options: ExportOptions,
    language: object,
    path: object,
    *,
    force: bool,
) -> str | bytes | None:
    """Return the ``content`` of an audit or a comparison, or write it into the file ``path``."""
    if language is not None:
        texts = Translator(language_of(checked_choice("language", language, LANGUAGES)))
        found = replace(found, texts=texts)
    if path is None:
        return content(found, found.texts, options)
    if not isinstance(path, str | os.PathLike):
        raise wrong_type("path", "str or os.PathLike", path)
    target = Path(path)
    require_new(target, replacing=force)
    put_file(target, form.encoded(content(found, found.texts, options)), replacing=force)
    return None
