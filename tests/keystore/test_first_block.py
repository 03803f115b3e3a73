"""Bags read without the initialisation vector: the same as with it, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.pkcs12 import with_first_block
from ehtoolkit.keystore.codec.structure import CERTIFICATE, X509, read_bags

GARBAGE = b"\xff" * 8


def certificate_bag(size: int, *attributes: bytes) -> bytes:
    value = der.sequence(der.object_identifier(X509), der.value(0xA0, der.octet_string(b"c" * size)))
    named = [der.set_of(*attributes)] if attributes else []
    return der.sequence(der.object_identifier(CERTIFICATE), der.value(0xA0, value), *named)


def alias(name: str) -> bytes:
    value = der.set_of(der.value(0x1E, name.encode("utf-16-be")))
    return der.sequence(der.object_identifier("1.2.840.113549.1.9.20"), value)


bags = st.builds(
    certificate_bag, st.integers(0, 3_000), *[st.builds(alias, st.text("ab", max_size=80))] * 2
) | st.builds(certificate_bag, st.sampled_from([180, 200, 220, 230, 65_300, 66_000]))


@given(st.lists(bags, max_size=4))
def test_what_was_cut_off_is_found_or_nothing_is(some: list[bytes]) -> None:
    plain = der.sequence(*some)
    found = with_first_block(GARBAGE + plain[8:])
    assert found in (None, plain)
    if some and len(some[0]) > 260 and len(plain) < 65_000:
        assert found == plain
        assert len(read_bags(plain)) == len(some)


@given(st.binary(max_size=40), st.integers(0, 400), st.integers(1, 255))
def test_damage_is_never_made_good(tail: bytes, at: int, change: int) -> None:
    """Whatever the rest looks like, only one beginning fits it: no second reading of the same bytes is possible."""
    plain = bytearray(GARBAGE + der.sequence(certificate_bag(300, alias("a")))[8:] + tail)
    plain[8 + at % (len(plain) - 8)] ^= change
    found = with_first_block(bytes(plain))
    assert found is None or (found[8:] == plain[8:] and len(found) == int.from_bytes(found[2:4], "big") + 4)


def test_a_first_bag_of_another_kind_and_what_is_cut_short() -> None:
    other = der.sequence(der.object_identifier("1.2.840.113549.1.12.10.1.5"), der.value(0xA0, b"x" * 400))
    assert with_first_block(GARBAGE + der.sequence(other)[8:]) is None
    whole = GARBAGE + der.sequence(certificate_bag(300, alias("a")))[8:]
    assert with_first_block(whole) is not None
    assert [length for length in range(len(whole)) if with_first_block(whole[:length])] == [
        len(whole) - len(der.set_of(alias("a")))  # a bag may do without attributes
    ]
