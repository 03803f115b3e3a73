"""What is asked to observe a certificate, for each purpose; what is not answered is in the situation."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.state.observe import Purpose, ask_depot, observe
from ehtoolkit.procedures.state.requests import KeyAnswer, RequestStatus
from ehtoolkit.procedures.state.situation import Situation, TokenMatch
from tests.procedures.conftest import Road
from tests.support.training_life import Life

INFO, KEY, DEPOT = "getcertificateinfoforauthenticationcertificate", "getcertificate", "etkdepot"
UNREACHABLE = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


def asked(road: Road, file: KeystoreFile, purpose: Purpose) -> tuple[Situation, list[str]]:
    """What was observed, and the questions in their order."""
    before = len(road.wire.seen)
    seen = observe(file, road.toolkit.context, purpose)
    known = (INFO, KEY, DEPOT)
    return seen, [next(word for word in known if word in each) for each in road.wire.seen[before:]]


@pytest.mark.parametrize(
    ("purpose", "of_active", "of_revoked"),
    [
        (Purpose.REGISTRATION, [INFO], [INFO]),
        (Purpose.ACTIVATION, [INFO, KEY], [INFO]),
        (Purpose.RENEWAL, [INFO, KEY], [INFO, KEY]),
        (Purpose.STATUS, [INFO, KEY, DEPOT], [INFO, KEY]),
        (Purpose.TEST, [INFO, KEY, DEPOT], [INFO, KEY, DEPOT]),
    ],
)
def test_each_purpose_asks_what_it_needs(
    road: Road, purpose: Purpose, of_active: list[str], of_revoked: list[str]
) -> None:
    life = Life(road)
    old, new = life.renewed()
    seen, questions = asked(road, old, purpose)
    assert questions == of_active
    assert [keystore.path for keystore in seen.replacing] == (
        [] if purpose is Purpose.REGISTRATION else [new.path]
    )
    life.revoke(old.keystore.key_id)
    assert asked(road, old, purpose)[1] == of_revoked


def test_the_depot_is_asked_once(road: Road) -> None:
    file = Life(road).first()
    seen = observe(file, road.toolkit.context)
    assert seen.published is not None
    assert seen.published.ours is TokenMatch.CURRENT
    before = len(road.wire.seen)
    assert ask_depot(seen, file, road.toolkit.context) is seen
    assert len(road.wire.seen) == before


def test_before_installation(road: Road) -> None:
    life = Life(road)
    file = life.open(life.ask().keystore)
    seen, questions = asked(road, file, Purpose.STATUS)
    assert (questions, seen.delivery, seen.known) == ([KEY], RequestStatus(KeyAnswer.KNOWN), None)
    life.move("+1d")
    seen, questions = asked(road, file, Purpose.STATUS)
    assert isinstance(seen.delivery, RequestStatus)
    assert (questions, seen.delivery.delivered) == ([KEY, INFO], True)
    assert seen.known is not None


def test_the_platform_cannot_be_reached(road: Road) -> None:
    file = Life(road).first()
    road.wire.before["CertRa"] = UNREACHABLE
    seen, questions = asked(road, file, Purpose.TEST)
    assert (questions, seen.failure, seen.silence) == ([INFO], UNREACHABLE, UNREACHABLE)
    with pytest.raises(errors.PlatformUnreachable):
        seen.require_known()


def test_a_refusal_is_an_answer(road: Road) -> None:
    file = Life(road).first()
    road.wire.before[INFO] = errors.PlatformRefused(code="SIGNER_NOT_TRUSTED", detail="Never seen.")
    seen, questions = asked(road, file, Purpose.TEST)
    assert (questions, seen.failure) == ([INFO, DEPOT], None)


def test_neighbours_and_depot_cannot_be_asked(road: Road) -> None:
    old, _ = Life(road).renewed()
    road.wire.before['getcertificate"'] = road.wire.before["EtkDepot"] = UNREACHABLE
    seen, _ = asked(road, old, Purpose.STATUS)
    assert (seen.newer, seen.token, seen.replacing) == (UNREACHABLE, UNREACHABLE, ())
    assert seen.known is not None
