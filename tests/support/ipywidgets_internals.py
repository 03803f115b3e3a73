"""The private names of ipywidgets that tests use: the page's half of the conversation with a widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipywidgets import Widget
from ipywidgets.widgets import widget as models


def send_to(widget: Widget, message: Mapping[str, Any], buffers: list[Any] | None = None) -> None:
    """Give ``widget`` a message, as the page sends it, and these very ``buffers``, of which it may take some away."""
    widget._handle_custom_msg(message, [] if buffers is None else buffers)


def open_widgets() -> Mapping[str, Widget]:
    """Return the widgets of this process that are not closed, by the ids of their models. It changes as they do."""
    return models._instances
