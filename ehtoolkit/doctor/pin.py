"""The PIN, tried once, because the user asked for it: the only thing of the doctor that asks for one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card import Card, CardKey
from ehtoolkit.doctor.check_result import CheckResult, Topic
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.secret import Secret

_SIZE: Final = 32

Sign = Callable[[Card, Secret | None], object]
"""Uses the Authentication key once."""


def sign_something(card: Card, pin: Secret | None) -> None:
    """Sign bytes that mean nothing, and throw the signature away."""
    card.sign(CardKey.AUTHENTICATION, secrets.token_bytes(_SIZE), pin)


def check_pin(
    card: Card,
    prompt: Callable[[CardKey], Secret | None],
    dare: Callable[[], bool],
    sign: Sign = sign_something,
) -> CheckResult:
    """Try the PIN once, and never a second time. ``prompt``: gives it, or None where the middleware or the reader
    asks. ``dare``: whether the last try before the card blocks may be used; asked before anything is typed.

    Raises what ``prompt`` raises, and no `errors.CardError`. A platform that does not answer after the signature
    was made is no fault of the PIN.
    """
    try:
        left = card.pin_tries_left()
        if left == 0:
            return CheckResult.of_error(Topic.PIN, errors.PinBlocked())
        if left == 1 and not dare():
            return CheckResult.of(Topic.PIN, Severity.ERROR, "pin_not_dared")
        pin = prompt(CardKey.AUTHENTICATION)
        with suppress(errors.PlatformError):  # the card has signed by then
            sign(card, pin)
    except errors.CardError as error:
        return CheckResult.of_error(Topic.PIN, error)
    return CheckResult.of(Topic.PIN, Severity.OK, "pin_right")
