"""A training card in a virtual reader: what the trainer does to it is seen there, and the reader may come and go."""

from __future__ import annotations

import hashlib
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import pytest
from cryptography.x509 import load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.card.trust import is_signature
from ehtoolkit.secret import Secret
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.card.training_card import CardCondition, TrainingCard
from ehtoolkit.training.virtual_card.eid_chip.content import APPLET_1_7, APPLET_1_8
from ehtoolkit.training.virtual_card.plugging import keep_plugged
from ehtoolkit.training.virtual_card.virtual_reader import PlugEvent
from tests.support.vpcd import CardInside, VirtualPcd

GIVE_ATR = b"\x04"
VERIFY, WRONG = "0020000108241234ffffffffff", "0020000108244321ffffffffff"
AUTHENTICATION_FILE, SIGNATURE_FILE = "00a4080c063f00df005038", "00a4080c063f00df005039"
CARD_DATA = "80e400001c"


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingPlatform]:
    """One platform: what a test switches on, it switches off."""
    with closing(TrainingPlatform(tmp_path_factory.mktemp("training"), delivery_seconds=0)) as made:
        yield made


@pytest.fixture
def pcd() -> Iterator[VirtualPcd]:
    with VirtualPcd() as made:
        yield made


@contextmanager
def plugged(
    training: TrainingPlatform, name: str, pcd: VirtualPcd, card: TrainingCard | None = None
) -> Iterator[queue.Queue[PlugEvent]]:
    """The card by that name (or ``card``), kept in the reader by another thread; what it tells."""
    events: queue.Queue[PlugEvent] = queue.Queue()
    end = Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            keep_plugged, card or training.card(name), 1, pcd.port, events.put, ends=end.is_set
        )
        try:
            yield events
        finally:
            end.set()
            future.result(30)


def greet(pcd: VirtualPcd, atr: bytes = APPLET_1_7.atr) -> CardInside:
    card = pcd.accept()
    card.say(GIVE_ATR)
    assert card.hear() == atr
    return card


def read(card: CardInside, select: str) -> bytes:
    assert card.ask(select) == "9000"
    content = b""
    while True:
        answer = card.ask(f"00b0{len(content):04x}00")
        if len(answer) == 4 and answer.startswith("6c"):  # data may begin so too
            answer = card.ask(f"00b0{len(content):04x}{answer[2:]}")
        if answer == "6b00":
            return content
        content += bytes.fromhex(answer[:-4])


def test_it_is_the_card_that_it_is_everywhere(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    card = training.card("elise")
    with plugged(training, "elise", pcd) as events:
        inside = greet(pcd)
        assert events.get(timeout=20) is PlugEvent.PLUGGED
        chain = card.chain(CardKey.SIGNATURE)
        assert load_der_x509_certificate(read(inside, SIGNATURE_FILE)) == chain[0]
        assert read(inside, "00a4080c063f00df014031") == card.files().identity
        assert inside.ask(WRONG) == "63c2"
        assert card.pin_tries_left() == 2
        card.sign(CardKey.AUTHENTICATION, b"data", Secret("1234"))
        assert inside.ask(WRONG) == "63c2"
        assert inside.ask(VERIFY) == "9000"


def test_taken_out_and_put_back(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    card = training.card("elise")
    with plugged(training, "elise", pcd) as events:
        inside = greet(pcd)
        card.unplug()
        assert inside.is_pulled()
        assert [events.get(timeout=20) for _ in range(2)] == [PlugEvent.PLUGGED, PlugEvent.PULLED]
        assert pcd.is_empty(2.5)
        card.plug()
        greet(pcd)
        assert events.get(timeout=20) is PlugEvent.PLUGGED


@contextmanager
def switched(training: TrainingPlatform, scenario: str) -> Iterator[None]:
    training.switch(scenario, True, "bram")
    try:
        yield
    finally:
        training.switch(scenario, False, "bram")


def change_of(
    training: TrainingPlatform, pcd: VirtualPcd, scenario: str, look: Callable[[CardInside], None]
) -> None:
    """Switch a scenario while the card is in: it comes back as another card, and at the end as the one it was."""
    with plugged(training, "bram", pcd):
        inside = greet(pcd)
        before = inside.ask(CARD_DATA)
        with switched(training, scenario):
            assert inside.is_pulled()
            changed = greet(pcd)
            assert changed.ask(CARD_DATA)[:32] != before[:32]
            look(changed)
        assert changed.is_pulled()
        assert greet(pcd).ask(CARD_DATA) == before


def test_out_of_date(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    card = training.card("bram")
    today = card.chain(CardKey.SIGNATURE)[0]

    def look(inside: CardInside) -> None:
        earlier = load_der_x509_certificate(read(inside, SIGNATURE_FILE))
        assert earlier.not_valid_after_utc < today.not_valid_before_utc
        assert earlier.public_key() == today.public_key()
        assert read(inside, "00a4080c063f00df014031") == card.files().identity

    change_of(training, pcd, "expired-eid", look)


def test_never_activated(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    def look(inside: CardInside) -> None:
        assert inside.ask(SIGNATURE_FILE) == "6a82"
        assert inside.ask("002241b6050480088483") == "6a88"
        assert read(inside, AUTHENTICATION_FILE)

    change_of(training, pcd, "signature-not-activated", look)


def test_a_blocked_pin_needs_no_other_card(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    with plugged(training, "bram", pcd):
        inside = greet(pcd)
        assert inside.ask(VERIFY) == "9000"
        with switched(training, "blocked-pin"):
            assert inside.ask(VERIFY) == "6983"
            assert inside.ask("00200001") == "6983"
        assert inside.ask(VERIFY) == "9000"


def test_a_service_that_ends_and_comes_back(training: TrainingPlatform) -> None:
    with VirtualPcd() as first, plugged(training, "elise", first) as events:
        inside = greet(first)
        first.close()
        inside.close()
        assert [events.get(timeout=20) for _ in range(2)] == [PlugEvent.PLUGGED, PlugEvent.READER_GONE]
        with VirtualPcd(first.port) as second:
            greet(second)
            assert events.get(timeout=20) is PlugEvent.PLUGGED


class BusyCard:
    """A training card whose trainer's database is held by another program at the second and the third look."""

    def __init__(self, card: TrainingCard) -> None:
        self._card = card
        self.looks = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._card, name)

    @property
    def condition(self) -> CardCondition:
        self.looks += 1
        if self.looks in (2, 3):
            raise errors.FileBusy(path="platform.sqlite3")
        return self._card.condition


def test_a_database_that_is_busy_pulls_no_card(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    card = BusyCard(training.card("elise"))
    with plugged(training, "elise", pcd, card) as events:  # type: ignore[arg-type]
        inside = greet(pcd)
        while card.looks < 4:
            assert inside.ask(VERIFY) == "9000"
        assert events.get(timeout=20) is PlugEvent.PLUGGED
        assert inside.ask(VERIFY) == "9000"
        assert events.empty()


def test_what_cannot_be_plugged(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    pcd.close()
    with pytest.raises(errors.VirtualReaderMissing):
        keep_plugged(training.card("elise"), 1, pcd.port, lambda _: None)


def test_a_card_with_elliptic_keys(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    card = training.card("karl")
    with plugged(training, "karl", pcd):
        inside = greet(pcd, APPLET_1_8.atr)
        assert read(inside, "00a4080c063f00df014032") == card.files().identity_signature
        assert inside.ask("002241b6050480018483") == "9000"
        assert inside.ask(VERIFY) == "9000"
        assert inside.ask("002a9e9a20" + hashlib.sha256(b"data").hexdigest()) == "6160"
        answer = bytes.fromhex(inside.ask("00c0000060"))
        assert is_signature(card.chain(CardKey.SIGNATURE)[0], b"data", answer[:-2])


def test_a_port_that_hangs_up(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    """What listens there is no reader; before it was one, it is not waited for."""
    events: list[PlugEvent] = []
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(keep_plugged, training.card("elise"), 1, pcd.port, events.append)
        pcd.accept().close()
        pcd.close()  # in case somebody else on this computer was accepted
        with pytest.raises(errors.VirtualReaderMissing) as caught:
            future.result(20)
    assert caught.value.facts == {"reader": 1, "port": pcd.port}
    assert events == []


def test_the_card_of_a_young_person(training: TrainingPlatform, pcd: VirtualPcd) -> None:
    with plugged(training, "lina", pcd):
        inside = greet(pcd)
        assert inside.ask(SIGNATURE_FILE) == "6a82"
        assert read(inside, AUTHENTICATION_FILE)
