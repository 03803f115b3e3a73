"""Boxes of ipywidgets with the classes of our own style: columns, rows, forms, and what is in sight.

All boxes share the models of layout and style, of which ipywidgets makes one or two for each widget: our own style
sheet does what they would do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ipywidgets import HBox, Layout, VBox, Widget

from ehtoolkit.forms.ipywidgets_internals import HTMLStyle, is_closed

_MODELS: dict[str, Any] = {}


def usual_layout() -> Layout:
    """Return the layout that all widgets share. Nothing may be set in it."""
    return _model("usual_layout", Layout)


def html_style() -> HTMLStyle:
    """Return the style that all widgets of HTML share."""
    return _model("html_style", HTMLStyle)


def is_shared(model: Widget) -> bool:
    """Return whether other widgets have ``model`` too, so that it stays when one is closed."""
    return any(model is shared for shared in _MODELS.values())


def _model(name: str, make: Callable[[], Any]) -> Any:
    found = _MODELS.get(name)
    if found is None or is_closed(found):  # closed, as by `Widget.close_all` in a notebook
        found = _MODELS[name] = make()
    return found


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
        if isinstance(found := getattr(widget, part, None), Widget) and not is_shared(found):
            found.close()
    widget.close()
