"""Is the contract for whom it was asked for?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import LONGEST_TEXT, check_common_name, check_contract, read_contract
from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, Element, new_element, parse
from ehtoolkit.identity import DistinguishedName, Person

DN = (
    "CN=SSIN=79031421872,OU=eHealth-platform Belgium,OU=VAN DEN BOSSCHE ZOE ELODIE,"
    "OU=SSIN=79031421872,O=Federal Government,C=BE"
)


def answer(**changes: str) -> Element:
    parts: Mapping[str, str] = {
        "dn": DN,
        "id": '<c:Id Type="SSIN">79031421872</c:Id>',
        "first": "<c:FirstName>Zoé Ëlodie</c:FirstName>",
        "name": "<c:Name>Van den Bossche</c:Name>",
        "text": '<k:Value xml:lang="fr">&lt;p&gt;Oui&lt;/p&gt;&#13;\n</k:Value>',
    } | changes
    signer = parts["id"] + parts["first"] + parts["name"]
    return parse(
        '<p:X xmlns:p="urn:be:fgov:ehealth:certra:protocol:v2" xmlns:k="urn:be:fgov:ehealth:certra:core:v2" '
        f'xmlns:c="urn:be:fgov:ehealth:commons:core:v2"><p:Contract>\n <k:DN>{parts["dn"]}</k:DN>\n '
        f"<k:Signer>{signer}</k:Signer><k:Text>{parts['text']}</k:Text>\n</p:Contract></p:X>".encode()
    )


def check(person: Person, **changes: str) -> None:
    check_contract(read_contract(answer(**changes)), DistinguishedName.for_person(person), person)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dn": DN.replace(",", ", ")},
        {"dn": DN.replace("SSIN=", r"SSIN\=")},
        {"dn": DN.replace("VAN DEN BOSSCHE ZOE ELODIE", "ZOE ELODIE VAN DEN BOSSCHE")},
        {"first": "<c:FirstName>Zoé</c:FirstName><c:FirstName>Ëlodie</c:FirstName>"},
        {"first": "<c:FirstName>ZOE ELODIE</c:FirstName>", "name": "<c:Name>VAN DEN BOSSCHE</c:Name>"},
    ],
)
def test_the_same_person_written_in_another_way(changes: dict[str, str], person: Person) -> None:
    check(person, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"dn": DN.replace("79031421872", "80010112309")},
        {"dn": DN.replace("CN=SSIN=79031421872", "CN=SSIN=80010112309")},
        {"dn": DN.replace("OU=SSIN=79031421872,", "OU=SSIN=79031421872,OU=APP,")},
        {"dn": "CN=SSIN=79031421872"},
        {"dn": "nonsense"},
        {"id": '<c:Id Type="SSIN">80010112309</c:Id>'},
        {"id": '<c:Id Type="CBE">79031421872</c:Id>'},
        {"id": '<c:Id Type="SSIN">79031421872</c:Id><c:Id Type="SSIN">80010112309</c:Id>'},
        {"id": ""},
        {"first": "<c:FirstName>Zoé</c:FirstName>"},
        {"first": ""},
        {"name": "<c:Name>Bossche</c:Name>"},
        {"name": ""},
    ],
)
def test_a_contract_for_another_person(changes: dict[str, str], person: Person) -> None:
    with pytest.raises(errors.ResponseUntrusted) as caught:
        check(person, **changes)
    assert caught.value.facts == {"reason": "contract"}


@pytest.mark.parametrize(
    "changes",
    [
        {"dn": ""},
        {"text": ""},
        {"text": '<k:Value xml:lang="fr"/>'},
        {"text": '<k:Value xml:lang="fr"> </k:Value>'},
    ],
)
def test_an_incomplete_contract(changes: dict[str, str]) -> None:
    with pytest.raises(errors.MessageInvalid):
        read_contract(answer(**changes))


def test_the_text_that_is_shown_is_none_that_is_empty() -> None:
    texts = '<k:Value xml:lang="fr">\n </k:Value><k:Value xml:lang="nl">&lt;p&gt;Ja&lt;/p&gt;</k:Value>'
    contract = read_contract(answer(text=texts))
    assert [contract.text_in(language) for language in ("fr", "nl", "de")] == ["<p>Ja</p>"] * 3
    assert dict(contract.texts)["fr"] == "\n ", "it goes back as it came"


@pytest.mark.parametrize("dn", [DN, DN.replace(",", ", "), DN.replace("SSIN=", r"SSIN\=")])
def test_the_dn_is_escaped_once_and_otherwise_left(dn: str) -> None:
    request = new_element(CERTRA, "X")
    read_contract(answer(dn=dn)).copy_into(request, CERTRA_CORE, escape_dn=True)
    assert request[0].findtext(CERTRA_CORE("DN")) == dn.replace(r"SSIN\=", "SSIN=").replace(
        "SSIN=", r"SSIN\="
    )


def test_a_copy_can_be_made_twice() -> None:
    contract = read_contract(answer())
    for _ in range(2):
        request = new_element(CERTRA, "X")
        contract.copy_into(request, CERTRA)
        assert [len(element) for element in request[0]] == [0, 3, 1]
    assert contract.texts == {"fr": "<p>Oui</p>\r\n"}


@pytest.mark.parametrize("application_id", [None, "APP-1"])
def test_a_holder_of_a_type_that_we_do_not_know(application_id: str | None) -> None:
    more = "" if application_id is None else rf"\, {application_id}"
    dn = DN.replace("CN=SSIN=79031421872", f"CN=NEW-TYPE=123{more}")
    check_common_name(read_contract(answer(dn=dn)), "NEW-TYPE", "123", application_id)
    for kind, number, other in (
        ("SSIN", "123", application_id),
        ("NEW-TYPE", "12", application_id),
        ("NEW-TYPE", "123", "APP-2"),
    ):
        with pytest.raises(errors.ResponseUntrusted):
            check_common_name(read_contract(answer(dn=dn)), kind, number, other)
    with pytest.raises(errors.ResponseUntrusted):
        check_common_name(read_contract(answer(dn="nonsense")), "NEW-TYPE", "123", application_id)


def test_a_text_that_is_too_long_is_refused() -> None:
    """A relay may send megabytes, which a page and a terminal would have to show."""
    with pytest.raises(errors.MessageInvalid) as found:
        read_contract(answer(text=f'<k:Value xml:lang="fr">{"x" * (LONGEST_TEXT + 1)}</k:Value>'))
    assert found.value.facts == {"reason": "too_large", "element": "Text"}
