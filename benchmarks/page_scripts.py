"""The address → the title of the Request form, with the scripts of a page as one and piece by piece, in turn: in
windows that have seen nothing, and in those of somebody who comes back.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402

from tests.browser.chromium import CHROMIUM, Profiles  # noqa: E402
from tests.browser.page_scripts import PAGE  # noqa: E402
from tests.browser.pages import Visit  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
APART = """
from pathlib import Path
from ehtoolkit.voila import joined_scripts
joined_scripts.PIECES = Path(__file__).with_name("no-pieces.txt")
"""
"""What a server runs first that joins nothing. Its pages are asked for without routes, which would take the browser's
cache away."""


def opened(browser: Browser | Profiles, url: str) -> tuple[float, int]:
    """Seconds to the title, and how many pieces were asked for by name."""
    visit = Visit(browser, url, lands=False, locale="en-BE")
    begin = time.perf_counter()
    visit.open(PAGE)
    seconds = time.perf_counter() - begin
    visit.page.wait_for_timeout(500)  # the next kernel in reserve is there by then
    pieces = len(visit.pieces)
    visit.pieces.clear()  # what no test may ask for
    visit.close()
    return seconds, pieces


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(APART, encoding="utf-8")
        (folder / "no-pieces.txt").touch()
        joined = Serving.demo(folder / "joined")
        apart = Serving.demo(folder / "apart", PYTHONPATH=os.pathsep.join((name, str(ROOT))))
        for kind, browser in (("first visit", CHROMIUM.browser), ("again", CHROMIUM.profiles)):
            taken: dict[str, list[float]] = {joined.url: [], apart.url: []}
            asked: dict[str, int] = {}
            for number in range(ROUNDS + 2):
                for url, seconds in taken.items():
                    result, asked[url] = opened(browser, url)
                    if number >= 2:  # the first load what the computer has not in memory
                        seconds.append(result)
            together, pieces = (statistics.median(taken[serving.url]) for serving in (joined, apart))
            assert asked[joined.url] == 0 < asked[apart.url]
            print(
                f"{kind:<12} {together:.2f} s; with {asked[apart.url]} pieces {pieces:.2f} s: {together / pieces:.2f}"
            )
        CHROMIUM.stop()
        joined.stop()
        apart.stop()


if __name__ == "__main__":
    main()
