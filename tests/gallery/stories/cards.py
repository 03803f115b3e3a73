"""The card step: cards that cannot sign, PINs that others ask for, readers with and without cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity, PinEntry
from ehtoolkit.card.readers import CardLister, FoundCard
from ehtoolkit.forms.steps.card import CardPages
from ehtoolkit.training import PEOPLE, NewPerson, Profession
from ehtoolkit.training.card.training_card import TrainingCard
from tests.gallery.driver import WRONG, GalleryDriver
from tests.gallery.stories.request import to_who


def to_card(driver: GalleryDriver, card: str = "default") -> Any:
    if card in [person.name for person in PEOPLE]:
        driver.at_first("everybody")
    form = driver.open("request")
    form.go(accepted=True)
    form.go(card=f"training:{card}")
    return form


def that_cannot_sign(driver: GalleryDriver) -> Iterator[str]:
    to_card(driver, "rita")
    yield "expired"
    to_card(driver, "lina")
    yield "of-a-minor"
    driver.scenario("signature-not-activated")
    to_card(driver)
    yield "signature-not-activated"


def with_little_time_left(driver: GalleryDriver) -> Iterator[str]:
    driver.later("+119mo")
    to_card(driver)
    yield "about-to-expire"
    driver.later("+10mo")
    to_card(driver)
    yield "expired-by-now"


def out_of_its_reader(driver: GalleryDriver) -> Iterator[str]:
    with driver.training() as training:
        training.card("default").unplug()
    to_card(driver)
    yield "absent"


def blocked(driver: GalleryDriver) -> Iterator[str]:
    form = to_card(driver)
    for _ in range(3):
        form.pin(WRONG)
    yield "pin-blocked"


def pulled(driver: GalleryDriver) -> Iterator[str]:
    form = to_card(driver)
    with driver.training() as training:
        training.card("default").unplug()
    form.pin()
    yield "card-removed"


def of_a_newcomer(driver: GalleryDriver) -> Iterator[str]:
    """Without a photo; and the card's software cannot sign."""
    born = date(1984, 2, 29)
    with driver.training() as training:
        added = training.add_person(
            NewPerson(
                "Jo",
                "Nieuw",
                born=born,
                gender="M",
                language="nl",
                profession=Profession.NURSE,
                card_is_ec=True,
            )
        )
    to_card(driver, added.name)
    yield "without-photo"

    def refuse(*_: object) -> None:
        raise errors.SigningUnsupported(module="opensc-pkcs11.so", certificate="Signature")

    driver.patch.setattr(TrainingCard, "require_key", refuse)
    to_card(driver, added.name)
    yield "cannot-sign"


def asked_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    """The PIN is typed in the middleware's window, or on the reader."""
    for pin_entry in (PinEntry.MIDDLEWARE, PinEntry.READER):
        driver.patch.setattr(TrainingCard, "pin_entry", lambda *_, pin_entry=pin_entry: pin_entry)
        to_card(driver)
        yield f"pin-in-{pin_entry}"


def the_platform(scenario: str) -> Callable[[GalleryDriver], Iterator[str]]:
    def story(driver: GalleryDriver) -> Iterator[str]:
        driver.scenario(scenario)
        to_who(driver)
        yield scenario

    story.__name__ = f"platform-{scenario}"
    return story


def refused_by_the_platform(driver: GalleryDriver) -> Iterator[str]:
    driver.scenario("unknown-organisations")
    to_who(driver)
    yield "who"


class Listed:
    """Stands for the readers of a computer: what is seen in them."""

    seen: Sequence[FoundCard] | errors.EhToolkitError = ()

    @classmethod
    def cards(cls, _: object) -> Sequence[FoundCard]:
        if isinstance(cls.seen, errors.EhToolkitError):
            raise cls.seen
        return cls.seen


def in_readers(driver: GalleryDriver) -> Iterator[str]:
    """What the page shows by itself, a look at a time."""
    pages: list[CardPages] = []
    before = CardPages.__init__

    def recording(self: CardPages, *rest: Any) -> None:
        before(self, *rest)
        pages.append(self)

    driver.patch.setattr(CardPages, "__init__", recording)
    driver.patch.setattr(CardLister, "cards", lambda _: Listed.cards(_))
    driver.set(card="pkcs11:module")
    people = [
        FoundCard(
            f"ACS ACR39U ICC Reader 0{number} 00",
            str(number),
            CardIdentity(holder.niss, holder.name, holder.first_names),
        )
        for number, holder in enumerate(person.person for person in PEOPLE[:2])
    ]
    form = driver.open("request")
    form.go(accepted=True)
    for name, seen in {
        "one-card": people[:1],
        "two-cards": people,
        "no-card": errors.CardAbsent(),
        "no-module": errors.ModuleMissing(module="/usr/lib/libbeidpkcs11.so.0"),
        "unread": [FoundCard("ACS ACR39U ICC Reader 00 00", "1", None, errors.CardTimeout(seconds=3.0))],
    }.items():
        driver.patch.setattr(Listed, "seen", seen)
        pages[-1]._look()()
        yield name


def on_a_server(driver: GalleryDriver) -> Iterator[str]:
    driver.set(shared="true")
    form = driver.open("request")
    form.go(accepted=True)
    yield "insert"


STORIES: Final = (
    blocked,
    of_a_newcomer,
    asked_elsewhere,
)
VARIANTS: Final = (
    that_cannot_sign,
    in_readers,
    on_a_server,
    with_little_time_left,
    out_of_its_reader,
    pulled,
    *(
        the_platform(scenario)
        for scenario in ("platform-down", "soap-fault", "garbage", "cut-answer", "clock-wrong")
    ),
    refused_by_the_platform,
)
