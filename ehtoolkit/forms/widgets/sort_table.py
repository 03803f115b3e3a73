"""A table that is sorted by its headings and shown a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import Bool, Dict, Int, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm
from ehtoolkit.forms.widgets.rows import Cell


@dataclass(frozen=True, slots=True)
class SortColumn:
    """``key``: what the listener gets; empty for a column that is not sorted by. ``right``: for numbers."""

    key: str
    label: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class RowLink:
    """Where a row leads: ``about`` is what a screen reader says after the text, since many rows have the same."""

    text: str
    href: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class SortRow:
    """The first cell is the row's heading; the link, where there is one, comes after the last."""

    cells: Sequence[Cell]
    link: RowLink | None = None


class SortTable(AnyWidget):  # type: ignore[misc]
    """A table called ``label``. It holds the rows of one page; who has them all sorts them and turns the pages, so
    that thousands of them cost the browser no more than some."""

    _esm = esm("sort_table")
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
    icons: dict[str, str] = Dict({name: icon(name) for name in ("back", "next")}).tag(sync=True)

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
        """``nothing``: in the place of a table without rows. ``pager``: what the buttons that turn pages are called
        together; ``previous``, ``following``: each."""
        self._sorted: Callable[[str], None] | None = None
        self._turned: Callable[[int], None] | None = None
        super().__init__(
            label=label,
            columns=[asdict(one) for one in columns],
            nothing=nothing,
            words={"pager": pager, "previous": previous, "next": following},
        )
        self.on_msg(self._receive)

    def show(
        self, rows: Sequence[SortRow], *, sort: str, ascending: bool, page: int, pages: int, place: str
    ) -> None:
        """``place``: the sentence that says which rows of how many these are."""
        with self.hold_sync():
            self.sort, self.ascending = sort, ascending
            self.page, self.pages, self.place = page, pages, place
            self.rows = [_plain(one) for one in rows]

    def on_sort(self, listener: Callable[[str], None]) -> None:
        """``listener(column)``: the heading of a column was pressed."""
        self._sorted = listener

    def on_turn(self, listener: Callable[[int], None]) -> None:
        """``listener(page)``: another page is wanted, counted from 1."""
        self._turned = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("action") == "sort" and self._sorted is not None:
            self._sorted(str(content.get("column", "")))
        page = content.get("page")
        if content.get("action") == "turn" and self._turned is not None and isinstance(page, int):
            self._turned(page)


def _plain(row: SortRow) -> dict[str, Any]:
    cells = [{**asdict(one), "icon": _mark(one.severity)} for one in row.cells]
    return {"cells": cells, "link": None if row.link is None else asdict(row.link)}


def _mark(severity: str) -> str:
    return icon({"off": "clock"}.get(severity, severity)) if severity else ""
