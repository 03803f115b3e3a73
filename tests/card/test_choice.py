"""How a card is named in settings and on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardSpec


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("training:elise", CardSpec("training", "elise")),
        ("pkcs11:", CardSpec("pkcs11")),
        ("pkcs11:/usr/lib/m.so", CardSpec("pkcs11", "/usr/lib/m.so")),
        ("pkcs11:/usr/lib/m.so#ACS 00 00", CardSpec("pkcs11", "/usr/lib/m.so", "ACS 00 00")),
        ("pkcs11:#ACS #2", CardSpec("pkcs11", "", "ACS #2")),
        (r"pkcs11:C:\Windows\m.dll#ACS", CardSpec("pkcs11", r"C:\Windows\m.dll", "ACS")),
    ],
)
def test_both_ways(text: str, choice: CardSpec) -> None:
    assert CardSpec.parse(text) == choice
    assert choice.text == text


def test_what_is_none() -> None:
    assert CardSpec.parse("pkcs11:m.so# ").reader is None
    for text in ("", "elise", "smartcard:x"):
        with pytest.raises(errors.SettingInvalid) as caught:
            CardSpec.parse(text)
        assert caught.value.facts == {"setting": "card"}


def test_another_reader() -> None:
    assert CardSpec.parse("pkcs11:m.so#A").in_reader("B").text == "pkcs11:m.so#B"
    assert CardSpec.parse("pkcs11:m.so").module == Path("m.so")
