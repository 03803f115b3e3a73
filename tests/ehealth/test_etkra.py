"""EtkRA's methods, and the depot's."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.ehealth.etk import DepotAnswer, TokenName
from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.xml import unwrap

STATUS = '<c:Status><c:StatusCode Value="urn:be:fgov:ehealth:2.0:status:Success"/></c:Status>'


@pytest.fixture
def reply(soap) -> Callable[[str, str], bytes]:
    def message(name: str, content: str) -> bytes:
        return soap(
            f'<p:{name} xmlns:p="urn:be:fgov:ehealth:etkra:protocol:v2" '
            f'xmlns:c="urn:be:fgov:ehealth:commons:core:v2" Id="_1" IssueInstant="2026-11-24T15:00:00Z">'
            f"{STATUS}{content}</p:{name}>"
        )

    return message


@pytest.fixture
def depot_reply(soap) -> Callable[[str], bytes]:
    def message(content: str) -> bytes:
        return soap(
            '<d:GetEtkResponse xmlns:d="urn:be:fgov:ehealth:etkdepot:1_0:protocol" '
            'xmlns:c="urn:be:fgov:ehealth:commons:1_0:core"><c:Status><Code>200</Code><Message>OK</Message>'
            f"</c:Status>{content}</d:GetEtkResponse>"
        )

    return message


def test_start(platform, wire, reply, signer, rsa_keys) -> None:
    wire.answer = reply("StartETKRegistrationResponse", "<p:Challenge>AAEC\r\n</p:Challenge>")
    assert platform.etkra.start_registration(rsa_keys[1].public_key(), signer) == b"\x00\x01\x02"
    verified = verify_element(unwrap(wire.requests[0][1]))
    assert verified.certificate == signer.chain[0]
    spki = rsa_keys[1].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert verified.element[0].text == base64.b64encode(spki).decode()


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_complete(text: str, value: bool, platform, wire, reply, signer) -> None:
    wire.answer = reply(
        "CompleteETKRegistrationResponse", f"<p:ETK>AAEC</p:ETK><p:ToBeActivated>{text}</p:ToBeActivated>"
    )
    registered = platform.etkra.complete_registration(b"certificate", signer)
    assert (registered.etk, registered.to_be_activated) == (b"\x00\x01\x02", value)
    assert verify_element(unwrap(wire.requests[0][1])).element[0].text == "Y2VydGlmaWNhdGU="


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<p:ETK>AAEC</p:ETK>",
        "<p:ETK>AAEC</p:ETK><p:ToBeActivated>maybe</p:ToBeActivated>",
        "<p:ETK>x</p:ETK>",
    ],
)
def test_an_incomplete_registration(content: str, platform, wire, reply, signer) -> None:
    wire.answer = reply("CompleteETKRegistrationResponse", content)
    with pytest.raises(errors.ResponseLost) as caught:
        platform.etkra.complete_registration(b"certificate", signer)
    assert caught.value.facts["reason"] == "incomplete"


def test_activate(platform, wire, reply, signer) -> None:
    wire.answer = reply("ActivateETKResponse", "")
    platform.etkra.activate(signer)
    assert verify_element(unwrap(wire.requests[0][1])).certificate == signer.chain[0]


def test_the_depot_has_a_token(platform, wire, depot_reply, pharmacy) -> None:
    wire.answer = depot_reply("<d:ETK>AAEC</d:ETK>")
    assert platform.depot.get_etk(pharmacy.identifier, "APP") == b"\x00\x01\x02"
    assert b"<depot:ApplicationID>APP</depot:ApplicationID>" in wire.requests[0][1]


def test_the_depot_has_none(platform, wire, depot_reply, pharmacy) -> None:
    wire.answer = depot_reply("<d:Error><d:Code>X</d:Code><d:Message>None</d:Message></d:Error>")
    assert platform.depot.get_etk(pharmacy.identifier) is None
    answer = platform.depot.search(TokenName("NIHII-PHARMACY", "12345625"))
    assert answer == DepotAnswer()


def matching(*application_ids: str | None) -> str:
    return "".join(
        "<d:MatchingEtk><d:Identifier><d:Type>NIHII-PHARMACY</d:Type><d:Value>12345625</d:Value>"
        + ("" if id_ is None else f"<d:ApplicationID>{id_}</d:ApplicationID>")
        + "</d:Identifier></d:MatchingEtk>"
        for id_ in application_ids
    )


def test_several_names_without_ours(platform, wire, depot_reply, pharmacy) -> None:
    wire.answer = depot_reply(matching("A", ""))
    assert platform.depot.get_etk(pharmacy.identifier, "B") is None
    names = platform.depot.search(TokenName("NIHII-PHARMACY", "12345625", "B")).matching
    assert [name.application_id for name in names] == ["A", None]


def test_a_token_with_several_names(platform, wire, depot_reply) -> None:
    wanted = "<d:Identifier><d:Type>NIHII-PHARMACY</d:Type><d:Value>12345625</d:Value>"
    other = "<d:Identifier><d:Type>CBE</d:Type><d:Value>0411905847</d:Value></d:Identifier>"
    wire.answer = depot_reply(
        f"<d:MatchingEtk>{other}{wanted}<d:ApplicationID>A</d:ApplicationID></d:Identifier></d:MatchingEtk>"
        f"<d:MatchingEtk>{wanted}</d:Identifier>{other}</d:MatchingEtk><d:MatchingEtk>{other}{other}</d:MatchingEtk>"
    )
    names = platform.depot.search(TokenName("NIHII-PHARMACY", "12345625")).matching
    assert names == (
        TokenName("NIHII-PHARMACY", "12345625", "A"),
        TokenName("NIHII-PHARMACY", "12345625"),
        TokenName("CBE", "0411905847"),
    )


def test_a_token_without_a_name(platform, wire, depot_reply, pharmacy) -> None:
    wire.answer = depot_reply("<d:MatchingEtk/>")
    with pytest.raises(errors.ResponseInvalid) as caught:
        platform.depot.get_etk(pharmacy.identifier)
    assert caught.value.facts["reason"] == "incomplete"
