"""Every page as it opens, in every language: nothing that axe-core finds, nothing cut, nothing too small to hit, at
twice the size and on the narrowest window; Tab leads through it in the order of reading. In the dark and on a phone,
the short run sees the same pages in the gallery (`tests.browser.test_gallery`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ehtoolkit import forms
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser import form_steps
from tests.browser.chromium import CHROMIUM, DESKTOP
from tests.browser.geometry import disorder, misfits, tab_through
from tests.browser.languages import short_in
from tests.browser.lengthened_texts import lengthen
from tests.browser.page_users import Mouse, look, title
from tests.browser.pages import COLOURS, PHONE, Visit, axe, shoot
from tests.browser.prepared_homes import certificate_in
from tests.browser.serving import ROOT, Serving

PAGES = sorted(forms.PAGES)
ZOOMED: ViewportSize = {"width": 640, "height": 450}
"""What a window of 1280 shows at 200 %."""
NARROW: ViewportSize = {"width": 320, "height": 640}
"""And at 400 %, the narrowest on which WCAG 1.4.10 lets nothing scroll sideways."""
CONTACT = {"email": "bram@example.be", "phone": "+32 9 555 01 42"}
LONGER = str(Path(__file__).parent / "longer")

Windows = Callable[[LanguageName], Visit]


@pytest.fixture(scope="module")
def served(demo: Serving) -> Serving:
    """A computer with a keystore that is in order."""
    demo.put_back()
    certificate_in(demo.home, "Kine-2026")
    return demo


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The same, with texts that are a third longer than the German ones."""
    home = tmp_path_factory.mktemp("longer") / "home"
    certificate_in(home, "Kine-2026")
    serving = Serving.demo(home, PYTHONPATH=os.pathsep.join((LONGER, str(ROOT))))
    yield serving
    assert serving.stop() == 0


def kept_windows(serving: Serving) -> Iterator[Windows]:
    """One window for each language, kept from page to page. They are closed before their server ends."""
    kept: dict[LanguageName, Visit] = {}

    def window(language: LanguageName) -> Visit:
        if language not in kept:
            kept[language] = Visit(CHROMIUM.profiles, serving.url, locale=f"{language}-BE")
        return kept[language]

    yield window
    for visit in kept.values():
        visit.close()
        serving.await_end(visit.kernels)


@pytest.fixture(scope="module")
def windows(chromium: Browser, served: Serving) -> Iterator[Windows]:
    yield from kept_windows(served)


@pytest.fixture(scope="module")
def longer_windows(chromium: Browser, longer: Serving) -> Iterator[Windows]:
    yield from kept_windows(longer)


def ready(page: Page) -> Page:
    """Wait until what a page looks at by itself has been looked at."""
    expect(page.locator(".eh-busy:visible")).to_have_count(0)
    look(page)
    return page


def reached(window: Visit, name: str) -> Page:
    """A page by a link; the first of a window by its address."""
    return window.follow(name) if window.kernels else window.open(name)


def too_narrow(page: Page, name: str, *sizes: tuple[str, ViewportSize]) -> Iterator[str]:
    """What does not find its place on windows of these sizes."""
    for width, size in sizes:
        page.set_viewport_size(size)
        shoot(page, f"{name}-{width}")
        yield from (f"{width}: {misfit}" for misfit in misfits(page))
    page.set_viewport_size(DESKTOP)


@pytest.mark.parametrize("language", short_in("fr"))
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_every_language(
    request: pytest.FixtureRequest,
    served: Serving,
    windows: Windows,
    axe_script: str,
    name: str,
    language: LanguageName,
) -> None:
    window = windows(language)
    # Each page once by its address; in the other languages as users come to it, which starts no kernel.
    page = ready(window.open(name) if language == "fr" else reached(window, name))

    assert page.url.partition("?")[0] == f"{served.base}/{name}.ipynb"
    assert page.locator("html").get_attribute("lang") == language
    faults = [f"light: {fault}" for fault in axe(page, axe_script)]
    sizes = [("zoomed", ZOOMED), ("narrow", NARROW)]
    if request.config.getoption("--all"):  # the short run has these looks in `test_gallery`
        page.emulate_media(color_scheme="dark")
        shoot(page, f"{name}-{language}-dark")
        faults += [f"dark: {fault}" for fault in axe(page, axe_script, COLOURS)]
        page.emulate_media(color_scheme="light")
        sizes += [("desktop", DESKTOP), ("phone", PHONE)]
    faults += too_narrow(page, f"{name}-{language}", *sizes)
    if language == "fr":  # the order is the same in every language
        stops = tab_through(page)
        assert len(stops) > 4
        faults += disorder(stops)
    assert not faults, "\n".join(faults)


@pytest.mark.long  # the short run sees the longest words of all languages, in `test_gallery`
@pytest.mark.parametrize("name", PAGES)
def test_no_text_is_cut_when_words_are_a_third_longer(longer_windows: Windows, name: str) -> None:
    page = ready(reached(longer_windows("de"), name))

    assert "ẅ" in page.get_by_role("heading", level=1).inner_text()
    faults = list(too_narrow(page, f"{name}-longer", ("desktop", DESKTOP), ("phone", PHONE)))
    assert not faults, "\n".join(faults)


@pytest.mark.long
def test_no_step_of_a_request_is_cut_when_words_are_a_third_longer(longer_windows: Windows) -> None:
    texts = Translator("de")
    page = longer_windows("de").open("request")
    faults: list[str] = []

    def get(key: str) -> str:
        return lengthen(texts.get(key))

    def arrived(key: str) -> None:
        title(page, get(key))
        faults.extend(too_narrow(page, f"{key}-longer", ("desktop", DESKTOP), ("phone", PHONE)))

    form_steps.request(Mouse(page), get, arrived, "Regen-2026", CONTACT, card="Bram Jozef Desmedt")
    assert not faults, "\n".join(faults)
