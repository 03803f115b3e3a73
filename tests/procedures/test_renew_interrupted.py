"""Renewals that are cut: the answer lost, the request that never left, the platform that refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import request, resume
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority import certificate_register
from tests.procedures.conftest import PIN, Road
from tests.support.training_life import PHARMACY, Life

NEW_PASSWORD = Secret("Kine-2029")
CUT = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
NEVER_LEFT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


def test_a_lost_answer_is_found_by_asking(road: Road, life: Life) -> None:
    file = life.due()
    road.wire.lost["generatecertificate"] = CUT
    asked = life.renew(file)
    assert asked.state is State.WAITING
    assert road.wire.count("generatecertificate") == 2  # the first request's, and one
    life.move("+1d")
    assert complete(life.open(asked.keystore), road.toolkit.context).state is State.TO_ACTIVATE


def test_a_renewal_that_never_left_is_resumed_with_the_same_keys(road: Road, life: Life) -> None:
    file = life.due()
    road.wire.before["generatecertificate"] = NEVER_LEFT
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(file, password=NEW_PASSWORD)
    road.wire.before.clear()
    (new_path,) = (path for path in road.keystores if path != file.path)
    new = life.open(new_path, NEW_PASSWORD)
    assert new.keystore.state(road.toolkit.context.clock.now()) is State.PREPARED
    carried = [key.alias for key in new.keystore.encryption]
    assert carried == [key.alias for key in file.keystore.encryption]

    error = life.refused(file)  # no third file: the same key pair has to be used
    assert isinstance(error, errors.NeverSent)
    assert error.facts == {"path": str(new_path), "key_id": new.keystore.key_id}
    with pytest.raises(errors.NeverSent):
        complete(new, road.toolkit.context)

    card = road.toolkit.open_card()
    outcome = resume(new, life.requested, card, lambda _: PIN, road.toolkit.context, show=lambda _: None)
    assert (outcome.key_id, outcome.keystore) == (new.keystore.key_id, new_path)
    life.move("+1d")
    assert complete(new, road.toolkit.context).state is State.TO_ACTIVATE
    assert new.keystore.encryption[0].alias == carried[0]
    assert len(new.keystore.current_encryption) == 1
    assert life.activate(new).outcome.state is State.ACTIVE


def test_a_renewal_is_not_resumed_for_another_person(road: Road, life: Life) -> None:
    file = life.due()
    road.wire.before["generatecertificate"] = NEVER_LEFT
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(file)
    road.wire.before.clear()
    (new_path,) = (path for path in road.keystores if path != file.path)
    other = Life(road, "karl")
    with pytest.raises(errors.DifferentKeystoreHolder):
        resume(
            life.open(new_path),
            other.requested,
            road.toolkit.open_card("training:karl"),
            lambda _: PIN,
            road.toolkit.context,
            show=lambda _: None,
        )


def test_an_aborted_request_of_long_ago_does_not_pass_for_a_renewal(road: Road, life: Life) -> None:
    """Its key is unknown to the platform too, and it lacks the decryption keys."""
    file = life.due()
    road.wire.before["generatecertificate"] = NEVER_LEFT
    with pytest.raises(errors.PlatformUnreachable):
        request(
            life.requested,
            road.toolkit.open_card(),
            lambda _: PIN,
            life.password,
            road.toolkit.context,
            show=lambda _: None,
            insist=True,
        )
    road.wire.before.clear()
    asked = life.renew(file)
    assert asked.state is State.WAITING
    assert len(life.open(asked.keystore).keystore.encryption) == 1


def test_a_lost_registration_of_the_new_token_is_found_by_asking(road: Road, life: Life) -> None:
    file = life.due()
    asked = life.renew(file)
    life.move("+1d")
    road.wire.lost["completeETKregistration"] = CUT
    new = life.open(asked.keystore)
    done = complete(new, road.toolkit.context)
    assert done.state is State.TO_ACTIVATE
    assert len(new.keystore.current_encryption) == 1
    road.wire.lost.clear()
    again = complete(life.open(asked.keystore), road.toolkit.context)
    assert again.state is State.TO_ACTIVATE
    assert len(life.open(asked.keystore).keystore.encryption) == 2


def test_a_request_that_the_platform_refused_is_neither_resumed_nor_completed(road: Road, life: Life) -> None:
    file = life.due()
    asked = life.renew(file)
    road.wire.before['getcertificate"'] = errors.PlatformRefused(code="CERT_REFUSED", detail="Refused.")
    new = life.open(asked.keystore)
    with pytest.raises(errors.RequestRefused) as caught:
        complete(new, road.toolkit.context)
    assert caught.value.facts == {
        "path": str(new.path),
        "code": "CERT_REFUSED",
        "detail": "CERT_REFUSED Refused.",
    }
    with pytest.raises(errors.RequestRefused):
        resume(
            new,
            life.requested,
            road.toolkit.open_card(),
            lambda _: PIN,
            road.toolkit.context,
            show=lambda _: None,
        )


def test_a_resumed_renewal_names_the_base_services_of_the_old_certificate(road: Road) -> None:
    life, context = Life(road, "ines", PHARMACY), road.toolkit.context
    card = road.toolkit.open_card("training:ines")
    asked = request(
        replace(life.requested, base_services=("tsa",)),
        card,
        lambda _: PIN,
        life.password,
        context,
        show=lambda _: None,
    )
    life.move("+1d")
    old = life.open(asked.keystore)
    complete(old, context)
    life.move("+34mo")
    road.wire.before["generatecertificate"] = NEVER_LEFT
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(old)
    road.wire.before.clear()
    (new_path,) = (path for path in road.keystores if path != old.path)
    new = life.open(new_path)
    for _ in range(2):  # also the second time
        road.wire.before["generatecertificate"] = NEVER_LEFT
        with pytest.raises(errors.PlatformUnreachable):
            resume(new, life.requested, card, lambda _: PIN, context, show=lambda _: None)
        road.wire.before.clear()
    resume(new, life.requested, card, lambda _: PIN, context, show=lambda _: None)
    record = read_request_record(context.notes, new.keystore.key_id)
    assert record is not None
    assert record.base_services == ("tsa",)
    assert road.toolkit.training is not None
    assert [each.base_services for each in certificate_register.all_records(road.toolkit.training)] == [
        ("tsa",),
        ("tsa",),
    ]
