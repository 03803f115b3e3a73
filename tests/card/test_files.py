"""Identity and address files of the chip: what is written is read again, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.card.chip import (
    ADDRESS_FILE_SIZE,
    IdentityFile,
    parse_address_file,
    parse_date,
    parse_fields,
    parse_identity_file,
    signed_address,
)
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.identity import Niss, PostalAddress
from ehtoolkit.training.card.chip_files import (
    encode_address_file,
    encode_fields,
    encode_identity_file,
    identity_file_of,
    with_validity,
    worded_date,
)
from tests.support.cards import ADDRESS, CHIP_NUMBER, IDENTITY, PHOTO

TEXTS = [
    *("national_number", "surname", "first_names", "third_name_initial", "birth_place", "nationality"),
    *("gender", "card_number", "document_type", "municipality", "nobility", "special_status"),
]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
days = st.none() | st.dates()
languages = st.sampled_from(["fr", "nl", "de"])

identity_files = st.builds(
    IdentityFile,
    **dict.fromkeys(TEXTS, texts),
    birth_date=days,
    valid_from=days,
    valid_until=days,
    chip_number=st.binary(max_size=16),
    photo_hash=st.binary(max_size=600),
)


@given(st.dictionaries(st.integers(1, 255), st.binary(max_size=1200)), st.integers(0, 300))
def test_fields_are_read_as_written(fields: dict[int, bytes], padding: int) -> None:
    encoded = encode_fields(fields)
    assert parse_fields(encoded + bytes(padding if encoded else 0)) == fields


@pytest.mark.parametrize(
    ("length", "head"),
    [(0, "00"), (254, "fe"), (255, "ff00"), (256, "ff01"), (509, "fffe"), (510, "ffff00"), (765, "ffffff00")],
)
def test_lengths_go_on_after_255(length: int, head: str) -> None:
    encoded = encode_fields({7: bytes(length)})
    assert encoded == b"\x07" + bytes.fromhex(head) + bytes(length)
    assert parse_fields(encoded) == {7: bytes(length)}


def test_tag_zero_is_the_version_in_front_and_padding_behind() -> None:
    assert parse_fields(bytes.fromhex("000101" + "0201aa" + "0000000000")) == {0: b"\x01", 2: b"\xaa"}
    assert list(parse_fields(encode_fields({0: b"\x01", 2: b"x"}))) == [0, 2]
    with pytest.raises(ValueError, match="first"):
        encode_fields({2: b"x", 0: b"\x01"})


@pytest.mark.parametrize("content", ["07", "07ff", "07ffff", "0702aa", "07ff00aa", "0101410705"])
def test_a_file_that_ends_within_a_field(content: str) -> None:
    with pytest.raises(errors.CardFault) as caught:
        parse_fields(bytes.fromhex(content))
    assert caught.value.facts == {"code": "files"}


@given(identity_files, languages)
def test_an_identity_file_is_read_as_written(file: IdentityFile, language: Literal["fr", "nl", "de"]) -> None:
    assert parse_identity_file(encode_identity_file(file, language)) == file


@given(st.builds(PostalAddress, texts, texts, texts))
def test_an_address_file_is_read_as_written(address: PostalAddress) -> None:
    encoded = encode_address_file(address)
    assert len(encoded) >= ADDRESS_FILE_SIZE
    assert parse_address_file(encoded) == address


@given(st.dates(), languages)
def test_days_in_words(day: date, language: Literal["fr", "nl", "de"]) -> None:
    assert parse_date(worded_date(day, language)) == day


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "14 MARS 1979"), ("nl", "14 MAAR 1979"), ("de", "14.MÄR.1979")]
)
def test_a_day_as_the_municipality_writes_it(language: Literal["fr", "nl", "de"], text: str) -> None:
    assert worded_date(date(1979, 3, 14), language) == text


def test_unknown_fields_are_passed_over() -> None:
    encoded = encode_identity_file(identity_file_of(IDENTITY, chip_number=CHIP_NUMBER, photo_hash=b"h"))
    more = encoded + encode_fields({18: b"later", 200: bytes(300)})
    assert parse_identity_file(more) == parse_identity_file(encoded)
    assert parse_address_file(
        encode_fields({1: b"Kaai 1", 9: b"?", 2: b"9000", 3: b"Gent"})
    ) == PostalAddress("Kaai 1", "9000", "Gent")


@pytest.mark.parametrize("text", ["1979", "00 000 1979", "31 FEV 1979", ""])
def test_a_birth_date_that_is_not_known_whole(text: str) -> None:
    assert parse_identity_file(encode_fields({12: text.encode()})).birth_date is None


def test_other_days_of_validity_leave_everything_else_as_it_is() -> None:
    fields = {
        1: b"592",
        3: b"01.03.2024",
        4: b"01.03.2034",
        7: b"M\xfcller",
        12: b"14.M\xc3\x84R.1979",
        99: b"later",
    }
    changed = with_validity(encode_fields(fields) + bytes(9), date(2013, 3, 4), date(2023, 3, 4))
    assert changed == encode_fields(fields | {3: b"04.03.2013", 4: b"04.03.2023"})


def test_text_that_is_no_utf8() -> None:
    assert parse_identity_file(encode_fields({7: b"M\xfcller"})).surname == "M�ller"


def test_the_file_agrees_with_the_identity_it_was_made_of() -> None:
    file = identity_file_of(IDENTITY, chip_number=CHIP_NUMBER, photo_hash=b"")
    assert file.differences(IDENTITY) == ()
    bare = CardIdentity(IDENTITY.niss, IDENTITY.surname, IDENTITY.first_names)
    assert file.differences(bare) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("niss", Niss("68053041155")),
        ("surname", "Peeters"),
        ("birth_date", date(1979, 3, 15)),
        ("valid_until", date(2035, 3, 1)),
        ("card_number", "592000000043"),
    ],
)
def test_a_difference_is_named(field: str, value: Any) -> None:
    file = identity_file_of(IDENTITY, chip_number=CHIP_NUMBER, photo_hash=b"")
    assert file.differences(replace(IDENTITY, **{field: value})) == (field,)


def test_what_the_address_signature_is_over() -> None:
    padded = encode_address_file(ADDRESS)
    assert signed_address(padded, PHOTO) == padded.rstrip(b"\0") + PHOTO
    assert len(padded) == ADDRESS_FILE_SIZE
