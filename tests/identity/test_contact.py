"""E-mail addresses and telephone numbers: what people type is written anew, what cannot be reached is refused."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.identity.actor import normalise_phone, require_email


@pytest.mark.parametrize(
    "email",
    [
        "p@x.be",
        "a&b@x.be",
        "o'brien@x.be",
        "zoe.dupont+ehealth@cabinet-dupont.example.be",
        "1@xn--bcher-kva.example",
        "a" * 313 + "@xxx.be",
    ],
)
def test_an_email_that_the_platform_takes(email: str) -> None:
    assert require_email(email) == email
    assert require_email(f" {email}\n") == email
    assert require_email(f"\u00a0{email[:1]}\u200b{email[1:]}\ufeff") == email, "as a mail program copies it"


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "at"),
        ("p", "at"),
        ("a@b@x.be", "at"),
        ("p q@x.be", "blank"),
        ("p\x00@x.be", "blank"),
        ("zoé@x.be", "accent"),
        ("p@é.be", "accent"),
        ("elise,vandamme@example.be", "comma"),
        ("p@x.be;q@x.be", "at"),
        ("p@x;be", "comma"),
        ("<p@x.be>", "character"),
        ("p@x_y.be", "character"),
        ("@x.be", "name"),
        (".p@x.be", "dots"),
        ("p.@x.be", "dots"),
        ("p..q@x.be", "dots"),
        ("p@x.", "dots"),
        ("p@.be", "dots"),
        ("p@x..be", "dots"),
        ("p@", "domain"),
        ("p@x", "domain"),
        ("p@-x.be", "domain"),
        ("p@x.1", "domain"),
        ("a" * 314 + "@xxx.be", "long"),
    ],
)
def test_an_email_that_is_refused_says_which_fault(email: str, reason: str) -> None:
    with pytest.raises(errors.ContactInvalid) as raising:
        require_email(email)
    facts = dict(raising.value.facts)
    assert facts.pop("field") == "email"
    assert facts.pop("reason") == reason
    assert set(facts) == ({"character"} if reason == "character" else set())
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.error(raising.value) == texts.get(f"error.contact_invalid.{reason}", **facts)


def test_the_character_that_cannot_be_there_is_named() -> None:
    with pytest.raises(errors.ContactInvalid) as raising:
        require_email("elise(vandamme)@example.be")
    assert "“(”" in Translator("en").error(raising.value)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0475/12.34.56", "0475 12 34 56"),
        ("0475123456", "0475 12 34 56"),
        ("475123456", "0475 12 34 56"),
        ("02/555.01.42", "02 555 01 42"),
        ("(02) 555 01 42", "02 555 01 42"),
        ("02-5550142 ", "02 555 01 42"),
        ("087 55.01.42", "087 55 01 42"),
        ("0800 12 345", "0800 12 345"),
        ("080/12.34.56", "080 12 34 56"),
        ("078 15 22 33", "078 15 22 33"),
        ("04 555 01 42", "04 555 01 42"),
        ("0475\u202f12\u00a034\u200b56", "0475 12 34 56"),
        ("25550142", "02 555 01 42"),
        ("+1 (212) 555-0142", "+1 212 555 0142"),
        ("0032 (0)2 555 01 42", "+32 2 555 01 42"),
        ("+32(0)475 12 34 56", "+32 475 12 34 56"),
        ("+32 (0) 475/12.34.56", "+32 475 12 34 56"),
        ("+32 0475 12 34 56", "+32 475 12 34 56"),
        ("+3225550142", "+32 2 555 01 42"),
        ("00 32 475 12 34 56", "+32 475 12 34 56"),
        ("+32 4 555 01 42", "+32 4 555 01 42"),
        ("+32\u00a02\u00a0555\u00a001\u00a042", "+32 2 555 01 42"),
        ("0033 1 99 00 01 42", "+33 1 99 00 01 42"),
        ("+33 (0)1-99.00.01.42", "+33 1 99 00 01 42"),
        ("+352 691 123 456", "+352 691 123 456"),
    ],
)
def test_a_phone_is_written_as_people_do(typed: str, written: str) -> None:
    assert normalise_phone(typed) == written
    assert normalise_phone(written) == written


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "1",
        "12",
        "+",
        "00",
        "0",
        "112",
        "0475 12 34 5",
        "0475 12 34 567",
        "02 555 01 4",
        "02 555 01 422",
        "+32 2 555",
        "+32 475 12 34 5",
        "0 0 0 0 0 0 0 0 0",
        "+0 475 12 34 56",
        "+33 1",
        "+33 1 23 45 67 89 01 23 45",
        "0475 12 34 56 / 02 555 01 42",
        "02 + 3",
        "++32 2 555 01 42",
        "٠٤٧٥١٢٣٤٥٦",
        "call me",
        "02 555 01 42 ext. 3",
        "0475,12,34,56",
    ],
)
def test_what_cannot_be_a_phone_is_refused_with_an_example(phone: str) -> None:
    with pytest.raises(errors.ContactInvalid) as raising:
        normalise_phone(phone)
    assert raising.value.facts == {"field": "phone"}
    for language in LANGUAGES:
        said = Translator(language).error(raising.value)
        assert "0475 12 34 56" in said
        assert "+32 2 555 01 42" in said


def test_contact_data_writes_all_four() -> None:
    contact = ContactData(" p@x.be", "0475/12.34.56", "g@x.be ", "0032 (0)2 555 01 42")
    assert contact == ContactData("p@x.be", "0475 12 34 56", "g@x.be", "+32 2 555 01 42")
    assert ContactData("p@x.be", "024567890").general_phone is None


def test_contact_data_checks_all_four() -> None:
    good = "024567890"
    cases: dict[str, list[tuple[str, str, str | None, str | None]]] = {
        "email": [("p", good, None, None), ("p@x.be", good, "", None), ("p@x.be", good, "g", None)],
        "phone": [("p@x.be", "", None, None), ("p@x.be", good, None, ""), ("p@x.be", good, None, "12")],
    }
    for field, values in cases.items():
        for email, phone, general_email, general_phone in values:
            with pytest.raises(errors.ContactInvalid) as raising:
                ContactData(email, phone, general_email, general_phone)
            assert raising.value.facts["field"] == field
