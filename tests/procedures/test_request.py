"""Asking for a certificate when something goes wrong: an error of its own, nothing lost, nothing sent twice."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import fetch_contract, holder_lock, request, resume, sign, write_keystore
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_key
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.procedures.state.requests import fetch_request_status
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PASSWORD, PIN, Road


def with_body(body: bytes, status: int = 200) -> Callable[[Response], Response]:
    return lambda _: Response(status, {"Content-Type": "text/xml"}, body)


def replaced(pattern: bytes, by: bytes) -> Callable[[Response], Response]:
    def act(answer: Response) -> Response:
        body, count = re.subn(pattern, by, answer.body)
        assert count, "the answer has nothing of the kind"
        return Response(answer.status, answer.headers, body)

    return act


FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b'<faultstring>down</faultstring><detail><e:SystemError xmlns:e="urn:be:fgov:ehealth:errors:soa:v1">'
    b"<Origin>Server</Origin><Code>SOA-02001</Code><Message>Service is down</Message>"
    b"<e:Environment>Training</e:Environment></e:SystemError></detail></s:Fault></s:Body></s:Envelope>"
)


def never_sent(road: Road) -> Path:
    """The keystore of a request that was prepared when the connection broke."""
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    with pytest.raises(errors.PlatformUnreachable):
        road.ask()
    road.wire.before.clear()
    (path,) = road.keystores
    return path


@pytest.mark.parametrize("operation", ["getActorQualities", "generateContract"])
@pytest.mark.parametrize(
    ("act", "error"),
    [
        (with_body(b"<html><body>Proxy error</body></html>", 502), errors.ResponseInvalid),
        (with_body(b"\x00\x01garbage"), errors.ResponseInvalid),
        (with_body(b""), errors.ResponseInvalid),
        (with_body(FAULT, 500), errors.PlatformFault),
        (replaced(rb'InResponseTo="[^"]*"', b'InResponseTo="_other"'), errors.ResponseInvalid),
    ],
    ids=["html", "garbage", "empty", "fault", "other request"],
)
def test_a_platform_that_talks_nonsense(
    road: Road, operation: str, act: Callable[[Response], Response], error: type[errors.EhToolkitError]
) -> None:
    road.wire.after[operation] = act
    with pytest.raises(error):
        road.ask()
    assert road.wire.count("generatecertificate") == 0
    assert road.keystores == []


def test_nonsense_after_sending_is_cleared_up_by_asking(road: Road) -> None:
    road.wire.after["generatecertificate"] = with_body(b"<html><body>Proxy error</body></html>", 502)
    outcome = road.ask()
    assert outcome.state is State.WAITING
    assert road.wire.count("generatecertificate") == 1


def test_a_fault_after_the_request_is_resolved_by_a_query(road: Road) -> None:
    """It came from somewhere behind the service that did it."""
    road.wire.after["generatecertificate"] = with_body(FAULT, 500)
    outcome = road.ask()
    assert outcome.state is State.WAITING
    assert road.wire.count("generatecertificate") == 1
    road.wire.after.clear()
    road.wait()
    assert road.complete(outcome).state is State.COMPLETE


def test_a_fault_instead_of_the_request_is_reported(road: Road) -> None:
    road.wire.before["generatecertificate"] = errors.PlatformFault(
        code="SOA-02001", origin="", detail="", correlation_id=None
    )
    with pytest.raises(errors.PlatformFault) as caught:
        road.ask()
    assert caught.value.facts["code"] == "SOA-02001"
    (path,) = road.keystores
    road.wire.before.clear()
    outcome = road.ask()  # the same again: the same key pair
    assert (outcome.keystore, road.keystores) == (path, [path])


def test_a_contract_for_another_person_is_not_shown(road: Road) -> None:
    road.wire.after["generateContract"] = replaced(b"79031421872", b"68053041155")
    shown: list[object] = []
    with pytest.raises(errors.ResponseUntrusted) as caught:
        request(
            road.requested,
            road.toolkit.open_card(),
            lambda _: PIN,
            PASSWORD,
            road.toolkit.context,
            show=shown.append,
        )
    assert caught.value.facts == {"reason": "contract"}
    assert shown == []


def test_an_answer_about_another_key(road: Road) -> None:
    road.wire.after["generatecertificate"] = replaced(
        rb"(PublicKeyIdentifier>)[0-9A-F]{40}", rb"\g<1>" + b"AB" * 20
    )
    with pytest.raises(errors.ResponseUntrusted) as caught:
        road.ask()
    assert caught.value.facts == {"reason": "key"}


@pytest.mark.parametrize(
    "error",
    [
        errors.PlatformTimeout(host="platform", seconds=30, sent=True),
        errors.PlatformUnreachable(host="platform", reason="cut", sent=True),
    ],
    ids=["PlatformTimeout", "PlatformUnreachable"],
)
def test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice(
    road: Road, error: errors.PlatformError
) -> None:
    road.wire.lost["generatecertificate"] = error
    outcome = road.ask()
    assert outcome.state is State.WAITING
    assert road.wire.count("generatecertificate") == 1
    road.wire.lost.clear()
    road.wait()
    assert road.complete(outcome).state is State.COMPLETE


def test_an_unreachable_platform_after_the_request(road: Road) -> None:
    road.wire.lost["generatecertificate"] = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    road.wire.before["getcertificate"] = errors.PlatformUnreachable(host="h", reason="connect", sent=False)
    with pytest.raises(errors.ResponseLost) as caught:
        road.ask()
    assert caught.value.facts["operation"] == "generateCertificate"
    road.wire.lost.clear()
    road.wire.before.clear()
    (path,) = road.keystores
    road.wait()
    assert complete(KeystoreFile.open(path, PASSWORD), road.toolkit.context).state is State.COMPLETE
    assert road.wire.count("generatecertificate") == 1


def test_a_refusal_by_a_wrong_clock_says_nothing_about_the_request(road: Road) -> None:
    context = road.toolkit.context
    waiting = road.file(road.ask())
    refused = errors.PlatformRefused(
        code="UNSEEN", detail="", reason="clock", here=waiting.named.moment, there=context.clock.now()
    )
    road.wire.before['getcertificate"'] = refused
    for act in (lambda: complete(waiting, context), road.ask):
        with pytest.raises(errors.PlatformRefused) as caught:
            act()
        assert caught.value is refused
    platform_status = status(waiting, context)
    assert (platform_status.unchecked, platform_status.state, platform_status.next) == (
        *(refused, State.WAITING),
        Action.COMPLETE,
    )
    assert road.keystores == [waiting.path]
    assert road.wire.count("generatecertificate") == 1


@pytest.mark.parametrize(
    ("code", "state"), [("CERT_UNKNOWN", State.PREPARED), ("CERT_REFUSED", State.REFUSED)]
)
def test_a_wrong_clock_changes_no_refusal_about_the_key(code: str, state: State, road: Road) -> None:
    refused = errors.PlatformRefused(code=code, detail="", reason="clock")
    road.wire.before['getcertificate"'] = refused
    assert fetch_request_status("AB" * 20, road.toolkit.context).state is state


def test_a_request_that_never_arrived_is_resumed_with_the_same_pair(road: Road) -> None:
    path = never_sent(road)
    file = KeystoreFile.open(path, PASSWORD)
    with pytest.raises(errors.NeverSent) as caught:
        complete(file, road.toolkit.context)
    assert caught.value.facts["key_id"] == file.keystore.key_id
    outcome = resume(
        file,
        road.requested,
        road.toolkit.open_card(),
        lambda _: PIN,
        road.toolkit.context,
        show=lambda _: None,
    )
    assert outcome.key_id == file.keystore.key_id
    assert road.keystores == [path]
    with pytest.raises(errors.RequestWaiting):
        resume(
            file,
            road.requested,
            road.toolkit.open_card(),
            lambda _: PIN,
            road.toolkit.context,
            show=lambda _: None,
        )


def test_a_wrong_pin_for_the_signature_leaves_nothing_behind(road: Road) -> None:
    pins = iter([PIN, Secret("4321")])
    with pytest.raises(errors.PinWrong) as caught:
        request(
            road.requested,
            road.toolkit.open_card(),
            lambda _: next(pins),
            PASSWORD,
            road.toolkit.context,
            show=lambda _: None,
        )
    assert caught.value.facts["tries_left"] == 2
    assert road.keystores == []
    assert road.wire.count("generatecertificate") == 0


def test_a_card_pulled_out_between_the_two_pins(road: Road) -> None:
    card = road.toolkit.open_card()

    def pull(_: object) -> None:
        card.unplug()  # type: ignore[attr-defined]

    with pytest.raises(errors.CardRemoved):
        request(road.requested, card, lambda _: PIN, PASSWORD, road.toolkit.context, show=pull)
    assert road.keystores == []
    card.plug()  # type: ignore[attr-defined]
    assert road.ask().state is State.WAITING


@pytest.mark.skipif(sys.platform != "linux", reason="the path of an open file is Linux's")
@pytest.mark.parametrize("full", ["keystores", "notes"])
def test_a_full_disk_leaves_neither_key_nor_contact_data(
    road: Road, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, flush = road.toolkit.context, os.fsync
    folder = context.keystores if full == "keystores" else context.notes
    contract = fetch_contract(road.requested, context)
    signed = sign(contract, road.requested, road.toolkit.open_card(), PIN, context)

    def failing(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(descriptor)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", failing)
        with pytest.raises(errors.DiskFull):
            write_keystore(signed, PASSWORD, road.requested.name, context)
    assert road.keystores == []
    assert list(context.notes.glob("*.json")) == []
    write_keystore(signed, PASSWORD, road.requested.name, context)
    assert len(road.keystores) == len(list(context.notes.glob("*.json"))) == 1


def test_a_second_request_while_one_waits(road: Road) -> None:
    first = road.ask()
    with pytest.raises(errors.RequestWaiting) as caught:
        road.ask()
    assert caught.value.facts == {"path": str(first.keystore)}
    for _ in range(2):
        with pytest.raises(errors.PlatformRefused) as refused:
            road.ask(insist=True)  # ours lets the user; the platform does not
        assert refused.value.code == "CERT_ALREADY_REQUESTED"
        assert road.keystores == [first.keystore]


def test_a_refused_keystore_stays_while_the_platform_knows_the_key(road: Road) -> None:
    road.wire.lost["generatecertificate"] = errors.PlatformRefused(code="CERT_ALREADY_REQUESTED", detail="")
    with pytest.raises(errors.PlatformRefused):
        road.ask(insist=True)  # it arrived all the same
    assert len(road.keystores) == 1


def test_a_refused_keystore_stays_while_the_platform_cannot_be_asked(road: Road) -> None:
    road.ask()

    def hang_up(answer: Response) -> Response:
        road.wire.before['getcertificate"'] = errors.PlatformTimeout(host="platform", seconds=30, sent=False)
        return answer

    road.wire.after["generatecertificate"] = hang_up
    with pytest.raises(errors.PlatformRefused):
        road.ask(insist=True)
    assert len(road.keystores) == 2


def test_a_second_request_while_one_serves(road: Road) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    with pytest.raises(errors.CertificateInForce) as caught:
        road.ask()
    assert "reason" not in caught.value.facts
    assert caught.value.facts["path"] == str(outcome.keystore)
    assert road.keystores == [outcome.keystore]
    assert road.wire.count("generatecertificate") == 1
    with pytest.raises(errors.PlatformRefused):  # ours lets the user; the platform does not
        road.ask(insist=True)


def test_an_active_certificate_with_its_file_elsewhere(road: Road, tmp_path: Path) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    outcome.keystore.rename(tmp_path / "elsewhere.p12")
    with pytest.raises(errors.CertificateInForce) as caught:
        road.ask()
    assert caught.value.facts["reason"] == "elsewhere"
    assert road.keystores == []


def test_a_waiting_request_with_its_file_elsewhere(road: Road, tmp_path: Path) -> None:
    road.ask().keystore.rename(tmp_path / "elsewhere.p12")
    with pytest.raises(errors.RequestWaiting) as caught:
        road.ask()
    assert caught.value.facts["reason"] == "elsewhere"
    assert road.keystores == []


def test_one_that_can_be_renewed_leads_to_its_renewal_unless_the_user_insists(road: Road) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("+34mo")
    with pytest.raises(errors.CertificateInForce) as caught:
        road.ask()
    assert caught.value.facts["reason"] == "renewable"
    assert road.keystores == [outcome.keystore]
    assert road.ask(insist=True).state is State.WAITING


def test_a_platform_without_a_list_judges_by_itself(road: Road) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    road.wire.before["getCertificateInfoForCitizen"] = errors.PlatformRefused(code="NO", detail="")
    with pytest.raises(errors.PlatformRefused) as caught:
        road.ask()
    assert caught.value.facts["code"] == "CERT_ALREADY_ACTIVE"


def test_one_that_was_never_sent_is_sent_when_the_same_is_asked_again(road: Road) -> None:
    path = never_sent(road)
    outcome = road.ask()
    assert (outcome.state, outcome.keystore, road.keystores) == (State.WAITING, path, [path])


def test_one_that_was_never_sent_under_another_password_is_named(road: Road) -> None:
    path = never_sent(road)
    card, requested, context = road.toolkit.open_card(), road.requested, road.toolkit.context
    with pytest.raises(errors.NeverSent) as caught:
        request(requested, card, lambda _: PIN, Secret("Other-2026"), context, show=lambda _: None)
    assert caught.value.facts["path"] == str(path)
    assert road.keystores == [path]
    assert road.ask(insist=True).keystore != path


def test_one_that_was_delivered_and_revoked_before_it_was_installed(road: Road) -> None:
    """Status says so without a card, and a new one can be asked for."""
    outcome = road.ask()
    road.wait()
    context = road.toolkit.context
    with pytest.raises(errors.RequestWaiting):  # delivered, and not installed yet
        road.ask()
    revoke(
        road.toolkit.open_card(),
        lambda _: PIN,
        by_key(outcome.key_id),
        RevocationReason.SUPERSEDED,
        context,
        show=lambda _: None,
    )
    platform_status = status(road.file(outcome), context)
    assert (platform_status.state, platform_status.next) == (State.REVOKED, Action.REQUEST)
    assert platform_status.has("revoked_before")
    assert road.ask().state is State.WAITING


def test_one_that_ran_out_before_anybody_fetched_it(road: Road) -> None:
    outcome = road.ask()
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("+37mo")
    assert status(road.file(outcome), road.toolkit.context).next is Action.REQUEST
    assert road.ask().state is State.WAITING


def test_one_at_a_time_in_one_process_and_between_processes(road: Road) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ehtoolkit import errors\n"
        "from ehtoolkit.identity import Environment, Identifier\n"
        "from ehtoolkit.keystore.storage.records import actor_lock\n"
        "try:\n"
        "    with actor_lock(Path(sys.argv[1]), Environment.TRAINING, Identifier('SSIN', '79031421872')):\n"
        "        print('free')\n"
        "except errors.RequestRunning:\n"
        "    print('taken')\n"
    )

    def other_process() -> str:
        command = [sys.executable, "-c", program, str(road.toolkit.context.locks)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with holder_lock(road.requested.name, road.toolkit.context):
        assert other_process() == "taken"
        raised: list[BaseException] = []

        def ask() -> None:
            try:
                road.ask()
            except errors.RequestRunning as error:
                raised.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        assert len(raised) == 1
    assert other_process() == "free"


def test_the_dutch_contract_speaks_of_the_signer_in_one_person(road: Road) -> None:
    text = fetch_contract(road.requested, road.toolkit.context).text_in("nl")
    assert "op zijn/haar naam" in text
    assert "mijn" not in text
