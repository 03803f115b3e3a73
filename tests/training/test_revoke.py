"""Revocation on the training platform: what it takes, what goes with it, and everything that is turned away."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth import certra
from ehtoolkit.ehealth.contract import Contract, RevocationReason
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.soap.signature import sign_element
from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, unwrap, wrap
from ehtoolkit.identity import Identifier, Organisation, Person
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.state.mailbox import MailKind

if TYPE_CHECKING:
    from tests.training.conftest import Client, Wire

    MakeClient = Callable[..., Client]

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
URL = "http://training.invalid/CertRa/v2"
LOST = RevocationReason.SUPERSEDED
PHARMACY = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")


def key_id_of(person: Client) -> str:
    from ehtoolkit.ehealth.certra import public_key_identifier

    return public_key_identifier(person.key.public_key())


def contract_of(
    person: Client, reason: RevocationReason = LOST, key_id: str | None = None, signer: Person | None = None
) -> Contract:
    wanted = key_id or key_id_of(person)
    return person.platform.certra.generate_revocation_contract(wanted, signer or person.person, reason)


def revoke(person: Client, contract: Contract | None = None, key: CardKey = CardKey.SIGNATURE) -> None:
    contract = contract or contract_of(person)
    person.platform.certra.revoke(key_id_of(person), contract, person.signer(key))


def signed_body(person: Client, contract: Contract, key_id: str | None = None) -> bytes:
    """A RevokeRequest as it goes over the wire."""
    request = certra.build_revoke(NOW, key_id or key_id_of(person), contract)
    return wrap(sign_element(request, person.signer(CardKey.SIGNATURE)))


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(errors.PlatformRefused) as refused:
        call()
    return str(refused.value.facts["code"])


def codes(body: bytes) -> list[str]:
    message = unwrap(body)
    return [element.text or "" for element in message.iter("Code") if not element.xpath("parent::Status")]


@pytest.fixture
def holder(client: MakeClient) -> Client:
    """The default person with a certificate and its token."""
    person = client()
    person.deliver()
    person.register()
    return person


@pytest.mark.parametrize("reason", RevocationReason)
def test_the_certificate_and_its_token_end_together(
    holder: Client, platform: Platform, training: TrainingPlatform, reason: RevocationReason
) -> None:
    number = holder.person.identifier
    assert platform.depot.get_etk(number) is not None
    contract = contract_of(holder, reason)
    assert contract.revocation_reason == reason
    assert set(contract.texts) == {"fr", "nl"}
    assert all(reason in text and key_id_of(holder) in text for text in contract.texts.values())
    revoke(holder, contract)

    assert platform.depot.get_etk(number) is None
    info = platform.certra.get_certificate_info(holder.holder)
    assert (info.status, info.etk_status) == ("REVOKED", "REVOKED")
    assert not info.revocable
    assert not info.replaceable
    assert code_of(holder.serial) == "SIGNER_CERTIFICATE_REVOKED"
    assert code_of(lambda: platform.etkra.activate(holder.holder)) == "SIGNER_CERTIFICATE_REVOKED"
    (record,) = certificate_register.all_records(training)
    assert record.revocation_reason == reason
    assert record.revoked_at is not None


@pytest.mark.parametrize("name", ["karl", "claire", "ines"])
def test_other_cards_and_authorities(name: str, client: MakeClient, platform: Platform) -> None:
    person = client(name)
    person.deliver()
    revoke(person)
    assert platform.certra.get_certificate_info(person.holder).status == "REVOKED"
    assert platform.certra.get_certificate_info(person.holder).etk_status == "NOT_REQUESTED"


def test_a_lost_key_is_revoked_from_the_list_and_a_new_request_is_taken_at_once(
    holder: Client, client: MakeClient, platform: Platform, training: TrainingPlatform
) -> None:
    (listed,) = platform.certra.get_certificate_info_for_citizen(holder.signer(CardKey.AUTHENTICATION))
    assert listed.revocable
    new = client(first=2)
    assert code_of(new.request) == "CERT_ALREADY_ACTIVE"
    new.platform.certra.revoke(
        listed.key_id, contract_of(new, key_id=listed.key_id), new.signer(CardKey.SIGNATURE)
    )
    accepted = new.request()
    assert accepted.replaces is None
    training.clock.move("+2h")
    new.chain = platform.certra.get_certificate(accepted.key_id)
    registered = new.register()
    assert not registered.to_be_activated
    assert platform.depot.get_etk(new.person.identifier) == registered.etk


def test_any_representative_revokes_an_organisations_certificate(
    client: MakeClient, platform: Platform, training: TrainingPlatform
) -> None:
    ines, karl = client("ines"), client("karl", first=2)
    key_id = ines.request(ines.contract(PHARMACY, "APP-1")).key_id
    training.clock.move("+2h")
    ines.chain = platform.certra.get_certificate(key_id)
    ines.register()
    assert platform.depot.get_etk(PHARMACY.identifier, "APP-1") is not None
    assert code_of(lambda: contract_of(karl, key_id=key_id)) == "REVOCATION_NOT_ALLOWED"
    contract = contract_of(ines)
    assert contract.distinguished_name.application_id == "APP-1"
    revoke(ines, contract)
    assert platform.depot.get_etk(PHARMACY.identifier, "APP-1") is None
    assert platform.certra.get_existing_application_ids(PHARMACY.identifier) == ()


def test_a_replaced_token_does_not_come_back(
    holder: Client, client: MakeClient, platform: Platform, training: TrainingPlatform
) -> None:
    """The renewed certificate is revoked while the old one is still valid: the depot has neither token."""
    training.clock.move("+34mo")
    new = client(first=2)
    key_id = new.request().key_id
    training.clock.move("+2h")
    new.chain = platform.certra.get_certificate(key_id)
    new.register()
    platform.etkra.activate(new.holder)
    revoke(new)
    assert platform.certra.get_certificate_info(holder.holder).status == "VALID_ACTIVE"
    assert platform.depot.get_etk(new.person.identifier) is None


def test_an_e_mail_says_so(holder: Client, training: TrainingPlatform) -> None:
    before = len(training.mails())
    revoke(holder)
    mail, *others = training.mails()
    assert len(others) == before
    assert mail.kind is MailKind.REVOKED
    assert mail.to == "elise@example.be"
    assert mail.key_id == key_id_of(holder)
    assert mail.key_id in mail.body
    assert "$" not in mail.subject + mail.body


# ── states in which nothing can be revoked ───────────────────────────────────────────────────────────────
def test_what_is_still_being_made(client: MakeClient, platform: Platform) -> None:
    person = client()
    person.request()
    (listed,) = platform.certra.get_certificate_info_for_citizen(person.signer(CardKey.AUTHENTICATION))
    assert not listed.revocable
    assert code_of(lambda: contract_of(person)) == "CERT_IN_PROGRESS"


def test_what_is_revoked_already(holder: Client) -> None:
    contracts = [contract_of(holder) for _ in range(2)]
    revoke(holder, contracts[0])
    assert code_of(lambda: contract_of(holder)) == "CERT_ALREADY_REVOKED"
    assert code_of(lambda: revoke(holder, contracts[1])) == "CERT_ALREADY_REVOKED"


def test_what_has_expired(holder: Client, training: TrainingPlatform, client: MakeClient) -> None:
    contract = contract_of(holder)
    training.clock.move("+37mo")
    assert code_of(lambda: contract_of(holder)) == "CERT_EXPIRED"
    assert code_of(lambda: revoke(holder, contract)) == "CERT_EXPIRED"


def test_what_was_refused(client: MakeClient, training: TrainingPlatform) -> None:
    person = client()
    key_id = person.request().key_id
    training.decide(key_id, deliver=False)
    assert code_of(lambda: contract_of(person)) == "CERT_REFUSED"


def test_an_unknown_certificate(client: MakeClient) -> None:
    assert code_of(lambda: contract_of(client(), key_id="00" * 20)) == "CERT_UNKNOWN"


# ── hostile clients ──────────────────────────────────────────────────────────────────────────────────────
def test_another_persons_certificate(holder: Client, client: MakeClient, platform: Platform) -> None:
    bram = client("bram", first=2)
    key_id = key_id_of(holder)
    assert code_of(lambda: contract_of(bram, key_id=key_id)) == "REVOCATION_NOT_ALLOWED"
    # The contract of the holder, signed by somebody else: as it is, and with his own name put in.
    contract = contract_of(holder)
    signer = bram.signer(CardKey.SIGNATURE)
    assert code_of(lambda: platform.certra.revoke(key_id, contract, signer)) == "SIGNER_MISMATCH"
    forged = contract_of(holder)
    next(
        element for element in forged.element.iter() if element.tag.endswith("}Id")
    ).text = bram.person.niss.digits
    call = lambda: platform.certra.revoke(key_id, forged, signer)  # noqa: E731
    assert code_of(call) == "CONTRACT_SIGNER_MISMATCH"
    assert platform.certra.get_certificate_info(holder.holder).status == "VALID_ACTIVE"


def test_a_contract_for_another_certificate(
    holder: Client, client: MakeClient, platform: Platform, training: TrainingPlatform
) -> None:
    """Both certificates are the signer's own."""
    ines, other = client("ines"), client("ines", first=2)
    ines.key = holder.encryption_key  # any key that no request was made for
    keys = []
    for person, application_id in ((ines, "APP-1"), (other, "APP-2")):
        keys.append(person.request(person.contract(PHARMACY, application_id)).key_id)
    training.clock.move("+2h")
    first = contract_of(ines, key_id=keys[0])
    signer = ines.signer(CardKey.SIGNATURE)
    assert code_of(lambda: platform.certra.revoke(keys[1], first, signer)) == "CONTRACT_KEY_MISMATCH"


def test_the_authentication_key_instead_of_the_signature_key(holder: Client) -> None:
    assert code_of(lambda: revoke(holder, key=CardKey.AUTHENTICATION)) == "SIGNER_KEY_USAGE_WRONG"


def test_the_key_of_the_certificate_itself(holder: Client, platform: Platform) -> None:
    contract = contract_of(holder)
    call = lambda: platform.certra.revoke(key_id_of(holder), contract, holder.holder)  # noqa: E731
    assert code_of(call) == "SIGNER_NOT_TRUSTED"


def test_names_that_are_not_those_on_the_card(holder: Client) -> None:
    misspelt = dataclasses.replace(holder.person, first_names="Elise Marie")
    contract = contract_of(holder, signer=misspelt)
    assert code_of(lambda: revoke(holder, contract)) == "SIGNER_NAME_MISMATCH"


def test_an_organisation_as_signer(holder: Client, wire: Wire) -> None:
    request = certra.build_generate_revocation_contract(NOW, key_id_of(holder), holder.person, LOST)
    body = wrap(request).replace(b'Type="SSIN">79031421872', b'Type="CBE">0486132722')
    assert codes(wire.post(URL, body, {}).body) == ["IDENTIFIER_INVALID"]


Tamper = Callable[[etree._Element], object]


def _change(name: str, old: str, new: str) -> Tamper:
    def act(contract: etree._Element) -> None:
        element = next(child for child in contract.iter(f"{{{CERTRA_CORE}}}{name}"))
        assert old in (element.text or "")
        element.text = (element.text or "").replace(old, new)

    return act


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (_change("Value", "immédiate", "lente"), "CONTRACT_UNKNOWN"),
        (_change("Value", "\r\n", "\n"), "CONTRACT_UNKNOWN"),
        (_change("DN", "79031421872", "85110230740"), "CONTRACT_DN_MISMATCH"),
        (_change("DN", "CN=", "nonsense "), "CONTRACT_DN_MISMATCH"),
        (_change("RevocationReason", "superseded", "keyCompromise"), "CONTRACT_REASON_MISMATCH"),
    ],
    ids=["text", "line ends", "DN", "no DN", "reason"],
)
def test_a_contract_that_was_changed(holder: Client, platform: Platform, tamper: Tamper, code: str) -> None:
    contract = contract_of(holder)
    tamper(contract.element)
    assert code_of(lambda: revoke(holder, contract)) == code
    assert platform.certra.get_certificate_info(holder.holder).status == "VALID_ACTIVE"


def test_only_the_escaping_of_the_dn_may_differ(holder: Client, platform: Platform) -> None:
    contract = contract_of(holder)
    _change("DN", "=SSIN=", "=SSIN\\=")(contract.element)
    revoke(holder, contract)
    assert platform.certra.get_certificate_info(holder.holder).status == "REVOKED"


def test_the_two_kinds_of_contract_are_not_taken_for_each_other(holder: Client, wire: Wire) -> None:
    """The contract for a certificate with a reason put in; and the other way round."""
    contract = holder.contract()
    reason = etree.Element(f"{{{CERTRA_CORE}}}RevocationReason")
    reason.text = LOST
    contract.element.insert(2, reason)
    assert codes(wire.post(URL, signed_body(holder, contract), {}).body) == ["CONTRACT_UNKNOWN"]

    revocation = contract_of(holder)
    revocation.element.remove(revocation.element[2])
    assert code_of(lambda: holder.request(revocation)) == "CONTRACT_UNKNOWN"


def test_a_tampered_request_under_a_good_signature_does_not_hold(holder: Client, wire: Wire) -> None:
    body = signed_body(holder, contract_of(holder))
    damaged = body.replace(LOST.value.encode(), b"keyCompromise")
    assert damaged != body
    assert codes(wire.post(URL, damaged, {}).body) == ["SIGNATURE_INVALID"]


def test_a_signed_request_wrapped_in_another(holder: Client, client: MakeClient, wire: Wire) -> None:
    bram = client("bram", first=2)
    signed = unwrap(signed_body(holder, contract_of(holder)))
    outer = certra.build_revoke(NOW, key_id_of(bram), contract_of(holder))
    outer.append(copy.deepcopy(signed))
    assert codes(wire.post(URL, wrap(outer), {}).body) == ["SIGNATURE_INVALID"]


def test_the_same_request_again_is_answered_as_the_first_time(
    holder: Client, wire: Wire, training: TrainingPlatform
) -> None:
    body = signed_body(holder, contract_of(holder))
    first, again = (wire.post(URL, body, {}).body for _ in range(2))
    assert codes(first) == []
    assert again == first
    assert [mail.kind for mail in training.mails()].count(MailKind.REVOKED) == 1


def test_another_request_under_the_same_id(holder: Client, wire: Wire) -> None:
    contracts = [contract_of(holder) for _ in range(2)]
    bodies = []
    for contract in contracts:
        request = certra.build_revoke(NOW, key_id_of(holder), contract)
        request.set("Id", "_always_the_same")
        bodies.append(wrap(sign_element(request, holder.signer(CardKey.SIGNATURE))))
    assert codes(wire.post(URL, bodies[0], {}).body) == []
    assert codes(wire.post(URL, bodies[1], {}).body) == ["REQUEST_ID_REUSED"]


def test_an_expired_card_revokes_nothing(
    holder: Client, training: TrainingPlatform, client: MakeClient
) -> None:
    """The certificate, renewed twice, is still valid; the card, good for eight years, is not."""
    for first in (1, 2):
        training.clock.move("+35mo")
        new = client(first=first)
        new.key = new.encryption_key
        new.request()
    training.clock.move("+25mo")
    contract = contract_of(new)
    assert code_of(lambda: revoke(new, contract)) == "SIGNER_CERTIFICATE_EXPIRED"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">superseded<", b">because<"),
        (b">superseded<", b"><"),
        (b"<certra:RevocationReason>superseded</certra:RevocationReason>", b""),
        (b"PublicKeyIdentifier>", b"KeyIdentifier>"),
    ],
    ids=["unknown reason", "empty reason", "no reason", "no key"],
)
def test_what_the_schema_forbids(holder: Client, wire: Wire, old: bytes, new: bytes) -> None:
    request = certra.build_generate_revocation_contract(NOW, key_id_of(holder), holder.person, LOST)
    body = wrap(request)
    assert old in body
    answer = wire.post(URL, body.replace(old, new), {})
    assert answer.status == 500
    assert codes(answer.body) == ["SOA-03001"]


def test_everything_that_a_client_sends_is_escaped_in_the_contract(holder: Client) -> None:
    evil = dataclasses.replace(holder.person, first_names="<script>alert(1)</script>", name='"Co" & co')
    contract = contract_of(holder, signer=evil)
    for text in contract.texts.values():
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
