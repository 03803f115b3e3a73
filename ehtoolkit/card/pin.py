"""The PIN of an eID: its form, and what a refused one means."""

from __future__ import annotations

import re
from typing import Final

from ehtoolkit import errors
from ehtoolkit.secret import Secret

FULL_TRIES: Final = 3
"""Wrong PINs in a row that block it."""

_FORM: Final = re.compile(r"[0-9]{4,12}")


def require_pin(pin: Secret | None) -> str:
    """Return the PIN as text, if there is one and it may be shown to a card.

    Raises `errors.PinNeeded` and `errors.PinMalformed`; neither costs a try.
    """
    if pin is None:
        raise errors.PinNeeded
    if not _FORM.fullmatch(pin.reveal()):
        raise errors.PinMalformed
    return pin.reveal()


def pin_refused(tries_left: int | None) -> errors.PinError:
    """Return the error for a PIN that the card refused; ``tries_left`` is None where the card does not say.

    The fact ``reason`` chooses the sentence: ``last_try`` or ``unknown_tries``; with two tries left there is
    none.
    """
    if tries_left is None:
        return errors.PinWrong(tries_left=None, reason="unknown_tries")
    if tries_left <= 0:
        return errors.PinBlocked()
    if tries_left == 1:
        return errors.PinWrong(tries_left=1, reason="last_try")
    return errors.PinWrong(tries_left=tries_left)
