"""The gallery in Chromium: one server, a page for each language, and on it one scene after the other.

No story is walked in the browser: the page's kernel brings about each scene (`tests.gallery`), and the browser shows
it. A page begins once; a scene costs what its drawing and its judging cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.browser.chromium import DESKTOP
from tests.browser.geometry import misfits
from tests.browser.pages import COLOURS, PASSED, PHONE, Visit, axe, shoot
from tests.browser.serving import Serving
from tests.gallery import STORIES
from tests.gallery.homes import make_homes
from tests.support.untranslated import TEXTS, of_another_language

NOTEBOOKS: Final = Path(__file__).with_name("notebooks")


_WITHOUT_MAIN: Final = {
    "first_page-index": {"complete"},
    "first_page-index-in-every-standing": {"quiet"},
    "providers-providers-in-a-damaged-registry": {"damaged"},
}
"""Scenes without a primary button, by story: nothing is due on the first page, and its menu is for who has a wish; of a
registry that cannot be read, the next step is beside the program."""

_MAIN: Final = """
() => [...document.querySelectorAll(".eh-primary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.textContent.trim())
"""


_KINDS: Final = """
() => {
  const name = (element) => [
    element.localName,
    element.getAttribute("type"),
    ...element.classList,
    ...["role", "aria-current", "aria-expanded", "aria-invalid", "aria-pressed", "aria-selected", "open"]
      .map((state) => element.getAttribute(state) ?? ""),
    ...element.getAttributeNames().filter((attribute) => attribute.startsWith("aria-")),
    element.disabled,
    element.textContent.trim() === "",
  ].join(" ");
  const seen = [...document.body.querySelectorAll("*")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  const headings = seen.filter((element) => /^h[1-6]$/.test(element.localName));
  const kinds = new Set(seen.map((element) => `${name(element.parentElement)} > ${name(element)}`));
  return [...kinds, headings.map((element) => element.localName).join(" ")];
}
"""
"""What a scene is made of: each kind of element in its parent, and the order of headings."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How a scene is looked at. ``rules``: those of axe; empty: all; None: axe does not run, only places are measured.
    ``text``: the size of letters in percent."""

    name: str
    size: ViewportSize
    media: Mapping[str, str]
    rules: Sequence[str] | None = ()
    text: int = 100


def _media(scheme: str, *, forced: bool = False) -> Mapping[str, str]:
    return {"color_scheme": scheme, "forced_colors": "active" if forced else "none"}


LIGHT: Final = Mode("light", DESKTOP, _media("light"))


def _measured(name: str, width: int, *, text: int = 100) -> Mode:
    return Mode(name, {"width": width, "height": DESKTOP["height"]}, LIGHT.media, None, text)


DARK: Final = Mode("dark", PHONE, _media("dark"), COLOURS)
FORCED: Final = Mode("forced", PHONE, _media("light", forced=True), COLOURS)
ALL: Final = (
    LIGHT,
    Mode("dark-desktop", DESKTOP, _media("dark"), COLOURS),
    Mode("forced-desktop", DESKTOP, _media("light", forced=True), COLOURS),
    FORCED,
    DARK,
    Mode("phone", PHONE, _media("light")),
    _measured("narrow", 320),
    _measured("zoomed", 640),
    _measured("tablet", 1024),
    _measured("large-text", DESKTOP["width"], text=200),
    _measured("large-text-phone", PHONE["width"], text=200),
)


def phone_of(story: str) -> Mode:
    """How the short run sees a story on a phone: every second in the dark, the others in forced colours. What pages
    are made of is in many stories."""
    return (DARK, FORCED)[list(STORIES).index(story) // len(LANGUAGES) % 2]


class Wall:
    """The page of one language, on which scenes are shown. ``longest``: in the place of its texts the longest of all
    four languages."""

    def __init__(self, visit: Visit, language: LanguageName, *, longest: bool = False) -> None:
        self.page: Page = visit.open("gallery", {"lang": language})
        self.page.wait_for_function("() => window.gallery")
        self.language: LanguageName | None = None if longest else language

    def scenes(self, story: str) -> Iterator[str]:
        """Each scene of a story, while it is shown."""
        order: dict[str, object] = {"story": story, "longest": self.language is None}
        while (scene := self.page.evaluate("(order) => window.gallery(order)", order)) is not None:
            yield str(scene)
            order = {}


class Judge:
    """Looks at the scenes of one wall."""

    def __init__(self, wall: Wall, axe_script: str) -> None:
        self._wall, self._page, self._script = wall, wall.page, axe_script
        self._mode = LIGHT
        self._kinds: set[str] = set()

    def faults(self, story: str, modes: Sequence[Mode]) -> Iterator[str]:
        """What is wrong with the scenes of a story, in a line each. With the longest words, axe judges dark and forced
        colours in the first scene only, and the others where an element or the order of headings is of a new kind."""
        language = self._wall.language
        for number, scene in enumerate(self._wall.scenes(story)):
            yield from (f"{scene}: {button}" for button in self._main_buttons(story, scene))
            kinds = set(self._page.evaluate(_KINDS))
            if language is not None:
                texts = of_another_language(self._page.evaluate(TEXTS), language)
                yield from (f"{scene}: of another language: {text}" for text in texts)
            measured: set[tuple[int, int]] = set()
            # From the mode in which the page is already: to change it takes as long as to judge.
            for mode in modes if modes[0] == self._mode else modes[::-1]:
                self._look_as(mode)
                place = (mode.size["width"], mode.text)
                found = [] if place in measured else misfits(self._page)
                measured.add(place)
                if mode.rules is not None and (language is not None or self._is_new(mode, number, kinds)):
                    found += axe(self._page, self._script, mode.rules)
                yield from (f"{scene}, {mode.name}: {fault}" for fault in found)
                shoot(self._page, f"gallery/{story}-{scene}-{language or 'longest'}-{mode.name}")

    def _is_new(self, mode: Mode, number: int, kinds: set[str]) -> bool:
        """Whether axe judges a scene, the ``number``-th of its story, in the longest words."""
        if mode.rules == COLOURS:
            return number == 0
        new = not kinds <= self._kinds
        self._kinds |= kinds
        return new

    def _main_buttons(self, story: str, scene: str) -> Iterator[str]:
        """What is wrong with the primary button: a page has one; a list of sentences is no page."""
        wanted = 0 if story.startswith("sentences-") or scene in _WITHOUT_MAIN.get(story, ()) else 1
        with suppress(PlaywrightTimeout):  # buttons come a moment after their page
            self._page.wait_for_function(f"(count) => ({_MAIN})().length === count", arg=wanted, timeout=2000)
        found = self._page.evaluate(_MAIN)
        if len(found) != wanted:
            yield f"primary buttons: {found}"

    def _look_as(self, mode: Mode) -> None:
        if mode.size != self._mode.size:
            self._page.set_viewport_size(mode.size)
        if mode.media != self._mode.media:
            self._page.emulate_media(**mode.media)  # type: ignore[arg-type]
        if mode.text != self._mode.text:
            self._page.evaluate(
                "(size) => { document.documentElement.style.fontSize = size; }", f"{mode.text}%"
            )
        self._mode = mode


@contextmanager
def exhibition(folder: Path) -> Iterator[Serving]:
    """The server of the gallery, with all that it needs in ``folder``."""
    work, homes = folder / "work", make_homes(folder / "homes")
    work.mkdir()
    names = {"GALLERY_HOMES": str(homes), "GALLERY_WORK": str(work)}
    serving = Serving.folder(NOTEBOOKS, folder / "home", **names)
    yield serving
    assert serving.stop() == 0


Judged = Callable[..., None]


@pytest.fixture(scope="module")
def judged(chromium: Browser, axe_script: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """``judged(story, modes, language)`` fails with everything that is wrong with a story; without a language it is
    told in the longest words. A page opens with the first story that needs it."""
    visits: list[Visit] = []
    kept: dict[LanguageName | None, Judge] = {}
    with exhibition(tmp_path_factory.mktemp("gallery")) as serving:

        def judge(story: str, modes: Sequence[Mode], language: LanguageName | None = None) -> None:
            if language not in kept:
                real: LanguageName = language or "de"
                visits.append(Visit(chromium, serving.url, locale=f"{real}-BE"))
                kept[language] = Judge(Wall(visits[-1], real, longest=language is None), axe_script)
            faults = list(kept[language].faults(story, modes))
            assert not faults, "\n".join(faults)

        yield judge
        for visit in visits:
            visit.complaints = [said for said in visit.complaints if PASSED not in said]
            visit.close()
