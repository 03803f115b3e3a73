"""Providers as a table that spreadsheet programs and `ehtoolkit.providers.importing` read: a row for each period."""

from __future__ import annotations

import csv
import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from ehtoolkit import errors
from ehtoolkit.providers.provider import Period, Provider
from ehtoolkit.providers.table_file import COLUMNS, neutral
from ehtoolkit.system.files import create_private

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


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

    Raises `errors.FileExists`, `errors.DiskFull`, `errors.FolderNotWritable`.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if path.exists():
        raise errors.FileExists(path=str(path))
    try:
        with TextIOWrapper(create_private(unfinished), encoding="utf-8-sig", newline="") as file:
            count = write_table(records, file, separator=separator)
        _put_in_place(unfinished, path)
    except FileExistsError as error:
        raise errors.FileExists(path=str(path)) from error
    except OSError as error:
        refusal = errors.DiskFull if error.errno in _FULL else errors.FolderNotWritable
        raise refusal(folder=str(path.parent)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return count


def _put_in_place(unfinished: Path, path: Path) -> None:
    """Give the file ``unfinished`` the name ``path``. A link never replaces a file that came meanwhile; where there are
    no links (USB sticks), a rename has to do. Raises ``FileExistsError``, and another ``OSError`` where neither can be
    done."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(path) from None
        unfinished.rename(path)


def _rows(record: Provider) -> Iterator[list[str]]:
    keystore = record.keystore
    whose = [
        *(record.name, record.first_names, _text(record.birth_date), record.language or "", record.niss),
        *(record.inami, record.recognition_number, record.enterprise_number, record.practice),
        "/".join(record.types),
    ]
    with_what = ["", ""] if keystore is None else [keystore.path, keystore.key_id or ""]
    for period in record.periods or (None,):
        yield [*whose, *_cells(period), *with_what]


def _cells(period: Period | None) -> list[str]:
    if period is None:
        return [""] * 5
    conventioned = "" if period.conventioned is None else str(period.conventioned)
    return [period.type, _text(period.start), _text(period.end), period.inami, conventioned]


def _text(value: object) -> str:
    return "" if value is None else str(value)
