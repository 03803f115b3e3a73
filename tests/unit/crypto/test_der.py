"""DER as another library reads it: the shapes that the directory files of a card add to those of keystores."""

from __future__ import annotations

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.crypto import der


@given(st.sets(st.integers(min_value=0, max_value=30), min_size=1))
def test_named_bits(bits: set[int]) -> None:
    encoded = der.named_bits(*bits)
    parsed = core.BitString.load(encoded, strict=True).native
    assert {number for number, bit in enumerate(parsed) if bit} == bits
    assert len(parsed) == max(bits) + 1


def test_no_bit_at_all() -> None:
    assert der.named_bits() == bytes.fromhex("030100")


@pytest.mark.parametrize(
    ("bits", "expected"), [((0, 1), "030206c0"), ((9,), "0303060040"), ((7,), "03020001")]
)
def test_bits_as_cards_have_them(bits: tuple[int, ...], expected: str) -> None:
    assert der.named_bits(*bits).hex() == expected


def test_the_small_ones() -> None:
    assert core.Boolean.load(der.boolean(True), strict=True).native is True
    assert core.Boolean.load(der.boolean(False), strict=True).native is False
    assert core.UTF8String.load(der.utf8_string("Érable"), strict=True).native == "Érable"
    assert der.enumerated(3).hex() == "0a0103"
