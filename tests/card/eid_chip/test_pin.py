"""The PIN on the card: its block, its tries, which are those of the training card in software, and its change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.virtual_card.eid_chip.applet import Applet, decode_pin
from ehtoolkit.training.virtual_card.eid_chip.content import card_content
from tests.card.eid_chip.conftest import AppletDriver

RIGHT, WRONG, NEW = "241234FFFFFFFFFF", "244321FFFFFFFFFF", "2C987654321098FF"
VERIFY, CHANGE, ASK = "0020000108", "0024000110", "00200001"


@given(st.from_regex(r"[0-9]{4,12}", fullmatch=True))
def test_a_block_and_back(digits: str) -> None:
    block = f"2{len(digits):x}{digits}".ljust(16, "f")
    assert decode_pin(bytes.fromhex(block)) == Secret(digits)


def test_the_block_of_the_manuals() -> None:
    assert decode_pin(bytes.fromhex(RIGHT)) == Secret("1234")
    assert decode_pin(bytes.fromhex(NEW)) == Secret("987654321098")


@pytest.mark.parametrize(
    "block",
    [
        "141234FFFFFFFFFF",
        "23123FFFFFFFFFFF",
        "2D1234567890123F",
        "2412A4FFFFFFFFFF",
        "24123400FFFFFFFF",
        "2512345FFFFFFFF0",
        "241234FFFFFFFF",
        "",
    ],
)
def test_what_is_no_block(block: str) -> None:
    assert decode_pin(bytes.fromhex(block)) is None


def test_three_tries_and_no_more(terminal: AppletDriver) -> None:
    assert terminal.status(ASK) == "63c3"
    assert [terminal.status(VERIFY + WRONG) for _ in range(4)] == ["63c2", "63c1", "63c0", "6983"]
    assert terminal.status(VERIFY + RIGHT) == "6983"
    assert terminal.status(ASK + "00") == "6983"
    assert terminal.status(CHANGE + RIGHT + NEW) == "6983"
    terminal.software.unblock()
    assert terminal.status(VERIFY + RIGHT) == "9000"
    assert terminal.status(ASK) == "9000"


def test_the_right_one_gives_all_tries_back(terminal: AppletDriver) -> None:
    assert terminal.status(VERIFY + WRONG) == "63c2"
    assert terminal.status(VERIFY + RIGHT) == "9000"
    assert terminal.status(VERIFY + WRONG) == "63c2"
    assert terminal.status(ASK) == "63c2"


def test_the_tries_are_those_of_the_card_in_software(terminal: AppletDriver) -> None:
    assert terminal.status(VERIFY + WRONG) == "63c2"
    with pytest.raises(errors.PinWrong) as caught:
        terminal.software.sign(CardKey.AUTHENTICATION, b"data", Secret("4321"))
    assert caught.value.facts["tries_left"] == 1
    assert terminal.status(VERIFY + WRONG) == "63c0"
    with pytest.raises(errors.PinBlocked):
        terminal.software.sign(CardKey.AUTHENTICATION, b"data", Secret("1234"))


def test_a_block_that_is_none_costs_a_try(terminal: AppletDriver) -> None:
    assert terminal.status(VERIFY + "0000000000000000") == "63c2"
    assert terminal.status("002000010424123400") == "6700"
    assert terminal.status("0020000208" + RIGHT) == "6a86"
    assert terminal.status(ASK) == "63c2"
    assert terminal.status(CHANGE + "2312FFFFFFFFFFFF" + NEW) == "63c1"
    assert terminal.status(CHANGE + "0000000000000000" + "2312FFFFFFFFFFFF") == "6a80"
    assert [terminal.status(CHANGE + "0000000000000000" + NEW) for _ in range(2)] == ["63c0", "6983"]


def test_change(terminal: AppletDriver) -> None:
    assert terminal.status(CHANGE + WRONG + NEW) == "63c2"
    assert terminal.status(CHANGE + RIGHT + "2312FFFFFFFFFFFF") == "6a80"
    assert terminal.status("0024000108" + NEW) == "6700"
    assert terminal.status("0024000210" + RIGHT + NEW) == "6a86"
    assert terminal.status(ASK) == "63c2"
    assert terminal.status(CHANGE + RIGHT + NEW) == "9000"
    assert terminal.status(VERIFY + NEW) == "9000"
    terminal.software.sign(CardKey.AUTHENTICATION, b"data", Secret("987654321098"))
    assert terminal.status(VERIFY + RIGHT) == "63c2"


def test_a_card_with_a_missing_folder(terminal: AppletDriver) -> None:
    """What the place of the PIN fails with is an answer, too."""
    terminal.software.unplug()
    assert terminal.status(VERIFY + RIGHT) == "6f00"
    assert terminal.status(ASK) == "6f00"


class Failing(SoftwareCard):
    """A place of the PIN that fails: that of a training card asks the trainer's database."""

    def __init__(self, error: errors.EhToolkitError) -> None:
        self.error = error

    def pin_tries_left(self) -> int | None:
        raise self.error

    def verify_pin(self, pin: Secret) -> None:
        raise self.error

    def change_pin(self, old: Secret, new: Secret) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        errors.FileBusy(path="platform.sqlite3"),
        errors.DiskFull(folder="training"),
        errors.FolderNotWritable(folder="training"),
        errors.FileUnreadable(path="platform.sqlite3"),
    ],
    ids=lambda error: error.key,
)
def test_a_place_of_the_pin_that_fails_is_an_answer(
    error: errors.EhToolkitError, terminal: AppletDriver
) -> None:
    applet = Applet(card_content(terminal.profile), Failing(error))
    for command in (ASK, VERIFY + RIGHT, CHANGE + RIGHT + NEW):
        assert applet.answer(bytes.fromhex(command)).hex() == "6f00"
