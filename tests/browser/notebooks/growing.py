"""A page that changes and grows while the browser opens it, as by an answer that comes just then."""

from __future__ import annotations

import asyncio

from ipywidgets import Widget

from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.html import element

LINES = 60
EACH = 0.1
_TASKS: set[asyncio.Task[None]] = set()


def build() -> Widget:
    """Return what counts at its top, and has one line more with each number, for six seconds."""
    count = show(paragraph("Count"))
    lines = column()

    async def grow() -> None:
        for number in range(LINES):
            await asyncio.sleep(EACH)
            count.value = str(paragraph(f"Count {number}"))
            lines.children = (*lines.children, show(paragraph(f"Line {number}")))

    _TASKS.add(asyncio.ensure_future(grow()))
    return column("eh", of=(show(element("h1", "Growing", class_="eh-h1")), count, lines))
