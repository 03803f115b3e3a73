"""Java's regular expressions on numbers: the constructs that Python lacks, and no pattern that takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ehtoolkit.ehealth.java_pattern import LONGEST_TEXT, fits
from tests.ehealth.java_patterns import NOT_APPLIED, TABLE, TEXTS


@pytest.mark.parametrize(("pattern", "fitting"), TABLE, ids=[pattern for pattern, _ in TABLE])
def test_a_pattern_fits_what_java_says(pattern: str, fitting: set[str]) -> None:
    assert {text for text in TEXTS if fits(pattern, text)} == fitting


@pytest.mark.parametrize("pattern", NOT_APPLIED)
def test_what_re2_reads_otherwise_is_not_applied(pattern: str) -> None:
    assert {fits(pattern, text) for text in TEXTS} == {None}


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"(\d)\1",
            r"(?<n>\d)\k<n>",
            r"(?x) \d #comment",
            r"\p{IsCyrillic}",
            r"\p{Nonsense}",
            r"\y",
            "*",
            "a**",
        ),
        *(
            "(",
            ")",
            "(?",
            "(?q:a)",
            "[",
            "[]",
            "[a&&]",
            "[9-0]",
            "{2}",
            "a{",
            "a{b}",
            "a{3,2}",
            "a{99999999999}",
        ),
        *("\\", r"\x4", r"\u004", r"\p{Digit", "(?i)*", "1" * 501),
        "[" * 45 + "1" + "]" * 45,
        *(r"(?:^|1){2}", "(?=1){2}1", "(?<=1+)1?", r"(?i)\p{Lower}?1"),
        *("[1&&&2]", "[1&&^2]", "[1&&[1]2]", "[!-&&1]", r"[1-\d]", "1{١}", "(?:1{0,9}2{99}){999}|1"),
    ],
)
def test_what_is_not_understood_is_no_answer(pattern: str) -> None:
    assert fits(pattern, "1") is None


def test_texts_that_are_no_numbers_are_not_judged() -> None:
    assert fits(".*", "1" * LONGEST_TEXT) is True
    assert fits(".*", "1" * (LONGEST_TEXT + 1)) is None
    assert fits(".*", "٣") is None
    assert fits("1.", "1\n") is None


def test_a_pattern_that_takes_too_much_memory_is_no_answer() -> None:
    assert fits("(?:1{0,30}2{0,30}){0,30}" * 20, "1") is None


@pytest.mark.parametrize(
    "pattern",
    [
        r"(((((((\d*)*)*)*)*)*)*)*x",
        r"\d*" * 160 + "x",
        r"(?:1{0,3}1{0,3}){1,9}" * 20 + "[a-b]",
        r"(?:[0-9]{0,99}){0,99}" * 20 + "x",
        r"(\d+\d+)+(\d|\d\d|\d?)*(?=(\d*)*x)",
        "(" * 38 + r"\d*" + ")*" * 38 + "x",
        r"(\d{0,999999999}){999999999}x",
        "|".join([r"\d*"] * 100) + "|x",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.process_time()
    fits(pattern, "1" * LONGEST_TEXT)
    assert time.process_time() - start < 2


ATOMS = st.sampled_from(["1", "2", "[12]", "[^1]", "."])
PARTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds(
            "(?:{}){}{}".format,
            inner,
            st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}"]),
            st.sampled_from(["", "?"]),
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=3).map("".join), st.text("123", max_size=6))
def test_what_python_has_too_is_judged_as_python_does(pattern: str, text: str) -> None:
    assert fits(pattern, text) is (re.fullmatch(pattern, text) is not None)
