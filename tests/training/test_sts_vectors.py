"""Requests for sessions by the Java connector 4.0.2, each answered by the training STS as the manifest says."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.ehealth.platform import STS_PATH
from ehtoolkit.ehealth.soap.client import fault, is_fault
from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import SAML, TRUST, Element, parse, unwrap
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.faults import respond_with_faults
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.sts.service import OLDER_PATH
from tests.conftest import DATA

VECTORS = DATA / "token-requests"
MANIFEST: dict[str, Any] = (
    json.loads((VECTORS / "manifest.json").read_text(encoding="utf-8")) if VECTORS.is_dir() else {}
)
REQUESTS = {Path(vector["file"]).stem: vector for vector in MANIFEST.get("requests", [])}
SECOND = "challenge-card-then-keystore.2"
ATTRIBUTE, ASSERTION = SAML("Attribute"), SAML("Assertion")


@dataclass
class SetClock(TrainingClock):
    """A clock that stops at ``moment``."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Platform:
    """The training platform with the authorities that issued the vectors' certificates."""

    platform: EmbeddedPlatform
    clock: SetClock

    def answer(self, name: str, *, later: float = 3.0) -> Response:
        self.clock.moment = created(name) + timedelta(seconds=later)
        path = OLDER_PATH if name.startswith("legacy") else STS_PATH
        sent = respond_with_faults(self.platform, path, request(name), {})
        assert sent.response is not None
        return sent.response

    def refusal(self, name: str, *, later: float = 3.0) -> tuple[str, str]:
        """Code and message of the fault that ``name`` gets."""
        answer = self.answer(name, later=later)
        message = unwrap(answer.body)
        assert answer.status == 500
        assert is_fault(message)
        facts = fault(message).facts
        return str(facts["code"]), str(facts["detail"])


def request(name: str) -> bytes:
    return (VECTORS / "requests" / f"{name}.xml").read_bytes()


def created(name: str) -> datetime:
    """When the message was made; those that we changed are of ``person-rsa``."""
    facts = REQUESTS[name].get("facts") or REQUESTS["person-rsa"]["facts"]
    return datetime.fromisoformat(facts["created"])


@pytest.fixture
def platform(data_folder: Path, tmp_path: Path) -> Platform:
    shutil.copytree(data_folder / "sealed-messages" / "training-ca", tmp_path / "ca")
    platform = EmbeddedPlatform(tmp_path, delivery_seconds=0)
    clock = platform.clock = SetClock(created("person-rsa"))
    return Platform(platform, clock)


def names(expect: str) -> list[str]:
    return [name for name, vector in REQUESTS.items() if vector["expect"] == expect and name != SECOND]


def assertion_of(answer: Response) -> Element:
    (found,) = parse(answer.body).iter(ASSERTION)
    return found


def test_there_are_requests(data_folder: Path) -> None:
    """A list that is empty would prove nothing."""
    assert len(names("token")) >= 6
    assert len(names("refuse")) >= 7
    assert names("challenge")


@pytest.mark.parametrize("name", names("token"))
def test_one_that_gets_a_token(platform: Platform, name: str) -> None:
    answer = platform.answer(name)
    assert answer.status == 200, answer.body
    element = assertion_of(answer)
    verified = verify_element(element, "AssertionID")
    assert "IAMTRAINING" in verified.certificate.subject.rfc4514_string()
    values = {
        attribute.get("AttributeName"): attribute.findtext(SAML("AttributeValue"))
        for attribute in verified.element.iter(ATTRIBUTE)
    }
    asserted = dict(REQUESTS[name]["facts"].get("claims") or [])
    for uri, value in asserted.items():
        assert value is None or values[uri] == value
    context = parse(request(name))[-1][0].get("Context")
    if context is not None:
        assert unwrap(answer.body).get("Context") == context


@pytest.mark.parametrize("name", names("refuse"))
def test_one_that_is_refused(platform: Platform, name: str) -> None:
    code, _ = platform.refusal(name)
    assert code.startswith("SOA-010")


def test_the_challenge_of_a_card_and_a_keystore(platform: Platform) -> None:
    first = unwrap(platform.answer("challenge-card-then-keystore.1").body)
    challenge = first.findtext(f"{TRUST('SignChallenge')}/{TRUST('Challenge')}")
    assert challenge
    code, message = platform.refusal(SECOND)
    assert (code, "unknown" in message) == ("ws-trust:FailedAuthentication", True)
    given = unwrap(request(SECOND)).findtext(f"{TRUST('SignChallengeResponse')}/{TRUST('Challenge')}")
    with platform.platform.database.writing() as connection:  # as if ours had been the one that was signed
        connection.execute("UPDATE session_challenge SET challenge = ?", (given,))
    assert assertion_of(platform.answer(SECOND)) is not None
    assert platform.refusal(SECOND)[0] == "ws-trust:FailedAuthentication"  # and never twice


@pytest.mark.parametrize(("later", "taken"), [(-290, True), (-310, False), (355, True), (365, False)])
def test_the_clock_of_who_asks_may_be_off_by_five_minutes(
    platform: Platform, later: float, taken: bool
) -> None:
    if taken:
        assert platform.answer("person-ec", later=later).status == 200
    else:
        code, message = platform.refusal("person-ec", later=later)
        assert (code, "clock" in message) == ("SOA-01001", True)


def test_a_shorter_life_that_was_asked_for(platform: Platform) -> None:
    conditions = assertion_of(platform.answer("person-rsa-one-hour")).find(SAML("Conditions"))
    assert conditions is not None
    begins, ends = (
        datetime.fromisoformat(conditions.get(limit, "")) for limit in ("NotBefore", "NotOnOrAfter")
    )
    assert timedelta(hours=1) <= ends - begins <= timedelta(hours=1, minutes=5)
