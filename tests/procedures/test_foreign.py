"""A request without identity card, from the BIS number to a complete keystore; and whatever goes wrong on the way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.finding import Urgency
from ehtoolkit.identity import ContactData, DistinguishedName, Niss, Person
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record, write_request_record
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.foreigner import (
    ForeignerRequest,
    request_foreign,
    resume_foreign,
    submit,
    write_keystore,
)
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.result import ProcedureResult, Validation
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.procedures.state.requests import KeyAnswer, fetch_request_status
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.procedures.conftest import PASSWORD, Road

CONTACT = ContactData("anais@example.org", "+33 1 99 00 01 42")
REQUESTED = ForeignerRequest(FOREIGNER, CONTACT)
SUBMIT = "submitCSRForForeigner"


def ask(road: Road, *, insist: bool = False) -> ProcedureResult:
    return request_foreign(REQUESTED, PASSWORD, road.toolkit.context, insist=insist)


def confirm(road: Road, wanted: str | None) -> None:
    """What the holder does at the validation address."""
    assert road.toolkit.training is not None
    training = road.toolkit.training
    training.confirm_request(training.find_request(wanted or "").key_id)


def move(road: Road, text: str) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move(text)


def records(road: Road) -> int:
    assert road.toolkit.training is not None
    return len(certificate_register.all_records(road.toolkit.training))


def test_from_the_request_to_an_active_keystore(road: Road) -> None:
    context = road.toolkit.context
    asked = ask(road)
    assert (asked.state, asked.next) == (State.WAITING, Action.COMPLETE)
    assert asked.keystore.name.startswith(f"SSIN={FOREIGNER.niss.digits} ")
    validation = asked.validation
    assert validation is not None
    assert validation.url is not None
    assert validation.until is not None
    assert abs(validation.until - context.clock.now() - timedelta(days=30)) < timedelta(minutes=1)
    note = read_request_record(context.notes, asked.key_id)
    assert note is not None
    assert (note.validation_url, note.expires) == (validation.url, validation.until)
    assert (note.email, note.phone) == (CONTACT.email, CONTACT.phone)
    assert DistinguishedName.parse(note.distinguished_name).name == "DELPORTE-GOMEZ ANAIS RENEE"

    # Before the confirmation, however long it takes, and between it and the delivery: nothing changes.
    before = asked.keystore.read_bytes()
    move(road, "+20d")
    for _ in range(2):
        waiting = complete(road.file(asked), context)
        assert (waiting.state, waiting.validation) == (State.WAITING, validation)
        platform_status = status(road.file(asked), context)
        assert (platform_status.state, platform_status.outcome.validation) == (State.WAITING, validation)
        (found,) = platform_status.findings
        assert (found.key, found.facts["url"]) == ("to_confirm", validation.url)
        assert asked.keystore.read_bytes() == before
        confirm(road, validation.url)

    move(road, "+1d")
    done = complete(road.file(asked), context)
    assert (done.state, done.next, done.validation) == (State.COMPLETE, Action.USE, None)
    keystore = road.file(asked).keystore
    assert keystore.holder == REQUESTED.name
    assert status(road.file(asked), context).state is State.ACTIVE
    assert road.wire.count(SUBMIT) == 1


def test_the_key_is_on_disk_before_anything_is_sent(road: Road) -> None:
    road.wire.before[SUBMIT] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    with pytest.raises(errors.PlatformUnreachable):
        ask(road)
    (path,) = road.keystores
    file = KeystoreFile.open(path, PASSWORD)
    assert not file.keystore.installed
    assert read_request_record(road.toolkit.context.notes, file.keystore.key_id) is not None


# ── confirmed too late ───────────────────────────────────────────────────────────────────────────────────
def coded(code: bytes) -> Callable[[Response], Response]:
    """The platform has another code for a request that was not confirmed in time."""
    return lambda answer: Response(
        answer.status, answer.headers, answer.body.replace(b"CERT_VALIDATION_EXPIRED", code)
    )


def test_an_unknown_code_after_the_last_day_does_not_say_that_it_was_too_late(road: Road) -> None:
    """It may have been confirmed in time. The person decides, and the file stays."""
    asked = ask(road)
    move(road, "+31d")
    road.wire.after["getcertificate"] = coded(b"SOMETHING_ELSE")
    with pytest.raises(errors.RequestUnclear) as unclear:
        complete(road.file(asked), road.toolkit.context)
    assert unclear.value.reason == "foreign"
    platform_status = status(road.file(asked), road.toolkit.context)
    assert (platform_status.state, platform_status.next) == (State.UNKNOWN, Action.COMPLETE)
    assert [finding.key for finding in platform_status.findings] == ["request_unclear_foreign"]
    with pytest.raises(errors.RequestUnclear):
        ask(road)
    again = request_foreign(REQUESTED, PASSWORD, road.toolkit.context, insist=True)
    assert again.key_id != asked.key_id
    archived = asked.keystore.parent / "archive" / asked.keystore.name
    assert KeystoreFile.open(archived, PASSWORD).keystore.key_id == asked.key_id
    assert not asked.keystore.exists()


@pytest.mark.parametrize("code", [b"CERT_VALIDATION_EXPIRED", b"CERT_UNKNOWN"])
def test_a_request_that_was_not_confirmed_in_time(road: Road, code: bytes) -> None:
    """Whether the platform says so, or that it does not have it any more: the date in our note tells."""
    asked = ask(road)
    before = asked.keystore.read_bytes()
    move(road, "+31d")
    road.wire.after["getcertificate"] = coded(code)
    with pytest.raises(errors.ValidationOverdue) as late:
        complete(road.file(asked), road.toolkit.context)
    assert asked.validation is not None
    assert late.value.facts == {"path": str(asked.keystore), "date": asked.validation.until}
    platform_status = status(road.file(asked), road.toolkit.context)
    assert (platform_status.state, platform_status.next) == (State.REFUSED, Action.REQUEST)
    assert [finding.key for finding in platform_status.findings] == ["overdue"]
    assert asked.keystore.read_bytes() == before
    road.wire.after.clear()
    again = ask(road)
    assert again.key_id != asked.key_id


def test_confirmed_in_time_and_completed_long_after(road: Road) -> None:
    asked = ask(road)
    confirm(road, asked.key_id)
    move(road, "+90d")
    assert complete(road.file(asked), road.toolkit.context).state is State.COMPLETE


def test_confirmed_in_time_and_still_waiting_when_that_time_is_over(road: Road) -> None:
    """The address is closed by now, so it is not shown any more."""
    asked, context = ask(road), road.toolkit.context
    confirm(road, asked.key_id)
    assert road.toolkit.training is not None
    later = context.clock.now() + timedelta(days=60)
    certificate_register.confirm(road.toolkit.training, asked.key_id, later, None)
    move(road, "+31d")
    waiting = complete(road.file(asked), context)
    assert (waiting.state, waiting.validation) == (State.WAITING, None)
    platform_status = status(road.file(asked), context)
    assert (platform_status.state, platform_status.outcome.validation, platform_status.findings) == (
        State.WAITING,
        None,
        (),
    )


def test_a_request_that_was_refused(road: Road) -> None:
    asked = ask(road)
    assert road.toolkit.training is not None
    road.toolkit.training.decide(asked.key_id, deliver=False)
    with pytest.raises(errors.RequestRefused):
        complete(road.file(asked), road.toolkit.context)


# ── one, and no second by accident ───────────────────────────────────────────────────────────────────────
def test_a_second_request_while_one_waits(road: Road) -> None:
    first = ask(road)
    with pytest.raises(errors.RequestWaiting) as waiting:
        ask(road)
    assert waiting.value.facts["path"] == str(first.keystore)
    assert len(road.keystores) == 1
    second = ask(road, insist=True)
    assert len(road.keystores) == 2
    confirm(road, second.key_id)
    move(road, "+1d")
    assert complete(road.file(second), road.toolkit.context).state is State.COMPLETE


def completed(road: Road) -> Path:
    """The keystore of a certificate in force."""
    asked = ask(road)
    assert asked.validation is not None
    confirm(road, asked.validation.url)
    move(road, "+1d")
    complete(KeystoreFile.open(asked.keystore, PASSWORD), road.toolkit.context)
    return asked.keystore


def prepared_beside(road: Road) -> tuple[Path, Path]:
    """A certificate in force, and a second request that the platform has refused: their keystores."""
    first = completed(road)
    with pytest.raises(errors.PlatformRefused) as refused:
        ask(road, insist=True)
    assert refused.value.facts["code"] == "CERT_ALREADY_ACTIVE"
    (second,) = set(road.toolkit.context.keystores.glob("*.p12")) - {first}
    return first, second


def test_a_second_request_while_a_certificate_is_in_force(road: Road) -> None:
    """Nothing is prepared that the platform would refuse, until the certificate can be renewed."""
    first = completed(road)
    with pytest.raises(errors.CertificateInForce) as refused:
        ask(road)
    assert refused.value.reason == "without_card"
    assert refused.value.facts["path"] == str(first)
    assert refused.value.until is not None
    assert list(road.toolkit.context.keystores.glob("*.p12")) == [first]
    assert records(road) == 1

    move(road, "+34mo")
    assert ask(road).state is State.WAITING


def test_no_step_proposes_to_send_what_the_platform_refuses(road: Road) -> None:
    """The step of a request that was never sent is none while another certificate of its holder is in force, who has no
    card; and to send it, once that one can be renewed."""
    context = road.toolkit.context
    first, second = (KeystoreFile.open(path, PASSWORD) for path in prepared_beside(road))

    blocked, in_force = status(second, context), status(first, context)

    assert (blocked.state, blocked.next, blocked.standing.urgency) == (State.PREPARED, None, Urgency.NONE)
    assert [(each.key, each.variant) for each in blocked.findings] == [("never_sent", "in_force")]
    assert (in_force.state, in_force.next) == (State.ACTIVE, Action.USE)
    with pytest.raises(errors.PlatformRefused) as refused:  # as the sentence says
        resume_foreign(second, REQUESTED, context)
    assert refused.value.facts["code"] == "CERT_ALREADY_ACTIVE"

    move(road, "+34mo")
    assert status(first, context).state is State.RENEWABLE
    renewable = status(second, context)
    assert (renewable.state, renewable.next) == (State.PREPARED, Action.RESUME)
    assert [(each.key, each.variant) for each in renewable.findings] == [("never_sent", "foreign")]
    assert resume_foreign(second, REQUESTED, context).state is State.WAITING


def test_one_at_a_time(road: Road) -> None:
    with holder_lock(REQUESTED.name, road.toolkit.context), pytest.raises(errors.RequestRunning):
        ask(road)
    assert road.keystores == []


# ── lost answers ─────────────────────────────────────────────────────────────────────────────────────────
CUT = errors.PlatformUnreachable(host="platform", reason="cut", sent=True)
LATE = errors.PlatformTimeout(host="platform", seconds=30, sent=True)


def halved(answer: Response) -> Response:
    return Response(answer.status, answer.headers, answer.body[: len(answer.body) // 2])


def replaced(pattern: bytes, by: bytes) -> Callable[[Response], Response]:
    def act(answer: Response) -> Response:
        body, count = re.subn(pattern, by, answer.body)
        assert count, "the answer has nothing of the kind"
        return Response(answer.status, answer.headers, body)

    return act


def finish(road: Road, outcome: ProcedureResult) -> None:
    """The address is in the e-mail alone; everything else goes on."""
    assert outcome.validation == Validation()
    waiting = complete(road.file(outcome), road.toolkit.context)
    assert (waiting.state, waiting.validation) == (State.WAITING, Validation())
    (found,) = status(road.file(outcome), road.toolkit.context).findings
    assert found.key == "to_confirm_by_mail"
    assert road.toolkit.training is not None
    (mail,) = road.toolkit.training.mails()
    address = re.search(r"http://\S+/validation/\S+", mail.body)
    assert address is not None
    confirm(road, address.group())
    move(road, "+1d")
    assert complete(road.file(outcome), road.toolkit.context).state is State.COMPLETE
    assert road.wire.count(SUBMIT) == 1
    assert records(road) == 1


@pytest.mark.parametrize("how", [CUT, LATE], ids=["cut", "late"])
def test_a_lost_answer_is_found_by_a_query(road: Road, how: errors.PlatformError) -> None:
    road.wire.lost[SUBMIT] = how
    outcome = ask(road)
    road.wire.lost.clear()
    finish(road, outcome)


@pytest.mark.parametrize(
    "what",
    [
        halved,
        replaced(rb"(ValidationUrl>)[^<]*<", rb"\1javascript:alert(1)<"),
        replaced(rb"(ValidationUrl>)[^<]*<", rb"\1https://<"),
        replaced(rb"(ExpirationDate>)[^<]*<", rb"\1soon<"),
        replaced(rb'InResponseTo="[^"]*"', b'InResponseTo="_other"'),
    ],
    ids=["in the middle", "script for an address", "no host", "no date", "other request"],
)
def test_an_answer_that_makes_no_sense_is_found_by_asking(
    road: Road, what: Callable[[Response], Response]
) -> None:
    road.wire.after[SUBMIT] = what
    outcome = ask(road)
    road.wire.after.clear()
    finish(road, outcome)


@pytest.mark.parametrize("how", [CUT, LATE], ids=["cut", "late"])
def test_a_request_that_never_arrived_is_resumed_with_the_same_pair(
    road: Road, how: errors.PlatformError
) -> None:
    road.wire.before[SUBMIT] = how
    with pytest.raises(errors.ResponseLost) as lost:
        ask(road)
    assert lost.value.facts["operation"] == SUBMIT
    road.wire.before.clear()
    (path,) = road.keystores
    file = KeystoreFile.open(path, PASSWORD)
    with pytest.raises(errors.NeverSent) as unsent:
        complete(file, road.toolkit.context)
    assert unsent.value.facts["kind"] == "foreign"
    assert status(file, road.toolkit.context).state is State.PREPARED

    resumed = resume_foreign(file, REQUESTED, road.toolkit.context)
    assert resumed.key_id == file.keystore.key_id
    assert resumed.validation is not None
    confirm(road, resumed.validation.url)
    move(road, "+1d")
    assert complete(road.file(resumed), road.toolkit.context).state is State.COMPLETE
    assert (road.keystores, records(road)) == ([path], 1)


def test_an_unreachable_platform_after_the_request(road: Road) -> None:
    road.wire.lost[SUBMIT] = CUT
    road.wire.before["getcertificate"] = errors.PlatformUnreachable(host="h", reason="connect", sent=False)
    with pytest.raises(errors.ResponseLost):
        ask(road)
    road.wire.lost.clear()
    road.wire.before.clear()
    (path,) = road.keystores
    file = KeystoreFile.open(path, PASSWORD)
    with pytest.raises(errors.RequestWaiting):  # the next run finds out, and sends nothing again
        resume_foreign(file, REQUESTED, road.toolkit.context)
    assert complete(file, road.toolkit.context).state is State.WAITING
    assert (road.wire.count(SUBMIT), records(road)) == (1, 1)


@pytest.mark.parametrize("killed_after", ["note", "keystore", "answer"])
def test_killed_between_two_steps(road: Road, killed_after: str) -> None:
    """`write_keystore` and `submit` are what a kill can come between; after the answer only the note is missing."""
    context = road.toolkit.context
    file = write_keystore(REQUESTED, PASSWORD, context)
    if killed_after == "note":
        file.path.unlink()
        assert ask(road).state is State.WAITING
        assert records(road) == 1
        return
    if killed_after == "answer":
        note = read_request_record(context.notes, file.keystore.key_id)
        assert note is not None
        submit(file, REQUESTED, context)
        write_request_record(context.notes, note)
        assert complete(file, context).validation == Validation()
        with pytest.raises(errors.RequestWaiting):
            resume_foreign(file, REQUESTED, context)
        return
    assert fetch_request_status(file.keystore.key_id, context).meaning is KeyAnswer.NOT_KNOWN
    assert resume_foreign(file, REQUESTED, context).key_id == file.keystore.key_id


def test_without_its_note_only_the_address_is_lost(road: Road) -> None:
    asked = ask(road)
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    assert complete(road.file(asked), road.toolkit.context).validation == Validation()
    confirm(road, asked.key_id)
    move(road, "+1d")
    assert complete(road.file(asked), road.toolkit.context).state is State.COMPLETE


def test_a_note_that_cannot_be_written_after_the_answer(road: Road) -> None:
    """The request is in; its address is at least shown."""
    context = road.toolkit.context
    file = write_keystore(REQUESTED, PASSWORD, context)
    shutil.rmtree(context.notes)
    context.notes.write_text("a file in the place of the folder")
    outcome = submit(file, REQUESTED, context)
    assert outcome.validation is not None
    assert outcome.validation.url is not None
    assert complete(file, context).validation == Validation()


def test_a_note_of_an_older_version_is_still_read(road: Road, tmp_path: Path) -> None:
    path = tmp_path / f"{'AB' * 20}.json"
    path.write_text(
        '{"key_id": "'
        + "AB" * 20
        + '", "distinguished_name": "'
        + REQUESTED.name.text.replace("\\", "\\\\")
        + '", '
        '"environment": "training", "requested_at": "2026-11-24T15:00:00+00:00"}'
    )
    note = read_request_record(tmp_path, "AB" * 20)
    assert note is not None
    assert (note.validation_url, note.expires, note.without_card) == (None, None, False)


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_number_of_the_national_register() -> None:
    with pytest.raises(errors.IdentifierInvalid) as refused:
        ForeignerRequest(Person(Niss("79031421872"), "Élise Marie", "Vandamme"), CONTACT)
    assert refused.value.facts == {"kind": "niss", "reason": "not_bis"}


def test_a_bis_number_with_wrong_check_digits() -> None:
    with pytest.raises(errors.IdentifierInvalid) as refused:
        ForeignerRequest(replace(FOREIGNER, niss=Niss("81431706471")), CONTACT)
    assert refused.value.facts["reason"] == "check_digits"


@pytest.mark.parametrize("name", ["", "  ", "a\x07b"])
def test_a_name_that_is_none(road: Road, name: str) -> None:
    requested = ForeignerRequest(replace(FOREIGNER, first_names="", name=name), CONTACT)
    with pytest.raises(errors.DistinguishedNameInvalid):
        request_foreign(requested, PASSWORD, road.toolkit.context)
    assert road.keystores == []


@pytest.mark.parametrize("password", ["", "mot de passé"])
def test_a_password_that_will_not_do(road: Road, password: str) -> None:
    with pytest.raises(errors.PasswordNotAllowed):
        request_foreign(REQUESTED, Secret(password), road.toolkit.context)
    assert (road.keystores, road.wire.seen) == ([], [])


def test_the_keystore_of_another_person_is_not_resumed(road: Road) -> None:
    file = write_keystore(REQUESTED, PASSWORD, road.toolkit.context)
    other = ForeignerRequest(Person(Niss("76230925172"), "Tomás", "Ibáñez"), CONTACT)
    with pytest.raises(errors.DifferentKeystoreHolder):
        resume_foreign(file, other, road.toolkit.context)
    assert road.wire.count(SUBMIT) == 0


def test_a_complete_keystore_is_not_resumed(road: Road) -> None:
    asked = ask(road)
    confirm(road, asked.key_id)
    move(road, "+1d")
    complete(road.file(asked), road.toolkit.context)
    with pytest.raises(errors.WrongState):
        resume_foreign(road.file(asked), REQUESTED, road.toolkit.context)


def test_the_certificate_of_another_name_is_not_installed(road: Road) -> None:
    asked = ask(road)
    note = read_request_record(road.toolkit.context.notes, asked.key_id)
    assert note is not None
    other = DistinguishedName.for_person(Person(Niss("76230925172"), "Tomás", "Ibáñez"))
    write_request_record(road.toolkit.context.notes, replace(note, distinguished_name=other.text))
    confirm(road, asked.key_id)
    move(road, "+1d")
    with pytest.raises(errors.ResponseUntrusted) as caught:
        complete(road.file(asked), road.toolkit.context)
    assert caught.value.facts == {"reason": "name"}
