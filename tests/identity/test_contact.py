"""E-mail addresses and telephone numbers by the platform's rules."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.identity import ContactData, require_email, require_phone


@pytest.mark.parametrize(
    "email", ["p@x.be", "a&b@x.be", "zoe.dupont+ehealth@cabinet-dupont.example.be", "a" * 313 + "@xxx.be"]
)
def test_an_email_that_the_platform_takes(email: str) -> None:
    assert require_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "p",
        "p@x",
        "@x.be",
        "p@",
        "p@x.",
        "p@.be",
        "p@x..be",
        "zoé@x.be",
        "p@é.be",
        "p q@x.be",
        "p@x.be\n",
        "a@b@x.be",
        "a" * 314 + "@xxx.be",
    ],
)
def test_an_email_that_it_refuses(email: str) -> None:
    with pytest.raises(errors.ContactInvalid) as raising:
        require_email(email)
    assert raising.value.facts == {"field": "email"}


@pytest.mark.parametrize("phone", ["+32 475 00 00 00", "024567890", "+", "1", "02 788 51 55 "])
def test_a_phone_that_the_platform_takes(phone: str) -> None:
    assert require_phone(phone) == phone


@pytest.mark.parametrize("phone", ["", " 02", "02/788.51.55", "0032-2", "02 + 3", "٠٢", "02\n", "(02) 7"])
def test_a_phone_that_it_refuses(phone: str) -> None:
    with pytest.raises(errors.ContactInvalid) as raising:
        require_phone(phone)
    assert raising.value.facts == {"field": "phone"}


def test_contact_data_checks_all_four() -> None:
    contact = ContactData("p@x.be", "+32 4 2", "g@x.be", "+32 2 1")
    assert contact.general_email == "g@x.be"
    assert ContactData("p@x.be", "+32 4 2").general_phone is None
    for field, values in {
        "email": [("p", "1", None, None), ("p@x.be", "1", "", None), ("p@x.be", "1", "g", None)],
        "phone": [("p@x.be", "", None, None), ("p@x.be", "1", None, ""), ("p@x.be", "1", None, "x")],
    }.items():
        for email, phone, general_email, general_phone in values:
            with pytest.raises(errors.ContactInvalid) as raising:
                ContactData(email, phone, general_email, general_phone)
            assert raising.value.facts["field"] == field
