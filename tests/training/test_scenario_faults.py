"""What goes wrong between a client and the training platform, in this process and over HTTP alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certra import certificate_request
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.transport import Transport
from ehtoolkit.ehealth.soap.xml import wrap
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import DistinguishedName, Environment, Niss, Person
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.complete import activate
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import Scenario
from ehtoolkit.training.http.server import TrainingServer
from tests.training.scenario_room import CONTACT, TIMEOUT, Room, holder_of

BEFORE_THE_WORK = [
    ("platform-down", errors.PlatformFault, {"code": "SOA-02001"}),
    ("soap-fault", errors.PlatformFault, {"code": "SOA-01002"}),
    ("garbage", errors.ResponseInvalid, {"reason": "html"}),
]

XML = {"Content-Type": "text/xml; charset=utf-8"}


@pytest.mark.parametrize(("name", "error", "facts"), BEFORE_THE_WORK)
def test_a_platform_that_does_nothing_for_one_of_them(
    room: Room, name: str, error: type[errors.EhToolkitError], facts: dict[str, str]
) -> None:
    room.on(name)
    with pytest.raises(error) as caught:
        room.ask()
    assert caught.value.facts.items() >= facts.items()
    assert (room.keystores, room.held) == ([], [])
    assert room.ask("bram").state is State.WAITING
    room.off(name)
    assert room.ask().state is State.WAITING


@pytest.mark.parametrize(("name", "error", "facts"), BEFORE_THE_WORK)
def test_a_platform_that_fails_when_the_request_is_sent(
    room: Room, name: str, error: type[errors.EhToolkitError], facts: dict[str, str]
) -> None:
    """The key pair is on disk, and is used when the platform is there again."""
    with pytest.raises((error, errors.ResponseLost)) as caught:
        room.ask(during=lambda: room.on(name))
    assert caught.value.facts.items() >= facts.items()
    (path,) = room.keystores
    assert room.held == []
    room.off(name)
    with pytest.raises(errors.NeverSent):
        room.complete(path)
    outcome = room.resume(path)
    room.wait()
    assert room.complete(outcome).state is State.COMPLETE
    assert len(room.held) == 1


def test_an_answer_that_breaks_off(room: Room) -> None:
    with pytest.raises((errors.ResponseInvalid, errors.ResponseLost)) as cut:
        room.ask(during=lambda: room.on("cut-answer"))
    assert cut.value.facts["reason"] == "not_xml"
    (path,) = room.keystores
    assert room.held == [("IN_PROGRESS", "NOT_REQUESTED")]
    room.off("cut-answer")
    with pytest.raises(errors.RequestWaiting):
        room.ask()
    room.wait()
    assert room.complete(path).state is State.COMPLETE
    assert len(room.held) == 1


def test_a_lost_answer_is_found_by_asking(room: Room) -> None:
    room.on("answer-lost")
    outcome = room.ask()
    assert outcome.state is State.WAITING
    room.wait()
    with pytest.raises(errors.ResponseLost) as lost:
        room.complete(outcome)
    assert lost.value.facts["operation"] == "startETKRegistration"
    room.off("answer-lost")
    assert room.complete(outcome).state is State.COMPLETE
    assert room.held == [("VALID_ACTIVE", "VALID_ACTIVE")]


def test_the_operation_is_done_once_although_the_answer_is_lost(room: Room) -> None:
    """Registration, activation, revocation and a foreigner's request; the request itself is above."""
    old = room.ask()
    room.wait()
    room.complete(old)
    room.wait("+35mo")
    outcome = room.ask(insist=True)
    room.wait()
    assert room.complete(outcome).state is State.TO_ACTIVATE
    new = room.file(outcome.keystore)
    room.on("answer-lost", None)
    _lost(lambda: room.platform.etkra.activate(holder_of(new)), "activateETK")
    assert room.held[0] == ("VALID_ACTIVE", "VALID_ACTIVE")
    assert activate(new, room.toolkit.context).outcome.state in (State.ACTIVE, State.COMPLETE)

    contract = room.platform.certra.generate_revocation_contract(
        new.keystore.key_id, room.requested().signer, RevocationReason.SUPERSEDED
    )
    signer = room.signer(key=CardKey.SIGNATURE)
    _lost(lambda: room.platform.certra.revoke(new.keystore.key_id, contract, signer), "revoke")
    assert room.held[0] == ("REVOKED", "REVOKED")

    applicant = Person(Niss("85511230733"), "Ana", "Sousa")
    csr = certificate_request(new.keystore.authentication.key, DistinguishedName.for_person(applicant))
    _lost(
        lambda: room.platform.certra.submit_csr_for_foreigner(applicant, CONTACT, csr),
        "submitCSRForForeigner",
    )
    room.off("answer-lost", None)


def test_slow_answers_are_waited_for(room: Room) -> None:
    room.on("slow", seconds=0.2)
    start = time.monotonic()
    room.platform.certra.get_actor_qualities(room.requested().signer, room.signer())
    assert time.monotonic() - start >= 0.2
    assert [
        scenario.seconds for scenario in room.trainer.scenarios() if scenario.scenario is Scenario.SLOW
    ] == [0.2]


@pytest.mark.parametrize("room", ["in process"], indirect=True)
def test_answers_that_are_too_slow_are_given_up_and_found_later(room: Room) -> None:
    settings = room.toolkit.settings.model_copy(update={"platform_timeout": 0.1})
    with (
        closing(open_toolkit(settings)) as impatient,
        pytest.raises(errors.ResponseLost) as lost,  # nor did the platform say in time whether it has it
    ):
        replace(room, toolkit=impatient).ask(during=lambda: room.on("slow", seconds=1))
    assert lost.value.facts == {"operation": "generateCertificate"}
    (path,) = room.keystores
    assert len(room.held) == 1
    room.off("slow")
    room.wait()
    assert room.complete(path).state is State.COMPLETE
    assert len(room.held) == 1


@pytest.mark.parametrize("seconds", [0, -1, 60.5, float("nan")])
def test_slowness_has_bounds(room: Room, seconds: float) -> None:
    with pytest.raises(errors.ScenarioUnfit):
        room.on("slow", seconds=seconds)
    room.on("slow")
    assert [scenario.seconds for scenario in room.trainer.scenarios() if scenario.is_on] == [5.0]


@pytest.mark.parametrize("room", ["over HTTP"], indirect=True)
def test_a_slow_answer_delays_no_other_person(room: Room) -> None:
    room.on("slow", seconds=TIMEOUT - 1.5)
    ended: list[str] = []

    def ask() -> None:
        room.platform.certra.get_actor_qualities(room.requested().signer, room.signer())
        ended.append("elise")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    room.platform.certra.get_generic_organization_types()
    ended.append("the types")
    for thread in threads:
        thread.join()
    assert ended == ["the types", *["elise"] * 8]


@pytest.mark.parametrize("room", ["over HTTP"], indirect=True)
def test_a_server_that_stops_does_not_wait_for_the_slow(room: Room) -> None:
    room.on("slow", None, seconds=60)
    server = TrainingServer(room.trainer)
    server.start()
    ended: list[str] = []

    def ask() -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(
                f"{server.url}/CertRa/v2", content=b"anything", headers=XML, timeout=30, trust_env=False
            )
        ended.append("cut")

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    start = time.monotonic()
    server.stop()
    thread.join()
    assert ended == ["cut"]
    assert time.monotonic() - start < 15


def test_the_platforms_time_is_not_the_computers(room: Room) -> None:
    transport: Transport = room.trainer.transport()
    if room.url is not None:
        transport = HttpTransport(load_settings())
    base = room.url or "http://training.invalid"
    body = wrap(operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(room.trainer.clock.now()))

    def ahead() -> timedelta:
        date = parsedate_to_datetime(transport.post(f"{base}/CertRa/v2", body, XML).header("Date") or "")
        return date - room.trainer.clock.now()

    assert abs(ahead()) < timedelta(minutes=1)
    room.on("clock-wrong", None)
    assert abs(ahead() - timedelta(days=2)) < timedelta(minutes=1)
    if isinstance(transport, HttpTransport):
        date = parsedate_to_datetime(httpx.request("OPTIONS", base, trust_env=False).headers["Date"])
        assert abs(date - room.trainer.clock.now() - timedelta(days=2)) < timedelta(minutes=1)
        transport.close()
    room.off("clock-wrong", None)


def difference(fault: errors.PlatformFault) -> timedelta:
    """By how much the clock of the platform is ahead, as a refusal states it."""
    there, here = fault.facts["there"], fault.facts["here"]
    assert isinstance(there, datetime)
    assert isinstance(here, datetime)
    return there - here


def test_a_wrong_clock_explains_what_is_refused(room: Room) -> None:
    address = base_url_of(Environment.TRAINING, room.url)
    wire: Transport = room.trainer.transport() if room.url is None else HttpTransport(load_settings())
    platform = platform_at(wire, address, room.trainer.clock)
    room.on("clock-wrong")
    with pytest.raises(errors.PlatformFault) as fault:
        platform.certra.get_actor_qualities(room.requested().signer, room.signer())
    facts = fault.value.facts
    assert (facts["code"], facts["reason"]) == ("SOA-01001", "clock")
    assert abs(difference(fault.value) - timedelta(days=2)) < timedelta(minutes=1)
    assert platform.certra.get_generic_organization_types()
    assert room.ask("bram").state is State.WAITING
    room.off("clock-wrong")
    assert platform.certra.get_actor_qualities(room.requested().signer, room.signer()).natural_person
    if isinstance(wire, HttpTransport):
        wire.close()


def test_a_wrong_clock_is_reported_on_one_computer_and_in_a_class(room: Room) -> None:
    """Clients of a training server, whose clock was moved, compare nothing else."""
    room.trainer.clock.move("+2mo")
    room.on("clock-wrong")
    with pytest.raises(errors.PlatformFault) as fault:
        room.ask()
    facts = fault.value.facts
    assert facts["reason"] == "clock"
    assert abs(difference(fault.value) - timedelta(days=2)) < timedelta(minutes=1)
    assert isinstance(facts["here"], datetime)
    assert abs(facts["here"] - room.trainer.clock.now()) < timedelta(minutes=1)
    room.off("clock-wrong")
    room.on("soap-fault")
    with pytest.raises(errors.PlatformFault) as fault:
        room.ask()
    assert fault.value.facts.get("reason") != "clock", "it is right again"


def test_scenarios_add_up(room: Room) -> None:
    room.on("slow", seconds=0.2)
    room.on("garbage", None)
    room.on("platform-down", None)
    start = time.monotonic()
    with pytest.raises(errors.PlatformFault):
        room.ask()
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize("room", ["over HTTP"], indirect=True)
def test_a_client_that_has_gone_is_no_trouble(room: Room) -> None:
    """It gives up before the slow answer, and before the connection is closed on it."""
    room.on("slow", None, seconds=0.6)
    for name in ("platform-down", "answer-lost"):
        room.on(name, None)
        with httpx.Client(timeout=0.2, trust_env=False) as http, pytest.raises(httpx.TimeoutException):
            http.post(f"{room.url}/CertRa/v2", content=b"anything", headers=XML)
    time.sleep(0.8)
    for scenario in Scenario:
        room.off(scenario, None)
    assert room.ask().state is State.WAITING


def _lost(call: Callable[[], object], operation: str) -> None:
    with pytest.raises(errors.ResponseLost) as lost:
        call()
    assert lost.value.facts["operation"] == operation
