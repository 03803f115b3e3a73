"""Providers as a table that spreadsheet programs and `ehtoolkit.providers.importing` read: a row for each period."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from ehtoolkit.providers.provider import PLAIN_FIELDS, Provider
from ehtoolkit.providers.table_file import COLUMNS, neutral
from ehtoolkit.system.files import create_file, require_new


def write_table(records: Iterable[Provider], target: TextIO, *, separator: str = ";") -> int:
    """Write the heading and the rows, and return how many providers there were; one without periods has one row.

    Cells that a spreadsheet program would compute are made harmless. Dates are ISO, which every language reads.
    """
    writer = csv.writer(target, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for record in records:
        count += 1
        writer.writerows([neutral(cell) for cell in row] for row in _rows(record))
    return count


def export_file(records: Iterable[Provider], path: Path, *, separator: str = ";") -> int:
    """Write ``records`` to a new file as `write_table` does, readable by its owner alone, in UTF-8 with the mark by
    which Excel knows it, and return how many there were; the file is there when all of it is.

    Raises what `create_file` raises; for a name that is taken, before the first of ``records`` is read.
    """
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        count = write_table(records, text, separator=separator)
        text.detach()  # writes what it holds; `create_file` closes the file

    require_new(path)
    create_file(path, write)
    return count


def _rows(record: Provider) -> Iterator[list[str]]:
    keystore = record.keystore
    holder_columns = [*(_text(getattr(record, name)) for name in PLAIN_FIELDS), "/".join(record.types)]
    with_what = ["", ""] if keystore is None else [keystore.path, keystore.key_id or ""]
    for period in record.periods or (None,):
        cells = [""] * 5 if period is None else map(_text, astuple(period))
        yield [*holder_columns, *cells, *with_what]


def _text(value: object) -> str:
    return "" if value is None else str(value)
