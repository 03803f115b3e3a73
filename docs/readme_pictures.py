"""Draws the pictures of pages in the README: ``python docs/readme_pictures.py``, in Chromium, on fresh demonstrations.

Run it when one of these pages looks otherwise.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what opens a page is shared with the tests

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright  # noqa: E402

import hatch_build  # noqa: E402
from ehtoolkit.i18n import Translator  # noqa: E402
from ehtoolkit.settings import LanguageName  # noqa: E402
from tests.browser import form_steps  # noqa: E402
from tests.browser.chromium import ARGUMENTS, program  # noqa: E402
from tests.browser.page_users import Mouse, look, offered, title  # noqa: E402
from tests.browser.pages import Visit  # noqa: E402
from tests.browser.prepared_homes import CONTACT, certificate_in, ehtoolkit, renewed_in  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WINDOW: ViewportSize = {"width": 1100, "height": 760}
PASSWORD = "Kine-2026"  # noqa: S105


def keep(page: Page, name: str) -> None:
    """Keep the upper part of a page."""
    look(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    page.screenshot(path=IMAGES / f"{name}.png")


def request(serving: Serving, visit: Visit) -> None:
    """The contract of a request, and the first page with two keystores afterwards."""
    get = Translator("en").get
    certificate_in(serving.home, PASSWORD)
    page = visit.open("request", {"lang": "en"})

    def arrived(key: str) -> None:
        title(page, get(key))
        if key == "request.sign.title":
            for frame in page.frames[1:]:
                frame.wait_for_function("() => document.body?.innerText.trim()")
            keep(page, "sign")

    contact = {"email": CONTACT.email, "phone": CONTACT.phone}
    form_steps.request(Mouse(page), get, arrived, PASSWORD, contact, card="Bram Jozef Desmedt")
    page = visit.open("index", {"lang": "en"})
    expect(page.locator(".eh-due").first).to_be_visible()
    keep(page, "index")


def troubleshoot(serving: Serving, visit: Visit) -> None:
    """A renewed keystore that the platform has and whose ETK is still to be activated."""
    get = Translator("fr").get
    certificate_in(serving.home, PASSWORD, later="+34mo")
    new = renewed_in(serving.home, PASSWORD)
    page = visit.open("troubleshoot", {"keystore": new.name, "lang": "fr"})
    user = Mouse(page)
    user.type(get("troubleshoot.password"), PASSWORD)
    user.press(get("troubleshoot.open"))
    offered(page, get("troubleshoot.platform"))
    user.press(get("troubleshoot.platform"))
    expect(page.get_by_role("heading", level=2, name=get("troubleshoot.platform.title"))).to_be_focused()
    keep(page, "troubleshoot")


def doctor(serving: Serving, visit: Visit) -> None:
    ehtoolkit(serving.home, "training", "scenario", "signature-not-activated", "on")
    page = visit.open("doctor", {"lang": "fr"})
    expect(page.get_by_text(Translator("fr").get("doctor.signature_dormant")).last).to_be_visible()
    keep(page, "doctor")


def audit(_: Serving, visit: Visit) -> None:
    page = visit.open("audit", {"lang": "en"})
    expect(page.locator(".eh-jobs h3").first).to_be_visible(timeout=90_000)
    keep(page, "audit")


@contextmanager
def visiting(browser: Browser, language: LanguageName, *, sample: bool) -> Iterator[tuple[Serving, Visit]]:
    """A server on a fresh home, and a window."""
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving.demo(Path(folder) / "home", EHTOOLKIT_SAMPLE=str(sample).lower())
        visit = Visit(browser, serving.url, locale=f"{language}-BE", viewport=WINDOW)
        try:
            yield serving, visit
        finally:
            visit.close()
            serving.stop()


PICTURES: tuple[tuple[Callable[[Serving, Visit], None], LanguageName, bool], ...] = (
    (request, "en", False),
    (troubleshoot, "fr", False),
    (doctor, "fr", False),
    (audit, "en", True),
)
"""What draws them, in which language, and whether the invented providers of a demonstration are there."""


def main() -> None:
    hatch_build.compile_catalogues(ROOT)
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        for draw, language, sample in PICTURES:
            with visiting(browser, language, sample=sample) as (serving, visit):
                draw(serving, visit)
        browser.close()


if __name__ == "__main__":
    main()
