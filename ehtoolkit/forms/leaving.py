"""What happens when a form gives way to another one in the same page: whatever it holds open is let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget


def when_closed(widget: Widget, close: Callable[[], None]) -> None:
    """Call ``close`` once, when ``widget`` is closed."""

    def look(change: Any) -> None:
        if change["new"] is None:
            widget.unobserve(look, "comm")
            close()

    widget.observe(look, "comm")
