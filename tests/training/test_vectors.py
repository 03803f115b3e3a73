"""The requests of a foreign client: parsed, their signatures verified, and refused only for the CA they come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import CERTRA, unwrap
from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.service.certra import read_certificate_request
from ehtoolkit.training.service.contracts import ReturnedContract, Revocation, WrittenContract, keep_contract
from ehtoolkit.training.service.element_reader import ElementReader
from ehtoolkit.training.service.revocation import read_signed_revocation
from ehtoolkit.training.state.certificate_record import Holder
from ehtoolkit.training.state.database import TrainingDatabase

if TYPE_CHECKING:
    from tests.training.conftest import Wire

SIGNED_BY_CARD = ("GetActorQualities", "GetCertificateInfoForCitizen", "GenerateCertificate", "Revoke")
SIGNED_BY_KEYSTORE = (
    "GetCertificateInfoForAuthenticationCertificate",
    "StartETKRegistration",
    "CompleteETKRegistration",
    "ActivateETK",
)
OPEN = ("GetGenericOrganizationTypes", "GetExistingApplicationIds", "GenerateContract")


@pytest.fixture(scope="session")
def vectors(data_folder: Path) -> Path:
    return data_folder / "captured-messages"


def of(vectors: Path, *names: str) -> Iterator[tuple[str, bytes]]:
    """Path on the wire, and body, of every vector of these operations."""
    for name in names:
        found = sorted(vectors.glob(f"[0-9]*-{name}Request.soap.xml"))
        assert found, name
        for file in found:
            first_line = (
                file.with_name(file.name.replace(".soap.xml", ".headers")).read_text().splitlines()[0]
            )
            yield f"http://training.invalid{first_line.split()[1]}", file.read_bytes()


def codes(answer: Response) -> list[str]:
    return [element.text or "" for element in unwrap(answer.body).iter("Code")]


def test_unsigned_requests_are_answered(vectors: Path, wire: Wire) -> None:
    for url, body in of(vectors, *OPEN):
        answer = wire.post(url, body, {})
        assert answer.status == 200
        assert codes(answer) == []
        assert unwrap(answer.body).get("InResponseTo") == unwrap(body).get("Id")


def test_a_certificate_that_is_not_ours_is_unknown(vectors: Path, wire: Wire) -> None:
    for url, body in of(vectors, "GetCertificate"):
        assert codes(wire.post(url, body, {})) == ["CERT_UNKNOWN"]


def test_every_signature_holds_and_only_the_authority_is_not_trusted(vectors: Path, wire: Wire) -> None:
    for url, body in of(vectors, *SIGNED_BY_CARD, *SIGNED_BY_KEYSTORE):
        assert verify_element(unwrap(body)).certificate
        assert codes(wire.post(url, body, {})) == ["SIGNER_NOT_TRUSTED"]


def test_with_its_root_trusted_the_card_is_accepted(
    vectors: Path, wire: Wire, training: TrainingPlatform
) -> None:
    _trust(vectors, training)
    for url, body in of(vectors, "GetActorQualities", "GetCertificateInfoForCitizen"):
        assert codes(wire.post(url, body, {})) == []
    # The contracts in these were written by somebody else, for the same person.
    for url, body in of(vectors, "GenerateCertificate"):
        assert codes(wire.post(url, body, {})) == ["CONTRACT_UNKNOWN"]


def test_with_its_contract_written_by_us_the_request_is_accepted(
    vectors: Path, wire: Wire, training: TrainingPlatform
) -> None:
    """The DN comes back escaped, the base64 has CRs, an organisation's contract names the requestor."""
    _trust(vectors, training)
    database = TrainingDatabase(training.folder / "platform.sqlite3")
    answers = []
    for url, body in of(vectors, "GenerateCertificate"):
        _know_contract(body, database)
        answer = wire.post(url, body, {})
        assert codes(answer) == []
        assert wire.post(url, body, {}).body == answer.body
        answers.append(answer)
    database.close()
    identifiers = [_text(answer, "PublicKeyIdentifier") for answer in answers]
    expected = [
        _text(Response(200, {}, b""), "PublicKeyIdentifier", file.read_bytes())
        for file in sorted(vectors.glob("*-GenerateCertificateRequest.resp.xml"))
    ]
    assert identifiers == expected
    # Whoever is not in our registers may ask for himself, and waits for a person with an organisation's.
    assert [_text(answer, "AutomaticallyValidated") for answer in answers] == ["true", "false", "false"]


def test_a_foreigners_request_is_taken_and_its_repeat_answered_alike(vectors: Path, wire: Wire) -> None:
    """The name in its CSR is the client's own making; the check digits of its number are nobody's."""
    for url, body in of(vectors, "SubmitCSRForForeigner"):
        first, again = wire.post(url, body, {}), wire.post(url, body, {})
        assert codes(first) == []
        assert _text(first, "ValidationUrl") == _text(again, "ValidationUrl")
        assert _text(first, "ExpirationDate") == _text(again, "ExpirationDate")


def test_a_revocation_of_what_was_requested_here(
    vectors: Path, wire: Wire, training: TrainingPlatform
) -> None:
    """The foreign client's certificate is made and revoked, with its own messages; only the contract that it
    signed was written by somebody else."""
    _trust(vectors, training)
    for url, body in of(vectors, "GenerateRevocationContract"):
        assert codes(wire.post(url, body, {})) == ["CERT_UNKNOWN"]
    database = TrainingDatabase(training.folder / "platform.sqlite3")
    url, body = next(of(vectors, "GenerateCertificate"))
    _know_contract(body, database)
    assert codes(wire.post(url, body, {})) == []
    training.clock.move("+2h")
    for url, body in of(vectors, "GenerateRevocationContract"):
        answer = wire.post(url, body, {})
        assert codes(answer) == []
        assert _text(answer, "RevocationReason") == "keyCompromise"
    for url, body in of(vectors, "Revoke"):
        assert codes(wire.post(url, body, {})) == ["CONTRACT_UNKNOWN"]
        key_id, contract = read_signed_revocation(_reader(body))
        keep_contract(database, _contract(contract, Revocation(key_id, contract.reason or "")))
        # Its stub wrote one of the two first names of the card into the contract.
        assert codes(wire.post(url, body, {})) == ["SIGNER_NAME_MISMATCH"]
    database.close()


def _trust(vectors: Path, training: TrainingPlatform) -> None:
    ((_, body),) = of(vectors, "GetActorQualities")
    training.trust(verify_element(unwrap(body)).chain[-1])


def _know_contract(body: bytes, database: TrainingDatabase) -> None:
    """Enter the contract in ``body`` as the only one that we wrote; in the vectors all have the same text."""
    with database.writing() as connection:
        connection.execute("DELETE FROM contract")
    returned = read_certificate_request(_reader(body)).contract
    keep_contract(database, _contract(returned))


def _reader(body: bytes) -> ElementReader:
    return ElementReader(verify_element(unwrap(body)).element, CERTRA)


def _contract(echoed: ReturnedContract, revocation: Revocation | None = None) -> WrittenContract:
    holder = Holder(DistinguishedName.parse(echoed.dn), None, "Dupont")
    signer = Person(Niss(echoed.signer.number), echoed.signer.first_names or "", echoed.signer.name)
    return WrittenContract(echoed.dn, holder, signer, dict(echoed.texts), revocation)


def _text(answer: Response, name: str, bare: bytes = b"") -> str:
    message = etree.fromstring(bare) if bare else unwrap(answer.body)
    return next(element.text or "" for element in message.iter() if element.tag.endswith(f"}}{name}"))
