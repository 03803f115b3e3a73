"""The gallery in Chromium: one server, one page for each language, and on it one scene after the other.

No story is walked in the browser: the page's kernel brings about each scene (`tests.gallery`), and the browser shows
it. A page begins once; a scene costs what its drawing and its judging cost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from ehtoolkit.settings import LanguageName
from ehtoolkit.texts import LANGUAGES
from tests.browser.geometry import MISFITS, TARGET, misfits
from tests.browser.pages import DESK, PHONE, Visit, axe, shoot
from tests.browser.serving import Serving
from tests.browser.tongues import TEXTS, of_another_language
from tests.gallery import STORIES
from tests.gallery.homes import make_homes

NOTEBOOKS: Final = Path(__file__).with_name("notebooks")
COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules that another colour can break."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How a scene is looked at by axe. ``rules``: these alone; none: all."""

    name: str
    size: Mapping[str, int]
    media: Mapping[str, str]
    rules: Sequence[str] = ()


_LIGHT, _DARK = (
    {"color_scheme": "light", "forced_colors": "none"},
    {"color_scheme": "dark", "forced_colors": "none"},
)
MODES: Final = (
    Mode("light", DESK, _LIGHT),
    Mode("dark-phone", PHONE, _DARK, COLOURS),
    Mode("light-phone", PHONE, _LIGHT),
    Mode("forced", DESK, {"color_scheme": "light", "forced_colors": "active"}, COLOURS),
)
"""In the short run a story is seen in another mode in each language, so in all of them, and in every language; all
rules are asked where the structure may be another one, in the light, on a desk and on a phone."""


def mode_of(story: str, language: LanguageName) -> Mode:
    """The one of the short run."""
    return MODES[(list(STORIES).index(story) + LANGUAGES.index(language)) % len(MODES)]


class Room:
    """The page of one language."""

    def __init__(self, visit: Visit, language: LanguageName, axe_script: str) -> None:
        self.page: Page = visit.open("gallery", {"lang": language})
        self.page.wait_for_function("() => window.gallery")
        self._language: LanguageName = language
        self._script = axe_script
        self._mode = MODES[0]

    def scenes(self, story: str) -> Iterator[str]:
        """Each scene of a story, while it is shown."""
        wish: dict[str, str] = {"story": story}
        while (scene := self.page.evaluate("(wish) => window.gallery(wish)", wish)) is not None:
            yield str(scene)
            wish = {}

    def judge(self, story: str, modes: Sequence[Mode]) -> Iterator[str]:
        """What is wrong with the scenes of a story, in a line each."""
        self._look_as(modes[0])
        for scene in self.scenes(story):
            for fault in self._faults(f"{story}-{scene}-{self._language}", modes):
                yield f"{scene}: {fault}"

    def _faults(self, name: str, modes: Sequence[Mode]) -> Iterator[str]:
        texts, places = self.page.evaluate(f"(least) => [({TEXTS})(), ({MISFITS})(least)]", TARGET)
        yield from (f"of another language: {one}" for one in of_another_language(texts, self._language))
        measured = {self._mode.size["width"]: places}
        for mode in sorted(
            modes, key=lambda one: one != self._mode
        ):  # the one that is looked in already first
            self._look_as(mode)
            measured.setdefault(mode.size["width"], None)
            if measured[mode.size["width"]] is None:
                measured[mode.size["width"]] = misfits(self.page)
            yield from (f"{mode.name}: {one}" for one in axe(self.page, self._script, mode.rules))
            if "EHTOOLKIT_SCREENSHOTS" in os.environ:
                shoot(self.page, f"gallery/{name}-{mode.name}")
        for width, found in measured.items():
            yield from (f"{width}: {one}" for one in found)

    def _look_as(self, mode: Mode) -> None:
        if mode != self._mode:
            self.page.set_viewport_size(mode.size)  # type: ignore[arg-type]
            self.page.emulate_media(**mode.media)  # type: ignore[arg-type]
            self._mode = mode


Rooms = Callable[[LanguageName], Room]


@pytest.fixture(scope="module")
def rooms(chromium: Browser, axe_script: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """The page of a language, from the first story that needs it on."""
    folder = tmp_path_factory.mktemp("gallery")
    work, homes = folder / "work", make_homes(folder / "homes")
    work.mkdir()
    names = {"GALLERY_HOMES": str(homes), "GALLERY_WORK": str(work)}
    serving = Serving.folder(NOTEBOOKS, folder / "home", **names)
    visits: list[Visit] = []
    kept: dict[str, Room] = {}

    def room(language: LanguageName) -> Room:
        if language not in kept:
            visits.append(Visit(chromium, serving.url, locale=f"{language}-BE"))
            kept[language] = Room(visits[-1], language, axe_script)
        return kept[language]

    yield room
    for one in visits:
        one.close()
    assert serving.stop() == 0


def judged(rooms: Rooms, story: str, language: LanguageName, modes: Sequence[Mode] | None = None) -> None:
    """Fail with everything that is wrong with a story in one language."""
    faults = list(rooms(language).judge(story, modes or [mode_of(story, language)]))
    assert not faults, "\n".join(faults)
