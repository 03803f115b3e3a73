"""The Request form without a browser: for a person, for a listed organisation, for one that is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.page_errors import fields
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.steps.new_password import field_of
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.holder_choice import MYSELF, TYPED
from ehtoolkit.i18n import LANGUAGES, Translator, in_brussels
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.repair.merging import carry_old_keys
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record, write_request_record
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.authority import certificate_register
from tests.forms.player import Player
from tests.forms.request_walk import CONTACT, OTHER, Walk
from tests.keystore.conftest import KeystoreMaker
from tests.procedures.conftest import PASSWORD, PIN, Road, road, warm_home

__all__ = ["road", "warm_home"]

PRACTICE, PHARMACY = "CBE=0486132722", "NIHII-PHARMACY=71452079"


@pytest.fixture
def walk(road: Road) -> Callable[..., Walk]:
    return lambda card="default", **options: Walk(road, card, **options)


MakeWalk = Callable[..., Walk]


def test_for_a_listed_organisation(walk: MakeWalk, road: Road) -> None:
    user = walk().to_organisation(PRACTICE, application_id="kasse-1")
    user.model.check_organisation()
    assert user.wizard.confirm()
    assert user.rest() is State.WAITING
    (path,) = road.keystores
    assert path.name.startswith("CBE=0486132722,KASSE-1 ")
    assert road.toolkit.training is not None
    (record,) = certificate_register.all_records(road.toolkit.training)
    assert record.base_services == ("tsa", "codage", "other")
    assert record.holder.name == "Cabinet Les Tilleuls"
    assert (record.contact.general_email, record.contact.email) == ("praxis@example.be", "elise@example.be")


def test_receipt_note_and_file_name_have_one_moment(walk: MakeWalk, road: Road) -> None:
    """Also where minutes pass between the signature, the keystore and the answer of the platform."""
    training = road.toolkit.training
    assert training is not None

    def answer_late(answer: Response) -> Response:
        training.clock.move("+2min")
        return answer

    road.wire.after["generateCertificate"] = answer_late
    user = walk().to_organisation(PRACTICE)
    user.model.check_organisation()
    assert user.wizard.confirm()
    user.rest(after_signing=lambda: training.clock.move("+3min"))
    (path,) = road.keystores
    sent = user.model.sent
    note = read_request_record(road.toolkit.context.notes, sent.outcome.key_id)
    assert note is not None
    assert sent.at == note.requested_at
    assert FoundKeystore.at_path(path).moment == in_brussels(sent.at).replace(microsecond=0, tzinfo=None)


def test_a_lock_that_was_let_go_for_another_is_taken_again(walk: MakeWalk, road: Road) -> None:
    user, context = walk().to_organisation(PRACTICE, application_id="A-1"), road.toolkit.context
    user.wizard.edit(CONTACT)
    user.model.draw_up_contract()
    first = user.model.request()
    user.wizard.edit({"application_id": "B-1"})
    with holder_lock(user.model.request().name, context):  # another page is at it
        with pytest.raises(errors.RequestRunning):
            user.model.draw_up_contract()
        user.wizard.edit({"application_id": "A-1"})
        user.model.draw_up_contract()
        with pytest.raises(errors.RequestRunning), holder_lock(first.name, context):
            pytest.fail("two pages work for the same holder")
    user.model.close()


def test_its_name_is_the_one_in_the_users_language(walk: MakeWalk, road: Road) -> None:
    user = walk(language="nl").to_organisation(PRACTICE)
    user.model.check_organisation()
    assert user.wizard.confirm()
    user.rest()
    assert road.toolkit.training is not None
    (record,) = certificate_register.all_records(road.toolkit.training)
    assert record.holder.name == "Praktijk De Linden"


def test_for_an_organisation_that_is_not_listed_a_person_looks_at_it(walk: MakeWalk, road: Road) -> None:
    user = walk("karl").to_organisation(
        TYPED, kind="NIHII-PHARMACY", number="7-14520-79", organisation_name="  Apotheke   Sommer "
    )
    assert user.blocked == []
    user.model.check_organisation()
    assert user.wizard.confirm()
    assert user.rest() is State.VALIDATING
    assert road.keystores[0].name.startswith("NIHII-PHARMACY=71452079 ")


@pytest.mark.parametrize(
    ("typed", "blocked"),
    [
        (
            {},
            {
                "kind": "request.block.kind",
                "number": "request.block.number.empty",
                "organisation_name": "request.block.name.empty",
            },
        ),
        (
            {"kind": "CBE", "number": "0486", "organisation_name": "X"},
            {"number": "request.block.number.form"},
        ),
        (
            {"kind": "CBE", "number": "O486132722", "organisation_name": "X"},
            {"number": "request.block.number.form"},
        ),
        (
            {"kind": "CBE", "number": "0486.132.723", "organisation_name": "X"},
            {"number": "request.block.number.check_digits"},
        ),
        (
            {"kind": "NIHII-PHARMACY", "number": "71452078", "organisation_name": "X"},
            {"number": "request.block.number.check_digits"},
        ),
        (
            {"kind": "NIHII-LABO", "number": "71452079", "organisation_name": "X"},
            {"number": "request.block.number.pattern"},
        ),
        (
            {"kind": "CBE", "number": "0486132722", "organisation_name": "a\x00b"},
            {"organisation_name": "request.block.name.form"},
        ),
        (
            {"kind": "CBE", "number": "0486132722", "organisation_name": "X", "application_id": "été 1"},
            {"application_id": "request.block.application_id"},
        ),
        (
            {"kind": "CBE", "number": "0486132722", "organisation_name": "X", "application_id": "A" * 31},
            {"application_id": "request.block.application_id"},
        ),
        ({"kind": "NIHII-GROUP", "number": "94123456", "organisation_name": "X"}, {}),
    ],
)
def test_an_invalid_value_is_reported_at_its_field(
    walk: MakeWalk, typed: Mapping[str, str], blocked: Mapping[str, str]
) -> None:
    assert dict(walk().to_organisation(TYPED, **typed).blocked) == blocked


@pytest.mark.parametrize(
    ("actor", "typed"),
    [(PRACTICE, {}), (TYPED, {"kind": "CBE", "number": "0486132722", "organisation_name": "X"})],
)
def test_an_application_id_in_use_is_reported_before_the_contract(
    walk: MakeWalk, road: Road, actor: str, typed: Mapping[str, str]
) -> None:
    first = walk().to_organisation(PRACTICE, application_id="A-1")
    first.model.check_organisation()
    assert first.wizard.confirm()
    first.rest()
    asked = road.wire.count("generateContract")
    user = walk().to_organisation(actor, application_id="a-1", **typed)
    assert user.blocked == []
    with pytest.raises(errors.ApplicationIdTaken) as caught:
        user.model.check_organisation()
    assert caught.value.facts == {"application_id": "A-1"}
    assert user.model.checked is not None
    assert user.model.checked.ids.named == ("A-1",)
    assert road.wire.count("generateContract") == asked
    user.wizard.edit({"application_id": "a-2"})
    user.model.check_organisation()


def test_a_password_with_personal_data_is_reported_at_its_field(walk: MakeWalk, road: Road) -> None:
    road.ask()
    user = walk().to_organisation(PRACTICE)
    user.model.check_organisation()
    assert user.wizard.confirm()
    with pytest.raises(errors.PasswordReused) as caught:
        user.rest(PASSWORD)
    assert caught.value.facts["kind"] == "personal"
    assert user.wizard.current.name == "password"
    user.model.choose_password(OTHER)


def test_a_person_unknown_to_the_registers_requests_for_an_organisation(walk: MakeWalk) -> None:
    user = walk("wim").to_who()
    assert user.wizard.values["actor"] == "NIHII-HOSPITAL=72201355"
    user.wizard.edit({"actor": MYSELF})
    assert user.blocked == [("actor", "request.block.not_qualified")]


def test_another_card_takes_the_choice_back(walk: MakeWalk) -> None:
    user = walk("ines").to_organisation(PHARMACY)
    user.wizard.go("card")
    user.model.reading.forget(user.wizard)
    user.wizard.edit({"card": "training:karl"})
    user.model.reading.read(user.wizard)
    user.model.ask_choices(PIN)
    assert user.wizard.values["actor"] == MYSELF


@pytest.mark.parametrize(
    ("prefill", "actor"),
    [
        (Prefill(Identifier("NIHII-PHARMACY", "71452079"), application_id="K-1"), PHARMACY),
        (Prefill(Identifier("NIHII-PHARMACY", "71452079"), "Zomer", "K-1"), PHARMACY),
        (Prefill(Identifier("CBE", "0486132722"), "Les Tilleuls", "K-1"), TYPED),
    ],
)
def test_filled_in_from_an_address(walk: MakeWalk, prefill: Prefill, actor: str) -> None:
    user = walk("ines", prefill=prefill).to_who()
    assert user.wizard.values["actor"] == actor
    assert user.wizard.confirm()
    assert user.blocked == []
    assert user.wizard.values["application_id"] == "K-1"


def test_contact_data_from_an_address(walk: MakeWalk) -> None:
    known = Prefill(email="a@example.be", phone="02 555 01 42", general_phone="3")
    user = walk(prefill=Prefill.of_query(known.query()))
    assert (user.wizard.values["email"], user.wizard.values["phone"]) == ("a@example.be", "02 555 01 42")
    assert user.wizard.values["general_phone"] == ""


def test_without_the_platforms_list_ours_stands_in(walk: MakeWalk, road: Road) -> None:
    road.wire.before["getGenericOrganizationTypes"] = errors.PlatformFault(
        code="SOA-02001", origin="", detail="", correlation_id=None
    )
    user = walk().to_organisation(TYPED, kind="CBE", number="0486132723", organisation_name="X")
    assert user.model.choices is not None
    assert not user.model.choices.types.live
    assert user.blocked == [("number", "request.block.number.check_digits")]


def test_a_request_that_was_never_sent_is_taken_up_for_its_organisation(walk: MakeWalk, road: Road) -> None:
    user = walk().to_organisation(PRACTICE, application_id="A-1")
    user.model.check_organisation()
    assert user.wizard.confirm()
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    with pytest.raises(errors.PlatformUnreachable):
        user.rest()
    user.model.close()
    road.wire.before.clear()
    (path,) = road.keystores

    again = walk(resume=path).to_who()
    assert again.wizard.values["actor"] == PRACTICE
    assert again.wizard.values["application_id"] == "A-1"
    assert again.wizard.values["general_email"] == CONTACT["general_email"]
    assert again.wizard.confirm()
    again.model.check_organisation()
    assert again.wizard.confirm()
    assert again.wizard.confirm()
    again.model.draw_up_contract()
    assert again.wizard.confirm()
    again.model.open_resumed(OTHER)
    assert again.wizard.confirm()
    again.model.sign(PIN)
    assert again.wizard.confirm()
    again.model.send()
    assert road.keystores == [path]
    assert again.model.sent.outcome.state is State.WAITING


def test_a_keystore_of_another_person_is_not_resumed(walk: MakeWalk, road: Road) -> None:
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    with pytest.raises(errors.PlatformUnreachable):
        road.ask()
    road.wire.before.clear()
    (path,) = road.keystores
    user = walk("karl", resume=path).to_who()
    assert user.wizard.confirm()
    assert user.wizard.confirm()
    user.model.draw_up_contract()
    with pytest.raises(errors.DifferentKeystoreHolder):
        user.model.open_resumed(PASSWORD)
    user.model.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contract_is_shown_above_the_pin_that_signs_it(
    walk: MakeWalk, language: LanguageName, tmp_path: Path
) -> None:
    user = walk().to_who()
    assert user.wizard.confirm()
    user.wizard.edit(CONTACT)
    assert user.wizard.confirm()
    user.model.draw_up_contract()
    assert user.wizard.confirm()
    assert user.wizard.current.name == "sign"
    contract = user.model.contract
    assert contract is not None

    page = FormContext(REQUEST, user.model, Translator(language), tmp_path).shown

    frame, pin = (
        widget
        for widget in Player(column(of=page.body)).everything()
        if isinstance(widget, ContractFrame | SecretField)
    )
    assert isinstance(frame, ContractFrame)
    assert isinstance(pin, SecretField)
    assert contract.texts["nl" if language == "nl" else "fr"] in frame.document
    assert "79.03.14-218.72" in frame.document
    user.model.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_built(road: Road, language: LanguageName, tmp_path: Path) -> None:
    texts = Translator(language)
    user = Walk(road)
    view = FormContext(REQUEST, user.model, texts, tmp_path, runner=run_inline)
    user.to_who()
    view.refresh()
    assert {field.name for field in fields(view.shown.body)} == {"actor"}
    user.wizard.edit({"actor": TYPED})
    assert user.wizard.confirm()
    view.refresh()
    typed = {field.name: field for field in fields(view.shown.body)}
    assert list(typed) == ["kind", "number", "organisation_name", "application_id"]
    typed["kind"].value = "SITE"
    assert "4" in typed["number"].hint
    assert user.wizard.back()
    user.wizard.edit({"actor": PRACTICE})
    assert user.wizard.confirm()
    view.refresh()
    assert [field.name for field in fields(view.shown.body)] == ["application_id"]
    user.model.check_organisation()
    assert user.wizard.confirm()
    user.rest()
    assert user.wizard.confirm()
    view.refresh()
    assert view.shown.title == texts.get("request.done.title")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_card_was_read_in_no_reader(road: Road, language: LanguageName, tmp_path: Path) -> None:
    texts, user = Translator(language), Walk(road)
    assert user.wizard.confirm()
    user.model.reading.read(user.wizard)
    page = FormContext(REQUEST, user.model, texts, tmp_path, runner=run_inline).shown
    assert page.title == texts.get("steps.card.title")
    assert texts.get("steps.card.reader", reader="") not in Player(column(of=page.body)).html


def test_what_may_have_arrived_is_not_sent_again(walk: MakeWalk, road: Road) -> None:
    """The answer is lost, and for a while nobody can be asked what became of it."""
    silence = errors.PlatformUnreachable(host="h", reason="connect", sent=False)
    road.wire.lost["generatecertificate"] = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    user = walk().to_who()
    assert user.wizard.confirm()
    road.wire.before["getcertificate"] = silence
    with pytest.raises(errors.ResponseLost):
        user.rest()
    road.wire.lost.clear()
    with pytest.raises(errors.PlatformUnreachable):
        user.model.send()
    road.wire.before.clear()

    user.model.send()

    assert user.model.sent.outcome.state is State.WAITING
    assert road.wire.count("generatecertificate") == 1


def test_what_did_not_arrive_is_sent_at_the_second_try(walk: MakeWalk, road: Road) -> None:
    road.wire.before["generatecertificate"] = errors.PlatformTimeout(host="h", seconds=3, sent=True)
    user = walk().to_who()
    assert user.wizard.confirm()
    with pytest.raises(errors.ResponseLost):
        user.rest()
    road.wire.before.clear()
    user.model.send()
    assert [user.model.sent.outcome.keystore] == road.keystores


def test_what_the_user_insisted_on_and_the_platform_refuses_leaves_no_file(
    walk: MakeWalk, road: Road
) -> None:
    waiting = road.ask().keystore
    user = walk().to_who()
    user.wizard.edit({"insist": True})
    assert user.wizard.confirm()
    for send in (user.rest, user.model.send):
        with pytest.raises(errors.PlatformRefused) as caught:
            send()
        assert caught.value.code == "CERT_ALREADY_REQUESTED"
        assert road.keystores == [waiting]


def test_what_the_user_insisted_on_is_written_again_at_the_second_try(walk: MakeWalk, road: Road) -> None:
    user = walk().to_who()
    user.wizard.edit({"insist": True})
    assert user.wizard.confirm()
    road.wire.before["generatecertificate"] = errors.PlatformRefused(code="CERT_ALREADY_REQUESTED", detail="")
    with pytest.raises(errors.PlatformRefused):
        user.rest()
    assert road.keystores == []
    road.wire.before.clear()
    user.model.send()
    (path,) = road.keystores
    assert user.model.sent.outcome.keystore == path
    key = KeystoreFile.open(path, OTHER).keystore.key_id
    assert key == user.model.signed.record.key_id == user.model.sent.outcome.key_id


def test_what_was_not_insisted_on_stays_for_the_second_try(walk: MakeWalk, road: Road) -> None:
    user = walk().to_who()
    assert user.wizard.confirm()
    road.wire.before["generatecertificate"] = errors.PlatformRefused(code="CONTACT_INVALID", detail="")
    with pytest.raises(errors.PlatformRefused):
        user.rest()
    (kept,) = road.keystores
    road.wire.before.clear()
    user.model.send()
    assert [user.model.sent.outcome.keystore] == road.keystores == [kept]


def refused(user: Walk) -> errors.NewKeyRefused:
    with pytest.raises(errors.NewKeyRefused) as caught:
        user.rest()
    return caught.value


def test_another_kind_of_key_with_the_same_data_and_a_new_pin(walk: MakeWalk, road: Road) -> None:
    assert road.toolkit.training is not None
    road.toolkit.training.switch("only-ec", True)
    user = walk().to_who()
    assert user.wizard.confirm()
    assert refused(user).facts["option"] == "ec-p384"
    (first,) = road.keystores

    user.model.take_other_key(NewKeyKind.EC_P384)

    # The PIN and nothing else is asked again; what was typed before cannot be changed under a contract that is kept.
    assert user.wizard.current.name == "sign"
    assert user.wizard.previous is None
    assert not user.wizard.edit({"email": "other@example.be"})
    user.model.sign(PIN)
    assert user.wizard.confirm()
    assert user.wizard.current.name == "send"
    user.model.send()
    assert user.wizard.confirm()
    assert [step.name for step in user.wizard.steps if not user.wizard.is_confirmed(step.name)] == []
    (second,) = road.keystores
    assert second != first
    assert (second.parent / "archive" / first.name).exists()
    keystore = KeystoreFile.open(second, OTHER).keystore  # the password that was chosen the first time
    assert str(keystore.authentication.kind) == "EC P-384"
    assert user.wizard.result("password") is None


def test_the_other_kind_refused_too(walk: MakeWalk, road: Road) -> None:
    assert road.toolkit.training is not None
    for scenario in ("only-ec", "only-rsa"):
        road.toolkit.training.switch(scenario, True)
    user = walk().to_who()
    assert user.wizard.confirm()
    refused(user)
    user.model.take_other_key(NewKeyKind.EC_P384)
    user.model.sign(PIN)
    assert user.wizard.confirm()
    with pytest.raises(errors.NewKeyRefused):
        user.model.send()
    before = road.keystores
    assert len(before) == 2
    road.toolkit.training.switch("only-ec", False)

    user.model.take_other_key(NewKeyKind.RSA_2048)

    user.model.sign(PIN)
    assert user.wizard.confirm()
    assert user.wizard.current.name == "send", "the password was chosen the first time"
    user.model.send()
    (third,) = road.keystores
    assert sorted(path.name for path in (third.parent / "archive").iterdir()) == [
        path.name for path in before
    ]
    assert KeystoreFile.open(third, OTHER).keystore.key_id


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("password", "common"),
        ("12345678", "pattern"),
        ("Vandamme-1", "personal"),
        ("x79031421872", "personal"),
    ],
)
def test_a_guessable_password_is_reported_at_its_field(walk: MakeWalk, password: str, reason: str) -> None:
    user = walk().to_who()
    assert user.wizard.confirm()
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        user.rest(Secret(password))
    assert user.wizard.current.name == "password"
    assert refusal.value.facts == {"reason": reason}
    assert field_of(refusal.value) == "first"


def test_a_form_that_is_left_keeps_no_password(walk: MakeWalk, road: Road) -> None:
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    user = walk().to_who()
    assert user.wizard.confirm()
    with pytest.raises(errors.PlatformUnreachable):
        user.rest()
    assert user.wizard.result("password") == OTHER
    user.model.close()
    assert user.wizard.result("password") is None


def refused_when_taken_up(
    walk: MakeWalk, road: Road, meanwhile: Callable[[Path], None] = lambda _: None
) -> Walk:
    """A form in which a request was taken up whose key had been refused, and is refused again."""
    user = walk().to_who()
    assert user.wizard.confirm()
    refused(user)
    user.model.close()
    meanwhile(road.keystores[0])
    again = walk(resume=road.keystores[0]).to_who()
    assert again.wizard.confirm()
    again.wizard.edit(CONTACT)
    assert again.wizard.confirm()
    again.model.draw_up_contract()
    assert again.wizard.confirm()
    again.model.open_resumed(OTHER)
    assert again.wizard.confirm()
    again.model.sign(PIN)
    assert again.wizard.confirm()
    with pytest.raises(errors.NewKeyRefused):
        again.model.send()
    return again


def test_a_resumed_request_is_replaced_by_another_kind_of_key(walk: MakeWalk, road: Road) -> None:
    """The file that was refused has its password; the new one is given one of its own."""
    assert road.toolkit.training is not None
    road.toolkit.training.switch("only-ec", True)
    again = refused_when_taken_up(walk, road)
    (first,) = road.keystores

    again.model.take_other_key(NewKeyKind.EC_P384)

    again.model.sign(PIN)
    assert again.wizard.confirm()
    assert again.wizard.current.name == "password"
    again.model.choose_password(Secret("Kine-2027"))
    assert again.wizard.confirm()
    again.model.send()
    (second,) = road.keystores
    assert (second.parent / "archive" / first.name).exists()
    assert KeystoreFile.open(second, Secret("Kine-2027")).keystore.key_id


def test_another_kind_of_key_keeps_what_a_resumed_renewal_carries(
    walk: MakeWalk, road: Road, keystore_maker: KeystoreMaker
) -> None:
    """Its old decryption keys, and its base services."""
    assert road.toolkit.training is not None
    road.toolkit.training.switch("only-ec", True)

    def as_renewal(path: Path) -> None:
        file = KeystoreFile.open(path, OTHER)
        file.save(carry_old_keys(file.keystore, keystore_maker.complete))
        record = read_request_record(road.toolkit.context.notes, file.keystore.key_id)
        assert record is not None
        write_request_record(road.toolkit.context.notes, replace(record, base_services=("tsa",)))

    again = refused_when_taken_up(walk, road, as_renewal)
    again.model.take_other_key(NewKeyKind.EC_P384)
    again.model.sign(PIN)
    assert again.wizard.confirm()
    again.model.choose_password(Secret("Kine-2027"))
    assert again.wizard.confirm()
    again.model.send()
    (path,) = road.keystores
    keystore = KeystoreFile.open(path, Secret("Kine-2027")).keystore
    assert [key.alias for key in keystore.encryption] == [
        key.alias for key in keystore_maker.complete.encryption
    ]
    assert [record.base_services for record in certificate_register.all_records(road.toolkit.training)] == [
        ("tsa",)
    ]


def test_both_files_are_put_away_when_the_new_key_of_one_that_was_taken_up_is_refused_too(
    walk: MakeWalk, road: Road
) -> None:
    assert road.toolkit.training is not None
    for scenario in ("only-ec", "only-rsa"):
        road.toolkit.training.switch(scenario, True)
    again = refused_when_taken_up(walk, road)
    again.model.take_other_key(NewKeyKind.EC_P384)
    again.model.sign(PIN)
    assert again.wizard.confirm()
    again.model.choose_password(Secret("Kine-2027"))
    assert again.wizard.confirm()
    with pytest.raises(errors.NewKeyRefused):
        again.model.send()
    before = road.keystores
    road.toolkit.training.switch("only-ec", False)

    again.model.take_other_key(NewKeyKind.RSA_2048)

    again.model.sign(PIN)
    assert again.wizard.confirm()
    assert again.wizard.current.name == "send"
    again.model.send()
    (third,) = road.keystores
    assert sorted(path.name for path in (third.parent / "archive").iterdir()) == [
        path.name for path in before
    ]
    assert KeystoreFile.open(third, Secret("Kine-2027")).keystore.key_id


def test_each_line_that_is_checked_leads_back_to_its_step(road: Road, tmp_path: Path) -> None:
    texts = Translator("fr")
    user = Walk(road)
    view = FormContext(REQUEST, user.model, texts, tmp_path, runner=run_inline)
    user.to_who()
    assert user.wizard.confirm()
    user.wizard.edit(CONTACT)
    assert user.wizard.confirm()
    assert user.wizard.current.name == "check"
    view.refresh()
    shown = Player(view.root).html
    assert 'data-eh-step="who"' in shown
    assert 'data-eh-step="contact"' in shown
    change = f'{texts.get("steps.change")}<span class="eh-sr"> {texts.get("request.summary.contact")}</span>'
    assert change in shown, "a screen reader hears of which line"
    assert user.wizard.can_go("contact")
    user.model.close()


@pytest.mark.parametrize(("kind", "said"), [("ec-p384", 1), ("rsa-2048", 0)])
def test_software_without_such_keys_is_named_once_before_signing(
    road: Road, tmp_path: Path, kind: str, said: int
) -> None:
    context = road.toolkit.context.asking_for(NewKeyKind(kind))
    user = Walk(replace(road, toolkit=replace(road.toolkit, context=context)))
    view = FormContext(REQUEST, user.model, Translator("fr"), tmp_path, runner=run_inline)
    user.to_who()
    assert user.wizard.confirm()
    user.wizard.edit(CONTACT)
    assert user.wizard.confirm()
    seen = []
    for step in ("check", "sign"):
        assert user.wizard.current.name == step
        view.refresh()
        seen.append(Player(view.root).html.count("Freehealth connector"))
        if step == "check":
            user.model.draw_up_contract()
            assert user.wizard.confirm()
    assert seen == [said, 0]
    user.model.close()
