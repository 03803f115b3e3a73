"""Prepare a notebook before its kernel starts: language, frame, cookies.

Works with any Voila (``VoilaConfiguration.prelaunch_hook``), not only with the server of this package.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from nbformat import NotebookNode
from tornado.web import RequestHandler
from voila import __version__ as voila_version

from ehtoolkit.i18n import LANGUAGES, language_of
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.voila.joined_scripts import SCRIPTS
from ehtoolkit.voila.page_chrome import LANGUAGE_COOKIE, frame

MANUAL = "eh_manual"
"""The setting of tornado that holds the manual's address."""

SETTINGS = "eh_settings"
"""The setting of tornado that holds our settings, if the server has them: reading them takes longer than a page."""


def prepare_notebook(handler: RequestHandler, notebook: NotebookNode, cwd: str) -> None:
    """Give the notebook the facts for its frame, and its kernel the language. It is Voila's prelaunch hook."""
    settings = settings_of(handler)
    language = page_language(handler)
    page = PurePosixPath(handler.request.path).stem
    query, manual = handler.request.query, handler.settings.get(MANUAL)
    notebook.metadata["ehtoolkit"] = {
        **frame(page, query, language, settings, manual),
        "scripts": handler.settings.get(SCRIPTS),
    }
    tell_kernel(notebook, language, query)
    remember_language(handler)
    # Only a page that has an XSRF cookie can tell the server, when it closes, to stop its kernel.
    _ = handler.xsrf_token


def settings_of(handler: RequestHandler) -> Settings:
    """Return the settings of the handler's server."""
    known: Settings | None = handler.settings.get(SETTINGS)
    return load_settings() if known is None else known


def page_language(handler: RequestHandler) -> LanguageName:
    """Return the language of the page that ``handler`` is about to write: what its address says, then what was chosen
    before, then the setting, then what the browser asks for."""
    return language_of(
        _language_asked_for(handler),
        handler.get_cookie(LANGUAGE_COOKIE),
        settings_of(handler).language,
        handler.request.headers.get("Accept-Language"),
    )


def remember_language(handler: RequestHandler) -> None:
    """Keep the language that the reader chose by the switch in a cookie, for the pages that they open next."""
    language = _language_asked_for(handler)
    if language in LANGUAGES:
        handler.set_cookie(
            LANGUAGE_COOKIE, language, path=handler.settings.get("base_url", "/"), samesite="Lax"
        )


def _language_asked_for(handler: RequestHandler) -> str | None:
    """Return the language in the address, also one that is no text: `RequestHandler.get_query_argument` would refuse
    the request, and again as the page of that refusal is written."""
    values = handler.request.query_arguments.get("lang")
    return values[-1].decode(errors="replace").strip() if values else None


def tell_kernel(notebook: NotebookNode, language: LanguageName, query: str) -> None:
    """Put the facts of the request into the kernel's environment, in front of the first cell.

    The kernel may have been started before the request came, and a statement in a cell that runs anyway costs
    no round trip of its own. The query is the request's text: it gets there as a literal.
    """
    facts = {
        "EHTOOLKIT_LANGUAGE": language,
        "QUERY_STRING": query,
        "SERVER_SOFTWARE": f"voila/{voila_version}",
    }
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = f"import os; os.environ.update({facts!r})\n{cell.source}"
            return
