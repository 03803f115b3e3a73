"""Boxes of ipywidgets with the classes of our own style: columns, rows, forms, and what is in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ipywidgets import HBox, VBox, Widget


def column(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a box with the widgets of ``of`` one under the other."""
    return _styled(VBox(tuple(of)), classes)


def row(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a box with the widgets of ``of`` side by side."""
    return _styled(HBox(tuple(of)), classes)


def set_visible(widget: Any, visible: bool) -> None:
    """Show ``widget``, or take it out of sight: for readers of the screen, too. Classes would not do: what anywidget
    draws hears no change of them."""
    widget.layout.display = "" if visible else "none"


def _styled(box: Any, classes: Sequence[str]) -> Any:
    for name in classes:
        box.add_class(name)
    return box


FORM: Final = "eh-form"
"""The class by which the scripts of the pages know the boundary."""


def form_column(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a column that is one form: its buttons send what its fields hold, and Enter in a field presses its main
    button."""
    return column(FORM, *classes, of=of)


def form_row(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a row that is one form, as `form_column`."""
    return row(FORM, *classes, of=of)


def fill(box: Any, widgets: Sequence[Widget]) -> None:
    """Put ``widgets`` into ``box``, and close those that were there and are not among them."""
    old, box.children = box.children, tuple(widgets)
    for widget in old:
        if widget not in box.children:
            close(widget)


def close(widget: Widget) -> None:
    """Close ``widget`` and what is inside it, so that a long visit does not gather models."""
    for child in getattr(widget, "children", ()):
        close(child)
    for part in ("layout", "style"):  # ipywidgets makes a model of each
        if isinstance(found := getattr(widget, part, None), Widget):
            found.close()
    widget.close()
