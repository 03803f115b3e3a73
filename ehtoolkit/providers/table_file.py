"""Read and write tables of providers: encodings, separators, columns, cells; one row at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, TextIO, TypeVar

from ehtoolkit import errors
from ehtoolkit.clock import parse_day
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers.provider import KNOWN, PLAIN_FIELDS, Conventioned, TypeTable, require_type
from ehtoolkit.settings import LanguageName
from ehtoolkit.system.files import require_input
from ehtoolkit.system.text_safety import tidy

T = TypeVar("T", bound=str)

LINE_LIMIT: Final = 64_000
"""Characters of the longest line that is read: a quotation mark that never closes must not swallow the file."""
_CHUNK: Final = 1 << 20
_SEPARATORS: Final = ";,\t"
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How the file is written. ``columns``: the headings, in small letters, without blanks around."""

    encoding: str
    separator: str
    columns: tuple[str, ...]

    @property
    def shown_columns(self) -> str:
        """Some of the headings, for a sentence."""
        return ", ".join(column[:40] for column in self.columns[:_SHOWN] if column.isprintable())


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row by its columns.

    Attributes:
        number: the line of the file where it begins, from 1.
        fault: why it cannot be read; then there are no ``cells``.
    """

    number: int
    cells: Mapping[str, str]
    fault: str | None = None


def detect_format(path: Path) -> TableFormat:
    """Return how a table is written, by looking at the file as a whole, without keeping it.

    Raises `errors.FileUnreadable`, `errors.NotAProviderTable` (reason ``empty``, ``workbook``, ``binary``).
    """
    encoding = _encoding(path)
    with _opened(path, encoding) as file:
        for heading in iter(lambda: file.readline(LINE_LIMIT), ""):
            if heading.strip():
                break
        else:
            raise errors.NotAProviderTable(path=str(path), reason="empty")
    separator = max(_SEPARATORS, key=heading.count)
    cells = next(csv.reader([heading], delimiter=separator), [])
    return TableFormat(encoding, separator, tuple(cell.strip().casefold() for cell in cells))


def has_more_lines(path: Path, most: int) -> bool:
    """Return whether there are more line ends than ``most``, however lines end; no more of the file is read than says
    so.

    Raises `errors.FileUnreadable`.
    """
    feeds = returns = 0
    with _reading(path), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            feeds, returns = feeds + chunk.count(b"\n"), returns + chunk.count(b"\r")
            if max(feeds, returns) > most:
                return True
    return False


def read_lines(path: Path, form: TableFormat) -> Iterator[TableLine]:
    """Yield the rows below the heading, without empty ones. Raises `errors.FileUnreadable`."""
    with _opened(path, form.encoding) as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=form.separator)
        heading = False
        while True:
            number = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield TableLine(number, {}, "quote")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if not heading:
                heading = True
            elif any(cells[len(form.columns) :]):
                yield TableLine(number, {}, "cells")
            else:
                yield TableLine(number, dict(zip(form.columns, cells, strict=False)))


class _Lines:
    """The lines of a file for the reader of CSV; ``number``: how many were handed on. One that is too long is skipped,
    and makes the reader fail. A NUL, which the reader refuses, becomes the sign for what cannot be shown."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < LINE_LIMIT or line.endswith("\n"):
            return line.replace("\0", "\ufffd")
        while line and not line.endswith("\n"):
            line = self._file.readline(LINE_LIMIT)
        raise csv.Error("a line is too long")


def _encoding(path: Path) -> str:
    """Return the encoding of a file by its mark; without one UTF-8 where all of it is, else Windows-1252, which Excel
    writes in Belgium."""
    with _reading(path), path.open("rb") as file:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise errors.NotAProviderTable(path=str(path), reason="empty")
        if chunk.startswith(_WORKBOOKS):
            raise errors.NotAProviderTable(path=str(path), reason="workbook")
        for mark, encoding in _MARKS.items():
            if chunk.startswith(mark):
                return encoding
        if b"\0" in chunk[:LINE_LIMIT]:
            raise errors.NotAProviderTable(path=str(path), reason="binary")
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """Hold a file open as text. Bytes that the encoding does not have are shown as such: the rows with them are read,
    and say so."""
    with _reading(path), path.open(encoding=encoding, errors="replace", newline="") as file:
        yield file


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    require_input(path)
    try:
        yield
    except OSError as error:
        raise errors.FileUnreadable(path=str(path)) from error


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────
COLUMNS: Final = (
    *(*PLAIN_FIELDS, "types"),
    *("type", "start", "end", "period_inami", "conventioned"),
    *("keystore", "key_id"),
)
"""In the order in which they are written. The names are also what scripts read."""

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n|%]")
_QUOTED: Final = re.compile(r"'+[=+\-@\t\r\n|%]")
_WORDS: Final[Mapping[str, Conventioned]] = {
    **dict.fromkeys(("1", "true", "y", "j", "o"), Conventioned.YES),
    **dict.fromkeys(("0", "false", "n"), Conventioned.NO),
}


def neutral(text: str) -> str:
    """Return ``text`` as no spreadsheet program computes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """Return what `neutral` was given."""
    return cell[1:] if _QUOTED.match(cell) else cell


def read_date(cell: str, latest_year: int | None = None) -> date | None:
    """Read a date as `parse_day` does; None for an empty cell. A year needs four digits here, since a date in a table
    is not shown for confirmation.

    Raises `errors.RecordInvalid` (reason ``date``).
    """
    if not tidy(cell):
        return None
    try:
        return parse_day(cell, latest_year=latest_year)
    except ValueError as error:
        raise errors.RecordInvalid(reason="date") from error


def read_language(cell: str) -> LanguageName | None:
    """Return the language that a cell names (``fr``, ``FR``, ``fr-BE``); None for an empty cell. Raises
    ``ValueError``."""
    code = cell.strip().lower()[:2]
    if code and code not in LANGUAGES:
        raise ValueError(cell)
    return code or None


def read_conventioned(cell: str) -> Conventioned | None:
    """Return what a cell says, by its name, its word in one of the four languages, 1 or 0; None for an empty cell.
    Raises ``ValueError``."""
    word = cell.strip().casefold()
    if not word:
        return None
    return _conventioned_words()[word] if word in _conventioned_words() else Conventioned(word)


def read_type(cell: str, table: TypeTable = KNOWN) -> str:
    """Return the type that a cell names, by its key, or its word in one of the four languages. Raises
    `errors.ProviderTypeUnknown`."""
    word = cell.strip().casefold()
    return _type_words()[word] if word in _type_words() else require_type(cell, table)


def split_types(cell: str) -> list[str]:
    """Return the types in a cell, between which there are ``/`` or ``|``; in some words there is a ``/``, too."""
    pieces = cell.replace("|", "/").split("/")
    found: list[str] = []
    place = 0
    while place < len(pieces):
        word = "/".join(pieces[place : place + 2])
        if word.strip().casefold() not in _type_words():
            word = pieces[place]
        found.append(word)
        place += word.count("/") + 1
    return [word for word in found if word.strip()]


@cache
def column_names() -> Mapping[str, str]:
    """Return what columns may be called, in small letters: their own names, and their titles in the four languages."""
    return {**_words("column", COLUMNS), **{name: name for name in COLUMNS}}


@cache
def _conventioned_words() -> Mapping[str, Conventioned]:
    return {**_WORDS, **_words("conventioned", Conventioned)}


@cache
def _type_words() -> Mapping[str, str]:
    return _words("type", KNOWN)


def _words(section: str, values: Iterable[T]) -> Mapping[str, T]:
    """Return ``values`` by what they are called in the four languages, in small letters."""
    return {
        Translator(language).get(f"registry.{section}.{value}").casefold(): value
        for language in LANGUAGES
        for value in values
    }
