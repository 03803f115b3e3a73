"""Stretches of the road that many forms have in common, walked by whatever hands."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.hands import Hands
from tests.browser.lives import PIN

Get = Callable[[str], str]
"""The sentence of a key, in the language of the page."""
Arrived = Callable[[str], None]
"""Waits for the page that is called by the sentence of a key, and judges it."""


def identify(user: Hands, get: Get, arrived: Arrived) -> None:
    """The conditions, the card, the first PIN."""
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))
    arrived("steps.card.insert.title")
    user.press(get("steps.card.read"))
    arrived("steps.card.title")
    user.type(get("pin.label"), PIN)
    user.press(get("steps.card.go"))


def sign(user: Hands, get: Get, form: str, pin: str = PIN) -> None:
    """The second PIN, under the contract."""
    user.type(get("pin.label"), pin)
    user.press(get(f"{form}.sign.go"))


def choose_password(user: Hands, get: Get, password: str) -> None:
    """The new password, typed twice."""
    user.type(get("steps.password.first"), password)
    user.type(get("steps.password.second"), password)
    user.press(get("wizard.next"))


def open_chosen(user: Hands, get: Get, password: str) -> None:
    """The keystore that the page proposes, with its password."""
    user.type(get("choosing.password"), password)
    user.press(get("choosing.go"))
