"""Draws the pictures of the guides: ``python docs/guide/pictures.py [LANGUAGE…]``, in Chromium, on demonstrations of
their own.

One walk for each language, through every procedure with invented people; of a step that `KEPT` names the picture is
written to ``docs/guide/images/<language>``. Run it when a form looks otherwise.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # what opens a page is shared with the tests

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect, sync_playwright  # noqa: E402

import hatch_build  # noqa: E402
from ehtoolkit.i18n import LANGUAGES, Translator  # noqa: E402
from ehtoolkit.settings import LanguageName  # noqa: E402
from ehtoolkit.training.state.invented_people import FOREIGNER  # noqa: E402
from tests.browser import form_steps  # noqa: E402
from tests.browser.chromium import ARGUMENTS, program  # noqa: E402
from tests.browser.page_users import Keys, Mouse, look, title  # noqa: E402
from tests.browser.pages import Visit  # noqa: E402
from tests.browser.prepared_homes import CONTACT, ehtoolkit  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

IMAGES = Path(__file__).with_name("images")
WINDOW: ViewportSize = {"width": 900, "height": 760}
TALLEST = 1100
"""Pixels of a picture; what is below is of no interest in a guide."""
QUALITY = 0.6
OLD, NEW = "Kine-2026", "Kine-2029"
KEPT = {
    "steps.card.title": "request-card",
    "request.sign.title": "request-sign",
    "request.done.title": "request-done",
    "complete.choose.title": "complete-choose",
    "complete.done.title": "complete-done",
    "password.new.title": "password-new",
    "password.done.title": "password-done",
    "renew.choose.title": "renew-choose",
    "renew.done.title": "renew-done",
    "complete_renewal.choose.title": "complete-renewal-choose",
    "activate.work.title": "activate-work",
    "revoke.questions.title": "revoke-questions",
    "revoke.choose.title": "revoke-choose",
    "revoke.done.title": "revoke-done",
    "foreigner.where.title": "foreigner-where",
    "foreigner.done.title": "foreigner-done",
}
"""The pictures by the key of the page's heading; each is made where the walk first comes to it."""

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
        self.names: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, page: Page, name: str) -> None:
        """The page from its top to above its foot, once."""
        if name in self.names:
            return
        # The contract is a frame, and is drawn only where the window shows it.
        page.set_viewport_size({"width": WINDOW["width"], "height": TALLEST})
        for frame in page.frames[1:]:
            frame.wait_for_function("() => document.body?.innerText.trim()")
        look(page)
        page.evaluate("() => window.scrollTo(0, 0)")
        foot = page.locator(".eh-footer").bounding_box()
        clip: FloatRect = {
            "x": 0,
            "y": 0,
            "width": WINDOW["width"],
            "height": min(TALLEST, foot["y"] if foot else TALLEST),
        }
        picture = base64.b64encode(page.screenshot(full_page=True, clip=clip)).decode()
        data = self._sheet.evaluate(_WEBP, [picture, QUALITY])
        (self._folder / f"{name}.webp").write_bytes(base64.b64decode(data))
        self.names.add(name)
        page.set_viewport_size(WINDOW)


class Walk:
    """Somebody who goes through all procedures on a fresh home."""

    def __init__(self, serving: Serving, visit: Visit, language: LanguageName, album: Album) -> None:
        self.home, self.visit, self.language, self.album = serving.home, visit, language, album
        self.get = Translator(language).get

    def open(self, name: str) -> tuple[Page, Mouse]:
        page = self.visit.open(name, {"lang": self.language})
        return page, Mouse(page)

    def arrived(self, key: str) -> None:
        title(self.visit.page, self.get(key))
        if key in KEPT:
            self.album.keep(self.visit.page, KEPT[key])

    def later(self, step: str) -> None:
        ehtoolkit(self.home, "training", "clock", step)

    def all(self) -> None:
        self.begin()
        self.renew()
        self.tools()
        self.revoke()
        self.foreigner()

    def begin(self) -> None:
        """A request, its certificate, another password."""
        _, user = self.open("request")
        form_steps.request(
            user, self.get, self.arrived, OLD, {"email": CONTACT.email, "phone": CONTACT.phone}
        )
        page, _ = self.open("index")
        expect(page.locator(".eh-due, .eh-key").first).to_be_visible()
        self.album.keep(page, "index")
        self.later("+1d")
        page, _ = self.open("trainer")
        title(page, self.get("trainer.title"))
        self.album.keep(page, "trainer")
        _, user = self.open("complete")
        form_steps.complete(user, self.get, self.arrived, OLD)
        _, user = self.open("password")
        form_steps.change_password(user, self.get, self.arrived, OLD, NEW)

    def renew(self) -> None:
        """Three years later."""
        self.later("+34mo")
        _, user = self.open("renew")
        form_steps.renew(user, self.get, self.arrived, NEW)
        self.later("+1d")
        page, user = self.open("complete-renewal")
        form_steps.complete(user, self.get, self.arrived, NEW, form="complete_renewal")
        self.album.keep(page, "complete-renewal-done")
        _, user = self.open("activate")
        form_steps.activate(user, self.get, self.arrived, NEW, done="title.already")

    def tools(self) -> None:
        """The record of a provider, from nothing to its keystore."""
        ehtoolkit(
            self.home,
            *("provider", "add", "--name", "Vandamme", "--first-names", "Élise", "--niss", "79.03.14-218.72"),
            *("--inami", "5/38861/71/521", "--type", "physiotherapist", "--practice", "Les Tilleuls"),
        )
        page, user = self.open("providers")
        title(page, self.get("providers.title"))
        self.album.keep(page, "providers-list")
        page.get_by_role("main").get_by_role("link", name="Vandamme Élise").click()
        title(page, "Élise Vandamme")
        user.press(self.get("providers.part.certificate"))
        user.type(self.get("providers.keystore.password"), NEW)
        user.press(self.get("providers.keystore.assign"))
        expect(page.locator(".eh-keylabel")).to_contain_text("20")
        self.album.keep(page, "providers-certificate")

    def revoke(self) -> None:
        newest = max((self.home / "training" / "keystore").glob("*.p12"))
        _, user = self.open("revoke")
        form_steps.revoke(user, self.get, self.arrived, newest.name)

    def foreigner(self) -> None:
        """Somebody without a card; by keyboard, since a label may be a part of another (Nom, Prénoms)."""
        page, _ = self.open("foreigner")
        user = Keys(page)
        self.arrived("foreigner.where.title")
        user.tick(self.get("foreigner.where.has_bis"))
        user.press(self.get("wizard.next"))
        self.arrived("foreigner.who.title")
        user.type(self.get("foreigner.who.niss"), FOREIGNER.niss.formatted)
        user.type(self.get("foreigner.who.first_names"), FOREIGNER.first_names)
        user.type(self.get("foreigner.who.surname"), FOREIGNER.name)
        user.press(self.get("wizard.next"))
        self.arrived("steps.contact.title")
        user.type(self.get("steps.contact.email"), "anais@example.org")
        user.type(self.get("steps.contact.phone"), "+33 1 99 00 01 42")
        user.press(self.get("wizard.next"))
        self.arrived("foreigner.check.title")
        user.press(self.get("foreigner.check.go"))
        self.arrived("steps.password.title")
        form_steps.choose_password(user, self.get, "Grenz-2026")
        self.arrived("foreigner.send.title")
        user.press(self.get("foreigner.send.go"))
        self.arrived("foreigner.done.title")
        expect(page.locator(".eh-panel .eh-mono")).to_be_visible()


@contextmanager
def walking(browser: Browser, language: LanguageName) -> Iterator[Walk]:
    """A server, a window and an album of one language."""
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving.demo(Path(folder) / "home", EHTOOLKIT_TRAINING_DELIVERY="0")
        visit = Visit(browser, serving.url, locale=f"{language}-BE", viewport=WINDOW)
        try:
            yield Walk(serving, visit, language, Album(browser, IMAGES / language))
        finally:
            visit.close()
            serving.stop()


def main(languages: Sequence[str]) -> None:
    hatch_build.compile_catalogues(ROOT)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        for language in LANGUAGES:
            if languages and language not in languages:
                continue
            with walking(browser, language) as walk:
                walk.all()
            sys.stdout.write(f"{language}: {len(walk.album.names)} pictures\n")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
