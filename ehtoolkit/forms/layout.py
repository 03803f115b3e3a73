"""Boxes of ipywidgets with the classes of our own style, and what is in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import HBox, Layout, VBox, Widget

from ehtoolkit.forms.shared_models import is_shared, usual_layout


def column(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a box with the widgets of ``of`` one under the other."""
    return _styled(VBox(tuple(of), layout=usual_layout()), classes)


def row(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a box with the widgets of ``of`` side by side."""
    return _styled(HBox(tuple(of), layout=usual_layout()), classes)


def hideable(widget: Any) -> Any:
    """Give ``widget``, which is not shown yet, a layout of its own, and with it what `set_visible` needs.

    Its classes would not do: what anywidget draws hears no change of them, nor of which layout it has.
    """
    widget.layout = Layout()
    return widget


def set_visible(widget: Any, visible: bool) -> None:
    """Show a `hideable` widget, or take it out of sight: for readers of the screen, too."""
    if is_shared(widget.layout):
        raise ValueError("the layout of this widget is every widget's")
    widget.layout.display = "" if visible else "none"


def _styled(box: Any, classes: Sequence[str]) -> Any:
    for name in classes:
        box.add_class(name)
    return box
