"""Through every form that takes a PIN or a password, with wrong and right ones, sent and typed but left."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.browser.markers import FAULT, Markers, serial
from tests.browser.page_users import Mouse, offered, title
from tests.browser.pages import Visit
from tests.browser.prepared_homes import CONTACT, ehtoolkit
from tests.browser.secret_search import Search

get: Final = Translator("en").get


@dataclass(slots=True)
class SecretPageDriver:
    """Somebody at the pages with secrets that are found again. ``typed``: the fields that had one, by page.

    ``pin``: of the cards of both people; ``waiting``: the name and the password of a keystore whose request was never
    sent, which is that of the second person's, ``second``.
    """

    window: Visit
    search: Search
    markers: Markers
    pin: str
    waiting: tuple[str, str]
    second: str
    typed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    carried: Counter[str] = field(default_factory=Counter)
    states: dict[str, str] = field(default_factory=dict)
    _form: str = ""
    _now: dict[str, str] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def user(self) -> Mouse:
        return Mouse(self.page)

    @property
    def keystores(self) -> Path:
        return self.search.folders.home / "training" / "keystore"

    # ── what the hands do ────────────────────────────────────────────────────────────────────────────────
    def open(self, form: str, **query: str) -> None:
        """By a link on the page that is open, as a user does: nothing of what was typed there may stay in its place,
        nor in the kernel that goes on. (`leave` loads pages anew.)"""
        self._form = form
        words = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        self.window.follow(form, words)

    def arrived(self, key: str) -> None:
        title(self.page, get(key))

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[data-eh-field="{name}"] input.eh-input').locator("visible=true")

    def type(self, **secrets: str) -> None:
        """Fill secret fields, and look while they hold what was typed."""
        for name, secret in secrets.items():
            self.field(name).fill(secret)
            self.typed[self._form].add(name)
            self._now[name] = secret
        self.page.keyboard.press("Tab")
        self.states[self._form] = self.search.page(self.page, f"{self._form}, typed", fields=False)

    def send(self, button: str) -> None:
        """Press the button that sends what was typed."""
        self.carried.update({serial(marker) for marker in self._now.values()})
        self._now.clear()
        self.page.get_by_role("button", name=get(button), exact=True).click()

    def left(self) -> None:
        """What was typed was sent, or the page that it was typed on is gone: look everywhere."""
        self._now.clear()
        self.search.page(self.page, self._form)

    def refused(self) -> None:
        """It was a wrong one: the page says so, and the fields are empty."""
        expect(self.page.locator(".eh-errors")).to_be_visible()
        for box in self.page.locator("[data-eh-field] input[type=password]").all():
            expect(box).to_have_value("")
        self.left()

    def shown(self, name: str) -> None:
        """Let the field show what is typed."""
        self.page.locator(f'[data-eh-field="{name}"] .eh-reveal-box').locator("visible=true").check()

    def leave(self, names: tuple[str, ...], away: Callable[[], None]) -> None:
        """Type into the fields and do not send: ``away`` leads off the page and back."""
        self.type(**{name: self._unlike(name) for name in names})
        away()
        self.left()

    def wrong(self, names: tuple[str, ...], button: str) -> None:
        """One that is no PIN or password of anything, or two that differ."""
        self.type(**{name: self._unlike(name) for name in names})
        self.send(button)
        self.refused()

    def right(self, button: str, **secrets: str) -> None:
        self.type(**secrets)
        self.send(button)

    def _unlike(self, name: str) -> str:
        return self.markers.pin() if name == "pin" else self.markers.password()

    # ── stretches that forms share ───────────────────────────────────────────────────────────────────────
    def identify(self, form: str, card: str = "") -> None:
        self.arrived(f"{form}.terms.title")
        self.user.tick(get("steps.terms.accept"))
        self.user.press(get("wizard.next"))
        self.arrived("steps.card.insert.title")
        if card:
            self.user.select(get("steps.card.training"), card)
        self.user.press(get("steps.card.read"))
        self.arrived("steps.card.title")

        def another() -> None:
            self.user.press(get("steps.card.other"))
            self.arrived("steps.card.insert.title")
            self.user.press(get("steps.card.read"))
            self.arrived("steps.card.title")

        self.leave(("pin",), another)
        self.wrong(("pin",), "steps.card.go")
        self.right("steps.card.go", pin=self.pin)

    def sign(self, form: str) -> None:
        self.arrived(f"{form}.sign.title")
        self.wrong(("pin",), f"{form}.sign.go")
        self.right(f"{form}.sign.go", pin=self.pin)

    def choose(self, form: str, password: str, button: str = "choosing.go") -> None:
        """The keystore that the address names."""
        self.arrived(f"{form}.choose.title")
        self.shown("password")
        self.leave(("password",), lambda: self._again(f"{form}.choose.title"))
        self.wrong(("password",), button)
        self.right(button, password=password)

    def new_password(self, password: str, *, another: bool = False) -> None:
        self.arrived("steps.password.title")
        if another:
            self.user.untick(get("steps.password.present"))
        self.wrong(("first", "second"), "wizard.next")
        self.right("wizard.next", first=password, second=password)

    def _again(self, key: str) -> None:
        self.page.reload()
        self.arrived(key)

    def contact(self) -> None:
        self.arrived("steps.contact.title")
        self.user.type(get("steps.contact.email"), CONTACT.email)
        self.user.type(get("steps.contact.phone"), CONTACT.phone)
        self.user.press(get("wizard.next"))

    def finish(self, form: str) -> None:
        self.arrived(f"{form}.send.title")
        self.left()
        self.user.press(get(f"{form}.send.go"))
        self.arrived(f"{form}.done.title")
        self.left()


def walk_all(driver: SecretPageDriver) -> None:
    """One certificate's life, with every page that takes a secret of it."""
    passwords = [driver.markers.password() for _ in range(4)]
    resume(driver)
    file = request(driver, passwords[0])
    complete(driver, "complete", file, passwords[0])
    doctor(driver, file, passwords[0])
    providers(driver, file, passwords[0])
    password(driver, file, passwords[0], passwords[1])
    troubleshoot(driver, file, passwords[1], passwords[2])
    index(driver, passwords[2])
    audit(driver, passwords[2])
    ehtoolkit(driver.search.folders.home, "training", "clock", "+34mo")
    renewed = renew(driver, file, passwords[2], passwords[3])
    complete(driver, "complete-renewal", renewed, passwords[3])
    activate(driver, renewed, passwords[3])
    messages(driver, renewed, passwords[3])
    trainer(driver, renewed, passwords[3])
    revoke(driver)
    foreigner(driver)


def resume(driver: SecretPageDriver) -> None:
    name, known = driver.waiting
    driver.open("request", resume=name)
    driver.identify("request", driver.second)
    driver.arrived("request.who.title")
    driver.left()
    driver.user.press(get("wizard.next"))
    driver.contact()
    driver.arrived("request.check.title")
    driver.user.press(get("request.check.go"))
    driver.arrived("request.open.title")
    driver.wrong(("password",), "request.open.go")
    driver.right("request.open.go", password=known)
    driver.sign("request")
    driver.finish("request")


def request(driver: SecretPageDriver, new: str) -> str:
    """The name of the new keystore."""
    before = set(driver.keystores.iterdir())
    driver.open("request")
    driver.identify("request")
    driver.arrived("request.who.title")
    driver.left()
    driver.user.press(get("wizard.next"))
    driver.contact()
    driver.arrived("request.check.title")
    driver.user.press(get("request.check.go"))
    driver.sign("request")
    driver.new_password(new)
    driver.finish("request")
    (file,) = set(driver.keystores.glob("*.p12")) - before
    return file.name


def complete(driver: SecretPageDriver, form: str, file: str, known: str) -> None:
    driver.open(form, keystore=file)
    driver.choose(form.replace("-", "_"), known)
    driver.arrived("complete.work.title")
    driver.left()
    driver.user.press(get("complete.work.go"))
    driver.arrived("complete.done.title")
    driver.left()


def doctor(driver: SecretPageDriver, file: str, known: str) -> None:
    """The third password makes the library fail that derives keys, with that password in its words."""
    driver.open("doctor", keystore=file)
    driver.arrived("doctor.title")
    driver.leave(("password",), lambda: driver._again("doctor.title"))
    for secret in (driver.markers.password(), driver.markers.password(FAULT), known):
        driver.user.type(get("doctor.ask.says"), "SOA-01002")
        driver.right("doctor.ask.go", password=secret)
        expect(driver.field("password")).to_have_value("")
        expect(driver.page.locator(".eh-busy:visible")).to_have_count(0)
        driver.left()


def providers(driver: SecretPageDriver, file: str, known: str) -> None:
    driver.open("providers")
    driver.arrived("providers.title")
    driver.user.press(get("providers.new"))
    driver.arrived("providers.new.title")
    driver.user.type(get("registry.column.first_names"), "Élise")
    driver.user.type(get("registry.column.name"), "Vandamme")
    driver.user.type(get("registry.column.niss"), "79.03.14-218.72")
    driver.user.press(get("providers.save"))
    title(driver.page, "Élise Vandamme")
    driver.user.press(get("providers.part.certificate"))
    driver.user.choose(file)
    driver.shown("password")
    driver.wrong(("password",), "providers.keystore.assign")
    driver.user.choose(file)
    driver.right("providers.keystore.assign", password=known)
    expect(driver.page.get_by_role("button", name=get("providers.keystore.remove"))).to_be_visible()
    driver.left()

    def close() -> None:
        driver.user.press(get("providers.close"))
        driver.arrived("providers.title")
        expect(driver.page.locator('[data-eh-field="password"]')).to_have_count(0)  # its title comes first

    driver.user.press(get("providers.keystore.remove"))  # an assigned file is not offered again
    driver.user.choose(file)
    driver.leave(("password",), close)


def password(driver: SecretPageDriver, file: str, known: str, new: str) -> None:
    driver.open("password", keystore=file)
    driver.choose("password", known)
    driver.arrived("password.new.title")
    driver.wrong(("first", "second"), "password.new.go")
    driver.right("password.new.go", first=new, second=new)
    driver.arrived("password.done.title")
    driver.left()


def troubleshoot(driver: SecretPageDriver, file: str, known: str, new: str) -> None:
    def opened() -> None:
        expect(driver.field("password")).to_be_visible()

    driver.open("troubleshoot", keystore=file)
    opened()

    def again() -> None:
        driver.page.reload()
        opened()

    driver.leave(("password",), again)
    driver.wrong(("password",), "troubleshoot.open")
    driver.right("troubleshoot.open", password=known)

    # The other file has no certificate yet, which only its password tells.
    offered(driver.page, get("troubleshoot.merge"))
    driver.user.press(get("troubleshoot.merge"))
    driver.wrong(("old_password",), "troubleshoot.merge.go")
    driver.right("troubleshoot.merge.go", old_password=driver.waiting[1])
    # it is no more what was said of the wrong password
    expect(driver.page.locator(".eh-errors")).to_contain_text(get("error.certificate_missing"))
    driver.refused()
    driver.user.press(get("troubleshoot.cancel"))

    offered(driver.page, get("troubleshoot.protect"))
    driver.user.press(get("troubleshoot.protect"))
    driver.wrong(("new", "again"), "troubleshoot.protect.go")
    driver.right("troubleshoot.protect.go", new=new, again=new)
    expect(driver.page.locator(".eh-detail")).to_contain_text(get("troubleshoot.backup.old"))
    driver.left()


def index(driver: SecretPageDriver, known: str) -> None:
    """The file was written anew, and nobody has looked into it since."""
    driver.open("index")
    driver.arrived("index.title")
    driver.shown("unlock")
    driver.leave(("unlock",), lambda: driver._again("index.title"))
    driver.wrong(("unlock",), "index.unlock.do")
    driver.right("index.unlock.do", unlock=known)
    expect(driver.field("unlock")).to_have_count(0)
    driver.left()


def audit(driver: SecretPageDriver, known: str) -> None:
    """A password that opens nothing is a finding; the fields are folded away with the result."""

    def opened() -> None:
        expect(driver.page.locator(".eh-busy:visible")).to_have_count(0)
        driver.user.press(get("audit_page.choose"))
        expect(driver.field("password")).to_be_visible()

    def again() -> None:
        # The page asks before a password that was typed is lost.
        driver.page.once("dialog", lambda question: question.accept())
        driver.page.reload()
        driver.arrived("audit_page.title")
        opened()

    driver.open("audit")
    driver.arrived("audit_page.title")
    opened()
    driver.shown("password")
    driver.leave(("password",), again)
    for secret in (driver.markers.password(), known):
        driver.right("audit_page.start", password=secret)
        opened()
        driver.left()
    # The page asks before the passwords that were given to it are lost.
    driver.page.once("dialog", lambda question: question.accept())


def renew(driver: SecretPageDriver, file: str, known: str, new: str) -> str:
    """The name of the new keystore."""
    before = set(driver.keystores.iterdir())
    driver.open("renew", keystore=file)
    driver.identify("renew")
    driver.arrived("renew.choose.title")
    driver.wrong(("password",), "choosing.go")
    driver.right("choosing.go", password=known)
    driver.arrived("steps.contact.title")
    driver.user.press(get("wizard.next"))
    driver.arrived("renew.check.title")
    driver.user.press(get("renew.check.go"))
    driver.sign("renew")
    driver.new_password(new, another=True)
    driver.finish("renew")
    (renewed,) = set(driver.keystores.glob("*.p12")) - before
    return renewed.name


def activate(driver: SecretPageDriver, file: str, known: str) -> None:
    driver.open("activate", keystore=file)
    driver.choose("activate", known)
    driver.arrived("activate.work.title")
    driver.left()
    driver.user.press(get("activate.work.go"))
    driver.arrived("activate.done.title.already")
    driver.left()


def messages(driver: SecretPageDriver, file: str, known: str) -> None:
    driver.open("messages", keystore=file)
    driver.choose("messages", known)
    driver.arrived("messages.done.title")
    driver.left()


def trainer(driver: SecretPageDriver, file: str, known: str) -> None:
    """Old keys are thrown away: that needs the keystore's password."""
    driver.open("trainer")
    driver.arrived("trainer.title")
    driver.shown("discard_password")
    driver.leave(("discard_password",), lambda: driver._again("trainer.title"))
    driver.user.select(get("trainer.discard.file"), file)
    driver.wrong(("discard_password",), "trainer.discard.do")
    driver.right("trainer.discard.do", discard_password=known)
    expect(driver.page.get_by_role("button", name=get("trainer.discard.back"))).to_be_visible()
    driver.left()


def revoke(driver: SecretPageDriver) -> None:
    driver.open("revoke")
    driver.arrived("revoke.questions.title")
    driver.user.tick(get("revoke.questions.looked"))
    driver.user.press(get("wizard.next"))
    driver.identify("revoke")
    driver.arrived("revoke.choose.title")
    driver.page.get_by_role("radio").first.check()
    driver.user.choose(get("revoke.reason.replace"))
    driver.user.press(get("revoke.choose.go"))
    driver.sign("revoke")
    driver.arrived("revoke.done.title")
    driver.left()


def foreigner(driver: SecretPageDriver) -> None:
    driver.open("foreigner")
    driver.arrived("foreigner.where.title")
    driver.user.tick(get("foreigner.where.has_bis"))
    driver.user.press(get("wizard.next"))
    driver.arrived("foreigner.who.title")
    driver.user.type(get("foreigner.who.niss"), FOREIGNER.niss.formatted)
    driver.user.type(get("foreigner.who.first_names"), FOREIGNER.first_names)
    driver.user.type(get("foreigner.who.surname"), FOREIGNER.name)
    driver.user.press(get("wizard.next"))
    driver.contact()
    driver.arrived("foreigner.check.title")
    driver.user.press(get("foreigner.check.go"))
    driver.arrived("steps.password.title")

    def back() -> None:
        driver.user.press(get("wizard.back"))
        driver.arrived("foreigner.check.title")
        driver.user.press(get("foreigner.check.go"))
        driver.arrived("steps.password.title")

    driver.leave(("first", "second"), back)
    driver.new_password(driver.markers.password())
    driver.finish("foreigner")


def notebook_with(form: str, state: str, folder: Path) -> Mapping[str, object]:
    """The notebook of ``form`` as JupyterLab saves it with the state of its widgets."""
    notebook: dict[str, object] = json.loads((folder / f"{form}.ipynb").read_text(encoding="utf-8"))
    metadata = notebook["metadata"]
    assert isinstance(metadata, dict)
    metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": json.loads(state)}
    return notebook
