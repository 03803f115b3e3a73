"""The undocumented parts of ipywidgets that forms use, and nothing else of it.

``ehtoolkit/voila/share/jupyter/voila/templates/ehtoolkit/static/internals.js`` has those of its scripts.

- ``comm`` of a widget, which is None once it is closed: without it, what a form has opened stays open when the form is
  left. No upstream issue found.

`tests/unit/forms/test_ipywidgets_internals.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget


def on_close(widget: Widget, close: Callable[[], None]) -> None:
    """Call ``close`` once, when ``widget`` is closed."""

    def look(change: Any) -> None:
        if change["new"] is None:
            widget.unobserve(look, "comm")
            close()

    widget.observe(look, "comm")
