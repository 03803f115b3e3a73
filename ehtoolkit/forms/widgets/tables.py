"""The table of the pages: its rows are read, sorted, pressed or typed into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from traitlets import Bool, Dict, Int, List, Unicode

from ehtoolkit.forms.html import severity_icon, svg
from ehtoolkit.forms.widgets.base import MessageWidget, esm
from ehtoolkit.forms.widgets.fields import Option
from ehtoolkit.i18n import Translator


@dataclass(frozen=True, slots=True)
class CellLink:
    """Where a cell leads.

    Attributes:
        label: what a screen reader says instead of the text, which many rows have.
        action: what the listener gets when the link is pressed and the page itself shows what it leads to; empty: the
            browser goes there.
    """

    href: str
    label: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table.

    Attributes:
        note: smaller, below the text.
        severity: ok, info, warn, danger or off: the text is shown as a tag.
        link: where the text leads.
        mono: the text is read letter by letter.
    """

    text: str
    note: str = ""
    severity: str = ""
    link: CellLink | None = None
    mono: bool = False


@dataclass(frozen=True, slots=True)
class RowButton:
    """A button of a row.

    Attributes:
        about: what a screen reader says after the label, since every row has the same ones.
        icon: shown instead of the label, which only a screen reader says then.
    """

    action: str
    label: str
    about: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """The first cell is the row's heading; the buttons come after the last."""

    key: str
    cells: Sequence[Cell]
    buttons: Sequence[RowButton] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: what the listener gets when rows are to be sorted by it; empty: they cannot be.
        right: for numbers.
        place: ``state`` stands beside the row's heading when rows are cards; ``extra`` is left out where there is no
            room for all columns.
    """

    label: str
    key: str = ""
    right: bool = False
    place: Literal["", "state", "extra"] = ""


@dataclass(frozen=True, slots=True)
class Sorting:
    """How rows are sorted, and which page of them is shown.

    Attributes:
        place: the sentence that says which rows of how many these are.
    """

    column: str
    ascending: bool
    page: int = 1
    pages: int = 1
    place: str = ""


class Table(MessageWidget):
    """A table called ``label``. Where there is no room for its columns, each row is a card.

    It holds the rows of one page; who has them all sorts them and turns the pages, so that thousands of them cost the
    browser no more than some. ``nothing``: what is shown instead of a table without rows.
    """

    _esm = esm("table")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    columns: list[dict[str, Any]] = List().tag(sync=True)
    rows: list[dict[str, Any]] = List().tag(sync=True)
    sort: str = Unicode().tag(sync=True)
    ascending: bool = Bool(True).tag(sync=True)
    page: int = Int(1).tag(sync=True)
    pages: int = Int(1).tag(sync=True)
    place: str = Unicode().tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    icons: dict[str, str] = Dict({name: svg(name) for name in ("back", "next")}).tag(sync=True)

    def __init__(
        self,
        label: str,
        columns: Sequence[Column],
        *,
        nothing: str = "",
        pager: Mapping[str, str] | None = None,
    ) -> None:
        """Make the widget.

        Args:
            pager: what the buttons that turn pages are called together (``pager``), and each (``previous``, ``next``);
                None: all rows are on one page.
        """
        super().__init__(
            label=label,
            columns=[asdict(column) for column in columns],
            nothing=nothing,
            words=dict(pager or {}),
        )

    @classmethod
    def of(cls, key: str, columns: Sequence[str], texts: Translator) -> Table:
        """Return the table that has its texts under ``key``: title, headings of the ``columns``, that of the buttons
        too, and, where there is one, the sentence without rows (``<key>.none``)."""
        get = texts.get
        nothing = get(f"{key}.none") if texts.has(f"{key}.none") else ""
        return Table(get(key), [Column(get(f"{key}.{name}")) for name in columns], nothing=nothing)

    def show(self, rows: Sequence[ActionRow], sorting: Sorting | None = None) -> None:
        """Show these rows. ``sorting``: how they are sorted; None: by no column."""
        with self.hold_sync():
            if sorting is not None:
                self.sort, self.ascending = sorting.column, sorting.ascending
                self.page, self.pages, self.place = sorting.page, sorting.pages, sorting.place
            self.rows = [_plain_row(row) for row in rows]

    def on_press(self, listener: Callable[[str, str], None]) -> None:
        """Call ``listener(key, action)`` when a button of a row, or a link that has an action, is pressed."""
        self._listen("press", listener, key=str, button=str)

    def on_sort(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(column)`` when the heading of a column is pressed."""
        self._listen("sort", listener, column=str)

    def on_turn(self, listener: Callable[[int], None]) -> None:
        """Call ``listener(page)`` when another page is wanted, counted from 1."""
        self._listen("turn", listener, page=int)


def _plain_cell(cell: Cell) -> dict[str, Any]:
    return {**asdict(cell), "icon": severity_icon(cell.severity)}


def _plain_row(row: ActionRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "cells": [_plain_cell(cell) for cell in row.cells],
        "buttons": [{**asdict(button), "icon": svg(button.icon)} for button in row.buttons],
    }


@dataclass(frozen=True, slots=True)
class EditColumn:
    """A column whose cells are fields.

    Attributes:
        options: what can be chosen, a drop-down; none, a line of text.
        placeholder: what an empty cell means.
        wide: for long numbers.
    """

    key: str
    label: str
    options: Sequence[Option] = ()
    placeholder: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class EditRow:
    """``key`` and ``label`` name the row; ``values`` by the columns' keys. ``severity`` (ok, warn, danger, info or
    none) with its ``word`` marks the row, and ``wrong`` are the columns that cannot be used as they are."""

    key: str
    label: str
    values: Mapping[str, str]
    severity: str = ""
    word: str = ""
    wrong: Sequence[str] = field(default_factory=tuple)


class EditTable(Table):
    """A table whose cells are fields, each row with a button that takes it away. A field tells what it holds when it is
    left."""

    edited: bool = Bool(True).tag(sync=True)

    def __init__(
        self, label: str, columns: Sequence[EditColumn], *, heading: str, remove: str, nothing: str
    ) -> None:
        """Make the widget.

        Args:
            heading: of the first column, with the rows' labels.
            remove: what a row's button does, for screen readers; the row's label follows.
        """
        super().__init__(label, [Column(heading)], nothing=nothing)
        self._remove = RowButton("remove", remove, icon="cross")
        self.columns = [*self.columns, *map(asdict, columns), asdict(Column(remove))]

    def show_fields(self, rows: Sequence[EditRow]) -> None:
        """Show these rows of fields."""
        self.rows = [self._plain(row) for row in rows]

    def _plain(self, row: EditRow) -> dict[str, Any]:
        button = replace(self._remove, about=row.label)
        plain = _plain_row(ActionRow(row.key, [Cell(row.label, row.word, row.severity)], [button]))
        return {**asdict(row), **plain}

    def on_edit(self, listener: Callable[[str, str, str], None]) -> None:
        """Call ``listener(row, column, value)`` when a field is left with another value."""
        self._listen("edit", listener, key=str, column=str, value=str)

    def on_remove(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(row)`` when the button of a row is pressed."""
        self.on_press(lambda key, _: listener(key))
