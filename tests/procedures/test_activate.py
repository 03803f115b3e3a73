"""Activation: the depot switches then and not before, and it is proven; again and again without harm."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment, Organisation
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import activate, complete, install_certificate
from ehtoolkit.procedures.result import Stage
from tests.procedures.conftest import Road
from tests.support.training_life import PHARMACY, Life, remembering

CUT = errors.PlatformTimeout(host="platform", seconds=30, sent=True)


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


@pytest.mark.parametrize(
    ("card", "organisation"), [("elise", None), ("karl", None), ("claire", None), ("ines", PHARMACY)]
)
def test_the_depot_switches_only_then(road: Road, card: str, organisation: Organisation | None) -> None:
    life = Life(road, card, organisation)
    old, new = life.renewed()
    (before,), (after,) = old.keystore.current_encryption, new.keystore.current_encryption
    assert str(life.published().serial) == before.alias
    steps: list[Stage] = []
    done = activate(new, road.toolkit.context, progress=steps.append)
    assert (done.outcome.state, done.outcome.next) == (State.ACTIVE, Action.USE)
    assert done.outcome.not_after == new.keystore.not_after
    assert done.outcome.keystore == new.path
    assert str(life.published().serial) == after.alias
    assert done.retired == (old.path,)
    assert steps == [Stage.ASK, Stage.ACTIVATE, Stage.PROVE]


def test_once_more_says_that_it_was_done_and_proves_it_again(road: Road, life: Life) -> None:
    _, new = life.renewed()
    assert not life.activate(new).already
    again = life.activate(new)
    assert again.already
    assert again.outcome.state is State.ACTIVE
    assert road.wire.count("activateETK") == 1


def test_a_first_certificate_is_active_from_the_start(life: Life) -> None:
    done = life.activate(life.first())
    assert done.already
    assert done.retired == ()


def test_nothing_to_activate_leads_to_complete(road: Road, life: Life) -> None:
    old = life.due()
    asked = life.renew(old)
    file = life.open(asked.keystore)
    with pytest.raises(errors.WrongState) as prepared:
        life.activate(file)
    assert prepared.value.facts["state"] == State.PREPARED

    life.move("+1d")
    road.wire.before["startETKRegistration"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    with pytest.raises(errors.PlatformUnreachable):
        road.complete(asked)
    with pytest.raises(errors.WrongState) as installed:
        life.activate(life.open(asked.keystore))
    assert installed.value.facts["state"] == State.NO_ETK
    assert road.wire.count("activateETK") == 0


def test_a_lost_answer_is_found_by_asking(road: Road, life: Life) -> None:
    _, new = life.renewed()
    road.wire.lost["activateETK"] = CUT
    done = life.activate(new)
    assert (done.outcome.state, done.already) == (State.ACTIVE, False)
    assert road.wire.count("activateETK") == 1


def test_a_malformed_answer_is_followed_by_a_query(road: Road, life: Life) -> None:
    _, new = life.renewed()
    road.wire.after["activateETK"] = lambda _: Response(
        502, {"Content-Type": "text/html"}, b"<html>Proxy</html>"
    )
    assert life.activate(new).outcome.state is State.ACTIVE
    assert road.wire.count("activateETK") == 1


def test_a_failed_activation_is_reported_and_can_be_repeated(road: Road, life: Life) -> None:
    _, new = life.renewed()
    road.wire.before["activateETK"] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    with pytest.raises(errors.ResponseLost):
        life.activate(new)
    road.wire.before.clear()
    assert not life.activate(new).already


def test_a_depot_without_the_new_token_is_reported_and_checked_the_next_time(road: Road, life: Life) -> None:
    _, new = life.renewed()
    seen: list[Response] = []
    road.wire.after["EtkDepot"] = remembering(seen)
    life.published()
    road.wire.after["EtkDepot"] = lambda _: seen[0]  # an old answer, played back
    with pytest.raises(errors.ResponseUntrusted) as caught:
        life.activate(new)
    assert caught.value.facts == {"reason": "not_switched"}
    road.wire.after.clear()
    assert life.activate(new).already


def test_a_depot_with_another_persons_token(road: Road, life: Life) -> None:
    _, new = life.renewed()
    other = Life(road, "bram")
    other.first()
    seen: list[Response] = []
    road.wire.after["EtkDepot"] = remembering(seen)
    other.published()
    road.wire.after["EtkDepot"] = lambda _: seen[0]
    with pytest.raises(errors.ResponseUntrusted):
        life.activate(new)


def test_garbage_from_the_depot_is_not_believed(road: Road, life: Life) -> None:
    _, new = life.renewed()
    road.wire.after["EtkDepot"] = lambda answer: replace(
        answer, body=re.sub(rb"ETK>[^<]+<", b"ETK>MAMCAQE=<", answer.body)
    )
    with pytest.raises(errors.ResponseUntrusted) as caught:
        life.activate(new)
    assert caught.value.facts == {"reason": "etk"}


def test_a_token_without_its_key_is_not_activated(road: Road, life: Life) -> None:
    old = life.due()
    asked = life.renew(old)
    life.move("+1d")
    installed_only = copied(asked.keystore, road)
    file = KeystoreFile.open(installed_only, life.password)
    install_certificate(file, road.toolkit.context)
    complete(life.open(asked.keystore), road.toolkit.context)
    with pytest.raises(errors.EtkKeyMissing):
        life.activate(file)
    assert road.wire.count("activateETK") == 0
    with pytest.raises(errors.EtkKeyMissing):
        complete(file, road.toolkit.context)
    assert str(life.published().serial) == old.keystore.current_encryption[0].alias


def test_the_old_file_chosen_before_the_activation_leads_to_the_new_one(road: Road, life: Life) -> None:
    old, new = life.renewed()
    with pytest.raises(errors.AlreadyRenewed) as caught:
        life.activate(old)
    assert caught.value.facts == {"path": str(old.path), "newer": str(new.path), "reason": "old"}
    assert road.wire.count("activateETK") == 0
    for language in LANGUAGES:
        said = Translator(language).error(caught.value)
        assert str(old.path) in said
        assert str(new.path) in said
    assert not life.activate(new).already


def test_the_old_file_beside_a_new_one_that_is_not_complete(road: Road, life: Life) -> None:
    old = life.due()
    asked = life.renew(old)
    with pytest.raises(errors.RequestWaiting) as caught:
        life.activate(old)
    assert caught.value.facts == {"path": str(asked.keystore), "old": str(old.path), "reason": "old"}
    life.move("+1d")  # delivered, and not fetched
    with pytest.raises(errors.RequestWaiting):
        life.activate(old)
    assert road.wire.count("activateETK") == 0
    for language in LANGUAGES:
        assert str(asked.keystore) in Translator(language).error(caught.value)


def test_an_old_file_with_keys_that_the_new_one_lacks_is_not_to_be_put_away(road: Road, life: Life) -> None:
    """Somebody merged an even older keystore into it after the renewal."""
    old, new = life.renewed()
    (other,) = Life(road, "bram").first().keystore.encryption
    assert isinstance(other.key, RSAPrivateKey)
    old.save(old.keystore.with_encryption(other.key, other.chain[0]))
    assert life.activate(new).retired == ()


def test_an_activation_is_not_called_a_failure_because_of_the_neighbours(road: Road, life: Life) -> None:
    """What may be put away shows in the files: nobody is asked about them."""
    old, new = life.renewed()
    road.wire.before['getcertificate"'] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    done = life.activate(new)
    assert done.outcome.state is State.ACTIVE
    assert done.retired == (old.path,)


def test_a_keystore_of_another_environment(road: Road, life: Life) -> None:
    _, new = life.renewed()
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    with pytest.raises(errors.WrongEnvironment):
        activate(new, replace(road.toolkit.context, environment=Environment.ACCEPTANCE))
    assert road.wire.count("activateETK") == 0


def copied(path: Path, road: Road) -> Path:
    """A copy on another computer."""
    target = road.toolkit.settings.home / path.name
    target.write_bytes(path.read_bytes())
    return target
