"""A table whose cells are typed into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from anywidget import AnyWidget
from traitlets import Dict, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.choice_field import Option
from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class EditColumn:
    """``options``: what can be chosen, a drop-down; none, a line of text. ``placeholder``: what an empty cell means."""

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


class EditTable(AnyWidget):  # type: ignore[misc]
    """Rows of fields, each with a button that takes the row away. A field tells what it holds when it is left."""

    _esm = esm("edit_table")
    label: str = Unicode().tag(sync=True)
    heading: str = Unicode().tag(sync=True)
    remove: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    columns: list[dict[str, Any]] = List().tag(sync=True)
    rows: list[dict[str, Any]] = List().tag(sync=True)
    icons: dict[str, str] = Dict(
        {name: icon(name) for name in ("ok", "warn", "danger", "info", "cross")}
    ).tag(sync=True)

    def __init__(
        self, label: str, columns: Sequence[EditColumn], *, heading: str, remove: str, nothing: str
    ) -> None:
        """``heading``: of the first column, with the rows' labels. ``remove``: what a row's button does, for screen
        readers; the row's label follows."""
        self._edited: Callable[[str, str, str], None] | None = None
        self._removed: Callable[[str], None] | None = None
        super().__init__(
            label=label,
            columns=[_plain(one) for one in columns],
            heading=heading,
            remove=remove,
            nothing=nothing,
        )
        self.on_msg(self._receive)

    def show(self, rows: Sequence[EditRow]) -> None:
        self.rows = [{**asdict(one), "values": dict(one.values), "wrong": list(one.wrong)} for one in rows]

    def on_edit(self, listener: Callable[[str, str, str], None]) -> None:
        """``listener(row, column, value)``: a field was left with another value."""
        self._edited = listener

    def on_remove(self, listener: Callable[[str], None]) -> None:
        """``listener(row)``: its button was pressed."""
        self._removed = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        key = str(content.get("key", ""))
        if content.get("action") == "edit" and self._edited is not None:
            self._edited(key, str(content.get("column", "")), str(content.get("value", "")))
        if content.get("action") == "remove" and self._removed is not None:
            self._removed(key)


def _plain(column: EditColumn) -> dict[str, Any]:
    return {**asdict(column), "options": [asdict(one) for one in column.options]}
