"""Identity data as chips and the official module write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.card.chip import IDENTITY_LABELS, parse_date, read_identity

MONTHS = {
    "fr": "JAN FEV MARS AVR MAI JUIN JUIL AOUT SEPT OCT NOV DEC",
    "nl": "JAN FEB MAAR APR MEI JUN JUL AUG SEP OKT NOV DEC",
    "de": "JAN FEB MÄR APR MAI JUN JUL AUG SEP OKT NOV DEZ",
}


@pytest.mark.parametrize(
    ("text", "number"),
    [(name, number) for names in MONTHS.values() for number, name in enumerate(names.split(), start=1)],
)
def test_birth_dates_in_three_languages(text: str, number: int) -> None:
    expected = date(1979, number, 4)
    assert parse_date(f"04 {text} 1979") == expected
    assert parse_date(f"04.{text}.1979") == expected
    assert parse_date(f" 04  {text.lower()}. 1979 ") == expected


@given(st.dates())
def test_days_in_numbers(day: date) -> None:
    assert parse_date(f"{day.day:02}.{day.month:02}.{day.year:04}") == day


@pytest.mark.parametrize(
    "text",
    [
        *("", "1979", "00 00 1979", "31.02.2020", "04 XYZ 1979", "04 ¹ 1979", "4/3/1979", "04 3MAI 1979"),
        *(f"04 {'9' * digits} 1979" for digits in (3, 20, 5_000)),
    ],
    ids=lambda text: text[:12],
)
def test_days_that_are_not_known(text: str) -> None:
    assert parse_date(text) is None


@given(st.text())
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert parse_date(text) is None or text.strip()


def test_values_lose_their_padding() -> None:
    identity = read_identity(
        {"national_number": b"79031421872\0", "surname": b" Peeters ", "firstnames": "Zoë Jan".encode()}
    )
    assert (identity.niss.digits, identity.surname, identity.first_names) == (
        "79031421872",
        "Peeters",
        "Zoë Jan",
    )
    assert (identity.photo, identity.birth_date, identity.nationality) == (None, None, "")


@given(st.dictionaries(st.sampled_from(IDENTITY_LABELS), st.binary(max_size=40)))
def test_any_data_gives_an_identity_or_our_error(data: dict[str, bytes]) -> None:
    try:
        identity = read_identity(data)
    except errors.CardFault as fault:
        assert fault.facts == {"code": "identity"}  # noqa: PT017  # either outcome is right
    else:
        assert len(identity.niss.digits) == 11
