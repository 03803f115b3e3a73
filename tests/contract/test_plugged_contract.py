"""The same suite over a training card in a virtual reader, as OpenSC's module sees it through PC/SC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.training.card.profile import CardProfile
from tests.contract.card_contract import *  # noqa: F403
from tests.contract.card_contract import Kind, Setting
from tests.support.card_fixtures import pcsc, plug_home
from tests.support.cards import Authorities
from tests.support.pcsc import Pcsc
from tests.support.plugged import Plugged, plugged

__all__ = ["pcsc", "plug_home"]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(600),  # the first one waits until other files have let go of the smart-card service
]


@pytest.fixture  # type: ignore[no-redef]  # replaces the fixture of the contract
def kind() -> Kind:
    return Kind("plugged", "rsa", counts_tries=False, reads_files=False, signs=(CardKey.AUTHENTICATION,))


@pytest.fixture(scope="module")
def in_reader(
    pcsc: Pcsc, plug_home: Path, authorities: Authorities
) -> Iterator[Callable[[CardProfile], Plugged]]:
    """Gives each test the card of a profile: that of the test before, if it is the same and still there."""
    with ExitStack() as stack:
        held: list[tuple[CardProfile, Plugged]] = []

        def put(profile: CardProfile) -> Plugged:
            if not held or held[0][0] is not profile or held[0][1].process.poll() is not None:
                stack.close()
                held[:] = [
                    (profile, stack.enter_context(plugged(pcsc, plug_home, profile, rrn=authorities.rrn)))
                ]
            card = held[0][1]
            card.software.unblock()  # as new: three tries, and the PIN is never changed here
            return card

        yield put


@pytest.fixture  # type: ignore[no-redef]
def settings(
    kind: Kind, pcsc: Pcsc, in_reader: Callable[[CardProfile], Plugged], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[CardProfile], Setting]]:
    for name, value in pcsc.environment.items():
        monkeypatch.setenv(name, value)
    opened: list[Card] = []

    def make(profile: CardProfile) -> Setting:
        card = in_reader(profile)

        def open_one() -> Card:
            opened.append(card.open())
            return opened[-1]

        return Setting(kind, card.profile, open_one, card.pull, card.put_back)

    yield make
    for card in opened:
        card.close()
