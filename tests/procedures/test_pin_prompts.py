"""When a PIN is asked for: after the card was judged, once for each key, and nowhere when the reader asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardFiles, CardIdentity, CardKey, PinEntry, PinPrompt
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.procedures.allowed_holders import fetch_eligible_actors
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import request, resume
from ehtoolkit.procedures.request_preconditions import fetch_applicant_info
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key, list_certificates
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.training_life import Life

NOT_SENT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


@dataclass(frozen=True)
class PinPad:
    """A card in a reader that asks for the PIN itself."""

    inner: Card

    @property
    def reader(self) -> str:
        return self.inner.reader

    def identity(self) -> CardIdentity:
        return self.inner.identity()

    def files(self) -> CardFiles:
        return self.inner.files()

    def chain(self, key: CardKey) -> Sequence[Certificate]:
        return self.inner.chain(key)

    def require_key(self, key: CardKey) -> None:
        self.inner.require_key(key)

    def pin_entry(self, key: CardKey) -> PinEntry:
        return PinEntry.READER

    def pin_tries_left(self) -> int | None:
        return self.inner.pin_tries_left()

    def sign(self, key: CardKey, data: bytes, pin: Secret | None) -> bytes:
        return self.inner.sign(key, data, PIN)

    def cancel(self) -> None:
        self.inner.cancel()

    def close(self) -> None:
        self.inner.close()


def ask(road: Road, card: Card, pin: PinPrompt) -> None:
    request(road.requested, card, pin, PASSWORD, road.toolkit.context, show=lambda _: None)


def resume_unsent(road: Road, card: Card, pin: PinPrompt) -> None:
    life = Life(road)
    file = life.open(road.keystores[0])
    resume(file, road.requested, card, pin, road.toolkit.context, show=lambda _: None)


def renew_due(road: Road, card: Card, pin: PinPrompt) -> None:
    file = Life(road).open(road.keystores[0])
    renew(file, card, pin, PASSWORD, road.toolkit.context, show=lambda _: None)


def revoke_any(road: Road, card: Card, pin: PinPrompt) -> None:
    reason = RevocationReason.SUPERSEDED
    revoke(card, pin, by_key("A" * 40), reason, road.toolkit.context, show=lambda _: None)


DOORS: dict[str, Callable[[Road, Card, PinPrompt], object]] = {
    "request": ask,
    "resume": resume_unsent,
    "renew": renew_due,
    "revoke": revoke_any,
    "list": lambda road, card, pin: list_certificates(card, pin, road.toolkit.context),
    "actors": lambda road, card, pin: fetch_eligible_actors(card, pin, road.toolkit.context),
    "applicant": lambda road, card, pin: fetch_applicant_info(card, pin, road.toolkit.context),
}


def prepare(door: str, road: Road) -> None:
    """Make the file that a door works on."""
    if door == "renew":
        Life(road).due()
    if door == "resume":
        road.wire.before["generatecertificate"] = NOT_SENT
        with pytest.raises(errors.PlatformUnreachable):
            road.ask()
        road.wire.before.clear()


@pytest.mark.parametrize("door", DOORS)
def test_a_card_that_has_expired_is_refused_before_its_pin_is_asked_for(door: str, road: Road) -> None:
    asked: list[CardKey] = []

    def prompt(key: CardKey) -> Secret:
        asked.append(key)
        return PIN

    prepare(door, road)
    assert road.toolkit.training is not None
    road.toolkit.training.switch("expired-eid", True, "elise")
    with pytest.raises(errors.CardCertificateExpired):
        DOORS[door](road, road.toolkit.open_card(), prompt)
    assert asked == []


@pytest.mark.parametrize(
    ("door", "keys"),
    [
        ("request", list(CardKey)),
        ("resume", list(CardKey)),
        ("renew", list(CardKey)),
        ("list", [CardKey.AUTHENTICATION]),
        ("actors", [CardKey.AUTHENTICATION]),
        ("applicant", [CardKey.AUTHENTICATION]),
    ],
)
def test_each_pin_is_asked_for_once(door: str, keys: list[CardKey], road: Road) -> None:
    asked: list[CardKey] = []

    def prompt(key: CardKey) -> Secret:
        asked.append(key)
        return PIN

    prepare(door, road)
    DOORS[door](road, road.toolkit.open_card(), prompt)
    assert asked == keys


def test_a_card_that_was_exchanged_is_noticed_before_the_second_pin(road: Road) -> None:
    asked: list[CardKey] = []
    other = road.toolkit.open_card("training:karl")
    assert other.identity().niss != road.requested.signer.niss

    def prompt(key: CardKey) -> Secret:
        asked.append(key)
        return PIN

    with pytest.raises(errors.DifferentCardHolder):
        request(road.requested, other, prompt, PASSWORD, road.toolkit.context, show=lambda _: None)
    assert asked == [CardKey.AUTHENTICATION]


@pytest.mark.parametrize("pin", [None, PIN], ids=["no PIN", "a PIN that is not needed"])
def test_a_reader_that_asks_itself_is_used_once_for_the_applicant(pin: Secret | None, road: Road) -> None:
    """The list of certificates would be a second signature, for which the reader would ask again."""
    card = PinPad(road.toolkit.open_card())
    road.wire.seen.clear()
    found = fetch_applicant_info(card, pin, road.toolkit.context)
    assert found.qualities.natural_person
    assert road.wire.count("getCertificateInfoForCitizen") == 0
    fetch_applicant_info(road.toolkit.open_card(), PIN, road.toolkit.context)
    assert road.wire.count("getCertificateInfoForCitizen") == 1
