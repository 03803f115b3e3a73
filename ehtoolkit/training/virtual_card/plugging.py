"""A training card in a virtual reader of this computer, for every program that reads cards."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

from ehtoolkit import errors
from ehtoolkit.training.card.training_card import CardCondition, TrainingCard
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet
from ehtoolkit.training.virtual_card.eid_chip.content import card_content
from ehtoolkit.training.virtual_card.virtual_reader import PlugEvent, VirtualReader

_LOOK_SECONDS: Final = 0.3
"""How often the card's condition is looked at: scenarios, in or out."""
_AGAIN_SECONDS: Final = 0.5
"""How often a service that has ended is looked for."""
_OUT_SECONDS: Final = 1.5
"""How long a card stays out before it goes back in changed: the service looks at its readers now and then only, and
would take it for the one that it was."""


def keep_plugged(
    card: TrainingCard,
    reader: int,
    first_port: int,
    tell: Callable[[PlugEvent], None],
    *,
    ends: Callable[[], bool] = lambda: False,
    private_certificates: bool = True,
) -> None:
    """Be ``card`` in virtual reader ``reader`` until ``ends``, with the PIN and the tries that it has everywhere.

    Taken out by `TrainingCard.unplug` it leaves the reader, put back it returns; scenarios that change what is on it
    pull it out and put it back changed. A service that ends is waited for.
    ``private_certificates``: as on real cards, whose certificates OpenSC does not show before the PIN.

    ``first_port``: of the first virtual reader.

    Raises `errors.VirtualReaderMissing` and `errors.VirtualReaderTaken` when it cannot be plugged in at the beginning.
    """
    was_plugged = False

    def plugged() -> None:
        nonlocal was_plugged
        was_plugged = True
        tell(PlugEvent.PLUGGED)

    while not ends():
        condition = card.condition
        if not condition.plugged:
            time.sleep(_LOOK_SECONDS)
            continue
        try:
            altered = bool(condition.scenarios)
            content = card_content(card.profile(), altered=altered, private_certificates=private_certificates)
            with closing(VirtualReader(reader, first_port)) as virtual:
                ending = virtual.serve(Applet(content, card), _watch(card, condition, ends), plugged)
        except (errors.VirtualReaderMissing, errors.VirtualReaderTaken):
            if not was_plugged:
                raise
            time.sleep(_AGAIN_SECONDS)
            continue
        except (errors.CardAbsent, errors.CardRemoved):
            continue  # its condition has changed since it was looked at
        if was_plugged:
            tell(ending)
        elif ending is PlugEvent.READER_GONE:  # it listens, and hangs up on a card
            raise errors.VirtualReaderMissing(reader=reader, port=virtual.port)
        if not ends():
            time.sleep(_OUT_SECONDS)


def _watch(card: TrainingCard, condition: CardCondition, ends: Callable[[], bool]) -> Callable[[], bool]:
    """Return the test of whether a card is to be taken out: at the end, or when it is no longer in the condition in
    which it was plugged in, which is looked at now and then only."""
    latest = time.monotonic()

    def is_over() -> bool:
        nonlocal latest
        if ends():
            return True
        if time.monotonic() < latest + _LOOK_SECONDS:
            return False
        latest = time.monotonic()
        try:
            return card.condition != condition
        except errors.FileBusy:
            return False  # what has changed is seen at the next look

    return is_over
