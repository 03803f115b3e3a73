"""Many people at once: each walks the Request form in a window of his own, and notes how long he saw no sign of life.

A sign of life, after a click: the next page's title, an error, or the sentence that says what is being done. After an
address was opened: the first that is painted of a page with a heading, be it the frame that says that it is starting,
or the page that says whose turn it is. The browser itself tells when that was: what drives it takes its time, too.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training import NewPerson
from tests.browser.chromium import ARGUMENTS, program
from tests.browser.prepared_homes import PIN
from tests.browser.serving import Serving

PATIENCE = 600_000
"""Milliseconds until a step counts as failed."""
get = Translator("en").get

# Stands in every page from its beginning, so that nothing has to be asked of it while it is busy.
_WATCH = """
new PerformanceObserver((list) => {
  for (const one of list.getEntriesByName("first-contentful-paint"))
    console.debug("eh-seen", performance.timeOrigin + one.startTime);
}).observe({ type: "paint", buffered: true });
"""
# Whatever changes in the page after a click counts, but for the clock that says how long it takes.
_SIGN = """
(title) => {
  const head = document.querySelector("h1")?.textContent, busy = document.querySelector(".eh-busy:not([hidden])");
  return (head && head !== title) || busy || document.querySelector(".eh-errors:not([hidden]) li");
}
"""


@dataclass
class Walk:
    """One person's way. ``silences``: seconds without a sign of life after each thing he did; ``first``: until the form
    could be used; ``whole``: until the receipt; ``answered``: from the request of the page to the server's first byte;
    ``problem``: what kept him from it."""

    name: str
    silences: dict[str, float] = field(default_factory=dict)
    first: float = 0.0
    whole: float = 0.0
    answered: float = 0.0
    problem: str = ""


class Scale:
    """Weighs the kernels from time to time; keeps the most that were there. Bytes, as the system counts them: of what
    processes share, each has its part (PSS)."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._weigh, daemon=True)
        self.heaviest: list[int] = []
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _weigh(self) -> None:
        while not self._done.wait(3.0):
            weights = []
            for kernel in self._serving.kernels():
                try:
                    weights.append(kernel.memory_full_info().pss)
                except psutil.Error:
                    continue
            if sum(weights) > sum(self.heaviest):
                self.heaviest = weights

    def figures(self) -> str:
        count, all_of_them = len(self.heaviest), sum(self.heaviest) / 1e6
        return (
            f"memory: {count} kernels, {all_of_them:.0f} MB, {all_of_them / max(1, count):.0f} MB each (PSS)"
        )


def invite(home: Path, count: int) -> list[str]:
    """``count`` people of the training, each with a card, by the names that the form lists them under."""
    training = open_training_platform(load_settings(home=home))
    names = []
    for number in range(count):
        surname = f"Vander{'abcdefghijklmnopqrstuvwxyz'[number % 26]}{'aeiou'[number // 26]}"
        newcomer = NewPerson("Lode", surname, date(1970, 1, 1 + number % 28), "M")
        person = training.add_person(newcomer)
        training.card(person.name).close()
        names.append(f"{person.person.first_names} {person.person.name}")
    training.close()
    return names


def crowd(url: str, names: Sequence[str]) -> list[Walk]:
    """Everybody walks at once, in one Chromium; when all are done, or have failed, all windows are closed."""
    return asyncio.run(_crowd(url, names))


async def _crowd(url: str, names: Sequence[str]) -> list[Walk]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        walks = [Walk(name) for name in names]
        await asyncio.gather(*(_walk(browser, url, walk) for walk in walks))
        await browser.close()
    return walks


def floor(count: int) -> float:
    """Seconds until the last of ``count`` windows, opened at once, shows a page of one line: where browser and people
    share the server's processors, they take them also for themselves."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Line) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        longest = max(asyncio.run(_glances(f"http://127.0.0.1:{server.server_port}/", count)))
        server.shutdown()
    return longest


def figures(walks: Sequence[Walk], bare: float | None = None) -> str:
    """How long everything took, as lines. ``bare``: `floor` of as many windows, where it was measured."""
    failed = [walk for walk in walks if walk.problem]
    fine = [walk for walk in walks if not walk.problem]
    lines = [f"{len(walks)} sessions, {len(failed)} failed"]
    lines += [f"  {user.name}: {user.problem[:200]}" for user in failed]
    lines.append(_line("the server's first byte", [user.answered for user in fine]))
    lines.append("without a sign of life:")
    for step in dict.fromkeys(step for user in fine for step in user.silences):
        lines.append(_line(f"  {step}", [user.silences[step] for user in fine if step in user.silences]))
    opened = max((user.silences["open"] for user in fine), default=0.0)
    if bare is not None:
        lines.append(f"  (the windows alone, on a page of one line, {bare:.2f} s: {opened / bare:.1f} times)")
    lines.append(_line("first form usable", [user.first for user in fine]))
    lines.append(_line("whole form", [user.whole for user in fine]))
    return "\n".join(lines)


def _line(what: str, seconds: Sequence[float]) -> str:
    if not seconds:
        return f"{what}: nobody"
    return f"{what:<26} median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"


class _Line(BaseHTTPRequestHandler):
    """A page of one line."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>-</title><h1>-</h1>")

    def log_message(self, *_: object) -> None:
        pass


async def _glances(url: str, count: int) -> list[float]:
    async def glance(browser: Browser) -> float:
        page, seen = await _window(await browser.new_context())
        begin = time.time()
        await page.goto(url, wait_until="commit")
        return await seen - begin

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        seconds = await asyncio.gather(*(glance(browser) for _ in range(count)))
        await browser.close()
    return list(seconds)


async def _window(context: BrowserContext) -> tuple[Page, asyncio.Future[float]]:
    """A window, and when something was first seen in it, in seconds of the epoch, once it was."""
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def said(message: ConsoleMessage) -> None:
        word, _, milliseconds = message.text.partition(" ")
        if word == "eh-seen" and not seen.done():
            seen.set_result(float(milliseconds) / 1000)

    page.on("console", said)
    return page, seen


async def _walk(browser: Browser, url: str, walk: Walk) -> None:
    context = await browser.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page, seen = await _window(context)
    begin = time.perf_counter()
    try:
        await _request(page, seen, url, walk, begin)
        walk.whole = time.perf_counter() - begin
    except Exception as error:  # noqa: BLE001  # one who fails does not keep the others from walking
        lost = await page.locator("#eh-lost").is_visible()
        walk.problem = f"{list(walk.silences)[-1:]}, connection {'lost' if lost else 'there'}: {error}"
    await page.goto("about:blank")  # he leaves, as by closing the window
    await context.close()


async def _request(page: Page, seen: asyncio.Future[float], url: str, walk: Walk, begin: float) -> None:
    address, _, token = url.partition("?")
    opened = time.time()
    answer = await page.goto(f"{address}request.ipynb?lang=en&{token}", wait_until="commit")
    assert answer is not None
    walk.answered = (answer.request.timing["responseStart"] - answer.request.timing["requestStart"]) / 1000
    walk.silences["open"] = await asyncio.wait_for(seen, PATIENCE / 1000) - opened
    box = page.get_by_label(get("steps.terms.accept"))
    await box.check()
    walk.first = time.perf_counter() - begin
    await _press(page, walk, get("wizard.next"), "steps.card.insert.title")
    await page.get_by_label(get("steps.card.training")).select_option(label=walk.name)
    await _press(page, walk, get("steps.card.read"), "steps.card.title")
    await page.get_by_label(get("pin.label")).fill(PIN)
    await _press(page, walk, get("steps.card.go"), "request.who.title")
    await _press(page, walk, get("wizard.next"), "steps.contact.title")
    await page.get_by_label(get("steps.contact.email")).fill("lode@example.be")
    await page.get_by_label(get("steps.contact.phone")).fill("+32 4 555 01 42")
    await _press(page, walk, get("wizard.next"), "request.check.title")
    await _press(page, walk, get("request.check.go"), "request.sign.title")
    await page.get_by_label(get("pin.label")).fill(PIN)
    await _press(page, walk, get("request.sign.go"), "steps.password.title")
    for name in ("first", "second"):
        await page.get_by_label(get(f"steps.password.{name}"), exact=True).fill("Kine-2026 & co")
    await _press(page, walk, get("wizard.next"), "request.send.title")
    await _press(page, walk, get("request.send.go"), "request.done.title")


async def _press(page: Page, walk: Walk, button: str, title: str) -> None:
    """Press and wait for the page of that title; how long nothing was seen to happen."""
    before = await page.locator("h1").text_content()
    await page.get_by_role("button", name=button, exact=True).click()
    begin = time.perf_counter()
    await page.wait_for_function(_SIGN, arg=before)
    walk.silences[title] = time.perf_counter() - begin
    await page.get_by_role("heading", level=1, name=get(title), exact=True).wait_for()
