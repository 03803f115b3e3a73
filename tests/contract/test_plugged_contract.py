"""The same suite over a training card in a virtual reader, as OpenSC's module sees it through PC/SC."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.training.card.profile import CardProfile
from tests.contract.card_contract import *  # noqa: F403
from tests.contract.card_contract import Kind, Setting
from tests.support.card_fixtures import CardInReader, in_reader, pcsc, plug_home, readers_met

__all__ = ["in_reader", "pcsc", "plug_home", "readers_met"]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(600),  # the first one waits until other files have let go of the smart-card service
]


@pytest.fixture  # type: ignore[no-redef]  # replaces the fixture of the contract
def kind() -> Kind:
    return Kind("plugged", "rsa", counts_tries=False, reads_files=False, signs=(CardKey.AUTHENTICATION,))


@pytest.fixture  # type: ignore[no-redef]
def settings(
    kind: Kind, in_reader: CardInReader, readers_met: None
) -> Iterator[Callable[[CardProfile], Setting]]:
    opened: list[Card] = []

    def make(profile: CardProfile) -> Setting:
        card = in_reader.card(profile)

        def open_one() -> Card:
            opened.append(card.open())
            return opened[-1]

        return Setting(kind, card.profile, open_one, card.pull, card.put_back)

    yield make
    for card in opened:
        card.close()
