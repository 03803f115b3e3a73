"""What a stranger's words may not do where they are shown."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.i18n import Translator
from ehtoolkit.result_display import masked
from ehtoolkit.system.text_safety import REPLACEMENT, fit, harmless, json_text, printable
from tests.support.unseen_text import offends


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    assert not offends(harmless(text).replace("\r\n", "")) - {"\n", "\t"} - surrogates(text)
    assert not offends(printable(text)) - {"\n", "\t"} - surrogates(text)
    assert not offends(fit(text)) - surrogates(text)
    assert len(fit(text, 20)) <= 20


def test_file_names_and_names_in_files_are_shown_alike() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    unseen = "".join(each for each in every if unicodedata.category(each) in ("Cc", "Cf", "Co"))
    assert printable(unseen) == REPLACEMENT * len(unseen)
    assert printable("CBE=0123\u00ad456.p12") == f"CBE=0123{REPLACEMENT}456.p12"


def surrogates(text: str) -> set[str]:
    """What no text has, and only `printable` is given."""
    return {character for character in text if unicodedata.category(character) == "Cs"}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_json_loses_nothing(value: dict[str, object]) -> None:
    written = json_text(value)
    assert json.loads(written) == value
    assert not offends(written) - surrogates(written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", f"a{REPLACEMENT}[31mb"),
        ("a\x9b31mb", f"a{REPLACEMENT}31mb"),
        ("line\r\nline\tend\n", "line\r\nline\tend\n"),
        ("over\rwritten", f"over{REPLACEMENT}written"),
        ("\u202egnp.exe", f"{REPLACEMENT}gnp.exe"),
        ("Zoë d’Hôpital – 12\u202f345\u00a0€", "Zoë d’Hôpital – 12\u202f345\u00a0€"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_name_that_is_no_text() -> None:
    assert printable("caf\udce9\n") == f"caf{REPLACEMENT}{REPLACEMENT}"


@pytest.mark.parametrize(
    "written",
    [
        "79031421872",
        "79.03.14-218.72",
        "790314 218 72",
        "790314-218-72",
        "790314-218.72",
        "79 03 14 218 72",
        "SSIN=79031421872 20261124-130000.p12",
        "79.03.14.218.72",
        "7903-1421872",
        "79/03/14-218/72",
        "79-03-14-218-72",
        "79\u00a003\u00a014\u00a0218\u00a072",
        "79.03.14\u2011218.72",
        "790\u202f314\u202f218\u202f72",
        "SSIN=7903_1421_872.p12",
    ],
)
def test_a_niss_is_masked_however_it_is_written(written: str) -> None:
    hidden = masked(written)
    assert "218" not in hidden
    assert "72" not in hidden.replace("20261124-130000", "")
    assert "*****" in hidden


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("790314218", "790314*****"),
        ("7903142187", "790314*****"),
        ("79.03.14-218", "79.03.14*****"),
        ("799999218", "799999218"),
        ("SSIN=790314218 20261124-130000.p12", "SSIN=790314***** 20261124-130000.p12"),
    ],
)
def test_a_niss_with_missing_digits_is_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "SSIN= 20261124-130000.p12",
        "0486.132.722",
        "2026-11-24 13:00",
        "24/11/2026",
        "+32 4 555 01 42",
        "268731513201803044927471235252962043850",
        "1234567890",
        "123456789012",
        "+32 475 12 34 56",
        "0475 12 34 56",
        "02/788 51 55",
        "027885155",
        "0420372640",
        "BE68 5390 0754 7034",
        "20261124-130000",
        "192.168.100.12",
        "4-12345-02-401",
        "233402812345678901234567890123456789013",
    ],
)
def test_other_numbers_stay(written: str) -> None:
    assert masked(written) == written


def test_a_fact_adds_no_line_to_a_sentence() -> None:
    shown = Translator("en").get("error.file_unreadable", path="a\r\nThe file b is sound.\u2028c")
    assert shown == f"The file a{REPLACEMENT}{REPLACEMENT}The file b is sound.{REPLACEMENT}c cannot be read."
