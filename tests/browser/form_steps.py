"""Stretches of the road that many forms have in common, walked by whatever hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.browser.page_users import Hands
from tests.browser.prepared_homes import PIN

Get = Callable[[str], str]
"""The sentence of a key, in the language of the page."""
Arrived = Callable[[str], None]
"""Waits for the page that is called by the sentence of a key, and judges it."""


def identify(user: Hands, get: Get, arrived: Arrived, card: str = "") -> None:
    """The conditions, the card, the first PIN. ``card``: the name on it, when it is not the one that is proposed."""
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))
    arrived("steps.card.insert.title")
    if card:
        user.select(get("steps.card.training"), card)
    user.press(get("steps.card.read"))
    arrived("steps.card.title")
    user.type(get("pin.label"), PIN)
    user.press(get("steps.card.go"))


def sign(user: Hands, get: Get, form: str, pin: str = PIN) -> None:
    """The second PIN, under the contract."""
    user.type(get("pin.label"), pin)
    user.press(get(f"{form}.sign.go"))


def choose_password(user: Hands, get: Get, password: str, *, another: bool = False) -> None:
    """The new password, typed twice. ``another``: in place of the present one, which is kept otherwise."""
    if another:
        user.untick(get("steps.password.present"))
    user.type(get("steps.password.first"), password)
    user.type(get("steps.password.second"), password)
    user.press(get("wizard.next"))


def open_chosen(user: Hands, get: Get, password: str) -> None:
    """The keystore that the page proposes, with its password."""
    user.type(get("choosing.password"), password)
    user.press(get("choosing.go"))


def send(user: Hands, get: Get, arrived: Arrived, form: str, password: str) -> None:
    """From what is to be checked to the last page: the contract, the second PIN, the password, sent."""
    arrived(f"{form}.check.title")
    user.press(get(f"{form}.check.go"))
    arrived(f"{form}.sign.title")
    sign(user, get, form)
    arrived("steps.password.title")
    choose_password(user, get, password, another=form == "renew")
    arrived(f"{form}.send.title")
    user.press(get(f"{form}.send.go"))
    arrived(f"{form}.done.title")


def request(
    user: Hands,
    get: Get,
    arrived: Arrived,
    password: str,
    contact: Mapping[str, str],
    *,
    card: str = "",
    organisation: str = "",
) -> None:
    """From the conditions to the receipt. ``contact``: what is typed, by the names of the fields. ``organisation``:
    the name of a listed one; none: for the card's holder."""
    arrived("request.terms.title")
    identify(user, get, arrived, card)
    arrived("request.who.title")
    if organisation:
        user.choose(organisation)
    user.press(get("wizard.next"))
    if organisation:
        arrived(organisation)
        user.press(get("wizard.next"))
    arrived("steps.contact.title")
    for name, text in contact.items():
        user.type(get(f"steps.contact.{name}"), text)
    user.press(get("wizard.next"))
    send(user, get, arrived, "request", password)


def complete(user: Hands, get: Get, arrived: Arrived, password: str, *, form: str = "complete") -> None:
    """From the choice of the keystore that waits to the last page."""
    arrived(f"{form}.choose.title")
    open_chosen(user, get, password)
    arrived("complete.work.title")
    user.press(get("complete.work.go"))
    arrived("complete.done.title")


def renew(user: Hands, get: Get, arrived: Arrived, password: str, *, card: str = "") -> None:
    """From the conditions to the receipt: the keystore and the contact data that are proposed, the same password."""
    arrived("renew.terms.title")
    identify(user, get, arrived, card)
    arrived("renew.choose.title")
    open_chosen(user, get, password)
    arrived("steps.contact.title")
    user.press(get("wizard.next"))
    send(user, get, arrived, "renew", password)


def activate(user: Hands, get: Get, arrived: Arrived, password: str, *, done: str = "title") -> None:
    """From the choice of the renewed keystore to the last page, which is ``activate.done.<done>``."""
    arrived("activate.choose.title")
    open_chosen(user, get, password)
    arrived("activate.work.title")
    user.press(get("activate.work.go"))
    arrived(f"activate.done.{done}")


def revoke(user: Hands, get: Get, arrived: Arrived, file: str, *, card: str = "") -> None:
    """From the questions to the last page. ``file``: the name of the keystore, as the list has it."""
    arrived("revoke.questions.title")
    user.tick(get("revoke.questions.looked"))
    user.press(get("wizard.next"))
    arrived("revoke.terms.title")
    identify(user, get, arrived, card)
    arrived("revoke.choose.title")
    user.choose(file)
    user.choose(get("revoke.reason.replace"))
    user.press(get("revoke.choose.go"))
    arrived("revoke.sign.title")
    sign(user, get, "revoke")
    arrived("revoke.done.title")


def change_password(user: Hands, get: Get, arrived: Arrived, old: str, new: str) -> None:
    """Of the keystore that is proposed."""
    arrived("password.choose.title")
    open_chosen(user, get, old)
    arrived("password.new.title")
    user.type(get("steps.password.first"), new)
    user.type(get("steps.password.second"), new)
    user.press(get("password.new.go"))
    arrived("password.done.title")
