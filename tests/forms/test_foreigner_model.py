"""The Foreigner form's model, on the real procedures and the embedded platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.wizards.foreigner import FOREIGNER as FORM
from ehtoolkit.forms.wizards.foreigner import ForeignerModel, _address
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.result import Validation
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.state.invented_people import FOREIGNER, PEOPLE
from tests.procedures.conftest import behind_wire

PASSWORD = Secret("Grenz-2026")
TYPED = {
    "niss": FOREIGNER.niss.formatted,
    "first_names": f"  {FOREIGNER.first_names} ",
    "surname": FOREIGNER.name,
    "email": "anais@example.org",
    "phone": "+33 1 99 00 01 42",
}


@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    return open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))


def filled(toolkit: Toolkit, **typed: str) -> ForeignerModel:
    model = FORM.walk(ForeignerModel(toolkit))
    model.wizard.edit({"has_bis": True, **TYPED, **typed})
    return model


def sent(toolkit: Toolkit) -> ForeignerModel:
    """The form walked to its end."""
    model = filled(toolkit)
    model.require_first()
    model.choose_password(PASSWORD)
    model.send()
    return model


def blockers(model: ForeignerModel, step: str) -> list[tuple[str, str | None]]:
    (found,) = [candidate for candidate in model.wizard.steps if candidate.name == step]
    return [(blocker.key, blocker.field) for blocker in found.check(model.wizard.values)]


def test_without_a_number_one_goes_to_the_municipality_first(toolkit: Toolkit) -> None:
    assert blockers(FORM.walk(ForeignerModel(toolkit)), "where") == [("foreigner.block.bis", "has_bis")]
    assert blockers(filled(toolkit), "where") == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "foreigner.block.niss"),
        ("81.43.17-064.71", "foreigner.block.niss"),
        ("814317064701", "foreigner.block.niss"),
        (PEOPLE[0].person.niss.formatted, "error.identifier_invalid.not_bis"),
    ],
)
def test_a_number_that_is_none_or_no_bis_number(toolkit: Toolkit, typed: str, key: str) -> None:
    assert blockers(filled(toolkit, niss=typed), "who") == [(key, "niss")]


def test_names_are_needed_and_come_without_stray_blanks(toolkit: Toolkit) -> None:
    assert blockers(filled(toolkit, first_names=" ", surname=""), "who") == [
        ("foreigner.block.first_names", "first_names"),
        ("foreigner.block.surname", "surname"),
    ]
    assert filled(toolkit).request().person == FOREIGNER


def test_the_confirmation_address_is_shown_and_recorded(toolkit: Toolkit) -> None:
    model = sent(toolkit)

    outcome = model.sent.outcome
    assert outcome.state is State.WAITING
    assert outcome.validation is not None
    assert outcome.validation.url is not None
    assert outcome.validation.until is not None
    note = read_request_record(toolkit.context.notes, outcome.key_id)
    assert note is not None
    assert (note.validation_url, note.expires) == (outcome.validation.url, outcome.validation.until)
    assert open_keystore(outcome.keystore, PASSWORD).key_id == outcome.key_id


def test_it_is_complete_once_the_holder_confirmed_and_not_before(toolkit: Toolkit) -> None:
    done = sent(toolkit).sent
    assert done is not None
    assert done.outcome.validation is not None
    file = KeystoreFile.open(done.outcome.keystore, PASSWORD)
    assert complete(file, toolkit.context).state is State.WAITING

    assert toolkit.training is not None
    training = toolkit.training
    training.confirm_request(training.find_request(str(done.outcome.validation.url)).key_id)

    assert complete(file, toolkit.context).state is State.COMPLETE


def test_a_second_one_only_for_those_who_insist(toolkit: Toolkit) -> None:
    sent(toolkit)
    again = filled(toolkit)
    with pytest.raises(errors.RequestWaiting):
        again.require_first()

    again.wizard.edit({"insist": True})
    again.require_first()


def test_a_second_try_sends_the_same_file(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    model = filled(toolkit)
    model.choose_password(PASSWORD)
    toolkit.training.switch("platform-down", True)
    with pytest.raises(errors.PlatformError):
        model.send()
    (written,) = toolkit.context.keystores.glob("*.p12")
    before = written.read_bytes()

    toolkit.training.switch("platform-down", False)
    model.send()

    assert [model.sent.outcome.keystore] == list(toolkit.context.keystores.glob("*.p12"))
    assert written.read_bytes() == before
    assert len(toolkit.training.certificates()) == 1


def test_what_may_have_arrived_is_not_sent_again(toolkit: Toolkit) -> None:
    road = behind_wire(toolkit)
    model = filled(road.toolkit)
    model.choose_password(PASSWORD)
    road.wire.lost["submitCSR"] = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    road.wire.before["getcertificate"] = errors.PlatformUnreachable(host="h", reason="connect", sent=False)
    with pytest.raises(errors.ResponseLost):
        model.send()
    road.wire.lost.clear()
    with pytest.raises(errors.PlatformUnreachable):
        model.send()
    road.wire.before.clear()

    model.send()

    assert model.sent.outcome.validation == Validation()  # its address is in the e-mail
    assert road.wire.count("submitCSR") == 1


@pytest.mark.parametrize("insist", [False, True])
def test_a_key_that_is_refused_twice(toolkit: Toolkit, insist: bool) -> None:
    assert toolkit.training is not None
    for scenario in ("only-ec", "only-rsa"):
        toolkit.training.switch(scenario, True)
    model = filled(toolkit)
    model.wizard.edit({"insist": insist})
    for step in ("where", "who", "contact"):
        assert model.wizard.current.name == step
        assert model.wizard.confirm()
    model.require_first()
    assert model.wizard.confirm()
    model.choose_password(PASSWORD)
    assert model.wizard.confirm()
    kinds = list[NewKeyKind]()
    for _ in range(2):
        with pytest.raises(errors.NewKeyRefused) as refused:
            model.send()
        kinds.append(NewKeyKind(refused.value.option))
        model.take_other_key(kinds[-1])
        assert model.wizard.current.name == "send"
    before = sorted(toolkit.context.keystores.glob("*.p12"))
    assert len(before) == 2
    toolkit.training.switch("only-ec" if kinds[-1] is NewKeyKind.RSA_2048 else "only-rsa", False)

    model.send()

    assert list(toolkit.context.keystores.glob("*.p12")) == [model.sent.outcome.keystore]
    archive = toolkit.context.keystores / "archive"
    assert sorted(path.name for path in archive.iterdir()) == [path.name for path in before]
    assert open_keystore(model.sent.outcome.keystore, PASSWORD).key_id


def test_no_password_is_kept_after_the_sending_or_when_the_form_is_left(toolkit: Toolkit) -> None:
    assert sent(toolkit).wizard.result("password") is None
    left = filled(toolkit)
    left.choose_password(PASSWORD)
    left.close()
    assert left.wizard.result("password") is None


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://validation.example/v/1", True),
        ("http://127.0.0.1:8097/validation/1", True),
        ("http://127.0.0.1.example/validation/1", False),
        ("http://127.0.0.1@example/validation/1", False),
        ("http://training.invalid/validation/1", False),
        ("javascript:alert(1)", False),
    ],
)
def test_an_address_from_elsewhere_is_a_link_only_where_that_is_safe(url: str, is_link: bool) -> None:
    assert ("<a " in str(_address(url))) is is_link
    assert url in str(_address(url))
