"""Every request that we build: against the public schemas, and against what a foreign client sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth import certra, etk
from ehtoolkit.ehealth.certra import certificate_request
from ehtoolkit.ehealth.contract import RevocationReason, read_contract
from ehtoolkit.ehealth.etk import TokenName, add_criteria
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.operations import ACTIVATE_ETK, GET_ETK, OPERATIONS
from ehtoolkit.ehealth.soap.signature import KeySigner, sign_element
from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, SIGNATURE, Element, parse, serialise, unwrap
from ehtoolkit.identity import ContactData, DistinguishedName, Identifier, Niss, Organisation, Person

KEY_ID = "0DBC0382663ABEADEAC9D9233D6493DE2ADF9625"
SIGNED = {
    "getActorQualities",
    "generateCertificate",
    "getCertificateInfoForCitizen",
    "getCertificateInfoForAuthenticationCertificate",
    "revoke",
    "startETKRegistration",
    "completeETKRegistration",
    "activateETK",
}


@pytest.fixture
def contract_of(vectors: Path) -> Callable[[str], object]:
    def contract(number: str) -> object:
        (file,) = vectors.glob(f"{number}-*.resp.xml")
        return read_contract(parse(file.read_bytes()))

    return contract


@pytest.fixture
def requests(now, person, pharmacy, contact, rsa_keys, holder, contract_of) -> list[Element]:
    csr = certificate_request(rsa_keys[0], DistinguishedName.for_person(person))
    everything = ContactData("p@example.be", "+32 475 00 00 00", "g@example.be", "+32 2 555 01 42")
    depot = [GET_ETK.new_request(now), GET_ETK.new_request(now)]
    add_criteria(depot[0], TokenName("SSIN", person.niss.digits))
    add_criteria(depot[1], TokenName("NIHII-PHARMACY", "12345625", "APP-1"))
    return [
        certra.build_get_actor_qualities(now, person),
        certra.build_generate_contract(now, person, person, contact),
        certra.build_generate_contract(now, person, pharmacy, everything),
        certra.build_generate_contract(now, person, pharmacy, everything, "APP-1"),
        certra.build_generate_certificate(now, csr.public_bytes(Encoding.DER), contract_of("015"), contact),
        certra.build_generate_certificate(
            now,
            csr.public_bytes(Encoding.DER),
            contract_of("026"),
            everything,
            ["tsa", "codage"],
            escape_dn=False,
        ),
        certra.build_get_certificate(now, KEY_ID.lower()),
        operations.GET_CERTIFICATE_INFO.new_request(now),
        operations.GET_CERTIFICATE_INFO_FOR_CITIZEN.new_request(now),
        certra.build_generate_revocation_contract(now, KEY_ID, person, RevocationReason.SUPERSEDED),
        certra.build_revoke(now, KEY_ID, contract_of("022")),
        certra.build_submit_csr_for_foreigner(now, person, contact, csr.public_bytes(Encoding.DER)),
        operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(now),
        certra.build_get_existing_application_ids(now, pharmacy.identifier),
        etk.build_start(now, rsa_keys[1].public_key()),
        etk.build_complete(now, holder.chain[0].public_bytes(Encoding.DER)),
        ACTIVATE_ETK.new_request(now),
        *depot,
    ]


def test_every_request_is_valid(requests: list[Element], schema: etree.RelaxNG, signer: KeySigner) -> None:
    assert {request.tag for request in requests} == set(OPERATIONS)
    for request in requests:
        signed = OPERATIONS[request.tag].name in SIGNED
        message = sign_element(request, signer) if signed else request
        schema.assertValid(etree.fromstring(serialise(message)))


def test_ids_and_instants(requests: list[Element], now) -> None:
    identifiers = [request.get("Id") for request in requests if OPERATIONS[request.tag] is not GET_ETK]
    assert len(set(identifiers)) == len(identifiers)
    for request in requests:
        if OPERATIONS[request.tag] is GET_ETK:
            assert not request.attrib
        else:
            assert re.fullmatch(r"_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request.get("Id") or "")
            assert request.get("IssueInstant") == "2026-11-24T15:00:00.000+00:00"


def test_nothing_is_sent_empty_but_what_the_depot_wants_so(requests: list[Element]) -> None:
    empty = [
        etree.QName(element).localname
        for request in requests
        for element in request.iter("*")
        if element is not request and not len(element) and not (element.text or "").strip()
    ]
    assert empty == ["ApplicationID"]


def canonical(
    element: Element, *, without: tuple[str, ...] = ()
) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Tag, text and attributes of everything in ``element``, without prefixes, signature, Id and instant."""
    result = []
    for child in element.iter("*"):
        if child.tag == SIGNATURE("Signature") or any(
            above.tag == SIGNATURE("Signature") for above in child.iterancestors()
        ):
            continue
        attributes = tuple(
            sorted((str(k), str(v)) for k, v in child.items() if k not in ("Id", "IssueInstant"))
        )
        text = "" if etree.QName(child).localname in without else (child.text or "")
        result.append((child.tag, text, attributes))
    return result


class ForeignContact(ContactData):
    """As the foreign client sends contact data: `ContactData` rejects such numbers."""

    def __post_init__(self) -> None:
        pass


FOREIGN = Person(Niss("80010112309"), "Zoé Ëlodie", "Dupont")


@pytest.fixture
def foreign(vectors: Path) -> Callable[[str], Element]:
    def message(number: str) -> Element:
        (file,) = vectors.glob(f"{number}-*.soap.xml")
        return unwrap(file.read_bytes())

    return message


def test_we_ask_as_the_foreign_client_does(now, foreign, contract_of) -> None:
    """Request by request, ours says what the captured one says: same elements, order, texts, attributes."""
    own = ContactData("a&b@x.be", "+32 475 00 00 00")
    # The captured pharmacy's contact e-mails and numbers.
    shop = ForeignContact("p@x.be", "+32 4 2", "g@x.be", "+32 2 1")
    pharmacy = Organisation(Identifier("NIHII-PHARMACY", "12345678"), "Pharmacie Été & fils")
    foreigner = Person(Niss("80210112345"), "Zoé", "Dupont")
    pairs = {
        "011": certra.build_get_actor_qualities(now, FOREIGN),
        "012": operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(now),
        "013": certra.build_get_existing_application_ids(now, pharmacy.identifier),
        "014": operations.GET_CERTIFICATE_INFO_FOR_CITIZEN.new_request(now),
        "015": certra.build_generate_contract(now, FOREIGN, FOREIGN, own),
        "016": certra.build_generate_certificate(now, b"csr", contract_of("015"), own, ["tsa", "codage"]),
        "017": certra.build_get_certificate(now, KEY_ID),
        "018": operations.GET_CERTIFICATE_INFO.new_request(now),
        "021": ACTIVATE_ETK.new_request(now),
        "022": certra.build_generate_revocation_contract(
            now, KEY_ID, FOREIGN, RevocationReason.KEY_COMPROMISE
        ),
        "023": certra.build_revoke(now, KEY_ID, contract_of("022")),
        "024": certra.build_generate_contract(now, FOREIGN, pharmacy, shop),
        "025": certra.build_generate_certificate(now, b"csr", contract_of("024"), shop),
        "026": certra.build_generate_contract(now, FOREIGN, pharmacy, shop, "APP-1"),
        "027": certra.build_generate_certificate(now, b"csr", contract_of("026"), shop),
        "028": certra.build_submit_csr_for_foreigner(
            now, foreigner, ForeignContact("a@b.be", "+32 2"), b"csr"
        ),
    }
    for number, ours in pairs.items():
        assert canonical(ours, without=("CSR",)) == canonical(foreign(number), without=("CSR",)), number


def test_the_contract_goes_back_as_it_came(now, contract_of, vectors: Path) -> None:
    request = certra.build_generate_certificate(
        now, b"csr", contract_of("026"), ContactData("a@example.be", "+32 2 555 01 42"), escape_dn=False
    )
    sent = parse(serialise(request))
    (file,) = vectors.glob("026-*.resp.xml")
    came = parse(file.read_bytes())
    for name in ("DN", "Signer", "Text"):
        tag = CERTRA_CORE(name)
        (theirs,), (ours,) = came.iter(tag), sent.iter(tag)
        assert canonical(ours) == canonical(theirs)
    text = next(sent.iter("{urn:be:fgov:ehealth:certra:core:v2}Value")).text or ""
    assert "\r\n" in text
    assert "&#233;es &amp; conditions" in text


@pytest.mark.parametrize("key_id", ["", "00", KEY_ID + "00", "Z" * 40, KEY_ID[:-1] + "\n"])
def test_a_key_identifier_that_is_none(key_id: str, now) -> None:
    with pytest.raises(errors.IdentifierInvalid):
        certra.build_get_certificate(now, key_id)


def test_a_person_without_first_names_has_no_first_name_element(now, contact) -> None:
    person = Person(Niss("79031421872"), "", "Madonna")
    request = certra.build_generate_contract(now, person, person, contact)
    assert [element for element in request.iter("*") if etree.QName(element).localname == "FirstName"] == []


def test_actions_are_those_of_the_captured_headers(vectors: Path) -> None:
    seen = 0
    for file in vectors.glob("*.soap.xml"):
        operation = OPERATIONS[unwrap(file.read_bytes()).tag]
        headers = file.with_name(file.name.replace(".soap.xml", ".headers")).read_text()
        assert f'SOAPAction: "{operation.action}"\n' in headers.replace("\r\n", "\n")
        assert f"POST {'/CertRa/v2' if 'certra' in operation.namespace else '/EtkRa/v2'} " in headers
        seen += 1
    assert seen == 18
    assert GET_ETK.action is None


def test_what_may_not_be_repeated() -> None:
    assert {operation.name for operation in OPERATIONS.values() if not operation.repeatable} == {
        "generateCertificate",
        "revoke",
        "submitCSRForForeigner",
        "startETKRegistration",
        "completeETKRegistration",
        "activateETK",
    }
