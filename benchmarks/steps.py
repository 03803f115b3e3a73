"""Seconds of a form as its user meets them: the address → the title, and a click → the title of the next step, over the
Request form of several people of the training; against a round trip to the kernel that changes one word.

Times are taken in the page, from the click to the new title with the focus on it. What a step does there is in it: the
card is read, the PIN checked, the contract drawn up, the request signed, written and sent, all on this computer.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what walks through a form is shared with the tests

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from benchmarks.switching import FLOOR  # noqa: E402
from ehtoolkit.i18n import Translator  # noqa: E402
from ehtoolkit.training import PEOPLE  # noqa: E402
from tests.browser import form_steps  # noqa: E402
from tests.browser.chromium import ARGUMENTS, program  # noqa: E402
from tests.browser.page_users import Mouse, look, title  # noqa: E402
from tests.browser.pages import Visit  # noqa: E402
from tests.browser.prepared_homes import CONTACT  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3

WATCH = """() => {
  window.steps = [];
  let begin = null, old = null;
  addEventListener("click", (event) => {
    if (!event.target.closest(".eh-actions .eh-primary")) return;
    begin = performance.now();
    old = document.querySelector("main h1").textContent;
  }, true);
  const there = () => {
    const head = document.querySelector("main h1");
    if (begin !== null && head && head.textContent !== old && document.activeElement === head) {
      window.steps.push([head.textContent, (performance.now() - begin) / 1000]);
      begin = null;
    }
    requestAnimationFrame(there);
  };
  there();
}"""


def walk(page: Page, visit: Visit, card: str) -> tuple[float, list[tuple[str, float]]]:
    """Seconds to the title of the first step, and to that of each other."""
    get = Translator("en").get

    def arrived(key: str) -> None:
        title(page, get(key))
        look(page)  # nobody clicks before

    begin = time.perf_counter()
    visit.open("request", {"lang": "en"})
    first = time.perf_counter() - begin
    page.evaluate(WATCH)
    contact = {"email": CONTACT.email, "phone": CONTACT.phone}
    form_steps.request(Mouse(page), get, arrived, "Kine-2026", contact, card=card)
    return first, [(str(name), float(seconds)) for name, seconds in page.evaluate("() => window.steps")]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        serving = Serving.demo(Path(folder) / "home")
        visit = Visit(browser, serving.url, locale="en-BE")
        page = visit.page
        names = [person.person.full_name for person in PEOPLE][: ROUNDS + 1]
        taken = [walk(page, visit, name) for name in names][1:]  # the first loads what the forms need
        floor = statistics.median(float(page.evaluate(FLOOR)) for _ in range(9)) / 1000
        visit.close()
        serving.stop()
        browser.close()
    steps: dict[str, list[float]] = {}
    for _, found in taken:
        for name, seconds in found:
            steps.setdefault(name, []).append(seconds)
    first = statistics.median(opening for opening, _ in taken)
    print(f"a round trip to the kernel: {floor:.3f} s")
    print(f"the address → the title: median {first:.2f} s")
    for name, taken_each in steps.items():
        print(
            f"  → {name:<40} median {statistics.median(taken_each):.2f} s, longest {max(taken_each):.2f} s, "
            f"{statistics.median(taken_each) / floor:.0f} round trips"
        )
    every = [click for step in steps.values() for click in step]
    print(f"the next step: median {statistics.median(every):.2f} s over {len(every)} clicks")
    print(f"load {os.getloadavg()[0]:.1f}; aims ≤ 0.9 s and ≤ 0.25 s on a quiet machine")


if __name__ == "__main__":
    main()
