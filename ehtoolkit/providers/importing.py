"""Providers from a table: who is in it, and which of its rows cannot be taken and why. Nothing is changed by reading.

A row is a provider, or one of his periods; the rows of one provider follow each other. Numbers with wrong check digits
are taken as they are, since the rules speak of them; only what cannot be kept is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from ehtoolkit import errors
from ehtoolkit.identity.numbers import is_scientific
from ehtoolkit.providers import merging, table_file
from ehtoolkit.providers.provider import KNOWN, NUMBERS, TEXT_FIELDS, Assignment, Period, Provider, TypeTable
from ehtoolkit.providers.table_file import TableFormat, TableLine, detect_format, has_more_lines, read_lines

T = TypeVar("T")

MOST_ROWS: Final = 1_000_000
"""Rows of a table, unless the caller allows fewer. They are read one after the other: that takes some minutes, and the
same memory for many as for few (``benchmarks/providers.py``)."""
MOST_ROWS_ON_A_PAGE: Final = 20_000
"""Those that are looked at while someone waits at a page, which keeps all of them until the answer."""
_OF_PERIODS: Final = ("type", "start", "end", "period_inami", "conventioned")
_NETWORK_PATH: Final = re.compile(r"[\\/]{2}")
"""How a path of a server or a device begins. Windows logs on to a server whose path is only looked at: a table from
someone else must not choose that server."""
_TOGETHER: Final = 500
"""Periods that are gathered for one provider before he is handed on; more of them follow as another record of his."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be taken.

    Attributes:
        reason: the key of its sentence below ``registry.row``.
        column: where that is in one cell.
    """

    line: int
    reason: str
    column: str | None = None


class _Wrong(Exception):
    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


@dataclass(frozen=True, slots=True)
class ProviderTable:
    """A file that is a table of providers; made by `open_table`. Iterating reads it, as often as is wanted."""

    path: Path
    form: TableFormat
    types: TypeTable

    def __iter__(self) -> Iterator[Provider | RejectedRow]:
        """Yield providers with the periods of their neighbouring rows, and refused rows, in the order of the file; a
        refused row between those of one provider comes before the provider."""
        whole: Provider | None = None
        columns = self.columns
        for line in read_lines(self.path, self.form):
            read = self._read(line, columns)
            if isinstance(read, RejectedRow):
                yield read
            elif whole is not None and _goes_with(whole, read):
                whole = _joined(whole, read)
            else:
                if whole is not None:
                    yield whole
                whole = read
        if whole is not None:
            yield whole

    @property
    def columns(self) -> Mapping[str, str]:
        """The name of each column that is ours, by its heading.

        A table without a first day has no periods: its INAMI number is the main one.
        """
        known = table_file.column_names()
        named = {heading: known[heading] for heading in self.form.columns if heading in known}
        if not {"start", "inami"} & set(named.values()):
            return {heading: "inami" if name == "period_inami" else name for heading, name in named.items()}
        return named

    @property
    def passed_over(self) -> tuple[str, ...]:
        """The headings of columns that are not ours, as they can be shown."""
        named = table_file.column_names()
        others = (column for column in self.form.columns if column and column not in named)
        return tuple(column[:40] for column in others if column.isprintable())

    def _read(self, line: TableLine, columns: Mapping[str, str]) -> Provider | RejectedRow:
        if line.fault is not None:
            return RejectedRow(line.number, line.fault)
        values = {
            columns[heading]: table_file.restored(cell.strip())
            for heading, cell in line.cells.items()
            if heading in columns
        }
        try:
            return _provider(values, self.types).tidy()
        except _Wrong as wrong:
            return RejectedRow(line.number, wrong.reason, wrong.column)
        except errors.RecordInvalid as error:
            return RejectedRow(line.number, error.reason)


def open_table(path: Path, types: TypeTable = KNOWN, *, most: int = MOST_ROWS) -> ProviderTable:
    """Open the table in a file, and return it: semicolons, commas or tabs; UTF-8, UTF-16 or Windows-1252; columns by
    their names, or their titles in any of the four languages; columns that are not ours are passed over.

    ``most``: the number of lines below the heading that are taken; they are counted before any is read as a row.
    Raises `errors.FileUnreadable`, `errors.NotAProviderTable`.
    """
    form = detect_format(path)
    if has_more_lines(path, most + 1):  # and the heading
        raise errors.NotAProviderTable(path=str(path), reason="rows", limit=most)
    known = {table_file.column_names().get(column) for column in form.columns}
    if "name" not in known or not known & {"niss", "inami", "period_inami"}:
        raise errors.NotAProviderTable(path=str(path), reason="foreign", columns=form.shown_columns)
    return ProviderTable(path, form, types)


def _provider(values: Mapping[str, str], table: TypeTable) -> Provider:
    if not values.get("name"):
        raise _Wrong("name", "name")
    for number in (*NUMBERS, "period_inami"):
        if is_scientific(values.get(number, "")):
            raise _Wrong("scientific", number)
    texts = {name: values.get(name, "") for name in TEXT_FIELDS}
    types = table_file.split_types(values.get("types", ""))
    record = Provider(
        **cast("dict[str, Any]", texts),
        birth_date=_date(values, "birth_date"),
        language=_cell(values, "language", "language", table_file.read_language),
        types=tuple(
            _cell({"types": type_}, "types", "type", lambda cell: table_file.read_type(cell, table))
            for type_ in types
        ),
    )
    keystore = values.get("keystore")
    if keystore:
        if _NETWORK_PATH.match(keystore):
            raise _Wrong("network_path", "keystore")
        record = replace(record, keystore=Assignment(keystore, values.get("key_id") or None))
    period = _period(values, record, table)
    return record if period is None else replace(record, periods=(period,))


def _period(values: Mapping[str, str], record: Provider, table: TypeTable) -> Period | None:
    """Return the period of a row; None where the row has none. Without a type it is of the provider's default one."""
    if not any(values.get(name) for name in _OF_PERIODS):
        return None
    start = _date(values, "start")
    if start is None:
        raise _Wrong("start", "start")
    if values.get("type"):
        kind = _cell(values, "type", "type", lambda cell: table_file.read_type(cell, table))
    elif record.types:
        kind = record.types[0]
    else:
        raise _Wrong("period_type", "type")
    return Period(
        kind,
        start,
        _date(values, "end"),
        values.get("period_inami", ""),
        _cell(values, "conventioned", "conventioned", table_file.read_conventioned),
    )


def _date(values: Mapping[str, str], column: str) -> date | None:
    return _cell(values, column, "date", table_file.read_date)


def _cell(values: Mapping[str, str], column: str, reason: str, read: Callable[[str], T]) -> T:
    """Return what ``read`` makes of a cell; what it refuses is wrong for ``reason``."""
    try:
        return read(values.get(column, ""))
    except (errors.InputInvalid, ValueError) as error:
        raise _Wrong(reason, column) from error


def _goes_with(whole: Provider, more: Provider) -> bool:
    return merging.match_key(whole) == merging.match_key(more) and len(whole.periods) < _TOGETHER


def _joined(whole: Provider, more: Provider) -> Provider:
    """Return one provider of two rows: the first one, with the second one's periods, and with what the first has left
    empty."""
    periods = (*whole.periods, *(period for period in more.periods if period not in whole.periods))
    joined = merging.combined(replace(more, periods=()), replace(whole, periods=()))
    return replace(
        joined,
        types=tuple(dict.fromkeys((*whole.types, *more.types))),
        periods=periods,
        keystore=whole.keystore or more.keystore,
    )
