"""An audit as a workbook for Excel: a sheet a table, dates as dates, numbers as numbers, text as nothing but text."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.changes import ChangeRow, ComparisonResult
from ehtoolkit.auditing.export import plain_text
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.scope import ReportScope, closing_notes
from ehtoolkit.auditing.masking import KEPT, masked
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.clock import SystemClock
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers.table_file import neutral

_DATE: Final = "dd/mm/yyyy"
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
    """Return the content of an ``.xlsx`` file with a sheet for each of `TABLES`, and in a report for one practice a
    cover sheet. Headings and words are in the language of ``texts``. Colours follow the values, also when a cell is
    changed later."""
    target = io.BytesIO()
    with _workbook(target, texts.get("export.title"), audit.now) as book:
        formats = _formats(book)
        if options.scope is not None:
            cover = book.add_worksheet(texts.get("export.report.cover"))
            _cover(cover, options.scope, audit, texts, formats, full=options.full)
        for table in TABLES:
            sheet = book.add_worksheet(texts.get(f"export.sheet.{table}"))
            columns, rows = tuple(ROWS[table].columns()), audit.table(table)
            _fill(sheet, columns, rows, texts, formats, full=options.full)
            _colour(sheet, columns, len(rows), audit.due_within, texts, formats)
    return target.getvalue()


def changed_excel(found: ComparisonResult, texts: Translator, options: ExportOptions = PLAIN) -> bytes:
    """Return the content of an ``.xlsx`` file with a sheet of the changes."""
    target = io.BytesIO()
    with _workbook(target, texts.get("export.comparison.title"), SystemClock().now()) as book:
        formats, columns = _formats(book), tuple(ChangeRow.columns())
        sheet = book.add_worksheet(texts.get("export.sheet.changes"))
        _fill(sheet, columns, found.rows, texts, formats, full=options.full)
        _colour(sheet, columns, len(found.rows), timedelta(), texts, formats)
    return target.getvalue()


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


def _cover(
    sheet: Worksheet,
    scope: ReportScope,
    audit: AuditResult,
    texts: Translator,
    formats: Mapping[str, Format],
    *,
    full: bool,
) -> None:
    """Write what the workbook is about; a line for each value."""
    hide = str if full else masked
    sheet.write_string(
        0, 0, hide(texts.get("export.report.title", practice=scope.name(texts))), formats["title"]
    )
    row = 2
    for labelled in scope.rows(audit, texts):
        sheet.write_string(row, 0, labelled.label, formats["name"])
        for value in labelled.values:
            text = hide(value)
            sheet.write_string(row, 1, text, formats["quoted" if neutral(text) != text else "long"])
            row += 1
    for sentence in closing_notes(audit, texts):
        sheet.write_string(row + 1, 0, sentence, formats["text"])
        row += 1
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 100)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _fill(
    sheet: Worksheet,
    columns: Sequence[str],
    rows: Sequence[TableRow],
    texts: Translator,
    formats: Mapping[str, Format],
    *,
    full: bool,
) -> None:
    widths = []
    for place, column in enumerate(columns):
        heading = plain_text.title(column, texts)
        sheet.write_string(0, place, heading, formats["head"])
        widths.append(len(heading))
    for number, row in enumerate(rows, start=1):
        for place, (column, value) in enumerate(zip(columns, _values(row), strict=True)):
            length = _write(sheet, number, place, column, value, texts, formats, full)
            if number <= _LOOKED_AT:
                widths[place] = max(widths[place], length)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(max(width, _NARROWEST) + 2, _WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _values(row: TableRow) -> Iterator[Any]:
    """Yield the values of a row; ``standing`` of a keystore that was replaced says so."""
    values = dict(zip(row.columns(), row.values(), strict=True))
    if values.get("replaced_by") is not None:
        values["standing"] = FileState.REPLACED.value
    yield from values.values()


def _write(
    sheet: Worksheet,
    row: int,
    place: int,
    column: str,
    value: Any,
    texts: Translator,
    formats: Mapping[str, Format],
    full: bool,
) -> int:
    """Write one cell, and return how many characters it shows."""
    if value is None:
        sheet.write_blank(row, place, None, formats["text"])
        return 0
    if isinstance(value, date):
        if value >= _FIRST_DAY:
            sheet.write_datetime(row, place, datetime.combine(value, time()), formats["day"])
        else:
            sheet.write_string(row, place, value.isoformat(), formats["text"])
        return 10
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value, formats["text"])
        return 5
    if isinstance(value, str):
        text = value if full or column in KEPT else masked(value)
        text = plain_text.word(column, text, texts)
        look = "long" if column in ("message", "next") else "quoted" if neutral(text) != text else "text"
        sheet.write_string(row, place, text, formats[look])
        return len(text)
    sheet.write_number(row, place, value, formats["text"])
    return len(str(value))


def _colour(
    sheet: Worksheet,
    columns: Sequence[str],
    count: int,
    due_within: timedelta,
    texts: Translator,
    formats: Mapping[str, Format],
) -> None:
    last = max(count, 1)
    if "replaced_by" in columns:  # the end of one that was replaced has no colour
        replaced = xl_col_to_name(columns.index("replaced_by"), col_abs=True)
        rule = {"type": "formula", "criteria": f'=${replaced.lstrip("$")}2<>""', "format": formats["text"]}
        sheet.conditional_format(1, 0, last, len(columns) - 1, {**rule, "stop_if_true": True})
    for place, column in enumerate(columns):
        for value, look in _LOOKS.get(column, {}).items():
            rule = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{plain_text.word(column, value, texts)}"',
                "format": formats[look],
            }
            sheet.conditional_format(1, place, last, place, rule)
        if column in ("days_left", "days"):
            _colour_days(sheet, place, last, due_within // timedelta(days=1), formats)


def _colour_days(sheet: Worksheet, place: int, last: int, limit: int, formats: Mapping[str, Format]) -> None:
    """Colour the days of a column red once it is over, amber while it is near; an empty cell is neither, although it
    counts as 0."""
    area = (1, place, last, place)
    sheet.conditional_format(*area, {"type": "blanks", "format": formats["text"], "stop_if_true": True})
    sheet.conditional_format(
        *area, {"type": "cell", "criteria": "<", "value": 0, "format": formats["danger"]}
    )
    rule = {"type": "cell", "criteria": "between", "minimum": 0, "maximum": limit, "format": formats["warn"]}
    sheet.conditional_format(*area, rule)
