"""What a hostile file may not do: deep nesting, lengths that lie, counts without end."""

from __future__ import annotations

import time

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec import limits, structure
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.secret import Secret


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = der.sequence(data)
    return data


def test_nesting_up_to_the_limit() -> None:
    structure.parse(nested(limits.NESTING))
    for data in (nested(limits.NESTING + 1), b"\x30\x80" * 100_000):
        with pytest.raises(errors.LimitExceeded) as refusal:
            structure.parse(data)
        assert refusal.value.facts["reason"] == "nesting"


def test_number_of_values() -> None:
    structure.parse(der.sequence(der.NULL * (limits.ELEMENTS - 1)))
    with pytest.raises(errors.LimitExceeded) as refusal:
        structure.parse(der.sequence(der.NULL * limits.ELEMENTS))
    assert refusal.value.facts["reason"] == "elements"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x30", "truncated"),
        (b"\x30\x05\x02\x01\x03", "truncated"),
        (b"\x30\x80\x02\x01\x03", "truncated"),
        (b"\x30\x84\x00", "truncated"),
        (b"\x30\x03\x02\x05\x03\x00\x00\x00", "structure"),  # the inner value ends after the outer one
        (b"\x30\x04\x30\x80\x02\x01\x03\x00\x00", "structure"),  # so does an inner one without a length
        (b"\x30\x02\x1f\x81", "structure"),  # a tag of several bytes
        (b"\x04\x80\x00\x00", "structure"),  # no length, and nothing inside that could end it
        (b"\x30\x89" + b"\x01" * 20, "structure"),
    ],
)
def test_tags_and_lengths_that_do_not_fit(data: bytes, reason: str) -> None:
    with pytest.raises(errors.KeystoreDamaged) as damage:
        structure.parse(data)
    assert damage.value.facts == {"reason": reason}


def test_values_without_a_length_are_walked_over() -> None:
    structure.parse(b"\x30\x80\x24\x80\x04\x02ab\x04\x01c\x00\x00\x02\x01\x03\x00\x00")
    structure.parse(b"\x30\x06\x30\x80\x05\x00\x00\x00")
    structure.parse(der.sequence() + b"what follows does not count")


def test_a_file_that_is_too_long_is_refused_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(errors.LimitExceeded) as refusal:
        read_pkcs12(b"\x30\x83\x0f\xff\xff\x02\x01\x03" + bytes(limits.SIZE), Secret("p"))
    assert refusal.value.facts["reason"] == "size"
    assert time.perf_counter() - began < 0.5
