"""A table whose rows have buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


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
class Row:
    """The first cell is the row's heading."""

    key: str
    cells: Sequence[Cell]
    buttons: Sequence[RowButton] = field(default_factory=tuple)


class Rows(AnyWidget):  # type: ignore[misc]
    """A table called ``label`` that scrolls inside itself. ``columns``: the headings, that of the buttons too."""

    _esm = esm("rows")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    columns: list[str] = List().tag(sync=True)
    rows: list[dict[str, Any]] = List().tag(sync=True)

    def __init__(self, label: str, columns: Sequence[str], *, nothing: str = "") -> None:
        """``nothing``: what is shown in place of a table without rows."""
        self._listener: Callable[[str, str], None] | None = None
        super().__init__(label=label, columns=list(columns), nothing=nothing)
        self.on_msg(self._receive)

    def show(self, rows: Sequence[Row]) -> None:
        self.rows = [{**asdict(row), "cells": [_plain(cell) for cell in row.cells]} for row in rows]

    def on_press(self, listener: Callable[[str, str], None]) -> None:
        """``listener(key, action)``: a button of a row was pressed."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "press":
            self._listener(str(content.get("key", "")), str(content.get("button", "")))


def _plain(cell: Cell) -> dict[str, str]:
    mark = {"off": "clock"}.get(cell.severity, cell.severity)
    return {**asdict(cell), "icon": icon(mark) if cell.severity else ""}
