"""Goto → first form usable, as a ratio to Voila's own page with one button, in turn, in the same browser.

Usable: the first button answers, not only shows. Requests to other hosts are refused at once, so that the default
page does not wait for the network.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import ARGUMENTS, program  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
BUTTON = """
import ipywidgets
button, said = ipywidgets.Button(description="press"), ipywidgets.Label()
button.on_click(lambda _: setattr(said, "value", "pressed"))
ipywidgets.VBox([button, said])
"""


def notebook(source: str) -> str:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "one",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


@contextmanager
def server(command: list[str], home: Path, said: str) -> Iterator[str]:
    """A server of pages; gives the address that it prints."""
    environment = {**os.environ, "EHTOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    address = next(found.group(0) for line in process.stdout if (found := re.search(said, line)))
    yield address
    process.terminate()
    process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def local_only(route: Route) -> None:
    if "127.0.0.1" in route.request.url or "localhost" in route.request.url:
        route.continue_()
    else:
        route.abort()


def seconds(browser: Browser, first: str, address: str, use: Callable[[Page], None]) -> float:
    context = browser.new_context()
    context.route("**/*", local_only)
    page = context.new_page()
    if first:
        page.goto(first)
    begin = time.perf_counter()
    page.goto(address)
    use(page)
    taken = time.perf_counter() - begin
    context.close()
    return taken


def press_default(page: Page) -> None:
    page.get_by_role("button", name="press").click()
    page.get_by_text("pressed").wait_for()


def press_ours(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("alert").wait_for()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        (home / "button.ipynb").write_text(notebook(BUTTON))
        voila = [
            sys.executable,
            "-m",
            "voila",
            str(home / "button.ipynb"),
            "--no-browser",
            f"--port={free_port()}",
        ]
        ours = [sys.executable, "-m", "ehtoolkit", "demo", "--no-browser"]
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        with (
            server(voila, home / "one", r"http://localhost:\d+/") as default,
            server(ours, home / "two", r"http://127\.0\.0\.1:\d+/\S+") as demo,
        ):
            form = demo.partition("?")[0] + "request.ipynb?lang=en"
            pairs = []
            for _ in range(ROUNDS + 1):
                a = seconds(browser, demo, form, press_ours)
                b = seconds(browser, "", default, press_default)
                pairs.append((a, b))
        browser.close()
    pairs = pairs[1:]
    ratio = statistics.median(a / b for a, b in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"first form usable: {mine:.2f} s, Voila's page with one button: {theirs:.2f} s, ratio {ratio:.2f} (aim ≤ 0.7)"
    )


if __name__ == "__main__":
    main()
