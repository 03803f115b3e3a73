"""NISS, INAMI and enterprise numbers: what is read, what is refused and why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import ssn, vat

from ehtoolkit import errors
from ehtoolkit.identity import Cbe, Nihii, Niss
from ehtoolkit.identity.numbers import differing_digits

NINE_DIGITS = st.integers(0, 10**9 - 1).map(lambda number: f"{number:09d}")
TEXT = st.text(st.sampled_from("0123456789 .-/x٣"), max_size=16)


def niss_of(day: date, counter: int, month_offset: int = 0) -> str:
    """A NISS with right check digits, by the rule as the law words it and not as the code does."""
    head = f"{day:%y}{day.month + month_offset:02d}{day:%d}{counter:03d}"
    return head + f"{97 - int(('2' if day.year >= 2000 else '') + head) % 97:02d}"


def reason(kind: str, raising: pytest.ExceptionInfo[errors.IdentifierInvalid]) -> object:
    assert raising.value.facts["kind"] == kind
    return raising.value.facts["reason"]


@pytest.mark.parametrize(
    "text", ["79031421872", "79.03.14-218.72", " 790314 218 72 ", "79/03/14–218.72", "79.03.14 218-72\n"]
)
def test_a_niss_is_read_with_any_separators(text: str) -> None:
    niss = Niss.parse(text)
    assert str(niss) == niss.digits == "79031421872"
    assert niss.formatted == "79.03.14-218.72"
    assert niss.birth_date == date(1979, 3, 14)
    assert not niss.is_bis


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "length"),
        ("7903142187", "length"),
        ("790314218721", "length"),
        ("7903142187a", "characters"),
        ("٧٩031421872", "characters"),
        ("79031421873", "check_digits"),
        ("97031421872", "check_digits"),
        (niss_of(date(1979, 3, 1), 5, month_offset=10), "date"),
        (niss_of(date(1979, 3, 1), 5, month_offset=60), "date"),
    ],
)
def test_a_niss_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(errors.IdentifierInvalid) as raising:
        Niss.parse(text)
    assert reason("niss", raising) == why


@pytest.mark.parametrize("day", ["00", "30", "32", "99"])
def test_a_day_that_the_month_does_not_have_is_not_known(day: str) -> None:
    head = f"7902{day}218"
    niss = Niss.parse(head + f"{97 - int(head) % 97:02d}")
    assert niss.birth_date is None


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(1, 998),
    st.sampled_from([0, 20, 40]),
)
def test_every_birth_date_of_two_centuries_comes_back(day: date, counter: int, month_offset: int) -> None:
    niss = Niss.parse(niss_of(day, counter, month_offset))
    assert niss.birth_date == day
    assert niss.is_bis == (month_offset > 0)
    assert Niss.parse(niss.formatted) == niss


@pytest.mark.parametrize(
    "head", ["790000123", "790003123", "000001123", "792000123", "794000123", "790300123"]
)
@pytest.mark.parametrize("century", ["", "2"])
def test_an_unknown_birth_date_is_allowed(head: str, century: str) -> None:
    niss = Niss.parse(head + f"{97 - int(century + head) % 97:02d}")
    assert niss.birth_date is None
    assert niss.is_bis == (head[2] in "24")


@given(NINE_DIGITS, st.integers(0, 99))
def test_two_digits_that_do_not_check_are_refused(head: str, check: int) -> None:
    right = {97 - int(head) % 97, 97 - int("2" + head) % 97}
    if check not in right:
        with pytest.raises(errors.IdentifierInvalid) as raising:
            Niss.parse(f"{head}{check:02d}")
        assert reason("niss", raising) == "check_digits"


def test_a_document_is_believed_about_a_niss_that_does_not_check() -> None:
    niss = Niss("80010112309")
    assert niss.digits == "80010112309"
    assert niss.birth_date is None
    with pytest.raises(errors.IdentifierInvalid):
        Niss("8001011230")
    with pytest.raises(errors.IdentifierInvalid):
        Niss("80.01.01-12")


def test_the_numbers_of_one_person_are_equal_and_hashable() -> None:
    assert len({Niss.parse("79031421872"), Niss.parse("79.03.14-218.72")}) == 1


@pytest.mark.parametrize("text", ["5/38861/71/521", "5-38861-71-521", "53886171521", "5 38861 71 521"])
def test_an_inami_number_of_eleven_digits(text: str) -> None:
    nihii = Nihii.parse(text)
    assert str(nihii) == "53886171521"
    assert nihii.formatted == "5-38861-71-521"
    assert nihii.competence_code == "521"


def test_an_inami_number_of_eight_digits() -> None:
    nihii = Nihii.parse("5-38861-71")
    assert nihii.formatted == "5-38861-71"
    assert nihii.competence_code is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5388617", "length"),
        ("5388617152", "length"),
        ("5388617152x", "characters"),
        ("53886172521", "check_digits"),
    ],
)
def test_an_inami_number_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(errors.IdentifierInvalid) as raising:
        Nihii.parse(text)
    assert reason("nihii", raising) == why


@given(st.integers(0, 10**6 - 1), st.integers(0, 99), st.integers(0, 999))
def test_an_inami_number_needs_its_check_digits(head: int, check: int, code: int) -> None:
    text = f"{head:06d}{check:02d}{code:03d}"
    if check in (97 - head % 97, 89 - head % 89):
        assert Nihii.parse(Nihii.parse(text).formatted).digits == text
    else:
        with pytest.raises(errors.IdentifierInvalid):
            Nihii.parse(text)


def test_an_inami_number_of_the_second_series() -> None:
    """Numbers by 89 beside those by 97: the same first six digits are then two people."""
    assert 419999 % 89 == 8
    assert 419999 % 97 == 86
    assert Nihii.parse("4-19999-81-401").competence_code == "401"
    assert Nihii.parse("4-19999-11-401") != Nihii.parse("4-19999-81-401")


@pytest.mark.parametrize(
    "text", ["0486132722", "0486.132.722", "BE 0486.132.722", "be0486132722", "486.132.722"]
)
def test_an_enterprise_number(text: str) -> None:
    assert str(Cbe.parse(text)) == "0486132722"
    assert Cbe.parse(text).formatted == "0486.132.722"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("86132722", "length"),
        ("2486132720", "first_digit"),
        ("04861327221", "length"),
        ("NL0486132722", "characters"),
        ("0486132723", "check_digits"),
    ],
)
def test_an_enterprise_number_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(errors.IdentifierInvalid) as raising:
        Cbe.parse(text)
    assert reason("cbe", raising) == why


@given(st.integers(0, 10**8 - 1), st.integers(0, 99))
def test_an_enterprise_number_needs_its_check_digits(head: int, check: int) -> None:
    text = f"{head:08d}{check:02d}"
    if head < 2 * 10**7 and check == 97 - head % 97:
        assert Cbe.parse(Cbe.parse(text).formatted).digits == text
    else:
        with pytest.raises(errors.IdentifierInvalid):
            Cbe.parse(text)


DIGITS = st.text(st.sampled_from("0123456789"), min_size=8, max_size=11)
CHECKED = st.tuples(NINE_DIGITS, st.sampled_from(["", "2"])).map(
    lambda digits: digits[0] + f"{97 - int(digits[1] + digits[0]) % 97:02d}"
)


@given(st.one_of(CHECKED, DIGITS))
def test_python_stdnum_takes_the_same_national_numbers(text: str) -> None:
    """But for births after this year, which it takes for births of a century ago."""
    try:
        ours = Niss.parse(text)
    except errors.IdentifierInvalid:
        assert not ssn.is_valid(text)
        return
    if 2000 + int(text[:2]) > datetime.now(UTC).year:
        return
    assert ssn.is_valid(text)
    assert ssn.get_birth_date(text) == ours.birth_date


@given(st.one_of(st.integers(0, 10**8 - 1).map(lambda head: f"{head:08d}{97 - head % 97:02d}"), DIGITS))
def test_python_stdnum_takes_the_same_enterprise_numbers(text: str) -> None:
    try:
        ours = Cbe.parse(text).digits
    except errors.IdentifierInvalid:
        assert not vat.is_valid(text)
        return
    assert vat.validate(text) == ours


@given(TEXT)
def test_no_text_does_anything_but_give_a_number_or_our_error(text: str) -> None:
    for kind in (Niss, Nihii, Cbe):
        try:
            assert kind.parse(text).digits.isascii()
        except errors.IdentifierInvalid:
            continue


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ("79031421872", "79031419997", "7-11"),
        ("79031421872", "79031421871", "11"),
        ("79031421872", "78031431872", "2, 7"),
        ("79031421872", "790314218", "10-11"),
        ("79031421872", "79031421872", ""),
    ],
)
def test_the_places_in_which_numbers_differ(one: str, other: str, places: str) -> None:
    assert differing_digits(one, other) == places
