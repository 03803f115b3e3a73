"""Draws the pictures of the guides: ``python docs/guide/pictures.py [LANGUAGE…]``, in Chromium, from the gallery of the
tests (`tests.gallery`), which has every page of every procedure with invented people.

Of a scene that `KEPT` names the picture is written to ``docs/guide/images/<language>``. Run it when a form looks
otherwise.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the gallery is shared with the tests

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

import hatch_build  # noqa: E402
from ehtoolkit.texts import LANGUAGES  # noqa: E402
from tests.browser.gallery import Wall, exhibition  # noqa: E402
from tests.browser.hands import look  # noqa: E402
from tests.browser.pages import ARGUMENTS, Visit, program  # noqa: E402

IMAGES = Path(__file__).with_name("images")
WINDOW = {"width": 900, "height": 760}
TALLEST = 1100
"""Pixels of a picture; what is below is of no interest in a guide."""
QUALITY = 0.6
KEPT = {
    "tools-index": {"waiting": "index"},
    "request-for-myself": {"card": "request-card", "sign": "request-sign", "done": "request-done"},
    "certificates-complete": {"choose": "complete-choose", "done": "complete-done"},
    "certificates-password": {"new": "password-new", "done": "password-done"},
    "certificates-renew": {"choose": "renew-choose", "done": "renew-done"},
    "certificates-complete-renewal": {"choose": "complete-renewal-choose", "done": "complete-renewal-done"},
    "certificates-activate": {"work": "activate-work", "done": "activate-done"},
    "tools-providers": {"certificate": "providers-certificate", "list": "providers-list"},
    "certificates-revoke": {
        "questions": "revoke-questions",
        "choose": "revoke-choose",
        "done": "revoke-done",
    },
    "people-foreigner": {"where": "foreigner-where", "done": "foreigner-done"},
}
"""Story → scene → the picture's name."""

# Chromium writes WebP, a third of the size of its PNG.
_WEBP = """
async ([source, quality]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${source}`;
  await image.decode();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [image.width, image.height];
  sheet.getContext("2d").drawImage(image, 0, 0);
  return sheet.toDataURL("image/webp", quality).split(",")[1];
}
"""


class Album:
    """The pictures of one language."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._folder, self._sheet = folder, browser.new_page()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, page: Page, name: str) -> None:
        """The page from its top to above its foot."""
        look(page)
        page.evaluate("() => window.scrollTo(0, 0)")
        foot = page.locator(".eh-footer").bounding_box()
        height = min(TALLEST, foot["y"] if foot else TALLEST)
        clip = {"x": 0, "y": 0, "width": WINDOW["width"], "height": height}
        picture = base64.b64encode(page.screenshot(full_page=True, clip=clip)).decode()  # type: ignore[arg-type]
        data = self._sheet.evaluate(_WEBP, [picture, QUALITY])
        (self._folder / f"{name}.webp").write_bytes(base64.b64decode(data))


def main(languages: Sequence[str]) -> None:
    hatch_build.compile_catalogues(ROOT)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        with exhibition(Path(folder)) as serving:
            for language in (one for one in LANGUAGES if not languages or one in languages):
                visit = Visit(browser, serving.url, locale=f"{language}-BE", viewport=WINDOW)
                wall, album = Wall(visit, language), Album(browser, IMAGES / language)
                for story, names in KEPT.items():
                    for scene in wall.scenes(story):
                        if scene in names:
                            album.keep(wall.page, names[scene])
                visit.close()
                sys.stdout.write(f"{language}: {sum(map(len, KEPT.values()))} pictures\n")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
