"""The captured answers, read by our readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.ehealth import certra
from ehtoolkit.ehealth.certra import check_delivered, public_key_identifier
from ehtoolkit.ehealth.contract import check_contract, read_contract
from ehtoolkit.ehealth.etk import read_etk, read_registered
from ehtoolkit.ehealth.soap.client import require_success
from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, ETKRA, Element, child_octets, octets, parse, unwrap
from ehtoolkit.identity import DistinguishedName, Niss, Person

ZOE = Person(Niss("80010112309"), "Zoé Ëlodie", "Dupont")


@pytest.fixture
def answer(vectors: Path) -> Callable[[str], Element]:
    def message(number: str) -> Element:
        (file,) = vectors.glob(f"{number}-*.resp.xml")
        response = parse(file.read_bytes())
        if number != "013":
            require_success(response)
        return response

    return message


def csr_of(vectors: Path, number: str) -> x509.CertificateSigningRequest:
    (file,) = vectors.glob(f"{number}-*.soap.xml")
    (element,) = unwrap(file.read_bytes()).iter(CERTRA_CORE("CSR"))
    return x509.load_der_x509_csr(octets(element))


def test_actor_qualities(answer) -> None:
    qualities = certra.read_actor_qualities(answer("011"))
    assert qualities.natural_person
    assert qualities.organisations == (
        certra.NamedOrganisation(
            "NIHII-PHARMACY", "12345678", {"fr": "Pharmacie Été & fils", "nl": "Apotheek"}
        ),
    )


def test_organisation_types(answer) -> None:
    assert certra.read_organisation_types(answer("012")) == (
        certra.OrganisationType("NIHII-PHARMACY", {"fr": "Pharmacie"}, "[0-9]{8}", ("MOD97",), ()),
    )


def test_application_ids_with_a_nil_one(answer) -> None:
    assert certra.read_application_ids(answer("013")) == ("APP1", None)


@pytest.mark.parametrize("number", ["014", "018"])
def test_certificate_info(number: str, answer) -> None:
    if number == "014":
        (info,) = certra.read_certificate_infos(answer(number))
    else:
        info = certra.read_own_certificate_info(answer(number))
    assert info.key_id == "00112233445566778899AABBCCDDEEFF00112233"
    assert info.requested_at == datetime(2026, 11, 24, 15, tzinfo=timezone(timedelta(hours=1)))
    assert (info.holder.type, info.holder.number, info.holder.application_id) == ("SSIN", "80010112309", None)
    assert (info.status, info.etk_status) == ("VALID_ACTIVE", "NOT_REQUESTED")
    assert (info.revocable, info.replaceable, info.replaceable_from, info.not_after) == (
        True,
        False,
        None,
        None,
    )
    assert (info.contact.email, info.contact.general_email) == ("a@b.be", None)


def test_contract(answer) -> None:
    contract = read_contract(answer("015"))
    assert contract.distinguished_name == DistinguishedName(ZOE.identifier, "DUPONT")
    assert set(contract.texts) == {"fr", "nl"}
    assert contract.texts["fr"].startswith("<!DOCTYPE html>\n<html><head>")
    assert "</head>\r\n<body>" in contract.texts["fr"]
    assert contract.revocation_reason is None
    check_contract(contract, DistinguishedName.for_person(ZOE), ZOE)


def test_contract_for_an_organisation_with_application_id(answer) -> None:
    name = read_contract(answer("026")).distinguished_name
    assert (name.identifier.text, name.application_id) == ("NIHII-PHARMACY=12345678", "APP-1")
    assert name.name == "PHARMACIE ÉTÉ & FILS"


def test_revocation_contract(answer) -> None:
    assert read_contract(answer("022")).revocation_reason == "keyCompromise"


@pytest.mark.parametrize("number", ["016", "025", "027"])
def test_the_key_identifier_is_that_of_the_request(number: str, answer, vectors: Path) -> None:
    accepted = certra.read_accepted(answer(number))
    assert accepted.key_id == public_key_identifier(csr_of(vectors, number).public_key())
    assert accepted.automatically_validated
    assert accepted.replaces is None


def test_delivered_chain(answer, vectors: Path) -> None:
    chain = certra.read_chain(answer("017"))
    assert len(chain) == 2
    check_delivered(chain, csr_of(vectors, "016").public_key(), DistinguishedName.for_person(ZOE))
    with pytest.raises(errors.ResponseUntrusted) as caught:
        check_delivered(chain[::-1], csr_of(vectors, "016").public_key(), None)
    assert caught.value.facts == {"reason": "chain_order"}


def test_challenge(answer) -> None:
    assert len(_challenge_in(answer("019"))) == 256 + 32


def test_a_junk_token_is_not_trusted(answer) -> None:
    registered = read_registered(answer("020"))
    assert not registered.to_be_activated
    with pytest.raises(errors.ResponseUntrusted) as caught:
        read_etk(registered.etk)
    assert caught.value.facts == {"reason": "etk"}


@pytest.mark.parametrize("number", ["021", "023"])
def test_answers_without_content(number: str, answer) -> None:
    answer(number)


def test_foreigner(answer) -> None:
    request = certra.read_foreign_request(answer("028"))
    assert request.validation_url == "https://x/y"
    assert request.expires.isoformat() == "2026-12-24T15:00:00+01:00"


def test_every_answer_is_valid(vectors: Path, schema) -> None:
    for file in vectors.glob("*.resp.xml"):
        schema.assertValid(parse(file.read_bytes()))


def _challenge_in(response: Element) -> bytes:
    return child_octets(response, ETKRA("Challenge"))


READERS = {
    "011": certra.read_actor_qualities,
    "012": certra.read_organisation_types,
    "013": certra.read_application_ids,
    "014": certra.read_certificate_infos,
    "015": read_contract,
    "016": certra.read_accepted,
    "017": certra.read_chain,
    "018": certra.read_own_certificate_info,
    "019": _challenge_in,
    "020": read_registered,
    "022": read_contract,
    "028": certra.read_foreign_request,
}


@pytest.mark.parametrize("number", READERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_gives_a_value_or_our_error(number: str, data: st.DataObject, vectors: Path, soap) -> None:
    """Cut off, doubled, shortened or overwritten anywhere: never another exception than ours."""
    (file,) = vectors.glob(f"{number}-*.resp.xml")
    body = soap(file.read_bytes())
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    piece = data.draw(
        st.sampled_from([b"", b"<", b"&amp;", b"\x00", b"true", b"9" * 400, body[start:end] * 2])
    )
    try:
        response = unwrap(body[:start] + piece + body[end:])
        require_success(response)
        assert READERS[number](response) is not None
    except errors.PlatformError:
        return
