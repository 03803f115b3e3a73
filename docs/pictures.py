"""Draws the pictures of the pages: ``python docs/pictures.py``, in Chromium, on a demonstration of its own.

Without arguments: those of docs/design, each page beside the mock of its design. The mocks do not ship; where their
folder is absent, a page stands alone. With ``--into FOLDER``: single pictures, as README and guides have them,
``--language`` in that language, and of the named ones alone; with ``--before FOLDER`` beside it, each to the right of
the picture that an earlier version made of the same step.

One walk makes them all, through the life of one certificate, with invented people. A step that the walk comes to is
kept by its name in `Gallery.keep`.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what opens a page is shared with the tests

from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect, sync_playwright  # noqa: E402

import hatch_build  # noqa: E402
from ehtoolkit.i18n import LANGUAGES, Translator  # noqa: E402
from ehtoolkit.settings import LanguageName  # noqa: E402
from tests.browser import form_steps  # noqa: E402
from tests.browser.chromium import ARGUMENTS, DESKTOP, program  # noqa: E402
from tests.browser.page_users import Mouse, look, title  # noqa: E402
from tests.browser.pages import PHONE, Visit  # noqa: E402
from tests.browser.prepared_homes import CONTACT, ehtoolkit  # noqa: E402
from tests.browser.serving import Serving  # noqa: E402

DESIGN = Path(__file__).parent / "design"
MOCKS = ROOT.parent / "shared" / "design" / "mock"
PASSWORD = "Kine-2026"  # noqa: S105  # of a demonstration
CHANGED = "Kine-2029"
GUIDE: ViewportSize = {"width": 1100, "height": 760}
PAPER: ViewportSize = {"width": 660, "height": 930}
"""A4 between its margins, in CSS pixels."""
LARGEST = 150_000
"""Bytes of a picture in the repository."""

BESIDE = (
    *("index", "request-card", "request-pin-error", "request-sign", "request-receipt", "complete-waiting"),
    *("provider", "provider-none", "audit", "troubleshoot", "doctor", "trainer"),
)
"""The pictures of docs/design, called as the mocks that belong to them."""

# Pictures side by side on one sheet, as WebP, which Chromium writes.
_SHEET = """
async ([sources, width, height, quality]) => {
  const images = await Promise.all(sources.map(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    return image;
  }));
  const gap = images.length > 1 ? 16 : 0;
  const sizes = images.map((one) => [Math.min(width, one.width), one.height * Math.min(1, width / one.width)]);
  const sheet = document.createElement("canvas");
  sheet.width = sizes.reduce((sum, [one]) => sum + one + gap, -gap);
  sheet.height = Math.min(height, Math.max(...sizes.map(([, one]) => one)));
  const brush = sheet.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.fillStyle = "#66757a";
  brush.fillRect(0, 0, sheet.width, sheet.height);
  images.reduce((x, one, n) => { brush.drawImage(one, x, 0, ...sizes[n]); return x + sizes[n][0] + gap; }, 0);
  return sheet.toDataURL("image/webp", quality).split(",")[1];
}
"""


class Gallery:
    """Keeps pictures. ``names``: those that are wanted, all when there are none; ``height``: pixels."""

    def __init__(
        self,
        browser: Browser,
        folder: Path,
        names: Sequence[str],
        *,
        beside: bool,
        height: int,
        before: Path | None = None,
    ) -> None:
        self.folder, self.names, self.beside, self.height = folder, set(names), beside, height
        self.before = before
        self.made: list[Path] = []
        self._sheet = browser.new_page()
        self._mocks = browser.new_page(viewport=DESKTOP, reduced_motion="reduce")
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, page: Page, name: str) -> None:
        """The page as it is now; in docs/design to the right of its mock, and on a phone in light and dark."""
        if self.names and name not in self.names:
            return
        look(page)
        if not self.beside:
            page.set_viewport_size(GUIDE)
            now = _whole(page)
            if self.before is None:
                self._write(name, [now], GUIDE["width"])
            else:
                self._write(name, [*_earlier(self.before / f"{name}.webp"), now], 640)
            page.set_viewport_size(DESKTOP)
        elif name in BESIDE:
            self._write(name, [*self._mock(name), _whole(page)], 720)
            self._write(f"{name}-phone", list(_on_a_phone(page)), PHONE["width"])

    def on_paper(self, page: Page, name: str) -> None:
        """The page as paper has it."""
        if self.beside and not (self.names and name not in self.names):
            page.set_viewport_size(PAPER)
            page.emulate_media(media="print")
            self._write(name, [_whole(page)], PAPER["width"])
            page.emulate_media(media="screen")
            page.set_viewport_size(DESKTOP)

    def _mock(self, name: str) -> Iterator[bytes]:
        path = MOCKS / f"{name}.html"
        if not path.exists():
            print(f"{name}: without its mock, {MOCKS} is not here")  # noqa: T201
            return
        self._mocks.goto(path.as_uri())
        yield self._mocks.screenshot(full_page=True)

    def _write(self, name: str, pictures: Sequence[bytes], width: int) -> None:
        sources = [base64.b64encode(picture).decode() for picture in pictures]
        for quality in (0.82, 0.65, 0.45, 0.3, 0.2):
            picture = base64.b64decode(self._sheet.evaluate(_SHEET, [sources, width, self.height, quality]))
            if len(picture) <= LARGEST:
                break
        path = self.folder / f"{name}.webp"
        path.write_bytes(picture)
        self.made.append(path)


def _earlier(path: Path) -> Iterator[bytes]:
    if path.exists():  # else the page is new since
        yield path.read_bytes()


def _whole(page: Page) -> bytes:
    """The whole page. The contract is a frame, and is drawn only where the window shows it."""
    frames = page.frames[1:]
    if not frames:
        return page.screenshot(full_page=True)
    for frame in frames:
        frame.wait_for_function("() => document.body?.innerText.trim()")
    size = page.viewport_size
    assert size is not None  # noqa: S101
    page.set_viewport_size(
        {"width": size["width"], "height": page.evaluate("() => document.body.scrollHeight")}
    )
    look(page)
    picture = page.screenshot(full_page=True)
    page.set_viewport_size(size)
    return picture


def _on_a_phone(page: Page) -> Iterator[bytes]:
    """In the light and in the dark."""
    page.set_viewport_size(PHONE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        yield _whole(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)


class Walk:
    """Somebody who goes through the pages of one home, in one language, and keeps pictures."""

    def __init__(self, serving: Serving, visit: Visit, language: LanguageName, gallery: Gallery) -> None:
        self.serving, self.visit, self.language, self.gallery = serving, visit, language, gallery
        self.get = Translator(language).get

    def open(self, name: str, **query: str) -> tuple[Page, Mouse]:
        page = self.visit.open(name, {"lang": self.language, **query})
        return page, Mouse(page)

    def keep(self, name: str) -> None:
        self.gallery.keep(self.visit.page, name)

    def arrived(self, key: str, names: Mapping[str, str]) -> None:
        """Wait for the step that is called so, and keep it when ``names`` has a name for it."""
        title(self.visit.page, self.get(key))
        if key in names:
            self.keep(names[key])

    def run(self, *arguments: str) -> None:
        ehtoolkit(self.serving.home, *arguments)

    def request(self) -> None:
        page, user = self.open("request")
        self.arrived("request.terms.title", {"request.terms.title": "request-terms"})
        form_steps.identify(user, self.get, lambda key: self._read(key, user))
        self.arrived("request.who.title", {"request.who.title": "request-who"})
        user.press(self.get("wizard.next"))
        self.arrived("steps.contact.title", {})
        user.type(self.get("steps.contact.email"), CONTACT.email)
        user.type(self.get("steps.contact.phone"), CONTACT.phone)
        self.keep("request-contact")
        user.press(self.get("wizard.next"))
        names = {
            "request.check.title": "request-check",
            "request.sign.title": "request-sign",
            "steps.password.title": "request-password",
            "request.send.title": "request-send",
            "request.done.title": "request-receipt",
        }
        form_steps.send(user, self.get, lambda key: self.arrived(key, names), "request", PASSWORD)
        self.gallery.on_paper(page, "request-receipt-print")

    def _read(self, key: str, user: Mouse) -> None:
        """The card, and what a wrong PIN looks like."""
        self.arrived(key, {"steps.card.insert.title": "request-insert", "steps.card.title": "request-card"})
        if key == "steps.card.title":
            user.type(self.get("pin.label"), "4321")
            user.press(self.get("steps.card.go"))
            expect(self.visit.page.locator(".eh-errors")).to_be_visible()
            self.keep("request-pin-error")

    def complete(self) -> None:
        _, user = self.open("complete")
        self.arrived("complete.choose.title", {"complete.choose.title": "complete-choose"})
        form_steps.open_chosen(user, self.get, PASSWORD)
        self.arrived("complete.work.title", {"complete.work.title": "complete-work"})
        user.press(self.get("complete.work.go"))
        self.arrived("complete.wait.title", {"complete.wait.title": "complete-waiting"})
        self.run("training", "clock", "+1d")
        user.press(self.get("complete.wait.go"))
        self.arrived("complete.done.title", {"complete.done.title": "complete-done"})

    def providers(self) -> None:
        self.run(
            *("provider", "add", "--name", "Vandamme", "--first-names", "Élise", "--niss", "79.03.14-218.72"),
            *("--inami", "5/38861/71/521", "--type", "physiotherapist", "--practice", "Cabinet Les Tilleuls"),
        )
        page, user = self.open("providers")
        self.arrived("providers.title", {})
        user.press("Vandamme Élise")
        title(page, "Élise Vandamme")
        user.press(self.get("providers.part.certificate"))
        expect(page.locator(".eh-choice").first).to_be_visible()
        self.keep("provider-none")
        user.type(self.get("providers.keystore.password"), PASSWORD)
        user.press(self.get("providers.keystore.assign"))
        expect(page.locator(".eh-keylabel")).to_contain_text("20")
        self.keep("provider-certificate")
        user.press(self.get("providers.part.periods"))
        for row, (start, number) in enumerate(
            (("01/01/2020", "5/38861/71/521"), ("01/06/2021", "5/38861/71/522")), 1
        ):
            user.press(self.get("providers.period.add"))
            name = f"{self.get('registry.column.start')}, {self.get('providers.period.number')} {row}"
            page.get_by_label(name).focus()
            for keys in (start, "", number):
                page.keyboard.type(keys)
                page.keyboard.press("Tab")
        expect(page.locator(".eh-finding").first).to_be_visible()
        self.keep("provider")

    def audit(self) -> None:
        """Of the forty invented providers; last, since they would be in every list before."""
        self.run("training", "sample")
        page, _ = self.open("audit")
        self.arrived("audit_page.title", {})
        expect(page.locator(".eh-jobs")).to_be_visible()
        look(page)
        self.keep("audit")

    def doctor(self) -> None:
        self.run("training", "scenario", "signature-not-activated", "on")
        page, _ = self.open("doctor")
        expect(page.locator(".eh-doctor .eh-finding").first).to_be_visible()
        self.keep("doctor")
        self.run("training", "scenario", "signature-not-activated", "off")

    def troubleshoot(self) -> None:
        page, user = self.open("troubleshoot")
        (keystore,) = self.keystores()
        data = keystore.read_bytes()
        files = {
            keystore.name: data,
            "copie.p12": data[: len(data) // 2],
            "mail.p12": base64.encodebytes(data),
        }
        page.locator(".eh-drop input[type=file]").set_input_files(
            [
                FilePayload(name=name, mimeType="application/x-pkcs12", buffer=data)
                for name, data in files.items()
            ]
        )
        expect(page.locator(".eh-files button")).to_have_count(len(files))
        user.type(self.get("troubleshoot.password"), PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".eh-detail .eh-panel").first).to_be_visible()
        self.keep("troubleshoot")

    def trainer(self) -> None:
        page, _ = self.open("trainer")
        expect(page.locator(".eh-clock-date")).to_be_visible()
        self.keep("trainer")

    def renewal(self) -> None:
        self.run("training", "clock", "+34mo")
        _, user = self.open("renew")
        names = {
            "renew.choose.title": "renew-choose",
            "renew.check.title": "renew-check",
            "renew.done.title": "renew-receipt",
        }
        form_steps.renew(user, self.get, lambda key: self.arrived(key, names), PASSWORD)
        self.run("training", "clock", "+1d")
        _, user = self.open("complete-renewal")
        names = {
            "complete_renewal.choose.title": "complete-renewal-choose",
            "complete.done.title": "complete-renewal-done",
        }
        form_steps.complete(
            user, self.get, lambda key: self.arrived(key, names), PASSWORD, form="complete_renewal"
        )
        _, user = self.open("activate")
        names = {"activate.work.title": "activate-work", "activate.done.title.already": "activate-done"}
        form_steps.activate(
            user, self.get, lambda key: self.arrived(key, names), PASSWORD, done="title.already"
        )

    def letters(self) -> None:
        """The mailbox, and messages that colleagues have sealed."""
        page, _ = self.open("mailbox")
        expect(page.get_by_role("article").first).to_be_visible()
        self.keep("mailbox")
        _, user = self.open("messages")
        form_steps.open_chosen(user, self.get, PASSWORD)
        self.arrived("messages.done.title", {"messages.done.title": "messages"})

    def password(self) -> None:
        _, user = self.open("password")
        names = {"password.new.title": "password-new", "password.done.title": "password-done"}
        form_steps.change_password(user, self.get, lambda key: self.arrived(key, names), PASSWORD, CHANGED)

    def revocation(self) -> None:
        _, user = self.open("revoke")
        names = {
            "revoke.questions.title": "revoke-questions",
            "revoke.choose.title": "revoke-choose",
            "revoke.sign.title": "revoke-sign",
            "revoke.done.title": "revoke-done",
        }
        newest = self.keystores()[-1].name
        form_steps.revoke(user, self.get, lambda key: self.arrived(key, names), newest)

    def keystores(self) -> list[Path]:
        return sorted((self.serving.home / "training" / "keystore").glob("*.p12"))


@contextmanager
def walking(language: LanguageName, gallery: Gallery, browser: Browser, home: Path) -> Iterator[Walk]:
    """On a fresh home, in a window of its own."""
    serving = Serving.demo(home)
    visit = Visit(browser, serving.url, locale=f"{language}-BE")
    try:
        yield Walk(serving, visit, language, gallery)
    finally:
        visit.close()
        serving.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="these pictures only")
    parser.add_argument("--into", type=Path, help="single pictures into this folder")
    parser.add_argument(
        "--before",
        type=Path,
        help="with --into: pictures that an earlier version made so, to the left of today's",
    )
    parser.add_argument("--language", choices=LANGUAGES, default="fr")
    parser.add_argument("--height", type=int, default=2000, help="pixels; what is below is cut")
    options = parser.parse_args()
    hatch_build.compile_catalogues(ROOT)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        gallery = Gallery(
            *(browser, options.into or DESIGN, options.names),
            beside=options.into is None,
            height=options.height,
            before=options.before,
        )
        with walking(options.language, gallery, browser, Path(folder) / "home") as walk:
            walk.request()
            walk.complete()
            walk.providers()
            walk.doctor()
            walk.troubleshoot()
            walk.trainer()
            walk.open("index")
            walk.keep("index")
            walk.renewal()
            walk.letters()
            walk.password()
            walk.revocation()
            walk.audit()
        browser.close()
    for path in gallery.made:
        print(f"{path.name}: {path.stat().st_size // 1000} kB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
