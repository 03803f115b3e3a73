"""The mistakes that are made in the forms, in the order in which a life has them, each with what the page says then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH
from ehtoolkit.secret import Secret
from ehtoolkit.training import PEOPLE
from tests.browser import walks
from tests.browser.hands import Mouse
from tests.browser.hurried import ELISE, Hurried
from tests.browser.lives import PIN

TYPED, SHOWN, NORMAL = "0475/12.34.56", "0475 12 34 56", "elise.vandamme@example.be"
KARL: Final = next(one.person for one in PEOPLE if one.name == "karl")


# ── card and PIN ─────────────────────────────────────────────────────────────────────────────────────────
def to_the_card(life: Hurried) -> None:
    """The conditions accepted, and the card read."""
    life.user.tick(life.get("steps.terms.accept"))
    life.user.press(life.get("wizard.next"))
    read_the_card(life)


def read_the_card(life: Hurried) -> None:
    life.arrived("steps.card.insert.title")
    life.user.press(life.get("steps.card.read"))
    life.arrived("steps.card.title")


def blocked_pin(life: Hurried) -> None:
    """It is said before anything is typed, and nothing can be typed; with the card given back, the form goes on."""
    people = ("trainer.people", ELISE.first_names)
    life.trainer("trainer.block", *people, life.get("trainer.tries", left=0, total=3))
    to_the_card(life)
    expect(life.main).to_contain_text(life.get("error.pin_blocked"))
    expect(life.main).to_contain_text(life.get("error.pin_blocked.next"))
    life.no_secret_is_asked_for()
    expect(life.page.get_by_role("button", name=life.get("steps.card.go"))).to_have_count(0)
    life.trainer("trainer.unblock", *people, life.get("trainer.tries", left=3, total=3))
    life.user.press(life.get("steps.card.other"))
    read_the_card(life)


def empty_and_wrong_pins(life: Hurried) -> None:
    """Asked for in words of the page; counted with the right form of the word, and the last try is warned of."""
    life.user.press(life.get("steps.card.go"))
    expect(life.alert).to_contain_text(life.texts.next_step(errors.PinNeeded()))
    life.is_wrong()
    for left in (2, 1):
        life.pin("4321")
        tries = life.texts.counted("pin.tries", left, left=left)
        expect(life.page.locator(".eh-tries")).to_have_text(tries)
        life.is_wrong()
    expect(life.alert).to_contain_text(life.get("error.pin_wrong.last_try"))
    expect(life.main).to_contain_text(life.get("pin.last"))
    life.pin(PIN)


# ── contact data, and what a form keeps ──────────────────────────────────────────────────────────────────
def nonsense_for_contact_data(life: Hurried) -> None:
    """Each field has its own fault."""
    type_contact(life, "elise,vandamme@example.be", "12")
    life.user.press(life.get("wizard.next"))
    life.is_wrong("error.contact_invalid.comma", "error.contact_invalid.phone")


def type_contact(life: Hurried, email: str, phone: str) -> None:
    life.user.type(life.get("steps.contact.email"), email)
    life.user.type(life.get("steps.contact.phone"), phone)


def contact_is(life: Hurried, email: str, phone: str) -> None:
    expect(life.page.get_by_label(life.get("steps.contact.email"))).to_have_value(email)
    expect(life.page.get_by_label(life.get("steps.contact.phone"))).to_have_value(phone)


def back_and_forward(life: Hurried) -> None:
    """By the browser's buttons: a step each, and what was typed is there."""
    type_contact(life, NORMAL, TYPED)
    life.page.go_back()
    life.at(life.get("request.who.title"), "who")
    life.page.go_forward()
    life.at(life.get("steps.contact.title"), "contact")
    contact_is(life, NORMAL, SHOWN)


def the_manual_looked_into(life: Hurried) -> None:
    """It opens beside, at the form's own page."""
    with life.page.context.expect_page() as opened:
        life.user.press(life.get("page.manual"))
    expect(opened.value).to_have_url(re.compile("/manual/request"))
    opened.value.close()
    life.page.bring_to_front()
    contact_is(life, NORMAL, SHOWN)


def another_language_and_a_reload(life: Hurried) -> None:
    """Another language stays on the step; a reload asks for the card and its PIN again, and for nothing else. Nobody is
    asked whether the page may be left."""
    other = Translator("de")
    life.user.press("DE, Deutsch")
    life.at(other.get("steps.contact.title"), "contact")
    life.user.press(f"{life.language.upper()}, {life.get(f'page.language.{life.language}')}")
    life.at(life.get("steps.contact.title"), "contact")
    contact_is(life, NORMAL, SHOWN)
    life.page.reload()
    life.at(life.get("steps.card.insert.title"), "card")
    expect(life.page.get_by_role("status").filter(has_text=life.get("wizard.resumed"))).to_have_count(1)
    assert life.asked == []
    read_the_card(life)
    life.pin(PIN)
    life.arrived("request.who.title")
    life.user.press(life.get("wizard.next"))
    life.arrived("steps.contact.title")
    contact_is(life, NORMAL, SHOWN)


def checked_and_changed(life: Hurried) -> None:
    """As Belgians write it, shown as it is written; and a line that is checked leads back to its step."""
    life.user.press(life.get("wizard.next"))
    life.arrived("request.check.title")
    expect(life.main).to_contain_text(SHOWN)
    expect(life.main).to_contain_text(ELISE.niss.formatted)
    line = life.page.locator(".eh-answers div", has_text=life.get("request.summary.contact"))
    change = line.get_by_role("link", name=life.get("steps.change"))
    change.click() if life.hand is Mouse else change.press("Enter")
    life.arrived("steps.contact.title")
    contact_is(life, NORMAL, SHOWN)
    life.user.press(life.get("wizard.next"))


# ── passwords ────────────────────────────────────────────────────────────────────────────────────────────
def poor_passwords(life: Hurried, good: str) -> None:
    """Each is refused with its reason, and the rule that it breaks is the one that is marked."""
    broken = life.page.locator(".eh-rules li", has_text=life.get("steps.password.rule.broken"))
    for first, second, rule in (
        (f"{good} ", f"{good} ", life.get("steps.password.rule.ends")),
        ("K", "K", life.get("steps.password.rule.long", limit=SENSIBLE_LENGTH)),
        (good, "Kine-2062", life.get("steps.password.rule.same")),
    ):
        life.user.type(life.get("steps.password.first"), first)
        life.user.type(life.get("steps.password.second"), second)
        expect(broken).to_have_count(1)
        expect(broken).to_contain_text(rule)
        life.user.press(life.get("wizard.next"))
        expect(life.alert).to_be_visible()
        life.arrived("steps.password.title")
        life.is_wrong()
    assert not list(life.folder.glob("*.p12")), "nothing was written"
    caps_lock(life)
    walks.choose_password(life.user, life.get, good)


def caps_lock(life: Hurried) -> None:
    """Said as soon as a key tells of it; an invented key, since no browser without a screen has the lock."""
    field = life.page.get_by_label(life.get("steps.password.first"), exact=True)
    field.focus()
    field.evaluate(
        "(one) => one.dispatchEvent(new KeyboardEvent('keyup', { key: 'K', modifierCapsLock: true }))"
    )
    expect(life.page.get_by_text(life.get("wizard.capslock"))).to_be_visible()


def left_after_a_password_alone(life: Hurried) -> None:
    life.home("password")
    life.arrived("password.choose.title")
    life.user.type(life.get("choosing.password"), "not yet")
    life.leave()
    assert life.asked == [], "it is typed again in a moment"


# ── a request that is refused, and another one ───────────────────────────────────────────────────────────
def refused(life: Hurried, path: Path, password: str) -> None:
    """Its completion is begun, and it waits first; then eHealth refuses it, and both the form and the first page go on
    saying so."""
    life.open(password)
    life.arrived("complete.work.title")
    life.user.press(life.get("complete.work.go"))
    life.arrived("complete.wait.title")
    life.trainer(*("trainer.refuse", "trainer.held", ELISE.name), life.get("trainer.status.refused"))
    life.user.press(life.get("complete.wait.go"))
    life.arrived("complete.refused.title")
    expect(life.page.locator("progress:visible")).to_have_count(0)
    life.leads_on("complete.refused.do")
    for _ in range(2):  # also when it is loaded anew
        life.index()
        expect(life.due(path)).to_contain_text(life.get("index.due.refused.state"))
        expect(life.due(path)).not_to_contain_text(life.get("index.complete.do"))
    life.leads_on("index.request.do")


def a_second_request_while_one_waits(life: Hurried, path: Path) -> None:
    """Said on the first page, with the way to the one that waits."""
    life.home("request")
    life.arrived("request.terms.title")
    expect(life.main).to_contain_text(life.get("request.before.waiting"))
    expect(life.main).to_contain_text(path.name)
    life.no_secret_is_asked_for()
    life.leads_on("index.complete.do")
    life.user.press(life.get("index.complete.do"))
    life.arrived("complete.choose.title")
    life.as_chosen(path)


def nothing_to_activate_yet(life: Hurried, path: Path) -> None:
    life.home("activate")
    life.arrived("choosing.pending")
    expect(life.main).to_contain_text(path.name)
    life.leads_on("index.complete.do")
    life.user.press(life.get("index.complete.do"))
    life.arrived("complete.choose.title")
    life.as_chosen(path)


def two_windows(life: Hurried, path: Path, password: str) -> None:
    """What the one completed, the other finds complete."""
    windows = (life, life.beside("complete"))
    for one in windows:
        one.page.bring_to_front()
        one.arrived("complete.choose.title")
        one.open(password)
        one.arrived("complete.work.title")
    for one in reversed(windows):
        one.page.bring_to_front()
        one.user.press(one.get("complete.work.go"))
        one.arrived("complete.done.title")
        expect(one.alert).to_have_count(0)
    life.witness.stands(path, password, "active", "use", str(life.witness.depot()))
    windows[1].page.close()


# ── the renewal ──────────────────────────────────────────────────────────────────────────────────────────
def renewed_too_early(life: Hurried) -> None:
    """Said on the first page, with the day, before a card or a secret is asked for."""
    life.home("renew")
    life.arrived("renew.terms.title")
    expect(life.main).to_contain_text(life.get("renew.before.early"))
    expect(life.main.get_by_text(re.compile(r"20\d\d"))).not_to_have_count(0)
    life.no_secret_is_asked_for()
    expect(life.page.get_by_label(life.get("steps.terms.accept"))).to_have_count(0)


def another_s_card(life: Hurried) -> None:
    """Whose holder has no file here: said before the PIN."""
    life.user.tick(life.get("steps.terms.accept"))
    life.user.press(life.get("wizard.next"))
    life.arrived("steps.card.insert.title")
    life.user.select(life.get("steps.card.training"), KARL.full_name)
    life.user.press(life.get("steps.card.read"))
    life.arrived("steps.card.title")
    expect(life.main).to_contain_text(life.get("renew.before.none"))
    life.no_secret_is_asked_for()
    life.user.press(life.get("steps.card.other"))
    life.arrived("steps.card.insert.title")
    life.user.select(life.get("steps.card.training"), ELISE.full_name)
    life.user.press(life.get("steps.card.read"))
    life.arrived("steps.card.title")
    life.pin(PIN)


def empty_and_pasted_passwords(life: Hurried, good: str) -> None:
    """Nothing typed is no wrong password; a blank that was pasted is named."""
    life.user.press(life.get("choosing.go"))
    life.is_wrong("error.keystore_password_wrong.empty", "error.keystore_password_wrong.empty.next")
    expect(life.alert).not_to_contain_text(life.texts.error(errors.KeystorePasswordWrong()))
    life.open(f"{good} ")
    life.is_wrong("error.keystore_password_wrong.trimmed", "error.keystore_password_wrong.trimmed.next")
    life.open(good)


def the_old_file_activated(life: Hurried, old: Path, new: Path, password: str) -> None:
    """It is called the old one, nothing happens, and a button takes the new one."""
    platform, depot = life.witness.held(), life.witness.depot()
    life.home("activate")
    life.arrived("activate.choose.title")
    life.user.choose(old.name)
    life.open(password)
    life.arrived("activate.work.title")
    life.user.press(life.get("activate.work.go"))
    life.arrived("steps.old_file.title")
    for name in (old.name, new.name):
        expect(life.main).to_contain_text(name)
    assert (life.witness.held(), life.witness.depot()) == (platform, depot)
    life.leads_on("steps.old_file.activate.do")
    life.user.press(life.get("steps.old_file.activate.do"))
    life.arrived("activate.choose.title")
    life.as_chosen(new)
    walks.activate(life.user, life.get, life.arrived, password)
    expect(life.main).to_contain_text(new.name)


# ── the revocation ───────────────────────────────────────────────────────────────────────────────────────
def revoked(life: Hurried, path: Path, password: str, archived: Path) -> None:
    """The list knows the file that was put away; the page that signs shows which certificate, and why."""
    life.home("revoke")
    life.arrived("revoke.questions.title")
    life.user.tick(life.get("revoke.questions.looked"))
    life.user.press(life.get("wizard.next"))
    life.arrived("revoke.terms.title")
    walks.identify(life.user, life.get, life.arrived)
    life.arrived("revoke.choose.title")
    put_away = life.page.locator(".eh-choice", has_text=archived.name)
    expect(put_away).to_contain_text(life.get("revoke.archived", file=archived.name))
    expect(life.main).not_to_contain_text(life.get("revoke.no_file"))
    life.user.choose(path.name)
    life.user.choose(life.get("revoke.reason.replace"))
    life.user.press(life.get("revoke.choose.go"))
    life.arrived("revoke.sign.title")
    what_is_signed(life, path, password)
    walks.sign(life.user, life.get, "revoke")
    life.arrived("revoke.done.title")
    life.leads_on("revoke.next.request.link")


def what_is_signed(life: Hurried, path: Path, password: str) -> None:
    """Above the contract."""
    certificate = KeystoreFile.open(path, Secret(password)).keystore
    assert certificate.not_before is not None
    assert certificate.not_after is not None
    date = life.texts.date
    dates = life.get("revoke.valid", begin=date(certificate.not_before), end=date(certificate.not_after))
    recap = life.page.locator(".eh-summary", has_text=dates)
    for words in (path.name, ELISE.niss.formatted, life.get("revoke.reason.replace")):
        expect(recap).to_contain_text(words)
    above, contract = recap.bounding_box(), life.page.locator("iframe").bounding_box()
    assert above is not None
    assert contract is not None
    assert above["y"] + above["height"] <= contract["y"]
