"""The kind of key that a certificate is asked for with, and the other kind after a refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, generate_key, kind_of, new_kind_of
from ehtoolkit.ehealth.etk import belongs_to
from ehtoolkit.identity import ContactData, Niss
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.renew import renew
from ehtoolkit.procedures.request import request
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.state.invented_people import FOREIGNER, PEOPLE
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.openssl_cms import opened, seal
from tests.support.training_life import Life

EC, RSA = NewKeyKind.EC_P384, NewKeyKind.RSA_2048
UNDER_EC = next(person.name for person in PEOPLE if person.certificate_is_ec)
UNDER_RSA = next(person.name for person in PEOPLE if not person.certificate_is_ec)


def switch(road: Road, scenario: str, on: bool = True) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.switch(scenario, on)


def kind_in(path: Path) -> str:
    return str(kind_of(KeystoreFile.open(path, PASSWORD).keystore.authentication.key))


def archived(road: Road) -> list[str]:
    return sorted(path.name for path in (road.toolkit.context.keystores / "archive").glob("*"))


def again(life: Life, kind: NewKeyKind | None) -> Path:
    toolkit = life.road.toolkit
    card = toolkit.open_card(f"training:{life.card}")
    asked = request(
        life.requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None, kind=kind
    )
    return asked.keystore


@pytest.mark.parametrize("kind", NewKeyKind)
def test_what_is_made_is_of_the_kind_that_was_named(kind: NewKeyKind) -> None:
    made = kind_of(generate_key(kind))

    assert made == kind.kind
    assert new_kind_of(made) is kind
    assert kind.other is not kind
    assert kind.other.other is kind


@pytest.mark.parametrize(("environment", "expected"), [("acceptance", EC), ("production", EC)])
def test_real_platforms_are_asked_with_the_newest_kind(
    tmp_path: Path, environment: str, expected: NewKeyKind
) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path, environment=environment))

    assert toolkit.context.new_key_kind(PEOPLE[0].person.niss) is expected


def test_in_training_the_authority_of_the_person_decides(road: Road) -> None:
    for person in PEOPLE:
        assert road.toolkit.context.new_key_kind(person.person.niss) is (
            EC if person.certificate_is_ec else RSA
        )
    assert road.toolkit.context.new_key_kind(Niss("85073003328")) is RSA


@pytest.mark.parametrize("kind", NewKeyKind)
def test_the_setting_decides_for_everybody(tmp_path: Path, kind: NewKeyKind) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path, authentication_key=kind.value))

    assert {toolkit.context.new_key_kind(person.person.niss) for person in PEOPLE} == {kind}


@pytest.mark.parametrize("card", [UNDER_RSA, UNDER_EC], ids=["RSA authority", "EC authority"])
@pytest.mark.parametrize("kind", NewKeyKind)
def test_a_life_across_the_kinds(road: Road, tmp_path: Path, card: str, kind: NewKeyKind) -> None:
    """Request, renewal with a key of the other kind: the old decryption keys come along."""
    context = road.toolkit.context
    life = Life(replace(road, toolkit=replace(road.toolkit, context=context.asking_for(kind))), card)
    old = life.first()
    etk = life.published()
    message = seal(etk, b"for the old one", tmp_path)
    life.move("+34mo")
    open_card = road.toolkit.open_card(f"training:{card}")

    asked = renew(old, open_card, lambda _: PIN, PASSWORD, context, show=lambda _: None, kind=kind.other)
    life.move("+1d")
    file = life.open(asked.keystore)

    assert complete(file, context).state is State.TO_ACTIVATE
    assert [kind_in(path) for path in (old.path, file.path)] == [str(kind.kind), str(kind.other.kind)]
    assert belongs_to(file.keystore.current_encryption[-1].chain[0], file.keystore.chain[0])
    assert b"for the old one" in [opened(message, key, tmp_path) for key in file.keystore.encryption]


@pytest.mark.parametrize(
    ("scenario", "card", "second"), [("only-ec", UNDER_RSA, EC), ("only-rsa", UNDER_EC, RSA)]
)
def test_a_refused_kind_and_the_other_with_the_same_data(
    road: Road, scenario: str, card: str, second: NewKeyKind
) -> None:
    switch(road, scenario)
    life = Life(road, card)

    with pytest.raises(errors.NewKeyRefused) as refused:
        life.ask()

    assert refused.value.facts["code"] == "KEY_UNFIT"
    assert (refused.value.facts["kind"], refused.value.facts["option"]) == (
        str(second.other.kind),
        second.value,
    )
    (prepared,) = road.keystores
    assert kind_in(prepared) == str(second.other.kind)

    # Without a word about the kind the same key is sent again; nothing is decided for the user.
    with pytest.raises(errors.NewKeyRefused):
        again(life, None)
    assert road.keystores == [prepared]

    asked = again(life, second)

    assert kind_in(asked) == str(second.kind)
    assert road.keystores == [asked]
    assert archived(road) == [prepared.name]
    life.move("+1d")
    assert complete(life.open(asked), road.toolkit.context).state is State.COMPLETE


def test_the_other_kind_is_refused_too(road: Road) -> None:
    """What was prepared stays where it is until another request is accepted."""
    switch(road, "only-ec")
    switch(road, "only-rsa")
    life = Life(road)
    for kind in (RSA, EC):
        with pytest.raises(errors.NewKeyRefused):
            again(life, kind)
    assert sorted(kind_in(keystore) for keystore in road.keystores) == ["EC P-384", "RSA-2048"]
    assert archived(road) == []


def test_a_refused_renewal(road: Road) -> None:
    life = Life(road)
    old = life.first()
    life.move("+34mo")
    switch(road, "only-ec")
    context, card = road.toolkit.context, road.toolkit.open_card()

    def ask(kind: NewKeyKind | None) -> Path:
        return renew(old, card, lambda _: PIN, PASSWORD, context, show=lambda _: None, kind=kind).keystore

    with pytest.raises(errors.NewKeyRefused):
        ask(None)
    prepared = next(keystore for keystore in road.keystores if keystore != old.path)
    with pytest.raises(errors.NeverSent):
        ask(None)

    new = ask(EC)

    assert sorted(road.keystores) == sorted([old.path, new])
    assert archived(road) == [prepared.name]
    assert kind_in(new) == str(EC.kind)


def test_a_refused_request_without_a_card(road: Road) -> None:
    switch(road, "only-ec")
    requested = ForeignerRequest(FOREIGNER, ContactData("anais@example.be", "+32 4 555 01 42"))
    context = road.toolkit.context
    with pytest.raises(errors.NewKeyRefused):
        request_foreign(requested, PASSWORD, context)
    (prepared,) = road.keystores

    asked = request_foreign(requested, PASSWORD, context, kind=EC)

    assert road.keystores == [asked.keystore]
    assert archived(road) == [prepared.name]
    assert [kind_in(keystore.path) for keystore in find_keystores(context.keystores)] == ["EC P-384"]


def test_a_refusal_that_names_another_reason_does_not_speak_of_the_key(road: Road) -> None:
    life = Life(road)
    life.first()
    with pytest.raises(errors.PlatformRefused) as refused:
        request(
            life.requested,
            road.toolkit.open_card(),
            lambda _: PIN,
            PASSWORD,
            road.toolkit.context,
            show=lambda _: None,
            insist=True,
        )
    assert type(refused.value) is errors.PlatformRefused
    assert refused.value.facts["code"] == "CERT_ALREADY_ACTIVE"
