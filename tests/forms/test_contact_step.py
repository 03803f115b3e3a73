"""The contact data that forms ask for: written as people do, and refused with what is wrong."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from ehtoolkit.forms.engine.wizard import Blocker
from ehtoolkit.forms.steps.contact import contact_blocks, contact_data, contact_fields, contact_inputs
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData


def test_typed_values_are_normalised() -> None:
    typed = {
        "email": " elise@example.be",
        "phone": "0475/12.34.56",
        "general_email": "cabinet@example.be",
        "general_phone": "0032 (0)2 555 01 42",
    }
    assert list(contact_blocks(typed, with_general=True)) == []
    written = ContactData("elise@example.be", "0475 12 34 56", "cabinet@example.be", "+32 2 555 01 42")
    assert contact_data(typed, with_general=True) == written
    shown = {field.name: field.value for field in contact_inputs(typed, Translator("en"), with_general=True)}
    assert shown == contact_fields(**asdict(written))


@pytest.mark.parametrize(
    ("field", "text", "key"),
    [
        ("email", "", "steps.block.email.empty"),
        ("email", "elise,vandamme@example.be", "error.contact_invalid.comma"),
        ("email", "elise vandamme@example.be", "error.contact_invalid.blank"),
        ("email", "elise", "error.contact_invalid.at"),
        ("email", "(elise)@example.be", "error.contact_invalid.character"),
        ("phone", "", "steps.block.phone.empty"),
        ("phone", "12", "error.contact_invalid.phone"),
    ],
)
def test_what_cannot_be_says_why_in_its_field(field: str, text: str, key: str) -> None:
    good = contact_fields(email="elise@example.be", phone="02 555 01 42")
    (blocker,) = contact_blocks(good | {field: text}, with_general=False)
    assert (blocker.key, blocker.field) == (key, field)
    for language in LANGUAGES:
        assert said(blocker, Translator(language))


def test_what_cannot_be_is_shown_as_it_was_typed() -> None:
    typed = contact_fields(email="elise", phone="12")
    inputs = contact_inputs(typed, Translator("en"), with_general=False)
    assert [field.value for field in inputs] == ["elise", "12"]


def said(blocker: Blocker, texts: Translator) -> str:
    return texts.get(blocker.key, **blocker.facts)
