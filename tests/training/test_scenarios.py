"""What a trainer switches on, as clients meet it, in this process and over HTTP; and that nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ehtoolkit import errors
from ehtoolkit.card.chip import parse_fields
from ehtoolkit.card.port import CardKey, check_certificates
from ehtoolkit.ehealth.certra import certificate_request, public_key_identifier
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.identity import Identifier, Organisation
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import ask_qualities
from ehtoolkit.procedures.state.certificate_list import list_certificates
from ehtoolkit.secret import Secret
from ehtoolkit.training import Scenario, TrainingOrganisation
from ehtoolkit.training.state.mailbox import MailKind
from tests.training.scenario_room import CONTACT, PIN, Room, holder_of


# ── what becomes of a request ────────────────────────────────────────────────────────────────────────────
def test_manual_validation_takes_ten_days(room: Room) -> None:
    room.on("manual-validation")
    outcome = room.ask()
    assert outcome.state is State.VALIDATING
    assert "dix jours" in room.trainer.mails()[0].body
    assert room.ask("bram").state is State.WAITING
    room.wait("+9d")
    assert room.complete(outcome).state is State.WAITING
    room.off("manual-validation")
    room.wait("+2d")
    assert room.complete(outcome).state is State.COMPLETE


def test_a_trainer_delivers_or_refuses_one_request_before_its_time(room: Room) -> None:
    room.on("manual-validation", None)
    mine, other = room.ask(), room.ask("bram")
    assert room.trainer.decide(mine.key_id, deliver=True)
    assert room.trainer.decide(other.key_id, deliver=False)
    assert room.complete(mine).state is State.COMPLETE
    with pytest.raises(errors.RequestRefused):
        room.complete(other)
    ready = next(mail for mail in room.trainer.mails() if mail.key_id == mine.key_id)
    assert ready.kind is MailKind.READY
    for decided in (mine.key_id, other.key_id, "00" * 20):
        assert not room.trainer.decide(decided, deliver=True)


def test_a_delivery_is_withheld_until_it_is_not(room: Room) -> None:
    outcome, other = room.ask(), room.ask("bram")
    room.on("not-yet-delivered")
    room.wait("+20d")
    assert room.complete(outcome).state is State.WAITING
    assert room.complete(other).state is State.COMPLETE
    assert [certificate.withheld for certificate in room.trainer.certificates()] == [False, True]
    assert [mail.kind for mail in room.trainer.mails() if mail.key_id == outcome.key_id] == [
        MailKind.RECEIVED
    ]

    room.off("not-yet-delivered")
    released = room.trainer.clock.now()
    done = room.complete(outcome)
    assert done.state is State.COMPLETE
    leaf = room.file(done.keystore).keystore.chain[0]
    assert abs(leaf.not_valid_before_utc - released) < timedelta(seconds=20)
    ready = next(mail for mail in room.trainer.mails() if mail.key_id == outcome.key_id)
    assert ready.kind is MailKind.READY
    assert abs(ready.sent - released) < timedelta(seconds=20)


def test_what_was_delivered_or_is_not_due_is_not_touched_by_withholding(room: Room) -> None:
    delivered = room.ask()
    room.wait()
    room.on("not-yet-delivered", None)
    assert room.complete(delivered).state is State.COMPLETE
    waiting = room.ask("bram")
    due = room.trainer.certificates()[0].deliver_at
    room.off("not-yet-delivered", None)
    assert room.trainer.certificates()[0].deliver_at == due
    assert room.complete(waiting).state is State.WAITING
    room.wait("+2h")
    assert room.complete(waiting).state is State.COMPLETE


def test_a_request_that_waits_is_refused_and_so_is_the_next(room: Room) -> None:
    waiting = room.ask()
    room.on("refused")
    with pytest.raises(errors.RequestRefused):
        room.complete(waiting)
    with pytest.raises(errors.RequestRefused):
        room.resume(waiting.keystore)
    refused, _ = room.trainer.mails()
    assert refused.kind is MailKind.REFUSED
    assert "refusée" in refused.subject
    assert "$" not in refused.body
    (info,) = room.platform.certra.get_certificate_info_for_citizen(room.signer())
    assert (info.status, info.revocable, info.replaceable) == ("REFUSED", False, False)

    room.wait("+20d")
    assert [mail.kind for mail in room.trainer.mails()] == [MailKind.REFUSED, MailKind.RECEIVED]
    second = room.ask()
    assert second.state is State.VALIDATING
    with pytest.raises(errors.RequestRefused):
        room.complete(second)

    room.off("refused")
    third = room.ask()
    room.wait()
    assert room.complete(third).state is State.COMPLETE
    assert len(room.keystores) == 3
    assert [status for status, _ in room.held] == ["VALID_ACTIVE", "REFUSED", "REFUSED"]


def test_a_refused_renewal_may_be_asked_for_again(room: Room) -> None:
    old = room.ask()
    room.wait()
    room.complete(old)
    signer = holder_of(room.file(old.keystore))
    room.wait("+35mo")
    room.on("refused")
    room.ask(insist=True)
    assert room.platform.certra.get_certificate_info(signer).replaceable
    room.off("refused")
    accepted = room.ask(insist=True)
    assert room.trainer.certificates()[0].replaces == old.key_id
    assert not room.platform.certra.get_certificate_info(signer).replaceable
    assert accepted.state is State.WAITING


def test_organisations_that_the_registers_do_not_know(room: Room) -> None:
    def listed() -> list[str]:
        qualities = ask_qualities(room.card("ines"), PIN, room.toolkit.context)
        return [organisation.type for organisation in qualities.organisations]

    assert listed() == ["NIHII-PHARMACY", "CBE"]
    room.on("unknown-organisations", "ines")
    assert listed() == []
    pharmacy = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")
    assert not _accepted_for(room, pharmacy)
    room.off("unknown-organisations", "ines")
    assert listed() == ["NIHII-PHARMACY", "CBE"]
    assert _accepted_for(room, pharmacy, application_id="APP-1")


def test_a_mandate_is_given_and_taken_away(room: Room) -> None:
    practice = TrainingOrganisation(
        Identifier("CBE", "0403170701"), "Cabinet des Saules", "Praktijk De Wilgen"
    )

    def listed() -> list[tuple[str, str]]:
        qualities = ask_qualities(room.card("bram"), PIN, room.toolkit.context)
        return [(organisation.number, organisation.names["nl"]) for organisation in qualities.organisations]

    assert listed() == []
    room.trainer.set_mandate("Bram", practice, granted=True)
    assert listed() == [("0403170701", "Praktijk De Wilgen")]
    assert [state.mandates for state in room.trainer.person_states() if state.person.name == "bram"] == [
        (practice,)
    ]
    room.trainer.set_mandate("bram", practice, granted=False)
    assert listed() == []
    (own,) = room.trainer.people()[0].organisations
    room.trainer.set_mandate("elise", own, granted=False)
    assert ask_qualities(room.card(), PIN, room.toolkit.context).organisations == ()


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["elise", "karl"])
def test_a_card_that_has_expired(room: Room, name: str) -> None:
    card = room.card(name)
    before, fields = card.identity(), parse_fields(card.files().identity)
    now = room.trainer.clock.now()
    check_certificates(card, now)
    room.on("expired-eid", name)
    with pytest.raises(errors.CardCertificateExpired) as expired:
        room.ask(name)
    assert expired.value.facts["certificate"] == "Authentication"
    assert room.keystores == []
    valid_until = card.identity().valid_until
    assert valid_until is not None
    assert valid_until < now.date()
    earlier = parse_fields(card.files().identity)
    assert {tag for tag, value in earlier.items() if value != fields[tag]} == {3, 4}, "its days of validity"
    leaf, citizen, root = card.chain(CardKey.SIGNATURE)
    leaf.verify_directly_issued_by(citizen)
    citizen.verify_directly_issued_by(root)
    with pytest.raises(errors.PlatformRefused) as refused:  # whoever does not look at the dates himself
        room.platform.certra.get_actor_qualities(card.identity().person, room.signer(name))
    assert refused.value.facts["code"] == "SIGNER_CERTIFICATE_EXPIRED"

    room.off("expired-eid", name)
    assert card.identity() == before
    assert room.ask(name).state is State.WAITING


def test_a_signature_certificate_that_was_never_activated(room: Room) -> None:
    room.on("signature-not-activated")
    with pytest.raises(errors.CardCertificateMissing) as missing:
        ask_qualities(room.card(), None, room.toolkit.context)
    assert missing.value.facts == {"certificate": "Signature"}
    with pytest.raises(errors.CardCertificateMissing):
        room.card().sign(CardKey.SIGNATURE, b"data", PIN)
    assert room.platform.certra.get_actor_qualities(
        room.card().identity().person, room.signer()
    ).natural_person
    room.off("signature-not-activated")
    assert room.ask().state is State.WAITING


def test_a_pin_that_is_blocked_and_unblocked(room: Room) -> None:
    room.on("blocked-pin", None)
    card = room.card()
    assert card.pin_tries_left() == 0
    with pytest.raises(errors.PinBlocked):
        room.ask()
    with pytest.raises(errors.PinBlocked):
        card.change_pin(PIN, Secret("4321"))
    with pytest.raises(errors.PinMalformed):
        card.sign(CardKey.AUTHENTICATION, b"data", Secret("12"))
    with pytest.raises(errors.PinMalformed):
        card.change_pin(Secret("12"), Secret("4321"))
    with pytest.raises(errors.PinBlocked):
        card.verify_pin(Secret("12"))
    assert {state.tries_left for state in room.trainer.person_states()} == {0}

    room.trainer.unblock("Elise")
    assert card.pin_tries_left() == 3
    assert room.ask().state is State.WAITING
    with pytest.raises(errors.PinBlocked):
        room.ask("bram")
    state = next(
        scenario for scenario in room.trainer.scenarios() if scenario.scenario is Scenario.BLOCKED_PIN
    )
    assert state.everybody
    assert "elise" not in state.people
    assert "bram" in state.people
    room.off("blocked-pin", None)
    assert room.ask("bram").state is State.WAITING


def test_three_wrong_pins_are_unblocked_by_the_trainer_too(room: Room) -> None:
    for _ in range(3):
        with pytest.raises(errors.PinError):
            room.card().sign(CardKey.AUTHENTICATION, b"data", Secret("0000"))
    assert room.trainer.person_states()[0].tries_left == 0
    room.trainer.unblock("elise")
    assert room.card().sign(CardKey.AUTHENTICATION, b"data", PIN)


# ── the forgotten password ───────────────────────────────────────────────────────────────────────────────
def test_a_keystore_with_a_lost_password_can_be_revoked(room: Room) -> None:
    room.on("forgotten-password")
    room.on("forgotten-password")
    (path,) = room.keystores
    for guess in ("", "1234", "Kine-2026"):
        with pytest.raises(errors.KeystorePasswordWrong):
            KeystoreFile.open(path, Secret(guess))
    (held,) = list_certificates(room.card(), PIN, room.toolkit.context)
    assert held.file == path
    assert (held.state, held.revocable) == (State.ACTIVE, True)
    assert room.platform.depot.get_etk(Identifier("SSIN", "79031421872")) is not None
    with pytest.raises(errors.CertificateInForce):  # it has to be revoked first
        room.ask()

    _revoke(room, held.key_id)
    second = room.ask()
    room.wait()
    assert room.complete(second).state is State.COMPLETE
    room.off("forgotten-password")
    assert path not in room.keystores
    assert [status for status, _ in room.held] == ["VALID_ACTIVE", "REVOKED"]


def test_a_forgotten_password_that_was_a_mistake_of_the_trainer(room: Room) -> None:
    room.on("forgotten-password")
    room.off("forgotten-password", None)
    assert (room.keystores, room.held, room.trainer.mails()) == ([], [], [])
    assert room.ask().state is State.WAITING
    with pytest.raises(errors.ScenarioUnfit) as unfit:
        room.on("forgotten-password")
    assert unfit.value.facts["reason"] == "certificate"
    assert len(room.keystores) == 1
    with pytest.raises(errors.ScenarioUnfit) as unfit:
        room.on("forgotten-password", None)
    assert unfit.value.facts["reason"] == "everybody"
    room.on("not-yet-delivered", "bram")
    with pytest.raises(errors.ScenarioUnfit) as unfit:
        room.on("forgotten-password", "bram")
    assert unfit.value.facts["reason"] == "withheld"
    assert not any(
        scenario.is_on for scenario in room.trainer.scenarios() if scenario.scenario == "forgotten-password"
    )
    assert len(room.held) == 1


def _revoke(room: Room, key_id: str) -> None:
    certra, person = room.platform.certra, room.requested().signer
    contract = certra.generate_revocation_contract(key_id, person, RevocationReason.SUPERSEDED)
    certra.revoke(key_id, contract, room.signer(key=CardKey.SIGNATURE))


def _accepted_for(room: Room, organisation: Organisation, application_id: str | None = None) -> bool:
    """Whether a request by Inès for her pharmacy is granted without a person's check."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    certra, person = room.platform.certra, room.requested("ines").signer
    contract = certra.generate_contract(person, organisation, CONTACT, application_id)
    csr = certificate_request(generate_private_key(65537, 2048), contract.distinguished_name)
    signer = room.signer("ines", CardKey.SIGNATURE)
    signed = certra.sign_certificate_request(csr, contract, CONTACT, signer, ("tsa",))
    return certra.generate_certificate(
        signed, public_key_identifier(csr.public_key())
    ).automatically_validated
