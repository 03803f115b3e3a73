"""Commands as such: what is none, what the card does not know, and what the chip says of itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from ehtoolkit.training.card.profile import CardProfile
from tests.card.eid_chip.conftest import AppletDriver

SEEDS = [
    "00A4080C063F00DF014031",
    "00A4020C02DF01",
    "00A4040C0CA000000177504B43532D3135",
    "00B0000000",
    "00B0010010",
    "0020000108241234FFFFFFFFFF",
    "0024000110241234FFFFFFFFFF241234FFFFFFFFFF",
    "002241B6050480088482",
    "002241B6050480018483",
    "002A9E9A20" + "5A" * 32,
    "00C0000000",
    "80E400001C",
    "80E60000",
    "0084000008",
]


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("", "6700"),
        ("00A402", "6700"),
        ("00A4020C034031", "6700"),  # shorter than it says
        ("00A4020C0240310000", "6700"),  # longer than it says
        ("00A4020C00000240310000", "6700"),  # extended length
        ("00010000", "6d00"),
        ("80A4020C023F00", "6d00"),
        ("80B0000000", "6d00"),
        ("00E400001C", "6d00"),
        ("0CA4020C023F00", "6e00"),
        ("FFCA000000", "6e00"),
        ("80E400001F", "6c1c"),
        ("80E40000", "6c1c"),
        ("80E400011F", "6a86"),
        ("80E60100", "6a86"),
        ("0084000100", "6a86"),
        ("00C0000100", "6a86"),
        ("002A9E9B01AA", "6a86"),
    ],
)
def test_refusals(terminal: AppletDriver, command: str, status: str) -> None:
    assert terminal.status(command) == status


def test_random_numbers(terminal: AppletDriver) -> None:
    assert [len(terminal.ask(f"00840000{length:02x}")[0]) for length in (8, 255, 0)] == [8, 255, 256]
    assert terminal.ask("0084000010") != terminal.ask("0084000010")


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_any_command_gets_a_status(
    request: pytest.FixtureRequest,
    kind: str,
    make_terminal: Callable[[CardProfile], AppletDriver],
    profiles: Mapping[str, CardProfile],
) -> None:
    """Random and mutated commands, one after the other on the same card, which is reset and unblocked at times."""
    terminal = make_terminal(profiles[kind])
    dice = random.Random(20261125)  # noqa: S311  # the same commands in every run
    seen: Counter[str] = Counter()
    commands = 20_000 if request.config.getoption("--all") else 8_000
    for number in range(commands):
        if number % 500 == 0:
            terminal.applet.reset()
            terminal.software.unblock()
        answer = terminal.applet.answer(_command(dice))
        assert isinstance(answer, bytes)
        assert 2 <= len(answer) <= 258
        status = answer[-2:]
        assert status[0] in (0x90, 0x61, 0x63, 0x67, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E)
        if len(answer) > 2:
            assert status[0] in (0x90, 0x61)
        seen[status.hex() if status[0] not in (0x6C, 0x61) else f"{status[0]:x}"] += 1
    assert sum(seen.values()) == commands
    # It got everywhere: to files, past them, to signatures, to a PIN that is wrong and one that is blocked.
    assert {"9000", "61", "6c", "63c2", "6700", "6982", "6985", "6a80", "6a82", "6b00", "6d00"} <= set(seen)


def _command(dice: random.Random) -> bytes:
    if dice.random() < 0.1:
        return dice.randbytes(dice.randrange(0, 300))
    command = bytearray.fromhex(dice.choice(SEEDS))
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        if not command:
            break
        position = dice.randrange(len(command))
        match dice.randrange(5):
            case 0:
                command[position] = dice.randrange(256)
            case 1:
                command[position] ^= 1 << dice.randrange(8)
            case 2:
                del command[position]
            case 3:
                command[position:position] = dice.randbytes(dice.randrange(1, 4))
            case _:
                del command[position:]
    return bytes(command)
