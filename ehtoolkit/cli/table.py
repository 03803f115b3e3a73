"""Tables of commands: drawn on a terminal that can, else a line for each row with tabs between the cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from ehtoolkit.cli.finding_lines import STYLES, SYMBOLS
from ehtoolkit.cli.terminal import draw, drawing_width, echo, is_drawing
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

_GAP: Final = 2
"""Columns between two cells."""
_CLAUSE: Final = re.compile(r"\s*[.;:](?=\s|$)")
_NOTHING: Final = "-"
"""An empty cell of a line: programs that split at blanks count it too."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[T]):
    """A column of a table in the terminal.

    Attributes:
        title: as it is read.
        cell: gives the cell of a row.
        least: characters that it needs.
        rank: on a narrow terminal the column with the highest goes first; 0 stays.
        right: numbers end below each other.
        cut: what is long is cut off, where it says little that other columns do not.
    """

    title: str
    cell: Callable[[T], Cell]
    least: int = 8
    rank: int = 0
    right: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell with how bad it is: a colour and a symbol on a terminal."""

    text: str
    severity: Severity


Cell = TableCell | str | int | date | None


def first_clause(sentence: str) -> str:
    """Return the first thing that ``sentence`` says: what has room in a cell."""
    return _CLAUSE.split(sentence, maxsplit=1)[0]


def state_word(state: str, texts: Translator) -> str:
    """Return how a keystore stands."""
    return texts.get(f"export.state.{state}")


def print_table(columns: Sequence[TableColumn[T]], rows: Iterable[T]) -> bool:
    """Print a heading and ``rows``, and return whether there were any; nothing without rows. Strangers' words in cells
    are shown as one line."""
    cells = ([column.cell(row) for column in columns] for row in rows)
    if is_drawing():
        if found := list(cells):
            _draw(columns, found)
        return bool(found)
    printed = False
    for row in cells:
        if not printed:
            echo("\t".join(printable(column.title) for column in columns))
        echo("\t".join(_words(cell) or _NOTHING for cell in row))
        printed = True
    return printed


def _words(cell: Cell) -> str:
    if cell is None:
        return ""
    return printable(cell.text if isinstance(cell, TableCell) else str(cell))


def _draw(columns: Sequence[TableColumn[T]], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.table import Table
    from rich.text import Text

    kept = _fitting(columns, rows, drawing_width())
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold underline")
    for position, width in kept.items():
        column = columns[position]
        table.add_column(
            Text(printable(column.title)),
            justify="right" if column.right else "left",
            overflow="ellipsis" if column.cut else "fold",
            no_wrap=column.cut,
            width=width,
        )
    for row in rows:
        cells = []
        for position in kept:
            cell = row[position]
            style = STYLES[cell.severity] if isinstance(cell, TableCell) else ""
            cells.append(Text(_drawn(cell), style))
        table.add_row(*cells)
    draw(table)


def _drawn(cell: Cell) -> str:
    words = _words(cell)
    return f"{SYMBOLS[cell.severity]} {words}" if isinstance(cell, TableCell) else words


def _fitting(columns: Sequence[TableColumn[T]], rows: Sequence[Sequence[Cell]], width: int) -> dict[int, int]:
    """Return the positions of the columns that have room in ``width``, with how wide each is; those that are empty in
    all rows need none."""
    from rich.cells import cell_len

    wanted = {
        place: max(cell_len(column.title), *(cell_len(_drawn(row[place])) for row in rows))
        for place, column in enumerate(columns)
        if any(_words(row[place]) for row in rows)
    }
    least = {place: min(columns[place].least, needed) for place, needed in wanted.items()}
    while sum(least.values()) + _GAP * (len(least) - 1) > width:
        last = max(least, key=lambda place: columns[place].rank)
        if columns[last].rank == 0:
            break
        del least[last]
    spare = width - sum(least.values()) - _GAP * (len(least) - 1)
    while spare > 0 and (short := [place for place in least if least[place] < wanted[place]]):
        for place in short[:spare]:
            least[place] += 1
        spare -= min(len(short), spare)
    return least
