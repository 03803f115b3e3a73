"""One Chromium for the browser tests that follow each other in a process."""

from __future__ import annotations

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.pages import ARGUMENTS, program

SECONDS = 30.0
"""For `expect`, as for actions: a busy computer is slow, not wrong."""


class Chromium:
    """Started by the first test that asks for it, and again where it has crashed.

    While Playwright is there an event loop runs in this thread, so tests with a loop of their own need it stopped.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    @property
    def playwright(self) -> Playwright:
        if self._playwright is None:
            self._playwright = sync_playwright().start()
            expect.set_options(timeout=SECONDS * 1000)
        return self._playwright

    @property
    def browser(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self._browser = self.playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        return self._browser

    def stop(self) -> None:
        browser, self._browser = self._browser, None
        playwright, self._playwright = self._playwright, None
        if browser is not None and browser.is_connected():
            browser.close()
        if playwright is not None:
            playwright.stop()


CHROMIUM = Chromium()
