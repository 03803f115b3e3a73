"""``ehtoolkit lab``: JupyterLab opens with cards, a notebook runs there to its end, and nothing is asked elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import Serving

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Serving]:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "doctor.ipynb").write_bytes(b"somebody's")
    new = len(list((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))) - 1
    arguments = ["-m", "ehtoolkit", "lab", "--no-browser", "--folder", str(folder)]
    serving = Serving(arguments, tmp_path / "home", HOME=str(tmp_path / "user"), EHTOOLKIT_LANGUAGE="nl")
    yield serving
    assert serving.stop() == 0
    assert (folder / "doctor.ipynb").read_bytes() == b"somebody's"
    *said, last = "".join(serving.log).splitlines()
    assert "received signal 15, stopping" in last
    assert said == [
        f"Notebooks in {folder}: {new} gekopieerd, 0 bijgewerkt, 0 al actueel.",
        "doctor.ipynb blijft staan: onder deze naam stond er al iets wat niet door ehtoolkit is geschreven.",
        "Wilt u ook het origineel, geef het bestand dan een andere naam en start opnieuw.",
    ]


def test_a_card_opens_a_notebook_that_runs_to_its_end(lab: Serving, chromium: Browser) -> None:
    """In Dutch; the chart of the audit is drawn by what comes with it."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(60_000)
    reached: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: reached.append(request.url))
    page.goto(lab.url)
    cards = page.locator(".jp-LauncherCard[data-category='Notebook']")
    expect(cards.first).to_contain_text("Alle formulieren en pagina’s", timeout=60_000)
    assert cards.count() == 12, "eleven of ours, and a new notebook"
    cards.filter(has_text="Veertig praktijken in tien cellen").click()
    notebook = page.locator(".jp-Notebook")
    expect(notebook.locator(".jp-MarkdownCell").first).to_contain_text("met verzonnen praktijken")
    _run_all(page)
    picture = page.locator(".jp-OutputArea-output[data-mime-type='image/svg+xml'] img")
    expect(picture).to_be_attached(timeout=90_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1006
    last = notebook.locator(".jp-CodeCell").last
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("practices.xlsx", timeout=60_000)
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.get_by_text("Jupyter news").count() == 0, "whether to ask elsewhere is no question"
    context.close()
    elsewhere = [
        url for url in reached if not re.match(rf"(http|ws)://127\.0\.0\.1:{lab.port}/|data:|blob:", url)
    ]
    assert elsewhere == []


def _run_all(page: Page) -> None:
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
