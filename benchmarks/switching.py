"""Click on a link → the next form usable, in one page with one kernel; against a round trip to the same kernel that
changes one word.

Usable: the title has the focus and everything that can be operated is there. Forms are opened in turn from the first
page; the first round, in which the kernel loads what it needs, does not count. Times are taken in the page.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import ARGUMENTS, program  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
FORMS = ("request", "complete", "renew", "activate", "password", "revoke", "foreigner", "troubleshoot")

GO = """(form) => new Promise((done) => {
  const old = document.querySelector("main h1"), begin = performance.now();
  const there = () => {
    const head = document.querySelector("main h1");
    const ready = head && head !== old && document.activeElement === head;
    if (ready && document.querySelector(".eh-wizard button, .eh-drop, .eh-menu")) done(performance.now() - begin);
    else requestAnimationFrame(there);
  };
  document.querySelector(`main a[href="${form}.ipynb"]`).click();
  there();
})"""
FLOOR = """() => new Promise(async (done) => {
  const kernel = window.jupyterapp.widgetManager.kernel, begin = performance.now();
  await kernel.requestKernelInfo();
  const word = document.body.appendChild(document.createElement("span"));
  word.textContent = "there";
  requestAnimationFrame(() => { word.remove(); done(performance.now() - begin); });
})"""


@contextmanager
def server(home: Path) -> Iterator[str]:
    environment = {**os.environ, "EHTOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ehtoolkit", "demo", "--no-browser"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield next(
        found.group(0)
        for line in process.stdout
        if (found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line))
    )
    process.terminate()
    process.wait()


def round_trip(page: Page, form: str) -> tuple[float, float, float]:
    """Milliseconds of a round trip alone, of the way to the form, and of the way back to the first page."""
    taken = []
    for script, argument in ((FLOOR, None), (GO, form), (GO, "index")):
        page.wait_for_timeout(600)  # nobody clicks faster; what follows a change is over by then
        taken.append(float(page.evaluate(script, argument)))
    return taken[0], taken[1], taken[2]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        server(Path(folder)) as address,
    ):
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        page = browser.new_page()
        page.goto(address + "&lang=en")
        page.wait_for_selector(".eh-menu")
        taken = [round_trip(page, form) for _ in range(ROUNDS + 1) for form in FORMS][len(FORMS) :]
        browser.close()
    floors, there, back = (sorted(column) for column in zip(*taken, strict=True))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    for name, times in (("a round trip", floors), ("to a form", there), ("to the first page", back)):
        print(
            f"{name}: median {statistics.median(times):.0f} ms, best tenth {times[len(times) // 10]:.0f} ms, "
            f"ratio to a round trip {statistics.median(times) / statistics.median(floors):.1f}"
        )
    print(f"load {load:.1f}; aim ≤ 150 ms to a form on a quiet machine")


if __name__ == "__main__":
    main()
