"""Everything that crosses the wire: valid by the schemas, and signed so that xmlsec1 agrees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.compose import Toolkit, compose
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import Wish, request
from ehtoolkit.procedures.status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
PASSWORD = Secret("Kine-2026")


@pytest.fixture(scope="module", params=["elise", "EC card", "EC authority"])
def trace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messages of one whole road: an RSA card, a P-384 card, and the issuing authority with an EC key."""
    home = tmp_path_factory.mktemp("traced")
    toolkit = compose(load_settings(home=home, trace=home / "trace", training_delivery=0.0))
    name = {
        "EC card": _person(toolkit, "card_is_ec"),
        "EC authority": _person(toolkit, "certificate_is_ec"),
    }.get(request.param, request.param)
    _walk(toolkit, name)
    return home / "trace"


def _person(toolkit: Toolkit, trait: str) -> str:
    return next(person.name for person in toolkit.training.people() if getattr(person, trait))


def _walk(toolkit: Toolkit, name: str) -> None:
    card = toolkit.open_card(f"training:{name}")
    person = card.identity().person
    wish = Wish(person, person, ContactData("a@example.be", "+32 2 555 01 42"))
    outcome = request(wish, card, lambda _: Secret("1234"), PASSWORD, toolkit.parts, show=lambda _: None)
    file = KeystoreFile.open(outcome.keystore, PASSWORD)
    assert complete(file, toolkit.parts).state == "complete"
    assert status(file, toolkit.parts).state == "active"


def _payload(message: Path) -> etree._Element:
    body = etree.parse(message).getroot().find(f"{SOAP}Body")
    assert body is not None
    assert len(body) == 1
    return body[0]


def test_every_message_is_valid_by_the_schemas(trace: Path, schema: etree.XMLSchema) -> None:
    messages = sorted(trace.glob("*.xml"))
    assert len(messages) >= 16
    for message in messages:
        payload = _payload(message)
        schema.assertValid(etree.fromstring(etree.tostring(payload, with_tail=False)))


@pytest.mark.interop
def test_xmlsec1_verifies_every_signature(trace: Path, tmp_path: Path) -> None:
    verified = 0
    for message in sorted(trace.glob("*-request.xml")):
        payload = _payload(message)
        if payload.find(SIGNATURE) is None:
            continue
        bare = tmp_path / message.name
        bare.write_bytes(etree.tostring(payload, with_tail=False))
        name = etree.QName(payload)
        done = subprocess.run(
            [
                "xmlsec1",
                "--verify",
                "--insecure",
                "--id-attr:Id",
                f"{name.namespace}:{name.localname}",
                str(bare),
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{message.name}: {done.stderr}"
        verified += 1
    assert verified >= 5
