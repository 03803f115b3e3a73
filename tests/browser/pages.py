"""What the browser tests do with a page: open, look, judge. Requests to other hosts fail the test that made them."""

from __future__ import annotations

import http.client
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote_plus, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, ViewportSize

from ehtoolkit.identity.actor import has_person_number
from tests.browser.chromium import DESKTOP, Profiles
from tests.browser.page_scripts import piece

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = os.environ.get("EHTOOLKIT_SCREENSHOTS")
"""The folder for pictures; without one none is made: they take as long as the judging."""
PHONE: ViewportSize = {"width": 360, "height": 800}

# On the way to another form the page says that it is busy.
_FOLLOW = """
(address) => {
  const link = document.body.appendChild(document.createElement("a"));
  link.href = address;
  link.click();
  link.remove();
}
"""

# What is wrong alone leaves the browser: what axe says of all that is right is a hundred times as long.
_AXE = """
async (options) => (await axe.run(document, options)).violations.flatMap((one) =>
  one.nodes.map((node) => `${one.id}: ${JSON.stringify(node.target)} ${node.html.slice(0, 200)}`))
"""

PASSED = "[anywidget] Failed to initialize model."
"""Said of widgets that are closed before their script has run: those of pages that somebody only passes."""

Check = Callable[[Page, str], None]
"""Judges a page as it is shown, under a name for its picture."""

# What JupyterLab's own scripts, and the refusals that a test provokes, write to the console.
EXPECTED = re.compile(
    r"shared (singleton )?module|Failed to load resource|Connection lost|about:srcdoc|Content Security Policy"
    r"|is sandboxed"
)
_KERNEL_ATTRIBUTE = re.compile(r'data-kernel-id="([\w-]+)"')
_PERSONAL = re.compile(r"@|SSIN|(?:\+|00)32|phone")
_KEY = re.compile(r"[0-9a-f]{32}")
_KERNEL = re.compile(r"/api/kernels/([\w-]+)/channels")


class Visit:
    """A browser window on one server: every page of it is watched.

    ``lands``: whether it is led to the first page by ``url``, as a user's; without, it has the cookie alone, and the
    page that a test opens is the only one that costs a kernel. ``browser``: what opens private windows, or profiles,
    which are quicker. ``options``: of Playwright's ``new_context``; with profiles ``locale``, ``viewport``, and what is
    emulated.
    """

    def __init__(
        self,
        browser: Browser | Profiles,
        url: str,
        *,
        lands: bool = True,
        locale: str = "fr-BE",
        **options: Any,
    ) -> None:
        self._profiles = browser if isinstance(browser, Profiles) else None
        if isinstance(browser, Profiles):
            self._look = options
            self._context = browser.take(locale)
        else:
            self._look = {}
            options = {"viewport": DESKTOP, "reduced_motion": "reduce", **options}
            self._context = browser.new_context(locale=locale, **options)
        self._context.set_default_timeout(30_000)
        self.base = url.partition("/?")[0]
        self._foreign: list[Request] = []
        self.pieces: list[str] = []
        self.complaints: list[str] = []
        self.frames: list[tuple[str, bytes]] = []
        self.kernels: set[str] = set()
        self.addresses: list[str] = []
        self._given: set[str] = set()
        self.page = self.new_page()
        if lands:
            self.page.goto(url)
        else:
            assert self._context.request.get(url, max_redirects=0).status == 302

    def new_page(self) -> Page:
        page = self._context.new_page()
        emulated = dict(self._look)
        if size := emulated.pop("viewport", None):
            page.set_viewport_size(size)
        if emulated:
            page.emulate_media(**emulated)
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", self._websocket)
        page.on("framenavigated", lambda frame: self.addresses.append(frame.url))
        return page

    def open(self, name: str, query: Mapping[str, str] | None = None) -> Page:
        """The page ``name``, ready: its widgets are there."""
        words = "&".join(f"{key}={value}" for key, value in (query or {}).items())
        self._given.add(words)
        self.page.goto(f"{self.base}/{name}.ipynb{'?' if words else ''}{words}")
        self.page.wait_for_selector("body:not(:has(#eh-queue)) h1")
        return self.page

    def follow(self, name: str, words: str = "") -> Page:
        """The page ``name`` by a link on the one that is open, in its language: shown in its place, by its kernel.
        ``words``: what its address asks for."""
        self._given.add(words)
        self.page.wait_for_selector("main h1")  # until then a link is one as any other, and loads a page
        self.page.evaluate(_FOLLOW, f"{name}.ipynb{'?' if words else ''}{words}")
        self.page.wait_for_selector("main:not([aria-busy])")
        return self.page

    @property
    def foreign(self) -> list[str]:
        """Requests to other hosts; those that the page's policy stopped before they left do not count."""
        return [f"{request.url} ({request.failure})" for request in self._foreign if request.failure != "csp"]

    @property
    def personal(self) -> list[str]:
        """Addresses with a number, an e-mail address or a telephone number, but for what a test itself asked for."""
        return [
            address
            for address in self.addresses
            if _PERSONAL.search(words := _KEY.sub("", unquote_plus(urlsplit(address).query)))
            or has_person_number(words)
            if not any(given and unquote_plus(given) in unquote_plus(address) for given in self._given)
        ]

    def close(self) -> None:
        """Close every page, and end their kernels: of a context that is closed the server hears nothing, and would
        keep them for a while."""
        cookies = {str(cooky.get("name")): str(cooky.get("value")) for cooky in self._context.cookies()}
        for page in self._context.pages:  # those too that have not connected to theirs
            with suppress(Error):  # it is on its way elsewhere, and has ended its kernel itself
                self.kernels.update(_KERNEL_ATTRIBUTE.findall(page.content()))
        if self._profiles is None:
            self._context.close()
        else:
            self._profiles.give_back(self._context, self.base)
        for kernel in self.kernels:
            self._end(kernel, cookies)
        assert not self.foreign, self.foreign
        assert not self.complaints, self.complaints
        assert not self.personal, self.personal
        assert not self.pieces, "asked for one by one, see tests/browser/page_scripts.py"

    def _end(self, kernel: str, cookies: Mapping[str, str]) -> None:
        """As a page does that is left."""
        parts = urlsplit(self.base)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-XSRFToken": cookies.get("_xsrf", ""),
        }
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        with suppress(ConnectionError):  # the server was stopped
            connection.request("POST", f"{parts.path}/voila/api/shutdown/{kernel}", headers=headers)
            connection.getresponse().read()
        connection.close()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about", "file") and parts.hostname != "127.0.0.1":
            self._foreign.append(request)
        if (script := piece(request.url)) is not None:
            self.pieces.append(script)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.complaints.append(message.text)

    def _websocket(self, socket: Any) -> None:
        self.kernels.update(_KERNEL.findall(socket.url))

        def note(direction: str, payload: str | bytes) -> None:
            self.frames.append((direction, payload.encode() if isinstance(payload, str) else payload))

        socket.on("framesent", lambda payload: note("sent", payload))
        socket.on("framereceived", lambda payload: note("received", payload))


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page where pictures are asked for."""
    if SCREENSHOTS is not None:
        page.screenshot(path=Path(SCREENSHOTS, f"{name}.png"), full_page=True)


class Evaluates(Protocol):
    """A page that runs scripts: Playwright's, or Firefox's (`tests.browser.firefox`)."""

    def evaluate(self, expression: str, arg: Any = None) -> Any: ...


COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe that another colour can break."""


def axe(page: Evaluates, script: str, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds, rule and element; the contract's frame, which may run no script, is left out. ``rules``:
    these alone; without: all, and the size of targets, which axe leaves out unless it is asked for."""
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte, once for each page that was loaded
        page.evaluate(script)
    options: dict[str, object] = {"iframes": False, "resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    else:
        options["rules"] = {"target-size": {"enabled": True}}
    found: list[str] = page.evaluate(_AXE, options)
    return found


def scrolls_sideways(page: Evaluates) -> bool:
    return bool(
        page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
