"""Java's regular expressions on numbers: classes and counts, and no pattern that takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ehtoolkit.procedures.organisation_types import LONGEST_TEXT, fits
from tests.unit.procedures.java_patterns import NOT_APPLIED, TABLE, TEXTS


@pytest.mark.parametrize(("pattern", "fitting"), TABLE, ids=[pattern for pattern, _ in TABLE])
def test_a_pattern_fits_what_java_says(pattern: str, fitting: set[str]) -> None:
    assert {text for text in TEXTS if fits(pattern, text)} == fitting


@pytest.mark.parametrize("pattern", NOT_APPLIED)
def test_other_patterns_are_not_applied(pattern: str) -> None:
    assert {fits(pattern, text) for text in TEXTS} == {None}


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "*",
            "a**",
            "(",
            ")",
            "(?",
            "[",
            "[]",
            "[9-0]",
            "[a-",
            "{2}",
            "a{",
            "a{b}",
            "a{3,2}",
            "a{99999999999}",
        ),
        *("\\", r"\x4", r"\y", "1{١}", "١", "[٠-٩]", "1" * 501, "1\n", "1$\n"),
    ],
)
def test_what_is_not_understood_is_no_answer(pattern: str) -> None:
    assert fits(pattern, "1") is None


def test_texts_that_are_no_numbers_are_not_judged() -> None:
    assert fits(r"\d*", "1" * LONGEST_TEXT) is True
    assert fits(r"\d*", "1" * (LONGEST_TEXT + 1)) is None
    assert fits(r"\d*", "٣") is None
    assert fits(r"\d*", "1\n") is None
    assert fits(rf"\d{{{LONGEST_TEXT + 1},}}", "1") is False


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d*" * 160 + "x",
        "[0-9]{0,99}" * 45 + "x",
        "[0-9a-z]+" * 55,
        "[" + "a-z" * 165 + "]",
        "[" * 500,
        "[a" * 250,
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.process_time()
    fits(pattern, "1" * LONGEST_TEXT)
    assert time.process_time() - start < 2


ATOMS = st.sampled_from(["1", "2", "[12]", "[0-2]", "[3a-c]", r"\d", r"[\da]"])
COUNTS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{2,}", "{0}", "{0,0}"])


@settings(max_examples=300)
@given(
    st.lists(st.builds("{}{}".format, ATOMS, COUNTS), max_size=5).map("".join), st.text("123ab", max_size=6)
)
def test_what_is_applied_is_judged_as_python_does(pattern: str, text: str) -> None:
    assert fits(pattern, text) is (re.fullmatch(pattern, text, re.ASCII) is not None)
