"""What the software card does beyond the port: the PIN's counter, the trainer's hand, several processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile, save_profile
from ehtoolkit.training.card.software import SoftwareCard

PIN, WRONG, NEW = Secret("1234"), Secret("0000"), Secret("987654321098")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(profiles: Mapping[str, CardProfile], tmp_path: Path) -> Path:
    save_profile(tmp_path / "card", profiles["ec"])
    return tmp_path / "card"


def try_pin(card: SoftwareCard, pin: Secret) -> None:
    card.sign(CardKey.AUTHENTICATION, b"data", pin)


def test_the_counter_is_the_cards_and_not_the_programs(folder: Path) -> None:
    with pytest.raises(errors.PinWrong):
        try_pin(SoftwareCard(folder), WRONG)
    with pytest.raises(errors.PinWrong) as caught:
        try_pin(SoftwareCard(folder), WRONG)
    assert caught.value.facts == {"tries_left": 1, "reason": "last_try"}
    with pytest.raises(errors.PinBlocked):
        try_pin(SoftwareCard(folder), WRONG)
    with pytest.raises(errors.PinBlocked):
        try_pin(SoftwareCard(folder), PIN)
    SoftwareCard(folder).unblock()
    assert SoftwareCard(folder).pin_tries_left() == 3
    try_pin(SoftwareCard(folder), PIN)


def test_the_right_pin_gives_all_tries_back(folder: Path) -> None:
    card = SoftwareCard(folder)
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(errors.PinWrong):
                try_pin(card, WRONG)
        try_pin(card, PIN)
        assert card.pin_tries_left() == 3


def test_change_pin(folder: Path) -> None:
    card = SoftwareCard(folder)
    card.change_pin(PIN, NEW)
    try_pin(SoftwareCard(folder), NEW)
    with pytest.raises(errors.PinWrong):
        try_pin(card, PIN)


def test_change_pin_with_a_wrong_or_a_malformed_one(folder: Path) -> None:
    card = SoftwareCard(folder)
    with pytest.raises(errors.PinMalformed):
        card.change_pin(PIN, Secret("12"))
    assert card.pin_tries_left() == 3
    with pytest.raises(errors.PinWrong) as caught:
        card.change_pin(WRONG, NEW)
    assert caught.value.facts["tries_left"] == 2
    try_pin(card, PIN)


def test_the_pin_is_not_on_disk(folder: Path) -> None:
    card = SoftwareCard(folder)
    card.change_pin(PIN, NEW)
    try_pin(card, NEW)
    for path in folder.iterdir():
        assert NEW.reveal().encode() not in path.read_bytes()


def test_a_card_saved_again_keeps_its_pin(folder: Path, profiles: Mapping[str, CardProfile]) -> None:
    SoftwareCard(folder).change_pin(PIN, NEW)
    save_profile(folder, profiles["rsa"])
    try_pin(SoftwareCard(folder), NEW)


def test_absent_from_the_beginning(folder: Path) -> None:
    SoftwareCard(folder).unplug()
    card = SoftwareCard(folder)
    assert not card.plugged
    with pytest.raises(errors.CardAbsent):
        card.identity()
    card.plug()
    assert SoftwareCard(folder).plugged
    assert card.identity().surname


def test_no_card_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(errors.CardUnknown):
        SoftwareCard(tmp_path / "nobody").identity()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"salt": "x", "digest": "", "tries_left": 3}'])
def test_a_damaged_counter(folder: Path, content: bytes) -> None:
    (folder / "pin.json").write_bytes(content)
    with pytest.raises(errors.CardFault) as caught:
        try_pin(SoftwareCard(folder), PIN)
    assert caught.value.facts == {"code": "profile"}


GUESS = """
import sys
from pathlib import Path
from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.secret import Secret
sys.stdin.read(1)
try:
    SoftwareCard(Path(sys.argv[1])).sign(CardKey.AUTHENTICATION, b"data", Secret("0000"))
except errors.PinError as error:
    print(error.key, error.facts.get("tries_left"))
"""


def test_processes_at_once_share_three_tries(folder: Path) -> None:
    command = [sys.executable, "-c", GUESS, str(folder)]
    guessers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(5)
    ]
    for guesser in guessers:
        assert guesser.stdin is not None
        guesser.stdin.write("x")
        guesser.stdin.flush()
    answers = sorted(guesser.communicate()[0].strip() for guesser in guessers)
    assert answers == [
        "pin_blocked None",
        "pin_blocked None",
        "pin_blocked None",
        "pin_wrong 1",
        "pin_wrong 2",
    ]
