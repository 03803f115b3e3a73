"""The name of an eHealth certificate: text, value, x509 name and DER, each way."""

from __future__ import annotations

import base64
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Identifier, Niss, Organisation, Person
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from ehtoolkit.identity.distinguished_name import normalise_application_id, normalise_name

PERSON = Person(Niss.parse("79031421872"), "Zoé Ëlodie", "Dupont")
PHARMACY = Organisation(Identifier.parse("NIHII-PHARMACY=12345678"), "Pharmacie Été & Fils")
WITH_APPLICATION = (
    r"CN=NIHII-PHARMACY=12345678\, APP-1, OU=eHealth-platform Belgium, OU=PHARMACIE ETE & FILS, "
    "OU=NIHII-PHARMACY=12345678, OU=APP-1, O=Federal Government, C=BE"
)
PRINTABLE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")

identifiers = st.sampled_from(sorted(IDENTIFIER_LENGTHS)).flatmap(
    lambda kind: st.builds(
        Identifier,
        st.just(kind),
        st.text("0123456789", min_size=IDENTIFIER_LENGTHS[kind], max_size=IDENTIFIER_LENGTHS[kind]),
    )
)
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64) | st.text(
    st.sampled_from("AB 19,;+\"\\<>=#_&'É"), min_size=1, max_size=20
)
application_ids = st.none() | st.from_regex(r"[0-9A-Z_-]{1,30}", fullmatch=True)
distinguished_names = st.builds(DistinguishedName, identifiers, names, application_ids)


def reason(raising: pytest.ExceptionInfo[errors.DistinguishedNameInvalid]) -> object:
    return raising.value.facts["reason"]


# ── normalising ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoé Ëlodie", "ZOE ELODIE"),
        ("Müßig", "MUSSIG"),
        ("Ørsted Œuvre Łuk L’été", "ØRSTED ŒUVRE ŁUK L’ETE"),
        ("  Van   den\tBerg ", "VAN DEN BERG"),
        ("Ŧ Ñ Ç İ", "Ŧ N C I"),
        ("Pharmacie de l'Été & fils (Huy)", "PHARMACIE DE L'ETE & FILS (HUY)"),
    ],
)
def test_names_are_normalised(text: str, expected: str) -> None:
    assert normalise_name(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_name(text)
    assert normalise_name(once) == once
    assert not re.search("[\u0300-\u036f]", once)
    assert unicodedata.is_normalized("NFD", once)


@pytest.mark.parametrize(
    ("text", "expected"), [("app-1", "APP-1"), (" Été_2 ", "ETE_2"), ("a" * 30, "A" * 30)]
)
def test_application_ids_are_normalised(text: str, expected: str) -> None:
    assert normalise_application_id(text) == expected


@pytest.mark.parametrize("text", ["", " ", "A" * 31, "A B", "A.B", "../X", "Ø"])
def test_an_application_id_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(errors.DistinguishedNameInvalid) as raising:
        normalise_application_id(text)
    assert reason(raising) == "application_id"
    with pytest.raises(errors.DistinguishedNameInvalid):
        DistinguishedName(PHARMACY.identifier, "X", text)


# ── as text ──────────────────────────────────────────────────────────────────────────────────────────────
def test_the_text_of_a_person() -> None:
    name = DistinguishedName.for_person(PERSON)
    assert name.name == "DUPONT ZOE ELODIE"
    assert name.text == str(name)
    assert name.text == (
        "CN=SSIN=79031421872, OU=eHealth-platform Belgium, OU=DUPONT ZOE ELODIE, OU=SSIN=79031421872, "
        "O=Federal Government, C=BE"
    )


def test_the_text_of_an_organisation_with_an_application() -> None:
    name = DistinguishedName.for_organisation(PHARMACY, "app-1")
    assert name.text == WITH_APPLICATION


@pytest.mark.parametrize(
    "text",
    [
        WITH_APPLICATION,
        WITH_APPLICATION.replace(", OU", ",OU").replace(", O=", ",O=").replace(", C=", ",C="),
        WITH_APPLICATION.replace("PHARMACY=", r"PHARMACY\="),
        WITH_APPLICATION.replace(" &", r" \&").replace("ETE", r"\45TE"),
        WITH_APPLICATION.replace("OU=", "ou = "),
        WITH_APPLICATION.replace(", OU", "; OU"),
        WITH_APPLICATION.replace(
            r"CN=NIHII-PHARMACY=12345678\, APP-1", 'CN="NIHII-PHARMACY=12345678, APP-1"'
        ),
        ", ".join(reversed(WITH_APPLICATION.replace(r"\, ", r"\,").split(", "))).replace(r"\,", r"\, "),
    ],
)
def test_a_text_is_read_however_it_is_written(text: str) -> None:
    assert DistinguishedName.parse(text) == DistinguishedName.for_organisation(PHARMACY, "APP-1")


def test_a_text_as_dotnet_writes_it() -> None:
    name = DistinguishedName.parse(
        'CN="EHP=1990001234, GATEWAY", OU=eHealth-platform Belgium, OU="AGENCE ""A""; SANTE", '
        'OU="EHP=1990001234", OU=GATEWAY, O=Federal Government, C=BE'.replace('""A""', r"\"A\"")
    )
    assert name == DistinguishedName(Identifier("EHP", "1990001234"), 'AGENCE "A"; SANTE', "GATEWAY")


@pytest.mark.parametrize(
    "text",
    ["A\u00a0", "\u2028A", " A ", "#A", "A\\ ", " ", "\\", '"', "A\\", 'A "B" C', "A+B;C<D>E", "A=B", "\\41"],
)
def test_a_name_with_odd_characters_survives_as_text(text: str) -> None:
    name = DistinguishedName(Identifier("SITE", "1234"), text)
    assert DistinguishedName.parse(name.text) == name


@given(distinguished_names)
def test_value_to_text_and_back(name: DistinguishedName) -> None:
    assert DistinguishedName.parse(name.text) == name


@given(st.text(st.sampled_from('CNOU=,;+"\\#<> AB41é')) | st.text(max_size=30))
def test_no_text_does_anything_but_give_a_name_or_our_error(text: str) -> None:
    try:
        name = DistinguishedName.parse(text)
    except errors.DistinguishedNameInvalid:
        return
    assert DistinguishedName.parse(name.text) == name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "syntax"),
        ("eHealth", "syntax"),
        ("CN=A,", "syntax"),
        ('CN="A', "syntax"),
        ('CN="A"B', "syntax"),
        ("CN=A+OU=B", "syntax"),
        (r"CN=A\FF", "syntax"),
        ("CN=A\\", "syntax"),
        ("C=Dummy", "form"),
        (WITH_APPLICATION.replace("C=BE", "C=FR"), "form"),
        (WITH_APPLICATION.replace("O=Federal Government", "O=federal government"), "form"),
        (WITH_APPLICATION.replace("OU=APP-1", "OU=APP-2"), "form"),
        (WITH_APPLICATION.replace(", OU=APP-1", ""), "form"),
        (WITH_APPLICATION.replace("OU=NIHII-PHARMACY=12345678", "OU=NIHII-PHARMACY=12345679"), "form"),
        (WITH_APPLICATION.replace("12345678", "1234567"), "form"),
        (WITH_APPLICATION.replace("NIHII-PHARMACY", "NIHII-BAKERY"), "form"),
        (WITH_APPLICATION + ", L=Huy", "form"),
        (WITH_APPLICATION.replace("OU=PHARMACIE ETE & FILS, ", ""), "form"),
    ],
)
def test_a_text_that_is_no_ehealth_name_is_refused(text: str, why: str) -> None:
    with pytest.raises(errors.DistinguishedNameInvalid) as raising:
        DistinguishedName.parse(text)
    assert reason(raising) == why


@pytest.mark.parametrize("name", ["", "A\nB", "A\x00", "\ud800"])
def test_a_name_that_no_certificate_can_hold_is_refused(name: str) -> None:
    with pytest.raises(errors.DistinguishedNameInvalid) as raising:
        DistinguishedName(PHARMACY.identifier, name)
    assert reason(raising) == "name"


def test_a_name_may_look_like_an_identifier() -> None:
    name = DistinguishedName(PHARMACY.identifier, "SSIN=79031421872", "APP-1")
    assert DistinguishedName.parse(name.text) == name
    assert DistinguishedName.of_name(name.to_name()) == name


# ── in certificates ──────────────────────────────────────────────────────────────────────────────────────
def der_attributes(name: DistinguishedName) -> list[tuple[str, str, str]]:
    """Type, ASN.1 string type and value of each RDN, read by a library that did not write them."""
    decoded: Any = asn1.Name.load(name.to_name().public_bytes())
    found = []
    for rdn in decoded.chosen:
        assert len(rdn) == 1
        value = (
            rdn[0]["value"].chosen if isinstance(rdn[0]["value"], asn1.DirectoryString) else rdn[0]["value"]
        )
        found.append((rdn[0]["type"].native, type(value).__name__, value.native))
    return found


def test_the_order_and_the_string_types_in_der() -> None:
    name = DistinguishedName(PHARMACY.identifier, "PHARMACIE ÉTÉ & FILS", "APP_1")
    assert der_attributes(name) == [
        ("country_name", "PrintableString", "BE"),
        ("organization_name", "PrintableString", "Federal Government"),
        ("organizational_unit_name", "UTF8String", "APP_1"),
        ("organizational_unit_name", "PrintableString", "NIHII-PHARMACY=12345678"),
        ("organizational_unit_name", "UTF8String", "PHARMACIE ÉTÉ & FILS"),
        ("organizational_unit_name", "PrintableString", "eHealth-platform Belgium"),
        ("common_name", "UTF8String", "NIHII-PHARMACY=12345678, APP_1"),
    ]


@given(distinguished_names)
def test_value_to_der_and_back(name: DistinguishedName) -> None:
    encoded = name.to_name().public_bytes()
    assert DistinguishedName.of_name(x509.Name.from_bytes(encoded)) == name
    for _, string_type, value in der_attributes(name):
        assert string_type == ("PrintableString" if set(value) <= PRINTABLE else "UTF8String")


def test_a_name_with_several_attributes_in_one_rdn_is_refused() -> None:
    attributes = list(DistinguishedName.for_person(PERSON).to_name())
    name = x509.Name(
        [x509.RelativeDistinguishedName(attributes[:2])]
        + [x509.RelativeDistinguishedName([attribute]) for attribute in attributes[2:]]
    )
    with pytest.raises(errors.DistinguishedNameInvalid) as raising:
        DistinguishedName.of_name(name)
    assert reason(raising) == "form"


def test_another_certificate_has_no_ehealth_name() -> None:
    for attributes in ([], [x509.NameAttribute(NameOID.COUNTRY_NAME, "BE")]):
        with pytest.raises(errors.DistinguishedNameInvalid) as raising:
            DistinguishedName.of_name(x509.Name(attributes))
        assert reason(raising) == "form"


def test_number_and_application_identify_a_holder() -> None:
    name = DistinguishedName(PERSON.identifier, "DUPONT ZOE")
    assert name.same_holder(DistinguishedName(PERSON.identifier, "ZOE DUPONT"))
    assert not name.same_holder(DistinguishedName(PHARMACY.identifier, "DUPONT ZOE"))
    pharmacy = DistinguishedName(PHARMACY.identifier, "X")
    assert not pharmacy.same_holder(DistinguishedName(PHARMACY.identifier, "X", "APP-1"))


# ── what a foreign client sends ──────────────────────────────────────────────────────────────────────────
def texts_in(file: Path, element: str) -> list[str]:
    return re.findall(rf"<(?:\w+:)?{element}>([^<]+)<", file.read_text(encoding="utf-8"))


def test_names_in_the_messages_of_a_foreign_client(data_folder: Path) -> None:
    folder = data_folder / "captured-messages"
    signed = sorted(folder.glob("*-GenerateCertificateRequest.soap.xml"))
    assert signed
    for file in signed:
        request = x509.load_der_x509_csr(base64.b64decode(texts_in(file, "CSR")[0]))
        name = DistinguishedName.of_name(request.subject)
        assert name == DistinguishedName.parse(texts_in(file, "DN")[0].replace("&amp;", "&"))
        assert name.to_name().public_bytes() == request.subject.public_bytes()
    for file in sorted(folder.glob("*-GenerateContractRequest.resp.xml")):
        text = texts_in(file, "DN")[0].replace("&amp;", "&")
        assert DistinguishedName.parse(text).text.replace(", ", ",") == text.replace(", ", ",")


def test_what_a_foreign_client_writes_for_a_foreigner_is_what_we_write(data_folder: Path) -> None:
    file = next((data_folder / "captured-messages").glob("*-SubmitCSRForForeignerRequest.soap.xml"))
    request = x509.load_der_x509_csr(base64.b64decode(texts_in(file, "CSR")[0]))
    number = re.search(r'Type="SSIN">([0-9]+)<', file.read_text(encoding="utf-8"))
    assert number is not None
    person = Person(Niss(number[1]), texts_in(file, "FirstName")[0], texts_in(file, "Name")[0])
    assert DistinguishedName.for_person(person).to_name().public_bytes() == request.subject.public_bytes()


def test_a_subject_with_the_application_id_in_its_common_name_only() -> None:
    """Some certificates in the field are so; what one asks for with never is."""
    name = DistinguishedName(Identifier("NIHII", "10000007"), "JÉRÔME DE WITTE", "APPLICATION")
    without = [part for part in name.to_name() if part.value != "APPLICATION"]
    for attributes in (without, without[::-1]):
        subject = x509.Name(attributes)
        assert DistinguishedName.of_subject(subject) == name
        with pytest.raises(errors.DistinguishedNameInvalid):
            DistinguishedName.of_name(subject)
    assert DistinguishedName.of_subject(name.to_name()) == name
    other = [
        x509.NameAttribute(part.oid, "NIHII=10000015") if part.value == "NIHII=10000007" else part
        for part in without
    ]
    with pytest.raises(errors.DistinguishedNameInvalid):
        DistinguishedName.of_subject(x509.Name(other))
