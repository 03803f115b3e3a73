"""All keystores and providers of an audit, sorted by any heading, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd

from ehtoolkit.forms.audit.filters import COLUMNS, sort_rows
from ehtoolkit.forms.audit.html import table_row
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.widgets import SortColumn, SortRow, SortTable

PAGE: Final = 50
"""Rows at a time."""
_HEADINGS: Final = ("title", "environment", "state", "end", "days", "etks")
_NUMBERS: Final = ("days", "etks")


class TablePanel:
    """``root``: the widget. ``hide`` makes of a text what may be shown of it."""

    def __init__(self, shell: PageShell, leads: NextSteps, hide: Callable[[str], str]) -> None:
        self._shell = shell
        self._leads = leads
        self._hide = hide
        self._rows: pd.DataFrame | None = None
        self._sort, self._ascending, self._at = "days", True, 1
        get = shell.texts.get
        headings = [
            SortColumn(heading, get(f"audit_page.column.{heading}"), heading in _NUMBERS)
            for heading in _HEADINGS
        ]
        self.root = SortTable(
            get("audit_page.table"),
            [*headings, SortColumn("", get("audit_page.column.next"))],
            nothing=get("audit_page.nothing_found"),
            pager=get("audit_page.pager"),
            previous=get("audit_page.pager.previous"),
            following=get("audit_page.pager.next"),
        )
        self.root.on_sort(shell.guard(self._sort_by))
        self.root.on_turn(shell.guard(self._turn))

    def show(self, rows: pd.DataFrame) -> None:
        """Show ``rows``, of `AuditTable.rows`, from the first page on, in the order that was chosen."""
        self._rows, self._at = rows, 1
        self._draw()

    def _sort_by(self, column: str) -> None:
        if column not in COLUMNS:
            return
        self._ascending = not self._ascending if column == self._sort else True
        self._sort, self._at = column, 1
        self._draw()
        order = "ascending" if self._ascending else "descending"
        get = self._shell.texts.get
        self._shell.say(get(f"audit_page.sorted.{order}", column=get(f"audit_page.column.{column}")))

    def _turn(self, page: int) -> None:
        self._at = page
        self._draw()
        self._shell.say(self.root.place)

    def _shown(self, row: SortRow) -> SortRow:
        hide, link = self._hide, row.link
        cells = [replace(cell, text=hide(cell.text), note=hide(cell.note)) for cell in row.cells]
        return SortRow(cells, None if link is None else replace(link, label=hide(link.label)))

    def _draw(self) -> None:
        if self._rows is None:
            return
        texts, count = self._shell.texts, len(self._rows)
        pages = max(1, -(-count // PAGE))
        self._at = min(max(self._at, 1), pages)
        begin = (self._at - 1) * PAGE
        shown = sort_rows(self._rows, self._sort, ascending=self._ascending).iloc[begin : begin + PAGE]
        place = texts.get("audit_page.place", first=begin + 1, last=begin + len(shown), count=count)
        self.root.show(
            [self._shown(table_row(record, self._leads, texts)) for record in shown.to_dict("records")],
            sort=self._sort,
            ascending=self._ascending,
            page=self._at,
            pages=pages,
            place=place if count else "",
        )
