"""The walk over all slots, with readers as modules show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ehtoolkit import errors

PyKCS11 = pytest.importorskip("PyKCS11", reason="the extra `card` is not installed")

from ehtoolkit.card.pkcs11.slots import Slot, find_card, find_cards  # noqa: E402  # needs PyKCS11

INITIALISED = PyKCS11.CKF_TOKEN_INITIALIZED


@dataclass(frozen=True)
class Token:
    """What C_GetTokenInfo tells; padded as the standard has it."""

    label: str
    serialNumber: str = "1"  # noqa: N815  # PyKCS11's name
    flags: int = INITIALISED


@dataclass
class Readers:
    """A module with these readers: (name, token, or the code that C_GetTokenInfo answers)."""

    readers: Sequence[tuple[str, Token | int]]
    steps: list[int] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    """The slots whose name was asked for."""

    def getSlotList(self, tokenPresent: bool) -> list[int]:  # noqa: N802, N803
        assert not tokenPresent
        return [10 + index for index in range(len(self.readers))]

    def getSlotInfo(self, slot: int) -> object:  # noqa: N802
        self.named.append(slot)
        name = self.readers[slot - 10][0]
        if not name:
            raise PyKCS11.PyKCS11Error(0x05)
        return type("SlotInfo", (), {"slotDescription": name.ljust(64)})

    def getTokenInfo(self, slot: int) -> Token:  # noqa: N802
        token = self.readers[slot - 10][1]
        if isinstance(token, int):
            raise PyKCS11.PyKCS11Error(token)
        return token

    def find(self, reader: str | None = None, serial: str | None = None) -> Slot:
        return find_card(self, reader, serial, lambda: self.steps.append(1))

    def list(self) -> Sequence[Slot]:
        return find_cards(self, None, lambda: self.steps.append(1))


ABSENT, FOREIGN, REMOVED, DEVICE_ERROR = 0xE0, 0xE1, 0x32, 0x30
EID = Token("BELPIC".ljust(32), "534C494E33660013".ljust(32))
BANK = Token("Bank card".ljust(32), "7")
HELLO = "Windows Hello for Business 1"


def test_the_eid_among_others() -> None:
    readers = Readers(
        [("A", FOREIGN), ("B", BANK), ("", DEVICE_ERROR), (HELLO, BANK), ("C", ABSENT), ("D", EID)]
    )
    assert readers.find() == Slot(15, "D", "534C494E33660013", protected=False)
    assert len(readers.steps) == 5, "a virtual one is not looked at"


@pytest.mark.parametrize("label", ["BELPIC", "BELPIC (Basic PIN)", "BELPIC\0\0"])
def test_labels_of_an_eid(label: str) -> None:
    assert Readers([("A", Token(label))]).find().number == 10


def test_a_reader_with_a_key_pad() -> None:
    flags = INITIALISED | PyKCS11.CKF_PROTECTED_AUTHENTICATION_PATH
    assert Readers([("A", Token("BELPIC", flags=flags))]).find().protected


@pytest.mark.parametrize(
    ("readers", "kind"),
    [
        ([], errors.SmartCardServiceMissing),
        ([("A", ABSENT)], errors.CardAbsent),
        ([("A", REMOVED), ("B", ABSENT)], errors.CardAbsent),
        ([("A", Token("", flags=0))], errors.CardAbsent),
        ([(HELLO, BANK), ("A", ABSENT)], errors.CardAbsent),
        ([(HELLO, FOREIGN)], errors.CardAbsent),
        ([("A", BANK), ("B", ABSENT)], errors.NotAnEid),
        ([("A", ABSENT), ("B", FOREIGN), ("C", DEVICE_ERROR)], errors.NotAnEid),
        ([("A", ABSENT), ("B", DEVICE_ERROR)], errors.CardFault),
    ],
)
def test_the_error_without_an_eid(
    readers: list[tuple[str, Token | int]], kind: type[errors.CardError]
) -> None:
    with pytest.raises(errors.CardError) as caught:
        Readers(readers).find()
    assert type(caught.value) is kind


def test_the_facts() -> None:
    with pytest.raises(errors.NotAnEid) as foreign:
        Readers([("A", ABSENT), ("B", FOREIGN)]).find()
    assert foreign.value.facts == {"reader": "B"}
    with pytest.raises(errors.CardFault) as fault:
        Readers([("A", DEVICE_ERROR)]).find()
    assert fault.value.facts == {"code": "CKR_DEVICE_ERROR"}


def test_two_cards() -> None:
    readers = Readers([("A", Token("BELPIC", "1")), ("B", Token("BELPIC", "2"))])
    with pytest.raises(errors.MultipleCards) as several:
        readers.find()
    assert several.value.facts == {"readers": "A, B"}
    assert [card.serial for card in readers.list()] == ["1", "2"]
    assert readers.find(reader="B").serial == "2"
    assert readers.find(serial="2").reader == "B"
    with pytest.raises(errors.ReaderUnknown) as unknown:
        readers.find(reader="C")
    assert unknown.value.facts == {"reader": "C", "known": "A, B"}


def test_a_reader_by_a_part_of_its_name() -> None:
    readers = Readers(
        [("ACS 1 00", Token("BELPIC", "1")), ("Cherry 01", Token("BELPIC", "2")), ("Empty", ABSENT)]
    )
    assert readers.find(reader="cherry").serial == "2"
    assert readers.find(reader="ACS 1 00").serial == "1"
    with pytest.raises(errors.MultipleCards):
        readers.find(reader="0")
    with pytest.raises(errors.CardAbsent):
        readers.find(reader="empt")
    # A name that is exactly one reader's is not taken for a part of another's.
    twins = Readers([("Reader 1", Token("BELPIC", "1")), ("Reader", Token("BELPIC", "2"))])
    assert twins.find(reader="Reader").serial == "2"


def test_two_readers_that_are_called_the_same() -> None:
    readers = Readers([("A", Token("BELPIC", "1")), ("A", Token("BELPIC", "2"))])
    assert [card.reader for card in readers.list()] == ["A", "A (2)"]
    assert readers.find(reader="A").serial == "1"
    assert readers.find(reader="A (2)").serial == "2"


def test_one_card_in_two_slots() -> None:
    """OpenSC makes one for each PIN."""
    readers = Readers([("A", Token("BELPIC (Basic PIN)", "1")), ("A", Token("BELPIC (Other)", "1"))])
    assert readers.find() == Slot(10, "A", "1", protected=False)


def test_the_card_that_was_seen_is_gone() -> None:
    for readers in ([], [("A", ABSENT)], [("A", BANK)], [("A", Token("BELPIC", "2"))], [("A", DEVICE_ERROR)]):
        with pytest.raises(errors.CardRemoved):
            Readers(readers).find(serial="1")


# ── the card that was found before ───────────────────────────────────────────────────────────────────────────
def test_a_card_that_was_put_into_another_reader_is_found_there() -> None:
    for others in ([("A", ABSENT)], [("A", DEVICE_ERROR)], [("A", Token("BELPIC", "2"))], [("A", BANK)]):
        assert Readers([*others, ("B", Token("BELPIC", "1"))]).find(serial="1").reader == "B"
    # … unless the reader was chosen.
    moved = Readers([("A", ABSENT), ("B", Token("BELPIC", "1"))])
    with pytest.raises(errors.CardRemoved):
        moved.find(reader="A", serial="1")
