"""One Chromium for the browser tests that follow each other in a process, and profiles that tests have in turn."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize, expect, sync_playwright

SECONDS = 30.0
"""For `expect`, as for actions: a busy computer is slow, not wrong."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ONE_FOR_ALL: Final = "--renderer-process-limit=1"
"""All pages in one process, which has run JupyterLab's scripts before: a page costs Chromium a quarter less."""
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
_FORGOTTEN: Final = "cookies,local_storage,indexeddb,cache_storage,service_workers"
"""What a site may leave in a profile, by its names in the protocol of the browser's tools."""


_WITHOUT_WINDOWS: Final = "chromium-headless-shell"
"""The same engine at three quarters of the processor, without what a browser is beside it: no session is restored."""
_WHOLE: Final = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Where Chromium is, without its windows if possible; None when it is not installed."""
    return shutil.which(_WITHOUT_WINDOWS) or whole_program()


def whole_program() -> str | None:
    """Where the whole browser is, for what it keeps of pages; None when it is not installed."""
    return next(filter(None, map(shutil.which, _WHOLE)), None)


class Profiles:
    """Browsers with a profile on disk, each handed out to one test after the other.

    A private window compiles all scripts of JupyterLab anew, which takes longer than most of what tests do; a profile
    keeps them compiled, as a user's does. Between two tests it forgets all that a site left in it.
    """

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._open: list[BrowserContext] = []
        self._free: list[BrowserContext] = []

    def take(self, locale: str) -> BrowserContext:
        """A browser that remembers nothing of other tests, and asks for pages in a language. Pages are opened beside
        the blank one that keeps it alive."""
        context = self._free.pop() if self._free else self._start()
        context.set_extra_http_headers({"Accept-Language": f"{locale},{locale.partition('-')[0]};q=0.9"})
        return context

    def give_back(self, context: BrowserContext, origin: str) -> None:
        """Close its pages and have it forget what the site of ``origin`` left."""
        first, *others = context.pages
        for page in others:
            page.close()
        context.clear_cookies()
        tools = context.new_cdp_session(first)
        tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": _FORGOTTEN})
        tools.detach()
        self._free.append(context)

    def stop(self) -> None:
        for context in self._open:
            context.close()

    def _start(self) -> BrowserContext:
        context = self._playwright.chromium.launch_persistent_context(
            self._folder / str(len(self._open)),
            executable_path=program(),
            args=[*ARGUMENTS, _ONE_FOR_ALL],
            viewport=DESKTOP,
            reduced_motion="reduce",
        )
        self._open.append(context)
        return context


class Chromium:
    """Started by the first test that asks for it, and again where it has crashed.

    While Playwright is there an event loop runs in this thread, so tests with a loop of their own need it stopped.
    What profiles have on disk stays as long as this process.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._profiles: Profiles | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def playwright(self) -> Playwright:
        if self._playwright is None:
            self._playwright = sync_playwright().start()
            expect.set_options(timeout=SECONDS * 1000)
        return self._playwright

    @property
    def browser(self) -> Browser:
        """For private windows."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self.playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        return self._browser

    @property
    def profiles(self) -> Profiles:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="profiles-", ignore_cleanup_errors=True)
        if self._profiles is None:
            self._profiles = Profiles(self.playwright, Path(self._folder.name))
        return self._profiles

    def stop(self) -> None:
        browser, self._browser = self._browser, None
        profiles, self._profiles = self._profiles, None
        playwright, self._playwright = self._playwright, None
        if profiles is not None:
            profiles.stop()
        if browser is not None and browser.is_connected():
            browser.close()
        if playwright is not None:
            playwright.stop()


CHROMIUM = Chromium()
