"""What the depot gives out for a holder: one token, several, none, and what is not to be trusted."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.identity import Identifier
from ehtoolkit.procedures.state.depot_tokens import find_tokens
from tests.procedures.conftest import Road, road, warm_home
from tests.procedures.organisation_requests import PRACTICE, ask, card_of
from tests.support.training_life import remembering

__all__ = ["road", "warm_home"]

ELISE = Identifier("SSIN", "79031421872")


def complete(road: Road, application_id: str | None = None) -> None:
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
    from ehtoolkit.procedures.complete import complete as procedure
    from tests.procedures.organisation_requests import OTHER

    outcome = ask(road, application_id=application_id)
    road.wait()
    procedure(KeystoreFile.open(outcome.keystore, OTHER), road.toolkit.context)


def tampered(change: Callable[[bytes], bytes]) -> Callable[[Response], Response]:
    """The token in an answer of the depot, changed."""

    def act(answer: Response) -> Response:
        def replace(match: re.Match[bytes]) -> bytes:
            return match[1] + base64.b64encode(change(base64.b64decode(match[2]))) + match[3]

        body, count = re.subn(rb"(<[a-z]*:?ETK>)([^<]+)(</)", replace, answer.body)
        assert count == 1
        return Response(answer.status, answer.headers, body)

    return act


def test_the_one_token_of_a_person_and_the_file_with_its_key(road: Road) -> None:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    (token,) = find_tokens(ELISE, None, road.toolkit.context)
    assert token.sound
    assert token.holder is not None
    assert token.holder.identifier == ELISE
    assert token.files == (outcome.keystore,)
    assert token.etk is not None
    assert token.etk.authentication_certificate is not None


def test_several_tokens_of_an_organisation_are_looked_up_one_by_one(road: Road) -> None:
    complete(road)
    complete(road, "KASSE-1")
    found = find_tokens(PRACTICE, None, road.toolkit.context)
    assert {token.name.application_id for token in found} == {None, "KASSE-1"}
    assert all(token.sound for token in found)
    assert len({token.etk.serial for token in found if token.etk is not None}) == 2
    (bare,) = find_tokens(PRACTICE, "", road.toolkit.context)
    assert bare.holder is not None
    assert bare.holder.application_id is None
    (named,) = find_tokens(PRACTICE, "KASSE-1", road.toolkit.context)
    assert named.holder is not None
    assert named.holder.application_id == "KASSE-1"


def _given(token: bytes, _: bytes) -> bytes:
    return token


def test_the_token_for_another_application_id_is_not_sound(road: Road) -> None:
    complete(road)
    complete(road, "KASSE-1")
    context = road.toolkit.context
    other = {
        "": context.platform.depot.get_etk(PRACTICE, "KASSE-1"),
        "KASSE-1": context.platform.depot.get_etk(PRACTICE),
    }
    for application_id, theirs in other.items():
        assert theirs is not None
        (own,) = find_tokens(PRACTICE, application_id, context)
        assert own.sound
        assert replace(own, name=replace(own.name, application_id=application_id.lower() or None)).sound
        road.wire.after["etkdepot"] = tampered(partial(_given, theirs))
        (given,) = find_tokens(PRACTICE, application_id, context)
        road.wire.after.clear()
        assert given.etk is not None
        assert not given.sound


def test_a_token_with_an_application_id_is_sound_where_none_was_named(road: Road) -> None:
    complete(road, "KASSE-1")
    (token,) = find_tokens(PRACTICE, None, road.toolkit.context)
    assert token.sound
    assert token.holder is not None
    assert token.holder.application_id == "KASSE-1"


def test_none(road: Road) -> None:
    assert find_tokens(PRACTICE, None, road.toolkit.context) == ()
    assert find_tokens(PRACTICE, "KASSE-1", road.toolkit.context) == ()


def test_a_token_with_an_invalid_signature(road: Road) -> None:
    complete(road)
    road.wire.after["etkdepot"] = tampered(lambda der: der[:-1] + bytes([der[-1] ^ 1]))
    (token,) = find_tokens(PRACTICE, None, road.toolkit.context)
    assert token.etk is None
    assert not token.sound


def test_what_is_no_token_at_all(road: Road) -> None:
    complete(road)
    road.wire.after["etkdepot"] = tampered(lambda _: b"nonsense")
    (token,) = find_tokens(PRACTICE, None, road.toolkit.context)
    assert not token.sound


def test_the_token_of_another_person_is_not_sound(road: Road) -> None:
    complete(road)
    (practice,) = find_tokens(PRACTICE, None, road.toolkit.context)
    taken: list[Response] = []
    road.wire.after["etkdepot"] = remembering(taken)
    find_tokens(PRACTICE, None, road.toolkit.context)
    theirs = re.search(rb"ETK>([^<]+)<", taken[0].body)
    assert theirs is not None
    outcome = road.ask()
    road.wait()
    road.wire.after.clear()
    road.complete(outcome)
    road.wire.after["etkdepot"] = tampered(lambda _: base64.b64decode(theirs[1]))
    (token,) = find_tokens(ELISE, None, road.toolkit.context)
    assert token.etk == practice.etk
    assert not token.sound


def test_a_depot_that_does_not_answer(road: Road) -> None:
    road.wire.before["etkdepot"] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    with pytest.raises(errors.PlatformUnreachable):
        find_tokens(PRACTICE, None, road.toolkit.context)
    assert card_of(road).identity().niss.digits == ELISE.value
