"""The handlers of our pages, and error pages instead of tracebacks."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from pathlib import PurePosixPath

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError, RequestHandler, authenticated
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from ehtoolkit.voila.access import without_token
from ehtoolkit.voila.joined_scripts import YEAR
from ehtoolkit.voila.manual import ABOUT, FRONT, LONGEST, manual_pages, page_html, picture, search_manual
from ehtoolkit.voila.notebook_preparation import MANUAL, page_language, remember_language, settings_of
from ehtoolkit.voila.page_chrome import frame, manual, problem
from ehtoolkit.voila.page_queue import QUEUE, PageQueue
from ehtoolkit.voila.voila_internals import TEMPLATES

TURN_SECONDS = 2.0
"""How long a response about a turn is delayed while no place is free."""
LOOK_SECONDS = 0.1
"""Interval at which a free place is looked for meanwhile."""


class ErrorPages(RequestHandler):
    """The base of our handlers: an error is a page in the reader's language."""

    def write_error(self, status_code: int, **_: object) -> None:
        write_problem(self, status_code)


class HomeHandler(ErrorPages, JupyterHandler):
    """``/``: exchanges the token for a cookie and goes to the index page."""

    @authenticated
    def get(self) -> None:
        clean = without_token(self.request.uri)
        if clean is not None:
            note_arrival(self)
        query = (clean or self.request.uri or "").partition("?")[2]
        self.redirect(f"{self.base_url}index.ipynb{'?' if query else ''}{query}")


class PageHandler(ErrorPages, TornadoVoilaHandler):  # type: ignore[misc]
    """A notebook as a page; a token in the address is exchanged before anything else happens."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        clean = without_token(self.request.uri)
        if clean is not None:
            note_arrival(self)
            self.redirect(clean)
            return
        if not may_start_kernel(self):
            write_problem(self, HTTPStatus.OK, kind="foreign", home=self.request.uri)
            return
        queue, who = self.settings[QUEUE], self.current_user.username
        with queue.passing(who) as turn:
            if turn == 0:
                await super().get(path)  # type: ignore[misc]  # Voila's, which mypy does not read
            else:
                remember_language(self)
                self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
                page = PurePosixPath(self.request.path).stem
                write_page(self, "queue", page=page, turn=turn, turns=f"{self.base_url}turn")


class QueueHandler(ErrorPages, JupyterHandler):
    """``/turn``: the place of a browser in the queue; 0: it may load its page.

    The response is delayed for a while, unless it is 0: a free place is taken at once.
    """

    @authenticated
    async def get(self) -> None:
        queue, who = self.settings[QUEUE], self.current_user.username
        end = time.monotonic() + TURN_SECONDS
        while (turn := queue.ask(who)) and time.monotonic() < end and not self._is_gone:
            await asyncio.sleep(LOOK_SECONDS)
        self.set_header("Cache-Control", "no-store")
        self.write({"turn": turn})

    _is_gone = False

    def on_connection_close(self) -> None:
        self._is_gone = True


class FrameHandler(ErrorPages, JupyterHandler):
    """``/frame/NAME``: header and footer of a page in another language, for one that keeps its kernel."""

    @authenticated
    def get(self, name: str) -> None:
        remember_language(self)
        write_page(self, "frame", page=name)


class ManualHandler(ErrorPages, JupyterHandler):
    """``/manual``, its pages by the names of the forms, and ``/manual?q=…``, a search. An address without a page
    redirects to the first: pages link to theirs without knowing whether it exists."""

    @authenticated
    def get(self, name: str = "") -> None:
        remember_language(self)
        language, base = page_language(self), str(self.settings[MANUAL])
        pages = manual_pages(language)
        page = pages.get(ABOUT.get(name, name) or FRONT)
        if page is None or name == FRONT:
            self.redirect(base)
            return
        wanted = self.get_query_argument("q", "")
        shown = manual(language, shared=settings_of(self).shared)
        home = self.settings.get("base_url", "/")
        write_page(
            self,
            "manual",
            manual=shown,
            subject=page.title if page.name != FRONT and not wanted else "",
            own=None if page.name == FRONT else page.title,
            body=page_html(page, base),
            contents=pages.values(),
            base=base,
            home=f"{home}index.ipynb",
            wanted=wanted[:LONGEST],
            hits=search_manual(wanted, language),
        )


class ManualPictureHandler(ErrorPages, JupyterHandler):
    """The pictures of the manual."""

    @authenticated
    def get(self, name: str) -> None:
        path = picture(name)
        if path is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", "image/webp")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(path.read_bytes())


class ForbiddenHandler(ErrorPages, JupyterHandler):
    """The page for a browser without the cookie of this start."""

    @allow_unauthenticated
    def get(self) -> None:
        write_problem(self, HTTPStatus.FORBIDDEN)
        self.finish()


class MissingHandler(ErrorPages, JupyterHandler):
    """Addresses without a handler."""

    @authenticated
    def get(self) -> None:
        raise HTTPError(HTTPStatus.NOT_FOUND)


class ImmutableStaticHandler(MultiStaticFileHandler):  # type: ignore[misc]
    """Voila's scripts under an address that has its version in it: a browser fetches them once."""

    def get_cache_time(self, path: str, modified: object, mime_type: str) -> int:
        return YEAR


def note_arrival(handler: JupyterHandler) -> None:
    """Record that this browser has just sent the token: its user wants the page that it is redirected to."""
    queue: PageQueue = handler.settings[QUEUE]
    queue.note_arrival(handler.current_user.username)


def may_start_kernel(handler: JupyterHandler) -> bool:
    """Return whether a request may start a kernel: the user opened the address, or followed a link of our pages.

    Each page starts a kernel, and a page of another site, or of another port of this computer, could start many.
    Browsers name the origin of a request and what it is for; a client that names neither is no browser. The first page
    after the token is opened from a file, which is another site to a browser.
    """
    headers, queue = handler.request.headers, handler.settings[QUEUE]
    is_own = headers.get("Sec-Fetch-Site", "none").lower() in {"none", "same-origin"}
    is_wanted = queue.take_arrival(handler.current_user.username) or is_own
    return is_wanted and headers.get("Sec-Fetch-Dest", "document").lower() == "document"


def write_problem(
    handler: RequestHandler, status: int, *, kind: str | None = None, home: str | None = None
) -> None:
    """Write an error page in the reader's language, without technical details. ``home``: the target of its link, by
    default the first page."""
    kind = kind or {403: "locked", 404: "missing"}.get(status, "failed")
    handler.set_status(status)
    home = home or (None if kind == "locked" else handler.settings.get("base_url", "/"))
    write_page(handler, "problem", problem=problem(kind, page_language(handler)), home=home)


def write_page(handler: RequestHandler, template: str, *, page: str = "", **content: object) -> None:
    """Write a page that needs no kernel, from the template of that name. ``page``: whose title it has, if not its
    own."""
    language = page_language(handler)
    found = handler.settings[TEMPLATES].get_template(f"{template}.html")
    settings, query = settings_of(handler), handler.request.query
    eh = frame(page or template, query, language, settings, handler.settings.get(MANUAL))
    static = f"{handler.settings.get('base_url', '/')}voila/templates/ehtoolkit/static/"
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Cache-Control", "no-store")
    handler.write(found.render(eh=eh, static=static, **content))
