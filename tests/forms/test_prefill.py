"""What the Request form is opened with: nothing in an address is trusted, and what we write is read again."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.forms.prefill import LONGEST_NAME, Prefill
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.storage.records import RequestRecord

PHARMACY = Identifier("NIHII-PHARMACY", "71452079")
FULL = Prefill(
    organisation=PHARMACY,
    name="Pharmacie de l'Été & fils",
    application_id="KASSE-1",
    email="ines@example.be",
    phone="+32 9 555 01 42",
    general_email="info@example.be",
    general_phone="09 555 01 43",
)


@pytest.fixture
def home() -> Path:
    return Path(os.environ["EHTOOLKIT_HOME"])


def test_what_we_write_is_read_again() -> None:
    assert Prefill.of_query(FULL.query()) == FULL
    assert FULL.address.startswith("request.ipynb?actor=NIHII-PHARMACY%3D71452079&")
    assert Prefill().address == "request.ipynb"
    assert Prefill.of_query("") == Prefill()


def test_no_contact_data_stand_in_an_address() -> None:
    bare = replace(FULL, organisation=None, name="", application_id="")
    query = bare.query()
    assert re.fullmatch(r"contact=[0-9a-f]{32}", query)
    assert Prefill.of_query(query) == Prefill(email=FULL.email, phone=FULL.phone)
    assert bare.query() == query


def test_contact_data_are_read_without_trust(home: Path) -> None:
    query = FULL.query()
    key = query.rpartition("contact=")[2]
    (path,) = home.rglob(f"{key}.json")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    path.write_text(json.dumps({"email": "call me", "phone": 3, "name": "x", "general_phone": "025550142"}))
    assert Prefill.of_query(query) == replace(
        FULL, name="x", email="", phone="", general_email="", general_phone="02 555 01 42"
    )
    for text in ("[]", "{", "[" * 5_000):
        path.write_text(text)
        assert Prefill.of_query(query).email == ""


@pytest.mark.parametrize("key", ["", "../addresses/key", "0" * 32, "0" * 64, "é"])
def test_a_key_of_nothing(key: str) -> None:
    assert Prefill.of_query(f"contact={quote(key)}") == Prefill()


def test_contact_data_that_no_page_offers_any_more_are_deleted(home: Path) -> None:
    old = FULL.query()
    for path in home.rglob("addresses/*.json"):
        os.utime(path, (0, 0))
    Prefill(email="new@example.be").query()
    assert Prefill.of_query(old).email == ""
    assert len(list(home.rglob("addresses/*.json"))) == 1


def test_contact_data_that_cannot_be_kept_are_left_out(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "addresses").write_bytes(b"")
    assert Prefill(email="new@example.be").query() == ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=NIHII-PHARMACY=71452079", Prefill(PHARMACY)),
        ("actor=nihii-pharmacy%3D7-14520-79", Prefill(PHARMACY)),
        ("lang=de&resume=x.p12&email=a@example.be", Prefill()),
        ("actor=SSIN=79031421872&name=Somebody&phone=02/555.01.42", Prefill()),
        ("actor=CBE=0486132723&name=Wrong digits", Prefill()),
        ("actor=NIHII-NOWHERE=1", Prefill()),
        (
            "actor=CBE=0486132722&application=été 1&name=Les Tilleuls",
            Prefill(Identifier("CBE", "0486132722"), "Les Tilleuls"),
        ),
        (
            "actor=CBE=0486132722&application=kasse-1",
            Prefill(Identifier("CBE", "0486132722"), application_id="KASSE-1"),
        ),
        ("application=KASSE-1&name=x", Prefill()),
        ("actor=CBE=0486132722&name=a&name=b", Prefill(Identifier("CBE", "0486132722"), "a")),
        ("actor=CBE=0486132722&name=a%00b", Prefill(Identifier("CBE", "0486132722"))),
        ("&".join(f"x{number}=1" for number in range(50)) + "&actor=CBE=0486132722", Prefill()),
    ],
)
def test_an_address_is_read_piece_by_piece(query: str, expected: Prefill) -> None:
    assert Prefill.of_query(query) == expected


def test_a_name_is_cut_and_a_long_address_too() -> None:
    found = Prefill.of_query(f"actor={PHARMACY.text}&name={'N' * 1000}")
    assert found.name == "N" * LONGEST_NAME
    assert Prefill.of_query(f"x={'x' * 5000}&actor={PHARMACY.text}") == Prefill()


def test_markup_stays_text() -> None:
    name = "<script>alert(1)</script>"
    assert Prefill.of_query(f"actor={PHARMACY.text}&name={quote(name)}").name == name


@given(st.text(max_size=200))
def test_no_address_raises(query: str) -> None:
    found = Prefill.of_query(query)
    assert Prefill.of_query(found.query()) == found


@given(st.dictionaries(st.sampled_from(["actor", "name", "application", "contact"]), st.text()))
def test_no_value_raises(given_values: dict[str, str]) -> None:
    query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in given_values.items())
    found = Prefill.of_query(query)
    assert Prefill.of_query(found.query()) == found


def request_record(dn: str) -> RequestRecord:
    return RequestRecord(
        key_id="AB" * 20,
        distinguished_name=dn,
        environment=Environment.TRAINING,
        requested_at=datetime(2026, 11, 24, tzinfo=UTC),
        email="ines@example.be",
        phone="+32 9 555 01 42",
    )


def test_from_a_note() -> None:
    dn = (
        "CN=CBE=0486132722\\, A-1, OU=eHealth-platform Belgium, OU=LES TILLEULS, OU=CBE=0486132722, OU=A-1, "
        "O=Federal Government, C=BE"
    )
    found = Prefill.of_note(request_record(dn))
    assert (found.organisation, found.name, found.application_id) == (
        Identifier("CBE", "0486132722"),
        "LES TILLEULS",
        "A-1",
    )
    assert (found.email, found.general_email) == ("ines@example.be", "")
