"""Numbers with their type, and who they are for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors, identity
from ehtoolkit.identity import Identifier, Niss, Organisation, Person
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS

CHECKED = {"SSIN", "CBE", "NIHII", "NIHII11"}


def test_the_table_of_types() -> None:
    assert len(IDENTIFIER_LENGTHS) == 35
    assert IDENTIFIER_LENGTHS["SSIN"] == IDENTIFIER_LENGTHS["NIHII11"] == 11
    assert IDENTIFIER_LENGTHS["CBE-TREAT_CENTER"] == IDENTIFIER_LENGTHS["SITEPIT"] == 10
    assert IDENTIFIER_LENGTHS["SITE"] == 4
    eight = {kind for kind, length in IDENTIFIER_LENGTHS.items() if length == 8}
    assert eight == {kind for kind in IDENTIFIER_LENGTHS if kind.startswith("NIHII")} - {"NIHII11"}
    assert len(eight) == 25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SSIN=79031421872", "SSIN=79031421872"),
        (" ssin = 79.03.14-218.72 ", "SSIN=79031421872"),
        ("CBE=0486.132.722", "CBE=0486132722"),
        ("NIHII=5-38861-71", "NIHII=53886171"),
        ("NIHII11=5/38861/71/521", "NIHII11=53886171521"),
        ("NIHII-PHARMACY=12345678", "NIHII-PHARMACY=12345678"),
        ("EHP=1990001916", "EHP=1990001916"),
    ],
)
def test_an_identifier_is_read(text: str, expected: str) -> None:
    identifier = Identifier.parse(text)
    assert identifier.text == str(identifier) == expected
    assert Identifier.parse(identifier.text) == identifier


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("79031421872", "identifier", "type"),
        ("=79031421872", "identifier", "type"),
        ("NISS=79031421872", "identifier", "type"),
        ("SSIN=79031421873", "niss", "check_digits"),
        ("SSIN=7903142187", "niss", "length"),
        ("SSIN=SSIN=79031421872", "niss", "characters"),
        ("CBE=0486132723", "cbe", "check_digits"),
        ("NIHII=53886172", "nihii", "check_digits"),
        ("NIHII=53886171521", "nihii", "length"),
        ("NIHII11=53886171", "nihii", "length"),
        ("NIHII-PHARMACY=1234567", "identifier", "length"),
        ("NIHII-PHARMACY=1234567A", "identifier", "characters"),
        ("SITE=", "identifier", "length"),
    ],
)
def test_an_identifier_is_refused_with_the_reason(text: str, kind: str, reason: str) -> None:
    with pytest.raises(errors.IdentifierInvalid) as raising:
        Identifier.parse(text)
    assert raising.value.facts == {"kind": kind, "reason": reason}


def test_a_certificate_is_believed_about_check_digits_but_not_about_the_form() -> None:
    assert Identifier("SSIN", "80010112309").text == "SSIN=80010112309"
    for kind, value in (("SSIN", "8001011230"), ("SSIN", "80.01.01.123"), ("ssin", "80010112309"), ("", "")):
        with pytest.raises(errors.IdentifierInvalid):
            Identifier(kind, value)


@given(st.sampled_from(sorted(IDENTIFIER_LENGTHS)), st.text("0123456789", max_size=12))
def test_the_length_is_that_of_the_type(kind: str, value: str) -> None:
    if len(value) != IDENTIFIER_LENGTHS[kind]:
        with pytest.raises(errors.IdentifierInvalid) as raising:
            Identifier.parse(f"{kind}={value}")
        assert raising.value.facts["reason"] == "length"
    elif kind not in CHECKED:
        assert Identifier.parse(f"{kind}={value}") == Identifier(kind, value)


def test_a_person() -> None:
    person = Person(Niss.parse("79031421872"), "Zoé Ëlodie", "Dupont")
    assert person.identifier == Identifier("SSIN", "79031421872")
    assert person.identifier.is_person
    assert person.full_name == "Zoé Ëlodie Dupont"
    assert Person(person.niss, "", "Dupont").full_name == "Dupont"


def test_an_organisation_has_no_number_of_a_person() -> None:
    assert not Organisation(Identifier("CBE", "0486132722"), "Cabinet").identifier.is_person
    with pytest.raises(errors.IdentifierInvalid) as raising:
        Organisation(Identifier("SSIN", "79031421872"), "Cabinet")
    assert raising.value.facts["reason"] == "type"


def test_everything_that_is_promised_is_there() -> None:
    assert sorted(identity.__all__) == sorted(set(identity.__all__))
    assert all(hasattr(identity, name) for name in identity.__all__)
