"""The private names of ipywidgets that tests use: the page's half of the conversation with a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipywidgets import Widget
from ipywidgets.widgets import widget as models


def send_to(widget: Widget, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
    """Give ``widget`` a message, as the page sends it."""
    widget._handle_custom_msg(message, list(buffers))


def open_widgets() -> Mapping[str, Widget]:
    """Return the widgets of this process that are not closed, by the ids of their models. It changes as they do."""
    return models._instances
