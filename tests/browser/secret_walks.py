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
from tests.browser.page_users import Mouse, title
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
        self.carried.update({serial(one) for one in self._now.values()})
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


def walk_all(desk: SecretPageDriver) -> None:
    """One certificate's life, with every page that takes a secret of it."""
    passwords = [desk.markers.password() for _ in range(4)]
    resume(desk)
    file = request(desk, passwords[0])
    complete(desk, "complete", file, passwords[0])
    doctor(desk, file, passwords[0])
    providers(desk, file, passwords[0])
    password(desk, file, passwords[0], passwords[1])
    troubleshoot(desk, file, passwords[1], passwords[2])
    index(desk, passwords[2])
    audit(desk, passwords[2])
    ehtoolkit(desk.search.folders.home, "training", "clock", "+34mo")
    renewed = renew(desk, file, passwords[2], passwords[3])
    complete(desk, "complete-renewal", renewed, passwords[3])
    activate(desk, renewed, passwords[3])
    messages(desk, renewed, passwords[3])
    trainer(desk, renewed, passwords[3])
    revoke(desk)
    foreigner(desk)


def resume(desk: SecretPageDriver) -> None:
    name, known = desk.waiting
    desk.open("request", resume=name)
    desk.identify("request", desk.second)
    desk.arrived("request.who.title")
    desk.left()
    desk.user.press(get("wizard.next"))
    desk.contact()
    desk.arrived("request.check.title")
    desk.user.press(get("request.check.go"))
    desk.arrived("request.open.title")
    desk.wrong(("password",), "request.open.go")
    desk.right("request.open.go", password=known)
    desk.sign("request")
    desk.finish("request")


def request(desk: SecretPageDriver, new: str) -> str:
    """The name of the new keystore."""
    before = set(desk.keystores.iterdir())
    desk.open("request")
    desk.identify("request")
    desk.arrived("request.who.title")
    desk.left()
    desk.user.press(get("wizard.next"))
    desk.contact()
    desk.arrived("request.check.title")
    desk.user.press(get("request.check.go"))
    desk.sign("request")
    desk.new_password(new)
    desk.finish("request")
    (file,) = set(desk.keystores.glob("*.p12")) - before
    return file.name


def complete(desk: SecretPageDriver, form: str, file: str, known: str) -> None:
    desk.open(form, keystore=file)
    desk.choose(form.replace("-", "_"), known)
    desk.arrived("complete.work.title")
    desk.left()
    desk.user.press(get("complete.work.go"))
    desk.arrived("complete.done.title")
    desk.left()


def doctor(desk: SecretPageDriver, file: str, known: str) -> None:
    """The third password makes the library fail that derives keys, with that password in its words."""
    desk.open("doctor", keystore=file)
    desk.arrived("doctor.title")
    desk.leave(("password",), lambda: desk._again("doctor.title"))
    for secret in (desk.markers.password(), desk.markers.password(FAULT), known):
        desk.user.type(get("doctor.ask.says"), "SOA-01002")
        desk.right("doctor.ask.go", password=secret)
        expect(desk.field("password")).to_have_value("")
        expect(desk.page.locator(".eh-busy:visible")).to_have_count(0)
        desk.left()


def providers(desk: SecretPageDriver, file: str, known: str) -> None:
    desk.open("providers")
    desk.arrived("providers.title")
    desk.user.press(get("providers.new"))
    desk.arrived("providers.new.title")
    desk.user.type(get("registry.column.first_names"), "Élise")
    desk.user.type(get("registry.column.name"), "Vandamme")
    desk.user.type(get("registry.column.niss"), "79.03.14-218.72")
    desk.user.press(get("providers.save"))
    title(desk.page, "Élise Vandamme")
    desk.user.press(get("providers.part.certificate"))
    desk.user.choose(file)
    desk.shown("password")
    desk.wrong(("password",), "providers.keystore.assign")
    desk.user.choose(file)
    desk.right("providers.keystore.assign", password=known)
    expect(desk.page.get_by_role("button", name=get("providers.keystore.remove"))).to_be_visible()
    desk.left()

    def close() -> None:
        desk.user.press(get("providers.close"))
        desk.arrived("providers.title")
        expect(desk.page.locator('[data-eh-field="password"]')).to_have_count(0)  # its title comes first

    desk.user.press(get("providers.keystore.remove"))  # an assigned file is not offered again
    desk.user.choose(file)
    desk.leave(("password",), close)


def password(desk: SecretPageDriver, file: str, known: str, new: str) -> None:
    desk.open("password", keystore=file)
    desk.choose("password", known)
    desk.arrived("password.new.title")
    desk.wrong(("first", "second"), "password.new.go")
    desk.right("password.new.go", first=new, second=new)
    desk.arrived("password.done.title")
    desk.left()


def troubleshoot(desk: SecretPageDriver, file: str, known: str, new: str) -> None:
    def opened() -> None:
        expect(desk.field("password")).to_be_visible()

    desk.open("troubleshoot", keystore=file)
    opened()

    def again() -> None:
        desk.page.reload()
        opened()

    desk.leave(("password",), again)
    desk.wrong(("password",), "troubleshoot.open")
    desk.right("troubleshoot.open", password=known)

    # The other file has no certificate yet, which only its password tells.
    desk.user.press(get("troubleshoot.merge"))
    desk.wrong(("old_password",), "troubleshoot.merge.go")
    desk.right("troubleshoot.merge.go", old_password=desk.waiting[1])
    # it is no more what was said of the wrong password
    expect(desk.page.locator(".eh-errors")).to_contain_text(get("error.certificate_missing"))
    desk.refused()
    desk.user.press(get("troubleshoot.cancel"))

    desk.user.press(get("troubleshoot.protect"))
    desk.wrong(("new", "again"), "troubleshoot.protect.go")
    desk.right("troubleshoot.protect.go", new=new, again=new)
    expect(desk.page.locator(".eh-detail")).to_contain_text(get("troubleshoot.backup.old"))
    desk.left()


def index(desk: SecretPageDriver, known: str) -> None:
    """The file was written anew, and nobody has looked into it since."""
    desk.open("index")
    desk.arrived("index.title")
    desk.shown("unlock")
    desk.leave(("unlock",), lambda: desk._again("index.title"))
    desk.wrong(("unlock",), "index.unlock.do")
    desk.right("index.unlock.do", unlock=known)
    expect(desk.field("unlock")).to_have_count(0)
    desk.left()


def audit(desk: SecretPageDriver, known: str) -> None:
    """A password that opens nothing is a finding; the fields are folded away with the result."""

    def opened() -> None:
        expect(desk.page.locator(".eh-busy:visible")).to_have_count(0)
        desk.user.press(get("audit_page.choose"))
        expect(desk.field("password")).to_be_visible()

    def again() -> None:
        # The page asks before a password that was typed is lost.
        desk.page.once("dialog", lambda question: question.accept())
        desk.page.reload()
        desk.arrived("audit_page.title")
        opened()

    desk.open("audit")
    desk.arrived("audit_page.title")
    opened()
    desk.shown("password")
    desk.leave(("password",), again)
    for secret in (desk.markers.password(), known):
        desk.right("audit_page.start", password=secret)
        opened()
        desk.left()
    # The page asks before the passwords that were given to it are lost.
    desk.page.once("dialog", lambda question: question.accept())


def renew(desk: SecretPageDriver, file: str, known: str, new: str) -> str:
    """The name of the new keystore."""
    before = set(desk.keystores.iterdir())
    desk.open("renew", keystore=file)
    desk.identify("renew")
    desk.arrived("renew.choose.title")
    desk.wrong(("password",), "choosing.go")
    desk.right("choosing.go", password=known)
    desk.arrived("steps.contact.title")
    desk.user.press(get("wizard.next"))
    desk.arrived("renew.check.title")
    desk.user.press(get("renew.check.go"))
    desk.sign("renew")
    desk.new_password(new, another=True)
    desk.finish("renew")
    (renewed,) = set(desk.keystores.glob("*.p12")) - before
    return renewed.name


def activate(desk: SecretPageDriver, file: str, known: str) -> None:
    desk.open("activate", keystore=file)
    desk.choose("activate", known)
    desk.arrived("activate.work.title")
    desk.left()
    desk.user.press(get("activate.work.go"))
    desk.arrived("activate.done.title.already")
    desk.left()


def messages(desk: SecretPageDriver, file: str, known: str) -> None:
    desk.open("messages", keystore=file)
    desk.choose("messages", known)
    desk.arrived("messages.done.title")
    desk.left()


def trainer(desk: SecretPageDriver, file: str, known: str) -> None:
    """Old keys are thrown away: that needs the keystore's password."""
    desk.open("trainer")
    desk.arrived("trainer.title")
    desk.shown("discard_password")
    desk.leave(("discard_password",), lambda: desk._again("trainer.title"))
    desk.user.select(get("trainer.discard.file"), file)
    desk.wrong(("discard_password",), "trainer.discard.do")
    desk.right("trainer.discard.do", discard_password=known)
    expect(desk.page.get_by_role("button", name=get("trainer.discard.back"))).to_be_visible()
    desk.left()


def revoke(desk: SecretPageDriver) -> None:
    desk.open("revoke")
    desk.arrived("revoke.questions.title")
    desk.user.tick(get("revoke.questions.looked"))
    desk.user.press(get("wizard.next"))
    desk.identify("revoke")
    desk.arrived("revoke.choose.title")
    desk.page.get_by_role("radio").first.check()
    desk.user.choose(get("revoke.reason.replace"))
    desk.user.press(get("revoke.choose.go"))
    desk.sign("revoke")
    desk.arrived("revoke.done.title")
    desk.left()


def foreigner(desk: SecretPageDriver) -> None:
    desk.open("foreigner")
    desk.arrived("foreigner.where.title")
    desk.user.tick(get("foreigner.where.has_bis"))
    desk.user.press(get("wizard.next"))
    desk.arrived("foreigner.who.title")
    desk.user.type(get("foreigner.who.niss"), FOREIGNER.niss.formatted)
    desk.user.type(get("foreigner.who.first_names"), FOREIGNER.first_names)
    desk.user.type(get("foreigner.who.surname"), FOREIGNER.name)
    desk.user.press(get("wizard.next"))
    desk.contact()
    desk.arrived("foreigner.check.title")
    desk.user.press(get("foreigner.check.go"))
    desk.arrived("steps.password.title")

    def back() -> None:
        desk.user.press(get("wizard.back"))
        desk.arrived("foreigner.check.title")
        desk.user.press(get("foreigner.check.go"))
        desk.arrived("steps.password.title")

    desk.leave(("first", "second"), back)
    desk.new_password(desk.markers.password())
    desk.finish("foreigner")


def notebook_with(form: str, state: str, folder: Path) -> Mapping[str, object]:
    """The notebook of ``form`` as JupyterLab saves it with the state of its widgets."""
    notebook: dict[str, object] = json.loads((folder / f"{form}.ipynb").read_text(encoding="utf-8"))
    metadata = notebook["metadata"]
    assert isinstance(metadata, dict)
    metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": json.loads(state)}
    return notebook
