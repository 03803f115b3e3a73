"""Everything that crosses the wire: valid by the schemas, and signed so that xmlsec1 agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.support.traced_messages import validate_all, verify_all

PASSWORD = Secret("Kine-2026")


@pytest.fixture(scope="module", params=["elise", "EC card", "EC authority"])
def trace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messages of one whole road: an RSA card, a P-384 card, and the issuing authority with an EC key."""
    home = tmp_path_factory.mktemp("traced")
    toolkit = open_toolkit(load_settings(home=home, trace=home / "trace", training_delivery=0.0))
    name = {
        "EC card": _person(toolkit, "card_is_ec"),
        "EC authority": _person(toolkit, "certificate_is_ec"),
    }.get(request.param, request.param)
    _walk(toolkit, name)
    return home / "trace"


def _person(toolkit: Toolkit, trait: str) -> str:
    assert toolkit.training is not None
    return next(person.name for person in toolkit.training.people() if getattr(person, trait))


def _walk(toolkit: Toolkit, name: str) -> None:
    card = toolkit.open_card(f"training:{name}")
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("a@example.be", "+32 2 555 01 42"))
    outcome = request(
        requested, card, lambda _: Secret("1234"), PASSWORD, toolkit.context, show=lambda _: None
    )
    file = KeystoreFile.open(outcome.keystore, PASSWORD)
    assert complete(file, toolkit.context).state == "complete"
    assert status(file, toolkit.context).state == "active"
    assert toolkit.training is not None
    toolkit.training.clock.move("+34mo")
    renewed = renew(file, card, lambda _: Secret("1234"), PASSWORD, toolkit.context, show=lambda _: None)
    file = KeystoreFile.open(renewed.keystore, PASSWORD)
    assert complete(file, toolkit.context).state == "to_activate"
    assert activate(file, toolkit.context).outcome.state == "active"
    pick, reason = by_key(renewed.key_id), RevocationReason.SUPERSEDED
    revoke(card, lambda _: Secret("1234"), pick, reason, toolkit.context, show=lambda _: None)
    assert status(file, toolkit.context).state == "revoked"
    foreign = ForeignerRequest(FOREIGNER, ContactData("a@example.be", "+32 2 555 01 42"))
    assert request_foreign(foreign, PASSWORD, toolkit.context).state == "waiting"


def test_every_message_is_valid_by_the_schemas(trace: Path, schema: etree.RelaxNG) -> None:
    assert validate_all(trace, schema) >= 16


@pytest.mark.interop
def test_xmlsec1_verifies_every_signature(trace: Path, tmp_path: Path) -> None:
    assert verify_all(trace, tmp_path) >= 5
