"""The wire to a virtual reader: words of one byte, commands in pieces and in a row, readers that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import pytest

from ehtoolkit import errors
from ehtoolkit.training.virtual_card.virtual_reader import PlugEvent, VirtualReader
from tests.support.vpcd import CardInside, OtherCard, VirtualPcd

POWER_OFF, POWER_ON, RESET, GIVE_ATR = b"\x00", b"\x01", b"\x02", b"\x04"


class Echo(OtherCard):
    """A chip that answers with what it was asked and counts its resets."""

    atr = b"\x3b\x00"

    def __init__(self) -> None:
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def answer(self, command: bytes) -> bytes:
        return command + self.resets.to_bytes(2)


@contextmanager
def inside(pcd: VirtualPcd, pulled: Event) -> Iterator[tuple[CardInside, Future[PlugEvent], Event]]:
    """A card in the reader, what becomes of it, and whether it was told that it is plugged."""
    plugged = Event()
    with closing(VirtualReader(1, pcd.port)) as reader, ThreadPoolExecutor(1) as pool:
        future = pool.submit(reader.serve, Echo(), pulled.is_set, plugged.set)
        try:
            yield pcd.accept(), future, plugged
        finally:
            pulled.set()


def test_words_and_commands() -> None:
    with VirtualPcd() as pcd, inside(pcd, Event()) as (card, _, plugged):
        assert not plugged.is_set()
        card.say(GIVE_ATR)
        assert card.hear() == Echo.atr
        assert plugged.wait(10)
        card.say(POWER_ON, RESET, POWER_OFF)
        assert card.ask("00a40000") == "00a400000003"


def test_bytes_come_as_they_like() -> None:
    commands = [bytes([0, number, 2, 3]) * length for number, length in enumerate((1, 20, 60))]
    for pieces in (1, 3, 1000):
        with VirtualPcd() as pcd, inside(pcd, Event()) as (card, _, _):
            card.say(GIVE_ATR, *commands, RESET, commands[0], pieces=pieces)
            answers = [card.hear() for _ in range(5)]
            assert answers[0] == Echo.atr
            assert answers[1:4] == [command + b"\0\0" for command in commands]
            assert answers[4] == commands[0] + b"\0\1"


def test_an_empty_body_is_no_command() -> None:
    with VirtualPcd() as pcd, inside(pcd, Event()) as (card, _, _):
        card.say(b"", GIVE_ATR)
        assert card.hear() == Echo.atr


def test_taken_out_by_us() -> None:
    pulled = Event()
    with VirtualPcd() as pcd, inside(pcd, pulled) as (card, future, _):
        card.say(GIVE_ATR)
        card.hear()
        pulled.set()
        assert future.result(10) is PlugEvent.PULLED


def test_the_reader_goes_away() -> None:
    with VirtualPcd() as pcd, inside(pcd, Event()) as (card, future, _):
        card.say(GIVE_ATR)
        card.hear()
        card.say(b"\0\xa4", pieces=2)
        card.close()
        assert future.result(10) is PlugEvent.READER_GONE


def test_no_reader() -> None:
    with VirtualPcd() as pcd:
        port = pcd.port
    with pytest.raises(errors.VirtualReaderMissing) as caught:
        VirtualReader(1, port)
    assert caught.value.facts == {"reader": 1, "port": port}


def test_a_reader_with_another_card() -> None:
    """The service does not speak to it: it was not looked at within ``patience``."""
    with VirtualPcd() as pcd, closing(VirtualReader(1, pcd.port, patience=0.3)) as reader:
        with pytest.raises(errors.VirtualReaderTaken) as caught:
            reader.serve(Echo(), lambda: False, lambda: None)
        assert caught.value.facts == {"reader": 1}


def test_a_connection_that_breaks() -> None:
    with VirtualPcd() as pcd, inside(pcd, Event()) as (card, future, _):
        card.abort()
        assert future.result(10) is PlugEvent.READER_GONE
