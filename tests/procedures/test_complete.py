"""Completing a request when something goes wrong: refused, told apart, and taken up again."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import key_lock
from ehtoolkit.procedures.complete import activate, complete
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.finish import finish
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key
from ehtoolkit.procedures.state.platform_status import status
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.training_life import Life

CERTIFICATES = re.compile(rb"X509Certificate>([^<]+)<")


@pytest.fixture
def asked(road: Road) -> ProcedureResult:
    outcome = road.ask()
    road.wait()
    return outcome


def rewritten(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Response], Response]:
    """Change the list of certificates in the answer of GetCertificate."""

    def act(answer: Response) -> Response:
        old = CERTIFICATES.findall(answer.body)
        new = iter(change(old))
        body = CERTIFICATES.sub(lambda _: b"X509Certificate>" + next(new) + b"<", answer.body)
        return Response(answer.status, answer.headers, body)

    return act


def test_a_reversed_chain(road: Road, asked: ProcedureResult) -> None:
    before = asked.keystore.read_bytes()
    road.wire.after["getcertificate"] = rewritten(lambda old: old[::-1])
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "chain_order"}
    assert asked.keystore.read_bytes() == before


def test_a_certificate_for_another_key(road: Road, asked: ProcedureResult) -> None:
    before = asked.keystore.read_bytes()
    road.wire.after["getcertificate"] = rewritten(lambda old: [old[1], old[1]])
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "key"}
    assert asked.keystore.read_bytes() == before


def test_a_certificate_for_another_name(road: Road, asked: ProcedureResult) -> None:
    assert road.toolkit.training is not None
    authorities = road.toolkit.training.authorities
    issuer = next(
        issuer for issuer in vars_of(authorities) if hasattr(issuer, "key") and is_rsa_issuer(issuer)
    )

    def change(old: list[bytes]) -> list[bytes]:
        leaf = x509.load_der_x509_certificate(base64.b64decode(old[0]))
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SSIN=68053041155")])
        digest = leaf.signature_hash_algorithm
        assert isinstance(digest, SHA256)
        forged = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(leaf.issuer)
            .public_key(leaf.public_key())
            .serial_number(5)
            .not_valid_before(leaf.not_valid_before_utc)
            .not_valid_after(leaf.not_valid_after_utc)
            .sign(issuer.key, digest)
        )
        return [base64.b64encode(forged.public_bytes(Encoding.DER)), *old[1:]]

    road.wire.after["getcertificate"] = rewritten(change)
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "name"}


def test_a_challenge_that_does_not_check(road: Road, asked: ProcedureResult) -> None:
    def spoil(answer: Response) -> Response:
        match = re.search(rb"Challenge>([^<]+)<", answer.body)
        assert match is not None
        challenge = bytearray(base64.b64decode(match.group(1)))
        challenge[-1] ^= 1
        body = answer.body.replace(match.group(1), base64.b64encode(bytes(challenge)))
        return Response(answer.status, answer.headers, body)

    road.wire.after["startETKRegistration"] = spoil
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "challenge"}
    # The certificate is installed and stays; the next run goes on with the token.
    assert road.file(asked).keystore.installed
    road.wire.after.clear()
    assert road.complete(asked).state is State.COMPLETE


def test_a_token_of_another_person(road: Road, asked: ProcedureResult) -> None:
    def swap(answer: Response) -> Response:
        return Response(answer.status, answer.headers, re.sub(rb"ETK>[^<]+<", b"ETK>MAMCAQE=<", answer.body))

    road.wire.after["completeETKregistration"] = swap
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "etk"}
    road.wire.after.clear()
    assert road.complete(asked).state is State.COMPLETE
    assert len(road.file(asked).keystore.encryption) == 1


def test_a_lost_answer_to_the_registration_is_found_by_asking(road: Road, asked: ProcedureResult) -> None:
    road.wire.lost["completeETKregistration"] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    assert road.complete(asked).state is State.COMPLETE
    assert road.wire.count("completeETKregistration") == 1


NOT_SENT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


def test_a_registration_that_never_arrived_is_made_up_for_with_the_same_key(
    road: Road, asked: ProcedureResult
) -> None:
    road.wire.before["completeETKregistration"] = NOT_SENT
    with pytest.raises(errors.PlatformUnreachable):
        road.complete(asked)
    before = road.file(asked).keystore
    assert len(before.encryption) == 1
    assert status(road.file(asked), road.toolkit.context).state is State.NO_ETK, "whatever the file has"
    road.wire.before.clear()
    assert road.complete(asked).state is State.COMPLETE
    assert road.file(asked).keystore == before
    assert road.wire.count("startETKRegistration") == 1


def test_a_key_with_a_refused_registration_stays_beside_a_new_pair(
    road: Road, asked: ProcedureResult
) -> None:
    """As one that knows a registration that was started for some hours only."""
    road.wire.before["completeETKregistration"] = NOT_SENT
    with pytest.raises(errors.PlatformUnreachable):
        road.complete(asked)
    (left,) = road.file(asked).keystore.encryption
    road.wire.before.clear()
    assert road.toolkit.training is not None
    road.toolkit.training.database.write("DELETE FROM token")
    assert road.complete(asked).state is State.COMPLETE
    aliases = [key.alias for key in road.file(asked).keystore.encryption]
    assert (aliases[0], len(aliases)) == (left.alias, 2)


# ── one process at a time ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("procedure", [complete, finish, activate])
def test_no_procedure_goes_on_while_another_works_for_the_holder(
    road: Road, procedure: Callable[[KeystoreFile, Context], object]
) -> None:
    life = Life(road)
    asked = life.renew(life.due())
    life.move("+1d")
    if procedure is activate:
        road.complete(asked)
    road.wire.seen.clear()
    before = asked.keystore.read_bytes()
    context = road.toolkit.context
    with holder_lock(road.requested.name, context), pytest.raises(errors.RequestRunning):
        procedure(road.file(asked), context)
    assert (road.wire.seen, asked.keystore.read_bytes()) == ([], before)
    procedure(road.file(asked), context)


def test_a_keystore_without_a_known_holder_has_a_lock_of_its_own(road: Road, asked: ProcedureResult) -> None:
    context, key_id = road.toolkit.context, asked.key_id
    (context.notes / f"{key_id}.json").unlink()
    renamed = asked.keystore.rename(asked.keystore.with_name("my certificate.p12"))
    file = KeystoreFile.open(renamed, PASSWORD)
    with key_lock(context.locks, context.environment, key_id), pytest.raises(errors.RequestRunning):
        complete(file, context)
    assert complete(file, context).state is State.COMPLETE


@pytest.mark.parametrize("procedure", [complete, finish])
def test_what_another_process_has_completed_since_the_file_was_opened_is_not_done_again(
    road: Road, asked: ProcedureResult, procedure: Callable[[KeystoreFile, Context], object]
) -> None:
    opened = road.file(asked)
    road.complete(asked)
    before = asked.keystore.read_bytes()
    procedure(opened, road.toolkit.context)
    assert asked.keystore.read_bytes() == before
    assert opened.keystore == road.file(asked).keystore
    assert road.wire.count("startETKRegistration") == 1


def test_a_depot_that_holds_nothing_of_ours(road: Road, asked: ProcedureResult) -> None:
    def empty(answer: Response) -> Response:
        return Response(
            answer.status, answer.headers, re.sub(rb"<[^<]*ETK>[^<]+</[^<]*ETK>", b"", answer.body)
        )

    road.wire.after["EtkDepot"] = empty
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.complete(asked)
    assert caught.value.facts == {"reason": "depot"}
    road.wire.after.clear()
    assert road.complete(asked).state is State.COMPLETE


def test_not_delivered_is_an_outcome_and_changes_nothing(road: Road) -> None:
    outcome = road.ask()
    before = outcome.keystore.read_bytes()
    waiting = road.complete(outcome)
    assert waiting.state is State.WAITING
    assert waiting.not_after is None
    assert outcome.keystore.read_bytes() == before
    assert status(road.file(outcome), road.toolkit.context).state is State.WAITING


def test_without_its_note_the_name_is_taken_from_the_file(road: Road, asked: ProcedureResult) -> None:
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    assert road.complete(asked).state is State.COMPLETE


def test_the_status_of_a_complete_keystore(road: Road, asked: ProcedureResult) -> None:
    road.complete(asked)
    found = status(road.file(asked), road.toolkit.context)
    assert found.state is State.ACTIVE
    assert found.not_after == road.file(asked).keystore.not_after


def vars_of(value: object) -> list[object]:
    return [getattr(value, name) for name in dir(value) if not name.startswith("_")]


def is_rsa_issuer(issuer: object) -> bool:
    certificate = getattr(issuer, "certificate", None)
    return certificate is not None and "issuing CA 001" in certificate.subject.rfc4514_string()


def test_a_certificate_that_expired_before_it_was_fetched(road: Road) -> None:
    asked = road.ask()
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("+37mo")
    platform_status = status(road.file(asked), road.toolkit.context)
    assert (platform_status.state, platform_status.next) == (State.EXPIRED, Action.REQUEST)
    assert [finding.key for finding in platform_status.findings] == ["state_expired"]
    with pytest.raises(errors.WrongState) as caught:
        road.complete(asked)
    assert caught.value.facts == {"path": str(asked.keystore), "state": State.EXPIRED}


def test_a_certificate_that_was_revoked_before_its_token_was_made(road: Road) -> None:
    asked = road.ask()
    road.wait()
    card = road.toolkit.open_card()
    reason = RevocationReason.KEY_COMPROMISE
    revoke(card, lambda _: PIN, by_key(asked.key_id), reason, road.toolkit.context, show=lambda _: None)
    with pytest.raises(errors.WrongState) as caught:
        road.complete(asked)
    assert caught.value.facts["state"] == State.REVOKED


def test_a_file_that_is_complete_needs_nothing(road: Road, asked: ProcedureResult) -> None:
    assert not road.complete(asked).already
    before = asked.keystore.read_bytes()
    again = road.complete(asked)
    assert (again.state, again.already) == (State.COMPLETE, True)
    assert "already=True" in repr(again)
    assert asked.keystore.read_bytes() == before
    assert road.wire.count("startETKRegistration") == 1


def test_the_old_file_leads_to_the_renewal_that_waits(road: Road) -> None:
    life = Life(road)
    old = life.due()
    asked = life.renew(old)
    before = old.path.read_bytes()
    for days in ("+0d", "+1d"):  # not delivered; delivered and not fetched
        life.move(days)
        with pytest.raises(errors.RequestWaiting) as waiting:
            complete(life.open(old.path), road.toolkit.context)
        assert waiting.value.facts == {"path": str(asked.keystore), "old": str(old.path), "reason": "old"}
    new = life.open(asked.keystore)
    done = complete(new, road.toolkit.context)
    assert (done.state, done.already) == (State.TO_ACTIVATE, False)
    for activated in (False, True):
        if activated:
            life.activate(new)
        with pytest.raises(errors.AlreadyRenewed) as renewed:
            complete(life.open(old.path), road.toolkit.context)
        assert renewed.value.facts == {"path": str(old.path), "newer": str(new.path), "reason": "old"}
    assert old.path.read_bytes() == before


def test_the_old_file_leads_to_the_renewal_that_was_never_sent(road: Road) -> None:
    life = Life(road)
    old = life.due()
    cut = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    road.wire.before["generatecertificate"] = cut
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(old)
    with pytest.raises(errors.NeverSent) as caught:
        complete(old, road.toolkit.context)
    assert caught.value.path != str(old.path)
