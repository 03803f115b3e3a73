"""Providers as a table that spreadsheet programs and `ehtoolkit.providers.importing` read: a row for each period."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from ehtoolkit.providers.provider import Period, Provider
from ehtoolkit.providers.table_file import COLUMNS, neutral
from ehtoolkit.system.files import create_private, link_new, map_os_errors


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

    Raises what `map_os_errors` raises.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with map_os_errors(path):
        if path.exists():
            raise FileExistsError
        try:
            with TextIOWrapper(create_private(unfinished), encoding="utf-8-sig", newline="") as file:
                count = write_table(records, file, separator=separator)
            link_new(unfinished, path)
        finally:
            with suppress(OSError):
                unfinished.unlink()
    return count


def _rows(record: Provider) -> Iterator[list[str]]:
    keystore = record.keystore
    holder_columns = [
        *(record.name, record.first_names, _text(record.birth_date), record.language or "", record.niss),
        *(record.inami, record.recognition_number, record.enterprise_number, record.practice),
        "/".join(record.types),
    ]
    with_what = ["", ""] if keystore is None else [keystore.path, keystore.key_id or ""]
    for period in record.periods or (None,):
        yield [*holder_columns, *_cells(period), *with_what]


def _cells(period: Period | None) -> list[str]:
    if period is None:
        return [""] * 5
    conventioned = "" if period.conventioned is None else str(period.conventioned)
    return [period.type, _text(period.start), _text(period.end), period.inami, conventioned]


def _text(value: object) -> str:
    return "" if value is None else str(value)
