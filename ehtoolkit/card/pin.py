"""How many wrong PINs block a card, and what a refused one means: in the worker, too, which starts for every card."""

from __future__ import annotations

from typing import Final

from ehtoolkit import errors

FULL_TRIES: Final = 3
"""Wrong PINs in a row that block it."""


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
