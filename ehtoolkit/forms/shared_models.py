"""Share the models of layout and style, of which ipywidgets makes one or two for each widget.

Half of a page's models would be layouts in which nothing is set: our own style sheet does that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Layout, Widget

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
