"""The undocumented parts of Voila that the server of the pages uses, and nothing else of it.

- ``voila.handler.NotebookRenderer``, replaced: handlers make a page's renderer by that name alone. No upstream issue
  found.
- ``NotebookRenderer._jinja_kernel_start`` and ``_jinja_cell_generator``: without them, the browser waits for ever for a
  kernel that ends before its first answer, and the page keeps its place in the queue. voila-dashboards/voila#1311.
- ``NotebookRenderer.exporter.environment``: without it, each page compiles its templates, a quarter of the server's
  share of a page. No upstream issue found.
- The handlers in ``Voila.init_handlers``: without the choice, all routes of Voila are served, files and folders
  included. No upstream issue found.
- ``AssertionError`` and ``ValueError`` of ``TemplateStaticFileHandler``: an address that names no file would be a
  fault of the server. No upstream issue found.
- The setting ``voila_jinja2_env``: without it, error pages need an environment of their own. No upstream issue found.
- ``fullStaticUrl`` of a page's configuration: without it, browsers fetch Voila's scripts again for every page. No
  upstream issue found.

`tests/unit/voila/test_voila_internals.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, Final

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from tornado.web import HTTPError, RequestHandler
from voila import handler
from voila.notebook_renderer import NotebookRenderer
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

TEMPLATES: Final = "voila_jinja2_env"
"""The setting of tornado in which Voila keeps the environment of its templates."""
STATIC_ADDRESS: Final = "fullStaticUrl"
"""The key of the page's configuration that has the address of Voila's scripts."""

Rule = tuple[Any, ...]
"""A route: its pattern, its handler, and the arguments of that."""

_KEPT: Final[frozenset[type[RequestHandler]]] = frozenset(
    {
        KernelHandler,
        VoilaKernelWebsocketHandler,
        VoilaShutdownKernelHandler,
        TemplateStaticFileHandler,
        MultiStaticFileHandler,
        FileFindHandler,
    }
)


def page_routes(rules: Iterable[Rule], replaced: Mapping[type, type]) -> list[Rule]:
    """Return those of Voila's routes that our pages use; it also serves files, folders and other templates.

    Args:
        replaced: our handlers, by Voila's for which they stand.
    """
    own = {TemplateStaticFileHandler: TemplateFileHandler, **replaced}
    return [(rule[0], own.get(rule[1], rule[1]), *rule[2:]) for rule in rules if rule[1] in _KEPT]


class TemplateFileHandler(TemplateStaticFileHandler):  # type: ignore[misc]
    """Voila's files of templates; an address that names none is missing, and no fault of ours."""

    async def get(self, path: str, include_body: bool = True) -> None:
        """Send the file that an address names. Raises `HTTPError` (404) for an address of another form than
        ``template/static/file``, also once its ``..`` are followed, and for one that no file can have."""
        try:
            await super().get(path, include_body)
        except (AssertionError, ValueError) as error:
            raise HTTPError(404) from error


# ── A notebook as a page, also when its kernel dies ──────────────────────────────────────────────────────
class CompiledTemplates(BytecodeCache):
    """The compiled templates of all pages: Voila makes a new environment for each page, which would compile them again.
    jinja takes nothing from here for a template that was changed since."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class PageRenderer(NotebookRenderer):  # type: ignore[misc]
    """Shows a failure of the kernel as a failure of the page, and compiles no template twice.

    Voila's own renderer does not notice a kernel that dies between its start and its first answer: the browser waits
    for the rest of the page for ever, and the page keeps its place (`ehtoolkit.voila.page_queue`).
    """

    compiled: ClassVar = CompiledTemplates()
    _has_kernel = False

    async def initialize(self, **arguments: object) -> None:
        await super().initialize(**arguments)
        self.exporter.environment.bytecode_cache = self.compiled

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
