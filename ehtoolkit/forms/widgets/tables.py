"""Tables: rows with buttons, rows that are sorted, rows that are typed into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from traitlets import Bool, Dict, Int, List, Unicode

from ehtoolkit.forms.icons import icon, severity_icon
from ehtoolkit.forms.widgets.base import MessageWidget
from ehtoolkit.forms.widgets.esm import esm
from ehtoolkit.forms.widgets.fields import Option


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` and, smaller, ``note``; ``severity`` (ok, info, warn, danger, off) shows it as a tag."""

    text: str
    note: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class RowButton:
    """``about``: what a screen reader says after the label, since every row has the same ones."""

    action: str
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """The first cell is the row's heading."""

    key: str
    cells: Sequence[Cell]
    buttons: Sequence[RowButton] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column that rows can be sorted by.

    Attributes:
        key: what the listener gets; empty for a column that is not sorted by.
        right: for numbers.
    """

    key: str
    label: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class RowLink:
    """Where a row leads. ``label``: what a screen reader says instead of the text, which many rows have."""

    text: str
    href: str
    label: str


@dataclass(frozen=True, slots=True)
class SortRow:
    """The first cell is the row's heading; the link, where there is one, comes after the last."""

    cells: Sequence[Cell]
    link: RowLink | None = None


class Table(MessageWidget):
    """A table called ``label`` that scrolls inside itself. ``nothing``: what is shown instead of a table without rows.
    ``cards``: on a phone each row is a card."""

    _esm = esm("table")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    columns: list[dict[str, Any]] = List().tag(sync=True)
    rows: list[dict[str, Any]] = List().tag(sync=True)
    cards: bool = Bool(False).tag(sync=True)
    sort: str = Unicode().tag(sync=True)
    ascending: bool = Bool(True).tag(sync=True)
    page: int = Int(1).tag(sync=True)
    pages: int = Int(1).tag(sync=True)
    place: str = Unicode().tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    icons: dict[str, str] = Dict({name: icon(name) for name in ("back", "next")}).tag(sync=True)

    def __init__(self, label: str, columns: Sequence[SortColumn], **state: Any) -> None:
        super().__init__(label=label, columns=[asdict(column) for column in columns], **state)

    def _show(self, rows: Sequence[ActionRow | SortRow]) -> None:
        self.rows = [{**asdict(row), "cells": [_plain_cell(cell) for cell in row.cells]} for row in rows]


class ActionTable(Table):
    """A table whose rows have buttons. ``columns``: the headings, that of the buttons too."""

    def __init__(self, label: str, columns: Sequence[str], *, nothing: str = "") -> None:
        headings = [SortColumn("", heading) for heading in columns]
        super().__init__(label, headings, nothing=nothing, cards=True)

    def show(self, rows: Sequence[ActionRow]) -> None:
        self._show(rows)

    def on_press(self, listener: Callable[[str, str], None]) -> None:
        """Call ``listener(key, action)`` when a button of a row is pressed."""
        self._listen("press", listener, key=str, button=str)


class SortTable(Table):
    """A table that is sorted by its headings. It holds the rows of one page; who has them all sorts them and turns the
    pages, so that thousands of them cost the browser no more than some."""

    def __init__(
        self,
        label: str,
        columns: Sequence[SortColumn],
        *,
        nothing: str,
        pager: str,
        previous: str,
        following: str,
    ) -> None:
        """Make the widget.

        Args:
            pager: what the buttons that turn pages are called together.
            previous, following: each.
        """
        words = {"pager": pager, "previous": previous, "next": following}
        super().__init__(label, columns, nothing=nothing, words=words)

    def show(
        self, rows: Sequence[SortRow], *, sort: str, ascending: bool, page: int, pages: int, place: str
    ) -> None:
        """Show these rows, and how they are sorted. ``place``: the sentence that says which rows of how many these
        are."""
        with self.hold_sync():
            self.sort, self.ascending = sort, ascending
            self.page, self.pages, self.place = page, pages, place
            self._show(rows)

    def on_sort(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(column)`` when the heading of a column is pressed."""
        self._listen("sort", listener, column=str)

    def on_turn(self, listener: Callable[[int], None]) -> None:
        """Call ``listener(page)`` when another page is wanted, counted from 1."""
        self._listen("turn", listener, page=int)


def _plain_cell(cell: Cell) -> dict[str, str]:
    return {**asdict(cell), "icon": severity_icon(cell.severity)}


@dataclass(frozen=True, slots=True)
class EditColumn:
    """A column that can be edited.

    Attributes:
        options: what can be chosen, a drop-down; none, a line of text.
        placeholder: what an empty cell means.
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


class EditTable(MessageWidget):
    """Rows of fields, each with a button that takes the row away. A field tells what it holds when it is left."""

    _esm = esm("edit_table")
    label: str = Unicode().tag(sync=True)
    heading: str = Unicode().tag(sync=True)
    remove: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    columns: list[dict[str, Any]] = List().tag(sync=True)
    rows: list[dict[str, Any]] = List().tag(sync=True)
    remove_icon: str = Unicode(icon("cross")).tag(sync=True)

    def __init__(
        self, label: str, columns: Sequence[EditColumn], *, heading: str, remove: str, nothing: str
    ) -> None:
        """Make the widget.

        Args:
            heading: of the first column, with the rows' labels.
            remove: what a row's button does, for screen readers; the row's label follows.
        """
        super().__init__(
            label=label,
            columns=[asdict(column) for column in columns],
            heading=heading,
            remove=remove,
            nothing=nothing,
        )

    def show(self, rows: Sequence[EditRow]) -> None:
        self.rows = [{**asdict(row), "icon": severity_icon(row.severity)} for row in rows]

    def on_edit(self, listener: Callable[[str, str, str], None]) -> None:
        """Call ``listener(row, column, value)`` when a field is left with another value."""
        self._listen("edit", listener, key=str, column=str, value=str)

    def on_remove(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(row)`` when the button of a row is pressed."""
        self._listen("remove", listener, key=str)
