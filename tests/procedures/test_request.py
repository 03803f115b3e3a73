"""Asking for a certificate when something goes wrong: an error of its own, nothing lost, nothing sent twice."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.http import Answer
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.outcome import State
from ehtoolkit.procedures.request import one_at_a_time, request, resume
from ehtoolkit.secret import Secret
from tests.procedures.conftest import PASSWORD, PIN, Road


def with_body(body: bytes, status: int = 200) -> Callable[[Answer], Answer]:
    return lambda _: Answer(status, {"Content-Type": "text/xml"}, body)


def replaced(pattern: bytes, by: bytes) -> Callable[[Answer], Answer]:
    def act(answer: Answer) -> Answer:
        body, count = re.subn(pattern, by, answer.body)
        assert count, "the answer has nothing of the kind"
        return Answer(answer.status, answer.headers, body)

    return act


FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b'<faultstring>down</faultstring><detail><e:SystemError xmlns:e="urn:be:fgov:ehealth:errors:soa:v1">'
    b"<Origin>Server</Origin><Code>SOA-02001</Code><Message>Service is down</Message>"
    b"<e:Environment>Training</e:Environment></e:SystemError></detail></s:Fault></s:Body></s:Envelope>"
)


@pytest.mark.parametrize("operation", ["getActorQualities", "generateContract"])
@pytest.mark.parametrize(
    ("act", "error"),
    [
        (with_body(b"<html><body>Proxy error</body></html>", 502), errors.AnswerInvalid),
        (with_body(b"\x00\x01garbage"), errors.AnswerInvalid),
        (with_body(b""), errors.AnswerInvalid),
        (with_body(FAULT, 500), errors.PlatformFault),
        (replaced(rb'InResponseTo="[^"]*"', b'InResponseTo="_other"'), errors.AnswerInvalid),
    ],
    ids=["html", "garbage", "empty", "fault", "other request"],
)
def test_a_platform_that_talks_nonsense(
    road: Road, operation: str, act: Callable[[Answer], Answer], error: type[errors.EhToolkitError]
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


def test_a_fault_after_sending_leaves_the_keystore_for_the_next_run(road: Road) -> None:
    road.wire.after["generatecertificate"] = with_body(FAULT, 500)
    with pytest.raises(errors.PlatformFault) as caught:
        road.ask()
    assert caught.value.facts["code"] == "SOA-02001"
    assert len(road.keystores) == 1
    road.wire.after.clear()
    road.wait()
    file = KeystoreFile.open(road.keystores[0], PASSWORD)
    assert complete(file, road.toolkit.parts).state is State.COMPLETE


def test_a_contract_for_somebody_else_is_not_shown(road: Road) -> None:
    road.wire.after["generateContract"] = replaced(b"79031421872", b"68053041155")
    shown: list[object] = []
    with pytest.raises(errors.AnswerUntrusted) as caught:
        request(
            road.wish,
            road.toolkit.open_card(),
            lambda _: PIN,
            PASSWORD,
            road.toolkit.parts,
            show=shown.append,
        )
    assert caught.value.facts == {"reason": "contract"}
    assert shown == []


def test_an_answer_about_another_key(road: Road) -> None:
    road.wire.after["generatecertificate"] = replaced(
        rb"(PublicKeyIdentifier>)[0-9A-F]{40}", rb"\g<1>" + b"AB" * 20
    )
    with pytest.raises(errors.AnswerUntrusted) as caught:
        road.ask()
    assert caught.value.facts == {"reason": "key"}


@pytest.mark.parametrize("error", [errors.PlatformTimeout, errors.PlatformUnreachable])
def test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice(
    road: Road, error: type[errors.PlatformError]
) -> None:
    road.wire.lost["generatecertificate"] = error(host="platform", seconds=30, reason="cut", sent=True)
    outcome = road.ask()
    assert outcome.state is State.WAITING
    assert road.wire.count("generatecertificate") == 1
    road.wire.lost.clear()
    road.wait()
    assert road.complete(outcome).state is State.COMPLETE


def test_a_request_that_never_arrived_is_resumed_with_the_same_pair(road: Road) -> None:
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="refused", sent=False
    )
    with pytest.raises(errors.PlatformUnreachable):
        road.ask()
    road.wire.before.clear()
    (path,) = road.keystores
    file = KeystoreFile.open(path, PASSWORD)
    with pytest.raises(errors.NeverSent) as caught:
        complete(file, road.toolkit.parts)
    assert caught.value.facts["key_id"] == file.keystore.key_id
    outcome = resume(
        file, road.wish, road.toolkit.open_card(), lambda _: PIN, road.toolkit.parts, show=lambda _: None
    )
    assert outcome.key_id == file.keystore.key_id
    assert road.keystores == [path]
    with pytest.raises(errors.RequestWaiting):
        resume(
            file, road.wish, road.toolkit.open_card(), lambda _: PIN, road.toolkit.parts, show=lambda _: None
        )


def test_a_wrong_pin_for_the_signature_leaves_nothing_behind(road: Road) -> None:
    pins = iter([PIN, Secret("4321")])
    with pytest.raises(errors.PinWrong) as caught:
        request(
            road.wish,
            road.toolkit.open_card(),
            lambda _: next(pins),
            PASSWORD,
            road.toolkit.parts,
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
        request(road.wish, card, lambda _: PIN, PASSWORD, road.toolkit.parts, show=pull)
    assert road.keystores == []
    card.plug()  # type: ignore[attr-defined]
    assert road.ask().state is State.WAITING


def test_a_second_request_while_one_waits(road: Road) -> None:
    first = road.ask()
    with pytest.raises(errors.RequestWaiting) as caught:
        road.ask()
    assert caught.value.facts == {"path": str(first.keystore)}
    with pytest.raises(errors.PlatformRefused):
        road.ask(insist=True)  # ours lets the user; the platform does not


def test_a_completed_keystore_does_not_stop_the_check_for_waiting_ones(road: Road) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    with pytest.raises(errors.PlatformRefused):  # one is active: the platform's word, not ours
        road.ask()


def test_one_at_a_time_in_one_process_and_between_processes(road: Road) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ehtoolkit import errors\n"
        "from ehtoolkit.identity import Environment, Identifier\n"
        "from ehtoolkit.keystore import actor_lock\n"
        "try:\n"
        "    with actor_lock(Path(sys.argv[1]), Environment.TRAINING, Identifier('SSIN', '79031421872')):\n"
        "        print('free')\n"
        "except errors.RequestRunning:\n"
        "    print('taken')\n"
    )

    def other_process() -> str:
        command = [sys.executable, "-c", program, str(road.toolkit.parts.locks)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with one_at_a_time(road.wish, road.toolkit.parts):
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
