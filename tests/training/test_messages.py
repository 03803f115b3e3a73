"""Messages as a foreign or a hostile client would write them: wrapped, repeated, cut, escaped, empty."""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth import certra, etk
from ehtoolkit.ehealth.certra import build_get_actor_qualities, certificate_request
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.signature import sign_element
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import CERTRA, SOA_ERRORS, SOAP, unwrap, wrap
from ehtoolkit.identity import Niss, Person
from ehtoolkit.training import TrainingPlatform
from tests.training.signed_messages import CERTRA_URL, CONTACT, ETKRA_URL, NOW, codes, qualities

if TYPE_CHECKING:
    from tests.training.conftest import Client, Wire

    MakeClient = Callable[..., Client]

DEPOT_URL = "http://training.invalid/EtkDepot/v1"


def fault_code(answer: Response) -> str:
    assert answer.status in (404, 500)
    message = unwrap(answer.body)
    assert message.tag == f"{{{SOAP}}}Fault"
    assert message.findtext(f".//{{{SOA_ERRORS}}}Environment") == "Training"
    (code,) = codes(answer)
    return code


# ── signature wrapping ───────────────────────────────────────────────────────────────────────────────────
def test_a_signed_request_inside_another(client: MakeClient, wire: Wire) -> None:
    elise, bram = client("elise"), client("bram")
    signed = qualities(elise)
    outer = build_get_actor_qualities(NOW, bram.person)
    outer.append(signed)
    assert codes(wire.post(CERTRA_URL, wrap(outer), {})) == ["SIGNATURE_INVALID"]


def test_a_signature_moved_to_another_request(client: MakeClient, wire: Wire) -> None:
    elise, bram = client("elise"), client("bram")
    signed = qualities(elise)
    forged = build_get_actor_qualities(NOW, bram.person)
    signature = copy.deepcopy(signed[-1])
    original = copy.deepcopy(signed)
    original.remove(original[-1])
    etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(original)
    forged.set("Id", "_other")
    forged.append(signature)
    assert codes(wire.post(CERTRA_URL, wrap(forged), {})) == ["SIGNATURE_INVALID"]


def test_the_signed_part_beside_what_would_be_read(client: MakeClient, wire: Wire) -> None:
    """Two children in Body: one signed, one that a careless server would read."""
    elise, bram = client("elise"), client("bram")
    both = wrap(build_get_actor_qualities(NOW, bram.person)).replace(
        b"</soap:Body>", etree.tostring(qualities(elise)) + b"</soap:Body>"
    )
    assert fault_code(wire.post(CERTRA_URL, both, {})) == "SOA-03001"


def test_a_number_changed_after_signing(client: MakeClient, wire: Wire) -> None:
    body = wrap(qualities(client("elise"))).replace(b">79031421872<", b">85110230740<")
    assert codes(wire.post(CERTRA_URL, body, {})) == ["SIGNATURE_INVALID"]


def test_no_signature_at_all(client: MakeClient, wire: Wire) -> None:
    request = build_get_actor_qualities(NOW, client("elise").person)
    assert codes(wire.post(CERTRA_URL, wrap(request), {})) == ["SIGNATURE_INVALID"]


# ── repeats ──────────────────────────────────────────────────────────────────────────────────────────────
def certificate_body(client: Client) -> bytes:
    """A signed GenerateCertificateRequest, as bytes to send again and again."""
    contract = client.contract()
    csr = certificate_request(client.key, contract.distinguished_name)
    return wrap(client.signed(csr, contract))


def test_a_request_that_arrives_four_times_is_one_request(
    client: MakeClient, wire: Wire, training: TrainingPlatform
) -> None:
    person = client()
    body = certificate_body(person)
    first, *repeats = [wire.post(CERTRA_URL, body, {}) for _ in range(4)]
    assert codes(first) == []
    assert {repeat.body for repeat in repeats} == {first.body}
    listed = person.platform.certra.get_certificate_info_for_citizen(person.signer(CardKey.AUTHENTICATION))
    assert len(listed) == 1
    assert len(training.mails()) == 1


def test_a_request_that_arrives_from_four_threads_at_once(client: MakeClient, wire: Wire) -> None:
    body = certificate_body(client())
    answers: list[Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(wire.post(CERTRA_URL, body, {}))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({answer.body for answer in answers}) == 1
    assert codes(answers[0]) == []


def test_the_same_key_again_under_a_new_id_is_answered_as_the_first(client: MakeClient) -> None:
    person = client()
    assert person.request() == person.request()


def test_the_same_id_with_another_content(client: MakeClient, wire: Wire) -> None:
    first, two = client(), client(first=2)
    contract = first.contract()
    for person in (first, two):
        csr = certificate_request(person.key, contract.distinguished_name)
        request = certra.build_generate_certificate(NOW, csr.public_bytes(Encoding.DER), contract, CONTACT)
        request.set("Id", "_always_the_same")
        signed = sign_element(request, person.signer(CardKey.SIGNATURE))
        answer = wire.post(CERTRA_URL, wrap(signed), {})
    assert codes(answer) == ["REQUEST_ID_REUSED"]


def test_the_id_of_another_person_gives_no_data(client: MakeClient, wire: Wire) -> None:
    elise, bram = client("elise"), client("bram", first=2)
    bodies = []
    for person in (elise, bram):
        contract = person.contract()
        csr = certificate_request(person.key, contract.distinguished_name)
        request = certra.build_generate_certificate(NOW, csr.public_bytes(Encoding.DER), contract, CONTACT)
        request.set("Id", "_guessed")
        signed = sign_element(request, person.signer(CardKey.SIGNATURE))
        bodies.append(wire.post(CERTRA_URL, wrap(signed), {}).body)
    assert bodies[0] != bodies[1]
    assert codes(Response(200, {}, bodies[1])) == []


def test_a_polling_client_that_never_changes_its_id(
    client: MakeClient, wire: Wire, training: TrainingPlatform
) -> None:
    body = wrap(certra.build_get_certificate(NOW, client().request().key_id))
    assert codes(wire.post(CERTRA_URL, body, {})) == ["CERT_NOT_YET_DELIVERED"]
    training.clock.move("+2h")
    assert codes(wire.post(CERTRA_URL, body, {})) == []


def test_token_registration_repeated_in_every_way(client: MakeClient, wire: Wire) -> None:
    person = client()
    person.deliver()
    start = sign_element(etk.build_start(NOW, person.encryption_key.public_key()), person.holder)
    assert wire.post(ETKRA_URL, wrap(start), {}).body == wire.post(ETKRA_URL, wrap(start), {}).body
    serial = person.serial()
    assert person.serial() == serial
    der = person.encryption_certificate(serial)
    complete = sign_element(etk.build_complete(NOW, der), person.holder)
    first = wire.post(ETKRA_URL, wrap(complete), {})
    assert codes(first) == []
    assert wire.post(ETKRA_URL, wrap(complete), {}).body == first.body
    registered = person.platform.etkra.complete_registration(der, person.holder)
    assert registered == etk.read_registered(unwrap(first.body))


def test_a_refused_request_is_judged_again(
    client: MakeClient, wire: Wire, training: TrainingPlatform
) -> None:
    """The trainer may have changed what it was refused for."""
    body = certificate_body(client("rita"))
    assert codes(wire.post(CERTRA_URL, body, {})) == ["SIGNER_CERTIFICATE_EXPIRED"]
    assert codes(wire.post(CERTRA_URL, body, {})) == ["SIGNER_CERTIFICATE_EXPIRED"]
    assert training.mails() == []


# ── malformed and foreign messages ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html><body>proxy error</body></html>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        b"<Envelope/>",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b"\xff\xfe\x00<",
        b"x" * 1_000_001,
    ],
    ids=["empty", "text", "html", "dtd", "no-soap", "no-body", "utf-16", "too-large"],
)
def test_what_is_no_message(wire: Wire, body: bytes) -> None:
    assert fault_code(wire.post(CERTRA_URL, body, {})) == "SOA-03001"


def test_an_operation_that_does_not_exist(wire: Wire) -> None:
    body = wrap(etree.Element(f"{{{CERTRA}}}MakeCoffeeRequest"))
    assert fault_code(wire.post(CERTRA_URL, body, {})) == "SOA-01001"


def test_a_service_that_does_not_exist(wire: Wire) -> None:
    body = wrap(operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(NOW))
    answer = wire.post("http://training.invalid/Coffee/v1", body, {})
    assert (answer.status, fault_code(answer)) == (404, "SOA-01001")


def test_an_operation_at_the_wrong_service(wire: Wire) -> None:
    body = wrap(operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(NOW))
    assert fault_code(wire.post(ETKRA_URL, body, {})) == "SOA-01001"


@pytest.mark.parametrize(
    "damage",
    [
        lambda request: request.attrib.pop("IssueInstant"),
        lambda request: request.set("IssueInstant", "yesterday"),
        lambda request: request.remove(request[0]),
        lambda request: request.append(copy.deepcopy(request[0])),
        lambda request: request[0].set("Type", "CBE"),
    ],
    ids=["no-instant", "bad-instant", "nothing-inside", "double", "other-type"],
)
def test_what_the_schema_forbids(
    client: MakeClient, wire: Wire, damage: Callable[[etree._Element], object]
) -> None:
    person = client()
    request = build_get_actor_qualities(NOW, person.person)
    damage(request)
    signed = sign_element(request, person.signer(CardKey.AUTHENTICATION))
    assert fault_code(wire.post(CERTRA_URL, wrap(signed), {})) == "SOA-03001"


def test_everything_that_a_client_sends_is_escaped_in_the_contract(client: MakeClient, wire: Wire) -> None:
    evil = Person(Niss("79031421872"), "<script>alert(1)</script>", 'O\'Brien & "Co"')
    request = certra.build_generate_contract(NOW, evil, evil, CONTACT)
    answer = unwrap(wire.post(CERTRA_URL, wrap(request), {}).body)
    texts = [element.text or "" for element in answer.iter() if element.tag.endswith("}Value")]
    assert len(texts) == 2
    for text in texts:
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
        assert "O&#x27;Brien &amp; &quot;Co&quot;" in text


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"elise@example.be", b"elise", "CONTACT_DATA_INVALID"),
        (b"+32 4 555 01 42", b"call me", "CONTACT_DATA_INVALID"),
        (b'Type="SSIN"', b'Type="NISS"', "IDENTIFIER_INVALID"),
        (b">79031421872<", b">790314218<", "IDENTIFIER_INVALID"),
        (b">Vandamme<", b"><", "NAME_INVALID"),
    ],
)
def test_a_contract_for_what_cannot_be(
    client: MakeClient, wire: Wire, old: bytes, new: bytes, code: str
) -> None:
    person = client().person
    body = wrap(certra.build_generate_contract(NOW, person, person, CONTACT))
    assert old in body
    if code == "NAME_INVALID":
        body = body.replace(">Élise Marie<".encode(), b"><")
    assert codes(wire.post(CERTRA_URL, body.replace(old, new), {})) == [code]


def test_no_header_and_other_prefixes(wire: Wire) -> None:
    body = (
        (
            '<E xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>\n'
            f'<q:GetGenericOrganizationTypesRequest xmlns:q="{CERTRA}" IssueInstant="2026-11-24T15:00:00Z"/>\n'
            "</Body></E>"
        )
        .replace("<E ", "<Envelope ")
        .replace("</E>", "</Envelope>")
    )
    answer = wire.post(CERTRA_URL, body.encode(), {})
    assert answer.status == 200
    assert unwrap(answer.body).get("InResponseTo") is None


def test_in_response_to_and_the_date_of_the_training_clock(wire: Wire, training: TrainingPlatform) -> None:
    training.clock.move("+3y")
    request = operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(NOW)
    answer = wire.post(CERTRA_URL, wrap(request), {})
    assert unwrap(answer.body).get("InResponseTo") == request.get("Id")
    date = parsedate_to_datetime(answer.header("Date") or "")
    assert abs((date - training.clock.now()).total_seconds()) < 5
    issued = datetime.fromisoformat(unwrap(answer.body).get("IssueInstant", ""))
    assert abs((issued - training.clock.now()).total_seconds()) < 5


def test_our_own_mistakes_become_a_fault_without_personal_data(
    client: MakeClient, wire: Wire, training: TrainingPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    body = certificate_body(client())
    training.close()
    (training.folder / "platform.sqlite3").unlink()
    (training.folder / "platform.sqlite3").mkdir()  # the database is gone
    answer = training.transport().post(CERTRA_URL, body, {})
    assert fault_code(answer) == "SOA-02001"
    assert "unexpected" in caplog.text
    assert "79031421872" not in caplog.text
    assert "Vandamme" not in caplog.text


def test_the_depot_lists_what_matches(client: MakeClient, wire: Wire, training: TrainingPlatform) -> None:
    """Without ApplicationID any is meant; an empty one is the token without."""
    from ehtoolkit.identity import Identifier, Organisation

    pharmacy = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")
    tokens = {}
    for first, application_id in ((0, None), (2, "APP-1")):
        person = client("ines", first=first)
        key_id = person.request(person.contract(pharmacy, application_id)).key_id
        training.clock.move("+2h")
        person.chain = person.platform.certra.get_certificate(key_id)
        tokens[application_id] = person.register().etk

    def search(application_id: str) -> etree._Element:
        body = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            '<d:GetEtkRequest xmlns:d="urn:be:fgov:ehealth:etkdepot:1_0:protocol"><d:SearchCriteria>'
            "<d:Identifier><d:Type>NIHII-PHARMACY</d:Type><d:Value>71452079</d:Value>"
            f"{application_id}</d:Identifier></d:SearchCriteria></d:GetEtkRequest></s:Body></s:Envelope>"
        )
        return unwrap(wire.post(DEPOT_URL, body.encode(), {}).body)

    depot = "{urn:be:fgov:ehealth:etkdepot:1_0:protocol}"
    matching = search("").findall(f"{depot}MatchingEtk")
    found = {(element.findtext(f".//{depot}ApplicationID") or None) for element in matching}
    assert found == {None, "APP-1"}
    for application_id, token in tokens.items():
        answer = search(f"<d:ApplicationID>{application_id or ''}</d:ApplicationID>")
        import base64

        assert base64.b64decode(answer.findtext(f"{depot}ETK") or "") == token
    assert search("<d:ApplicationID>OTHER</d:ApplicationID>").findtext(f"{depot}Error/{depot}Code")


def test_no_damage_to_a_message_breaks_the_door(client: MakeClient, wire: Wire) -> None:
    """Bytes changed, cut out, doubled: a refusal or a fault, and never one of our own mistakes."""
    person = client()
    person.deliver()
    start = wrap(sign_element(etk.build_start(NOW, person.encryption_key.public_key()), person.holder))
    bodies = [
        (CERTRA_URL, wrap(qualities(person))),
        (CERTRA_URL, certificate_body(person)),
        (ETKRA_URL, start),
    ]
    chance = random.Random(20261124)  # noqa: S311
    for number in range(240):
        url, body = bodies[number % len(bodies)]
        damaged = bytearray(body)
        at, length = chance.randrange(len(body)), chance.choice((1, 1, 1, 4, 40))
        change = chance.choice(("set", "cut", "double"))
        if change == "set":
            damaged[at] = chance.choice((*b"<>&\"'/=A0 ", 0, 255))
        elif change == "cut":
            del damaged[at : at + length]
        else:
            damaged[at:at] = damaged[at : at + length]
        if bytes(damaged) == body:
            continue
        answer = wire.post(url, bytes(damaged), {})
        assert answer.status in (200, 404, 500)
        assert codes(answer) != ["SOA-02001"], bytes(damaged)
