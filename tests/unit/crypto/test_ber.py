"""BER: how deep a walk looks, what it counts, and values in segments."""

from __future__ import annotations

import pytest

from ehtoolkit.crypto import der
from ehtoolkit.crypto.der import BerElement, BerError, BerLimitExceeded, Limits

LIMITS = Limits(nesting=8, values=100, free_octets=64)


def indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def test_children_below_the_levels_are_neither_kept_nor_counted() -> None:
    long = der.sequence(der.NULL * 1_000)
    whole = der.parse(BerElement, der.sequence(long, der.NULL), 0, LIMITS, levels=1)
    assert [child.size for child in whole.children] == [len(long), 2]
    assert not whole.children[0].children
    with pytest.raises(BerLimitExceeded) as exceeded:
        der.parse(BerElement, long, 0, LIMITS)
    assert (exceeded.value.reason, exceeded.value.limit) == ("values", 100)


def test_values_of_indefinite_length_are_looked_at_on_every_level() -> None:
    inner = indefinite(0x30, indefinite(0x30, der.NULL))
    whole = der.parse(BerElement, inner + b"more", 0, LIMITS, levels=1)
    assert (whole.end, len(whole.children), whole.children[0].children) == (len(inner), 1, [])
    with pytest.raises(BerError) as fault:
        der.parse(BerElement, inner[:-3], 0, LIMITS, levels=1)
    assert fault.value.reason == "truncated"


def test_long_octet_strings_do_not_count_as_values() -> None:
    segments = indefinite(0x24, *[der.octet_string(bytes(64))] * 1_000)
    assert der.parse(BerElement, segments, 0, LIMITS).octets() == bytes(64_000)
    with pytest.raises(BerLimitExceeded):
        der.parse(BerElement, indefinite(0x24, *[der.octet_string(bytes(63))] * 1_000), 0, LIMITS)


def test_segments_within_segments_are_joined_and_nothing_else_is() -> None:
    nested = indefinite(0x24, der.octet_string(b"a"), indefinite(0x24, der.octet_string(b"b")))
    assert der.parse(BerElement, memoryview(nested), 0, LIMITS).octets() == b"ab"
    with pytest.raises(BerError):
        der.parse(BerElement, indefinite(0x24, der.integer(1)), 0, LIMITS).octets()


def test_a_view_is_not_a_copy() -> None:
    data = bytearray(der.octet_string(b"abc"))
    view = der.parse(BerElement, memoryview(data), 0, LIMITS).view
    data[2:3] = b"x"
    assert bytes(view) == b"xbc"


DEFINITE = der.sequence(
    der.NULL, der.sequence(der.octet_string(b"a" * 9), der.NULL), der.octet_string(b"b" * 9)
)
INDEFINITE = indefinite(
    0x30,
    der.NULL,
    indefinite(0x30, der.octet_string(b"a" * 9), der.NULL),
    indefinite(0x24, der.octet_string(b"b" * 9)),
)


@pytest.mark.parametrize("data", [DEFINITE, INDEFINITE, der.sequence(INDEFINITE), indefinite(0x30, DEFINITE)])
def test_of_a_value_that_is_cut_off_the_beginning_can_be_read(data: bytes) -> None:
    whole = leaves(der.parse(BerElement, data, 0, LIMITS))
    found: list[bytes] = []
    for end in range(2, len(data)):
        with pytest.raises(BerError) as fault:
            der.parse(BerElement, data[:end], 0, LIMITS)
        assert fault.value.reason == "truncated"
        part = der.parse(BerElement, data[:end], 0, LIMITS, partial=True)
        assert part.is_cut_off
        before, found = found, leaves(part)
        assert found == whole[: len(found)], end
        assert len(found) >= len(before), end
    assert len(found) >= len(whole) - 1
    complete = der.parse(BerElement, data, 0, LIMITS, partial=True)
    assert (complete.is_cut_off, leaves(complete)) == (False, whole)


def leaves(element: BerElement) -> list[bytes]:
    """The values without children that are whole."""
    if not element.tag & 0x20:
        return [] if element.is_cut_off else [element.body]
    return [leaf for child in element.children for leaf in leaves(child)]


def test_the_beginning_of_a_string_in_segments_is_joined() -> None:
    segments = indefinite(0x24, der.octet_string(b"abc"), der.octet_string(b"def"))
    joined = [
        der.parse(BerElement, segments[:end], 0, LIMITS, partial=True).octets() for end in (2, 5, 7, 10)
    ]
    assert joined == [b"", b"a", b"abc", b"abcd"]


def test_the_limits_hold_for_what_is_cut_off() -> None:
    with pytest.raises(BerLimitExceeded):
        der.parse(BerElement, b"\x30\x80" * 100, 0, LIMITS, partial=True)
    with pytest.raises(BerLimitExceeded):
        der.parse(BerElement, b"\x30\x80" + der.NULL * 1_000, 0, LIMITS, partial=True)
    with pytest.raises(BerError) as fault:
        der.parse(BerElement, b"\x30\x04\x30\x06\x05", 0, LIMITS, partial=True)
    assert fault.value.reason == "structure"
