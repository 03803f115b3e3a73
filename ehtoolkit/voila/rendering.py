"""A notebook as a page, also when its kernel dies before it has answered."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from voila import handler
from voila.notebook_renderer import NotebookRenderer


class PageRenderer(NotebookRenderer):  # type: ignore[misc]
    """Shows a failure of the kernel as a failure of the page.

    With Voila's own renderer nobody hears of a kernel that dies between its start and its first answer: the browser
    waits for the rest of the page for ever, and the page holds its place at the door (`ehtoolkit.voila.admission`).
    """

    _has_kernel = False

    async def _jinja_kernel_start(self, nb: NotebookNode, kernel_id: str, kernel_future: Any) -> str:
        try:
            await super()._jinja_kernel_start(nb, kernel_id, kernel_future)
            self._has_kernel = True
        except Exception:  # noqa: BLE001  # the template writes what the reader can do
            logging.getLogger(__name__).warning("a kernel ended before its page was made")
        return kernel_id

    async def _jinja_cell_generator(self, nb: NotebookNode, kernel_id: str) -> AsyncIterator[NotebookNode]:
        if not self._has_kernel:
            yield new_code_cell(outputs=[new_output("error")])
            return
        async for cell in super()._jinja_cell_generator(nb, kernel_id):
            yield cell


def use_page_renderer() -> None:
    """Let Voila's handlers make pages with `PageRenderer`; they leave no other way to choose it."""
    handler.NotebookRenderer = PageRenderer
