"""An audit as a workbook for Excel: a sheet a table, dates as dates, numbers as numbers, text as nothing but text."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ehtoolkit import errors
from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ChangeRow, ComparisonResult
from ehtoolkit.auditing.export import plain_text
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.report_scope import ReportScope, closing_notes
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.auditing.tables.table_row import KEPT, TableRow
from ehtoolkit.clock import SystemClock
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.i18n import Translator
from ehtoolkit.providers.table_file import neutral
from ehtoolkit.version import __version__

_DATE: Final = "dd/mm/yyyy"
_ROWS: Final = 2**20 - 1
"""Rows of a sheet under its heading; xlsxwriter leaves out further ones without a word."""
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""
_WIDEST, _NARROWEST, _LOOKED_AT = 60, 9, 200
"""Widths of columns in characters, and the rows that they are found by."""
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FILLS: Final[Mapping[str, tuple[str, str]]] = {
    "danger": ("#FBE9E7", "#A3211B"),
    "warn": ("#FCF0D8", "#7D4A00"),
    "info": ("#E2EFF2", "#07424F"),
    "ok": ("#E3F2E9", "#14623A"),
}
"""Ground and ink, as on the pages."""
_LOOKS: Final[Mapping[str, Mapping[str, str]]] = {
    "severity": {str(severity): look for severity, look in LOOKS.items()},
    **dict.fromkeys(("standing", "state", "old_state"), plain_text.STATE_LOOKS),
}


def excel(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> bytes:
    """Return the content of an ``.xlsx`` file with a sheet for each of `TABLES`, one about the audit, and in a report
    for one practice a cover sheet. Headings and words are in the language of ``texts``. Colours follow the values, also
    when a cell is changed later. Raises `errors.WorkbookFull`."""
    target = io.BytesIO()
    tables = {table: _that_fit(table, audit.table(table)) for table in TABLES}
    with _workbook(target, texts.get("export.title"), audit.now) as book:
        sheets = _Sheets(book, texts, options)
        if options.scope is not None:
            sheets.cover(options.scope, audit)
        for table, rows in tables.items():
            sheets.table(table, ROWS[table], rows, audit.request.due_within)
        sheets.about(audit)
        for name, value in audit.about(options.hide).items():
            if isinstance(value, str | int):
                book.set_custom_property(name, value)
    return target.getvalue()


def changed_excel(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> bytes:
    """Return the content of an ``.xlsx`` file with a sheet of the changes. Raises `errors.WorkbookFull`."""
    target = io.BytesIO()
    rows = _that_fit("changes", found.rows)
    with _workbook(target, texts.get("export.comparison.title"), SystemClock().now()) as book:
        _Sheets(book, texts, options).table("changes", ChangeRow, rows)
    return target.getvalue()


def _that_fit(table: str, rows: Sequence[TableRow]) -> Sequence[TableRow]:
    """Return the rows of a table, when a sheet holds all of them. Raises `errors.WorkbookFull`."""
    if len(rows) > _ROWS:
        raise errors.WorkbookFull(table=table, rows=len(rows), limit=_ROWS)
    return rows


def _workbook(target: io.BytesIO, title: str, created: datetime) -> Workbook:
    """Return a new workbook. No user and no computer is named in its properties."""
    book = xlsxwriter.Workbook(target, _OPTIONS)
    moment = created.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "author": "ehtoolkit", "created": moment})
    return book


def _formats(book: Workbook) -> dict[str, Format]:
    made = {
        "head": book.add_format(
            {"bold": True, "bg_color": "#EDF0EF", "bottom": 1, "valign": "top", "text_wrap": True}
        ),
        "text": book.add_format({"valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "name": book.add_format({"bold": True, "valign": "top", "text_wrap": True}),
        "long": book.add_format({"valign": "top", "text_wrap": True}),
        # As an apostrophe that was typed: it stays text when someone edits the cell, too.
        "quoted": book.add_format({"valign": "top", "quote_prefix": True}),
        "day": book.add_format({"valign": "top", "num_format": _DATE, "align": "left"}),
    }
    for look, (ground, ink) in _FILLS.items():
        made[look] = book.add_format({"bg_color": ground, "font_color": ink})
    return made


class _Sheets:
    """The sheets of a workbook, which `cover` and `table` write."""

    def __init__(self, book: Workbook, texts: Translator, options: ExportOptions) -> None:
        self._book, self._texts, self._hide = book, texts, options.hide
        self._formats = _formats(book)

    def cover(self, scope: ReportScope, audit: AuditResult) -> None:
        """Write what the workbook is about; a line for each value."""
        sheet = self._book.add_worksheet(self._texts.get("export.report.cover"))
        heading = self._texts.get("export.report.title", practice=scope.name(self._texts))
        sheet.write_string(0, 0, self._hide(heading), self._formats["title"])
        row = 2
        for labelled in scope.rows(audit, self._texts):
            sheet.write_string(row, 0, labelled.label, self._formats["name"])
            for value in labelled.values:
                text = self._hide(value)
                look = "quoted" if neutral(text) != text else "long"
                sheet.write_string(row, 1, text, self._formats[look])
                row += 1
        for sentence in closing_notes(audit, self._texts):
            sheet.write_string(row + 1, 0, sentence, self._formats["text"])
            row += 1
        _show_lines(sheet)

    def about(self, audit: AuditResult) -> None:
        """Write when and by which version the audit was made, and what was asked."""
        get, request = self._texts.get, audit.request
        wanted = request.environment
        environment = None if wanted is None else plain_text.word("environment", wanted, self._texts)
        sheet = self._book.add_worksheet(get("export.sheet.about"))
        lines: list[tuple[str, Any]] = [
            (get("export.report.date"), get("export.report.moment", moment=audit.now)),
            (get("export.about.version"), __version__),
            *((get("export.report.folders"), folder) for folder in audit.folder_names),
            (get("export.column.environment"), environment),
            (get("export.report.practice"), request.practice),
            (get("export.about.due_within"), request.due_within.days),
            (get("export.about.registry"), request.registry),
            (get("export.about.revocation"), request.revocation),
            (get("export.about.follow_links"), request.follow_links),
        ]
        for row, (label, value) in enumerate(line for line in lines if line[1] is not None):
            sheet.write_string(row, 0, label, self._formats["name"])
            self._write(sheet, (row, 1), "", value)
        _show_lines(sheet)

    def table(
        self, name: str, kind: type[TableRow], rows: Sequence[TableRow], due_within: timedelta = timedelta()
    ) -> None:
        """Write a table, whose rows are of ``kind``."""
        sheet = self._book.add_worksheet(self._texts.get(f"export.sheet.{name}"))
        columns = tuple(kind.columns())
        widths = []
        for place, column in enumerate(columns):
            heading = plain_text.title(column, self._texts)
            sheet.write_string(0, place, heading, self._formats["head"])
            widths.append(len(heading))
        for number, row in enumerate(rows, start=1):
            for place, (column, value) in enumerate(row.by_column().items()):
                length = self._write(sheet, (number, place), column, value)
                if number <= _LOOKED_AT:
                    widths[place] = max(widths[place], length)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, min(max(width, _NARROWEST) + 2, _WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        sheet.repeat_rows(0)
        _print_landscape(sheet)
        self._colour(sheet, columns, max(len(rows), 1), due_within // timedelta(days=1))

    def _write(self, sheet: Worksheet, at: tuple[int, int], column: str, value: Any) -> int:
        """Write one cell, and return how many characters it shows."""
        plain = self._formats["text"]
        if value is None:
            sheet.write_blank(*at, None, plain)
            return 0
        if isinstance(value, date):
            if value >= _FIRST_DAY:
                sheet.write_datetime(*at, datetime.combine(value, time()), self._formats["day"])
            else:
                sheet.write_string(*at, value.isoformat(), plain)
            return 10
        if isinstance(value, bool):
            sheet.write_boolean(*at, value, plain)
            return 5
        if isinstance(value, str):
            text = value if column in KEPT else self._hide(value)
            text = plain_text.word(column, text, self._texts)
            look = "long" if column in ("message", "next") else "quoted" if neutral(text) != text else "text"
            sheet.write_string(*at, text, self._formats[look])
            return len(text)
        sheet.write_number(*at, value, plain)
        return len(str(value))

    def _colour(self, sheet: Worksheet, columns: Sequence[str], last: int, limit: int) -> None:
        """Colour the cells down to the row ``last``. ``limit``: days for which an end is near."""
        if "replaced_by" in columns:  # the end of one that was replaced has no colour
            replaced = xl_col_to_name(columns.index("replaced_by"), col_abs=True)
            rule = {"type": "formula", "criteria": f'=${replaced.lstrip("$")}2<>""', "stop_if_true": True}
            sheet.conditional_format(1, 0, last, len(columns) - 1, {**rule, "format": self._formats["text"]})
        for place, column in enumerate(columns):
            area = (1, place, last, place)
            for value, look in _LOOKS.get(column, {}).items():
                word = plain_text.word(column, value, self._texts)
                rule = {"type": "cell", "criteria": "==", "value": f'"{word}"'}
                sheet.conditional_format(*area, {**rule, "format": self._formats[look]})
            if column in ("days_left", "days"):
                # Red once it is over, amber while it is near; an empty cell is neither, although it counts as 0.
                for rule, look in (
                    ({"type": "blanks", "stop_if_true": True}, "text"),
                    ({"type": "cell", "criteria": "<", "value": 0}, "danger"),
                    ({"type": "cell", "criteria": "between", "minimum": 0, "maximum": limit}, "warn"),
                ):
                    sheet.conditional_format(*area, {**rule, "format": self._formats[look]})


def _show_lines(sheet: Worksheet) -> None:
    """Show labels and values, and no table."""
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 100)
    sheet.hide_gridlines(2)
    _print_landscape(sheet)


def _print_landscape(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
