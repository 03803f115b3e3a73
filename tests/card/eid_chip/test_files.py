"""Files of the card: where they are, how they are selected, and what reading near and past their end gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.card.chip import parse_identity_file
from ehtoolkit.card.port import CardFiles, CardKey
from ehtoolkit.card.readers import ATR_1_8
from ehtoolkit.card.trust import BELGIAN_ROOTS
from ehtoolkit.crypto.der import first_value
from ehtoolkit.training.card.card_factory import make_files
from ehtoolkit.training.card.profile import CardProfile
from ehtoolkit.training.virtual_card.eid_chip.content import card_content
from tests.card.eid_chip.conftest import AppletDriver
from tests.card.verifying import MemoryCard, keys, looked_at
from tests.support.cards import ADDRESS, PHOTO, Authorities

IDENTITY, AUTHENTICATION = "3F00DF014031", "3F00DF005038"


def test_every_file_says_what_the_profile_says(terminal: AppletDriver) -> None:
    profile, files = terminal.profile, terminal.profile.files
    certificates = {
        "5038": profile.certificates[CardKey.AUTHENTICATION],
        "5039": profile.certificates[CardKey.SIGNATURE],
        "503A": profile.citizen_ca,
        "503B": profile.root,
    }
    for name, certificate in certificates.items():
        assert terminal.read(f"3F00DF00{name}") == certificate.public_bytes(Encoding.DER)
    assert terminal.read("3F00DF00503C") == files.rrn_certificate
    assert terminal.read("3F00DF014031") == files.identity
    assert terminal.read("3F00DF014032") == files.identity_signature
    assert terminal.read("3F00DF014033") == files.address
    assert terminal.read("3F00DF014034") == files.address_signature
    assert terminal.read("3F00DF014035") == PHOTO


@pytest.mark.parametrize(
    "way",
    [
        ["00A4020C02DF01", "00A4020C024031"],
        ["00A4020C023F00", "00A4020C02DF01", "00A4020C024031"],
        ["00A4020C02DF00", "00A4020C02DF01", "00A4020C024031"],
        ["00A4080C063F00DF014031"],
        ["00A4080C04DF014031"],
        ["00A4040C0CA000000177496446696C6573", "00A4020C024031"],
        ["00A404000CA000000177496446696C6573", "00A4020C024031"],
        ["00A404000FA00000003029057000AD13100101FF", "00A4020C02DF01", "00A4020C024031"],
        ["00A4080C063F00DF014033", "00A4020C024031"],
    ],
    ids=" ".join,
)
def test_ways_to_a_file(terminal: AppletDriver, way: list[str]) -> None:
    for command in way:
        assert terminal.status(command) == "9000"
    assert terminal.ask("00B0000010") == (terminal.profile.files.identity[:16], "9000")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00A4020C024032", "6a82"),  # a file of another folder than the current one
        ("00A4020C02DF02", "6a82"),
        ("00A4080C063F00DF014099", "6a82"),
        ("00A4040C05A000000177", "6a82"),
        ("00A4040C00", "6a87"),
        ("00A4020C03403100", "6a87"),
        ("00A4020C", "6a87"),
        ("00A4080C033F00DF", "6a87"),
        ("00A4080C", "6a87"),
        ("00A40200024031", "6a86"),
        ("00A4000C023F00", "6a86"),
        ("00A4090C024031", "6a86"),
    ],
)
def test_what_cannot_be_selected_leaves_the_file_that_is(
    terminal: AppletDriver, command: str, status: str
) -> None:
    assert terminal.status("00A4080C06" + AUTHENTICATION) == "9000"
    assert terminal.status(command) == status
    content = terminal.profile.certificates[CardKey.AUTHENTICATION].public_bytes(Encoding.DER)
    assert terminal.ask("00B0000004") == (content[:4], "9000")


def test_reading_near_the_end(terminal: AppletDriver) -> None:
    assert terminal.status("00B0000000") == "6986"
    assert terminal.status("00A4080C06" + IDENTITY) == "9000"
    content = terminal.profile.files.identity
    size = len(content)
    assert 128 < size < 256
    assert terminal.status("00B0000000") == f"6c{size:02x}"
    assert terminal.ask(f"00B00000{size:02x}") == (content, "9000")
    assert terminal.status(f"00B00001{size:02x}") == f"6c{size - 1:02x}"
    assert terminal.ask(f"00B000{size - 1:02x}01") == (content[-1:], "9000")
    assert terminal.status(f"00B000{size:02x}01") == "6b00"
    assert terminal.status("00B07FFF00") == "6b00"
    assert terminal.status("00B0810000") == "6a86"
    assert terminal.status("00A4020C02DF01") == "9000"
    assert terminal.status("00B0000000") == "6986"


def test_a_folder_is_left_by_a_reset(terminal: AppletDriver) -> None:
    assert terminal.status("00A4020C02DF01") == "9000"
    terminal.applet.reset()
    assert terminal.status("00A4020C024031") == "6a82"


def test_a_card_without_signature(
    make_terminal: Callable[[CardProfile], AppletDriver], profiles: Mapping[str, CardProfile]
) -> None:
    young = make_terminal(profiles["young_rsa"])
    assert young.status("00A4080C063F00DF005039") == "6a82"
    assert b"Signature" not in young.read("3F00DF005035") + young.read("3F00DF005037")
    assert young.status("002241B6050480018483") == "6a88"
    assert young.status("002241B6050480018482") == "9000"


def test_the_number_of_the_chip(terminal: AppletDriver, profiles: Mapping[str, CardProfile]) -> None:
    number = parse_identity_file(terminal.profile.files.identity).chip_number
    data, status = terminal.ask("80E400001C")
    assert (status, len(data), data[:16]) == ("9000", 28, number)
    assert data[21:] == bytes.fromhex("17000300 21010F")
    assert number in terminal.read("3F00DF005032")
    altered = card_content(profiles["rsa"], altered=True).serial
    assert len(altered) == 16
    assert altered not in (number, card_content(profiles["dormant_rsa"], altered=True).serial)


# ── applet 1.8 ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_card_data_of_applet_1_8(ec_terminal: AppletDriver) -> None:
    assert ec_terminal.applet.atr == bytes.fromhex(ATR_1_8)
    data, status = ec_terminal.ask("80E400001C")
    assert (status, data[16:]) == ("9000", bytes.fromhex("A503000100 18 0001 00 00 02 0F"))
    assert ec_terminal.status("80E400011C") == "6c1f"
    assert ec_terminal.ask("80E400011F") == (data + bytes.fromhex("03FFFF"), "9000")
    assert ec_terminal.status("0020000108244321FFFFFFFFFF") == "63c2"
    assert ec_terminal.ask("80E400011F") == (data + bytes.fromhex("02FFFF"), "9000")
    assert ec_terminal.status("80E400021F") == "6a86"


def test_elliptic_keys_in_the_directory(ec_terminal: AppletDriver, terminal: AppletDriver) -> None:
    """Among the private keys an elliptic one has tag 0, and no length (PKCS#15 v1.1, 6.3)."""
    directory = ec_terminal.read("3F00DF005035")
    first = first_value(directory)
    second = directory[len(first) :]
    for key, label in ((first, b"Authentication"), (second, b"Signature")):
        assert key[0] == 0xA0
        assert label in key
        assert first_value(key) == key
    assert terminal.read("3F00DF005035")[0] == 0x30
    assert [len(ec_terminal.read(f"3F00DF01{name}")) for name in ("4032", "4034", "4040")] == [104, 104, 97]
    for name in ("4038", "4039"):
        assert ec_terminal.status(f"00A4080C063F00DF01{name}") == "6a82"
    assert terminal.status("00A4080C063F00DF014040") == "6a82"


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_what_a_reader_reads_proves_itself(
    kind: str,
    make_terminal: Callable[[CardProfile], AppletDriver],
    authorities: Authorities,
    profiles: Mapping[str, CardProfile],
) -> None:
    """Signature files of applet 1.8 are padded; a chip that is new in each round has signatures of other lengths."""
    register = authorities.rrn if kind == "rsa" else authorities.rrn_ec
    for number in range(6):
        files = make_files(profiles[kind].identity, ADDRESS, register, chip_number=bytes([number]) * 16)
        terminal = make_terminal(replace(profiles[kind], files=files))
        names = ("identity", "identity_signature", "address", "address_signature")
        read = {name: terminal.read(f"3F00DF01{4031 + place}") for place, name in enumerate(names)}
        read["rrn_certificate"] = terminal.read("3F00DF00503C")
        card = replace(MemoryCard.of(terminal.profile), raw=CardFiles(**read))
        assert keys(looked_at(card, BELGIAN_ROOTS).findings) == ["identity_proven.by_name"]


def test_certificates_are_marked_as_private(
    terminal: AppletDriver, profiles: Mapping[str, CardProfile]
) -> None:
    """As the manual of applet 1.7 has it, and OpenSC goes by."""
    assert terminal.read("3F00DF005037").count(bytes.fromhex("030206C0")) == 4
    shown = card_content(profiles["rsa"], private_certificates=False).files
    directory = next(content for content in shown.values() if b"Root" in content and b"Signature" in content)
    assert directory.count(bytes.fromhex("03020640")) == 4
