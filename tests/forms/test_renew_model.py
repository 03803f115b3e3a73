"""The Renew form's model, on the real procedures and the embedded platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import icalendar
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.export.ics import calendar
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import address_of
from ehtoolkit.forms.steps.opened_keystore import LOADED, OldFile
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.forms.wizards.activate import ACTIVATE, ActivateModel
from ehtoolkit.forms.wizards.renew import RENEW, RenewModel
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import RevokeModel
from ehtoolkit.i18n import BRUSSELS, LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.providers.provider import KNOWN
from ehtoolkit.providers.rules import examine_provider
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player
from tests.procedures.conftest import behind_wire
from tests.support.keystores import write_over
from tests.support.status_answers import REQUESTER, status_instead

OLD, NEW, PIN = Secret("Kine-2026"), Secret("Kine-2029"), Secret("1234")


@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    """A home whose first person has a complete certificate, 34 months old."""
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    outcome = request(requested, card, lambda _: PIN, OLD, toolkit.context, show=lambda _: None)
    complete(KeystoreFile.open(outcome.keystore, OLD), toolkit.context)
    assert toolkit.training is not None
    toolkit.training.clock.move("+34mo")
    return toolkit


def take_proposed(model: RenewModel | ActivateModel) -> None:
    """What a user does who leaves the choice as the page shows it."""
    model.choosing.look()
    model.wizard.edit({"keystore": model.choosing.preselected(model.wizard.values)})


def opened(toolkit: Toolkit) -> RenewModel:
    """The form as far as the keystore that is to be renewed."""
    model = RENEW.walk(RenewModel(toolkit))
    model.reading.read(model.wizard)
    model.ask_qualities(PIN)
    take_proposed(model)
    model.open(OLD)
    return model


def test_the_check_says_that_the_request_alone_is_not_sent(toolkit: Toolkit) -> None:
    opened(toolkit)
    assert toolkit.last_exchange.messages, (
        "eHealth was asked about the certificate and what the card may request"
    )
    nothing = {"en": "nothing", "fr": "rien", "nl": "niets", "de": "nichts"}
    for language in LANGUAGES:
        assert nothing[language] not in Translator(language).get("renew.check.lead").casefold()


def test_a_renewal_that_may_have_been_sent_can_be_given_up(toolkit: Toolkit) -> None:
    road = behind_wire(toolkit)
    (old,) = road.keystores
    road.wire.before["generatecertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    model = opened(road.toolkit)
    model.draw_up_contract()
    model.sign(PIN)
    model.choose_password(NEW)
    with pytest.raises(errors.PlatformUnreachable):
        model.send()
    model.close()
    road.wire.before.clear()
    road.wire.after['getcertificate"'] = status_instead(REQUESTER, "X_4711")
    (unclear,) = set(road.keystores) - {old}
    model = RENEW.walk(RenewModel(road.toolkit))
    wizard = model.wizard
    wizard.edit({"accepted": True, "card": "training:default"})
    assert wizard.confirm()
    model.reading.read(wizard)
    model.ask_qualities(PIN)
    assert wizard.confirm()
    take_proposed(model)
    wizard.edit({"keystore": old.name})
    model.open(OLD)
    assert wizard.confirm()
    assert wizard.confirm()
    assert wizard.current.name == "check"
    shown = FormContext(RENEW, model, Translator("en"), toolkit.settings.home).shown
    box = shown.body[-1]
    assert box.layout.display == "none"
    with pytest.raises(errors.RequestUnclear) as caught:
        model.draw_up_contract()
    assert (caught.value.reason, caught.value.path) == ("unlisted", str(unclear))
    assert shown.on_error is not None
    shown.on_error(errors.RequestWaiting(path=str(unclear)))
    assert box.layout.display == "none", "there is nothing to insist on"
    shown.on_error(caught.value)
    assert box.layout.display == ""
    model.wizard.edit({"insist": True})
    model.draw_up_contract()
    model.sign(PIN)
    model.choose_password(NEW)
    model.send()
    assert sorted(road.keystores) == sorted([old, model.sent.outcome.keystore])
    assert (unclear.parent / "archive" / unclear.name).exists()


def renewed(toolkit: Toolkit) -> RenewModel:
    """The form walked to its end."""
    model = opened(toolkit)
    model.draw_up_contract()
    model.sign(PIN)
    model.choose_password(NEW)
    model.send()
    return model


def test_the_new_file_has_the_old_keys_and_the_old_file_is_as_it_was(toolkit: Toolkit) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    before, keystore = old.read_bytes(), open_keystore(old, OLD)
    model = renewed(toolkit)
    assert old.read_bytes() == before
    carried = {key.alias for key in open_keystore(model.sent.outcome.keystore, NEW).encryption}
    assert carried == {key.alias for key in keystore.encryption}


def test_contact_data_are_those_of_the_platform(toolkit: Toolkit) -> None:
    model = renewed(toolkit)
    assert model.wizard.values["email"] == "elise@example.be"
    assert model.wizard.values["phone"] == "+32 4 555 01 42"


def test_password_and_card_are_let_go_at_the_end(toolkit: Toolkit) -> None:
    model = renewed(toolkit)
    assert model.present is None
    assert model.wizard.result("password") is None
    with pytest.raises(errors.CardAbsent):
        _ = model.reading.card


def test_a_form_that_is_left_keeps_no_password(toolkit: Toolkit) -> None:
    model = opened(toolkit)
    model.choose_password(NEW)
    model.close()
    assert model.present is None
    assert model.wizard.result("password") is None


def test_what_may_have_arrived_is_not_sent_again(toolkit: Toolkit) -> None:
    road = behind_wire(toolkit)
    model = opened(road.toolkit)
    model.draw_up_contract()
    model.sign(PIN)
    model.choose_password(NEW)
    road.wire.lost["generatecertificate"] = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    road.wire.before["getcertificate"] = errors.PlatformUnreachable(host="h", reason="connect", sent=False)
    with pytest.raises(errors.ResponseLost):
        model.send()
    road.wire.lost.clear()
    road.wire.before.clear()

    model.send()

    assert road.wire.count("generatecertificate") == 1


@pytest.mark.parametrize("password", [OLD, NEW], ids=["same password", "another password"])
def test_the_old_file_is_read_again_before_anything_is_sent(toolkit: Toolkit, password: Secret) -> None:
    """Another program may have written it since, with new salts."""
    road = behind_wire(toolkit)
    (old,) = toolkit.context.keystores.glob("*p12")
    model = opened(road.toolkit)
    model.draw_up_contract()
    model.sign(PIN)
    model.choose_password(Secret("Kine-2031"))
    write_over(old, open_keystore(old, OLD), password)
    if password is OLD:
        model.send()
        return
    with pytest.raises(errors.FileBusy):
        model.send()
    assert road.wire.count("generatecertificate") == 0
    assert list(toolkit.context.keystores.glob("*p12")) == [old]


def test_two_pages_make_one_renewal(toolkit: Toolkit) -> None:
    second = opened(toolkit)
    first = renewed(toolkit)
    with pytest.raises(errors.RequestWaiting) as raised:
        second.draw_up_contract()
    assert raised.value.facts["path"] == str(first.sent.outcome.keystore)
    assert len(list(toolkit.context.keystores.glob("*p12"))) == 2


def test_the_lock_is_that_of_the_keystore_that_is_chosen(toolkit: Toolkit) -> None:
    model = opened(toolkit)
    model.draw_up_contract()
    with pytest.raises(errors.RequestRunning):
        opened(toolkit).draw_up_contract()
    model.close()
    opened(toolkit).draw_up_contract()


def test_another_password_has_to_be_fit(toolkit: Toolkit) -> None:
    model = opened(toolkit)
    with pytest.raises(errors.PasswordNotAllowed):
        model.choose_password(Secret("clé"))
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        model.choose_password(Secret("Vandamme-1"))
    assert refusal.value.facts == {"reason": "personal"}
    model.choose_password(OLD)


@pytest.mark.parametrize(("password", "reason"), [("Welkom2026!", "common"), ("Vandamme-1", "personal")])
def test_a_present_password_that_is_easily_guessed_may_be_kept_and_is_warned_of(
    toolkit: Toolkit, password: str, reason: str
) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    write_over(old, open_keystore(old, OLD), Secret(password))
    model = RENEW.walk(RenewModel(toolkit))
    model.reading.read(model.wizard)
    model.ask_qualities(PIN)
    take_proposed(model)
    model.open(Secret(password))
    model.draw_up_contract()
    texts = Translator("en")
    (step,) = (step for step in RENEW.steps if step.name == "password")
    body = step.page(FormContext(RENEW, model, texts, toolkit.settings.home)).body
    html = "".join(str(getattr(part, "value", "")) for part in body)
    assert texts.get("steps.password.present.weak") in html
    assert texts.get(f"error.password_unfit.{reason}") in html
    model.choose_password(Secret(password))
    model.close()


def test_another_persons_keystore_is_not_offered(toolkit: Toolkit) -> None:
    model = RENEW.walk(RenewModel(toolkit))
    model.wizard.edit({"card": "training:karl"})
    model.reading.read(model.wizard)
    model.choosing.look()
    assert model.choosing.offered == ()
    assert len(model.choosing.left_out) == 1


def test_too_early_says_from_when(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    toolkit.training.clock.move("reset")
    model = RENEW.walk(RenewModel(toolkit))
    model.reading.read(model.wizard)
    model.ask_qualities(PIN)
    take_proposed(model)
    with pytest.raises(errors.RenewalTooEarly) as raised:
        model.open(OLD)
    certificate = open_keystore(model.choosing.chosen(model.wizard.values).file.path, OLD)
    start = raised.value.facts["date"]
    assert isinstance(start, datetime)
    assert certificate.not_after is not None
    assert 89 <= (certificate.not_after - start).days <= 92


def test_activate_proposes_the_renewed_file_and_offers_the_old_one_to_the_archive(toolkit: Toolkit) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    sent = renewed(toolkit).sent
    assert sent is not None
    complete(KeystoreFile.open(sent.outcome.keystore, NEW), toolkit.context)
    model = ACTIVATE.walk(ActivateModel(toolkit))
    take_proposed(model)
    assert model.path == sent.outcome.keystore
    model.open(NEW)
    model.activate(lambda _: None)
    assert not model.activated.already
    assert model.retired == (old,)
    model.archive()
    assert model.retired == ()
    assert not old.exists()
    assert (old.parent / "archive" / old.name).exists()


def test_the_old_file_is_put_away_once_the_new_one_is_loaded_everywhere(toolkit: Toolkit) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    sent = renewed(toolkit).sent
    assert sent is not None
    complete(KeystoreFile.open(sent.outcome.keystore, NEW), toolkit.context)
    texts = Translator("en")
    player = Player(
        FormContext(
            ACTIVATE, ACTIVATE.walk(ActivateModel(toolkit)), texts, toolkit.settings.home, runner=run_inline
        ).root
    )
    player.press(secrets={"password": NEW.reveal()})
    player.press()
    assert player.title == texts.get("activate.done.title")
    assert player.buttons.index("archive") > player.buttons.index("prove")
    assert texts.get("closing.load.old") in player.html
    player.press("archive")
    assert player.part_problem == [(texts.get("activate.old.loaded.missing"), LOADED)]
    assert old.exists()
    player.press("archive", {LOADED: True})
    assert player.part_problem == []
    assert texts.get("activate.old.done") in player.html
    assert "archive" not in player.buttons
    assert not old.exists()


def test_an_activation_that_was_done_before_is_called_so(toolkit: Toolkit) -> None:
    texts = Translator("en")
    player = Player(
        FormContext(
            ACTIVATE, ACTIVATE.walk(ActivateModel(toolkit)), texts, toolkit.settings.home, runner=run_inline
        ).root
    )
    player.press(secrets={"password": OLD.reveal()})
    player.press()
    assert player.title == texts.get("activate.done.title.already")
    assert texts.get("activate.done.already") in player.html
    assert texts.get("closing.load.old") not in player.html
    assert "archive" not in player.buttons


def test_the_provider_s_record_moves_along(toolkit: Toolkit) -> None:
    """What was assigned and put away: the record has the new file, and the history knows where the old one is."""
    (old,) = toolkit.context.keystores.glob("*p12")
    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        holder = parse_name(old.name).identifier
        assert holder is not None
        niss = holder.value
        key = registry.add(Provider("Vandamme", "Élise", niss=niss)).id or 0
        registry.assign(key, Assignment(str(old)))
        sent = renewed(toolkit).sent
        assert sent is not None
        new = sent.outcome.keystore
        complete(KeystoreFile.open(new, NEW), toolkit.context)
        model = ACTIVATE.walk(ActivateModel(toolkit))
        take_proposed(model)
        model.open(NEW)
        model.activate(lambda _: None)
        model.archive()
        now = registry.get(key).keystore
        assert now is not None
        assert now.path == str(new)
        assert now.not_after == model.file.keystore.not_after
        assert [change.path for change in registry.history(key)] == [
            str(new),
            str(old.parent / "archive" / old.name),
        ]
        found = examine_provider(registry.get(key), toolkit.context.clock.now(), KNOWN)
        assert [finding.key for finding in found if finding.key.startswith("certificate")] == [
            "certificate_valid"
        ]


def test_the_record_of_a_file_that_was_moved_moves_along_when_the_next_one_cannot_be(
    toolkit: Toolkit,
) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    sent = renewed(toolkit).sent
    assert sent is not None
    complete(KeystoreFile.open(sent.outcome.keystore, NEW), toolkit.context)
    model = ACTIVATE.walk(ActivateModel(toolkit))
    take_proposed(model)
    model.open(NEW)
    model.activate(lambda _: None)
    gone = old.with_name("gone.p12")
    model.wizard.keep("activated", replace(model.activated, retired=(old, gone)))
    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        holder = parse_name(old.name).identifier
        assert holder is not None
        key = registry.add(Provider("Vandamme", "Élise", niss=holder.value)).id or 0
        registry.assign(key, Assignment(str(old)))

        with pytest.raises(errors.KeystoreNotFound):
            model.archive()

        assert model.retired == (gone,)
        place = old.parent / "archive" / old.name
        assert place.exists()
        assert str(place) in [change.path for change in registry.history(key)]


def test_the_last_page_has_a_reminder_of_the_next_renewal(toolkit: Toolkit) -> None:
    """Of the very entries that an audit makes, so that a calendar has each once; without the number of the person."""
    (old,) = toolkit.context.keystores.glob("*p12")
    sent = renewed(toolkit).sent
    assert sent is not None
    file = KeystoreFile.open(sent.outcome.keystore, NEW)
    complete(file, toolkit.context)
    archive_keystore(old)
    for language in LANGUAGES:
        texts = Translator(language)
        model = ACTIVATE.walk(ActivateModel(toolkit))
        player = Player(FormContext(ACTIVATE, model, texts, toolkit.settings.home, runner=run_inline).root)
        player.press(secrets={"password": NEW.reveal()})
        player.press()
        button = next(
            part for part in player.parts(Download) if part.label == texts.get("closing.reminder.save")
        )
        made = button._make()
        assert made.mime == "text/calendar"
        found = list(icalendar.Calendar.from_ical(made.content).walk("VEVENT"))
        not_after = file.keystore.not_after
        assert not_after is not None
        window, end = sorted(str(event.decoded("dtstart")) for event in found)
        assert end == str(not_after.astimezone(BRUSSELS).date())
        assert window < end
        assert all("790314*****" in str(event["description"]) for event in found)
        assert b"79031421872" not in made.content
    seen = audit_folder(
        [toolkit.context.keystores],
        lambda _: NEW,
        AuditOptions(now=toolkit.context.clock.now(), language="en"),
    )
    of_audit = icalendar.Calendar.from_ical(calendar(seen, Translator("en"))).walk("VEVENT")
    assert {str(event["uid"]) for event in of_audit} == {str(event["uid"]) for event in found}


def test_the_list_for_a_revocation_knows_where_a_file_was_put(toolkit: Toolkit) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    archive_keystore(old)
    for language in LANGUAGES:
        texts = Translator(language)
        model = REVOKE.walk(RevokeModel(toolkit))
        view = FormContext(REVOKE, model, texts, toolkit.settings.home, runner=run_inline)
        player = Player(view.root)
        player.press(values={"looked": True})
        player.press(values={"accepted": True})
        player.press()
        player.press(secrets={"pin": PIN.reveal()})
        (option,) = player.part(ChoiceField, "certificate").options
        assert texts.get("revoke.archived", file=old.name) in option["hint"]
        assert texts.get("revoke.no_file") not in option["hint"]
        player.press(values={"certificate": option["value"], "reason": "lost"})
        assert f"archive/{old.name}" in player.html
        model.close()


def test_a_file_that_waits_leads_from_the_activation_to_its_completion(tmp_path: Path) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path / "new"))
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    waiting = request(requested, card, lambda _: PIN, OLD, toolkit.context, show=lambda _: None).keystore
    for language in LANGUAGES:
        texts = Translator(language)
        view = FormContext(ACTIVATE, ACTIVATE.walk(ActivateModel(toolkit)), texts, toolkit.settings.home)
        page = view.shown
        assert page.title == texts.get("choosing.pending")
        (button,) = page.more
        assert (button.look, button.label) == ("primary", texts.get("index.complete.do"))
        assert button.href == address_of("complete", waiting.name)
        assert waiting.name in Player(view.root).html


def test_the_old_file_chosen_for_the_activation_leads_to_the_new_one(toolkit: Toolkit) -> None:
    (old,) = toolkit.context.keystores.glob("*p12")
    sent = renewed(toolkit).sent
    assert sent is not None
    new = sent.outcome.keystore
    model = ACTIVATE.walk(ActivateModel(toolkit, asked=old))
    for complete_it in (False, True):
        if complete_it:
            complete(KeystoreFile.open(new, NEW), toolkit.context)
        take_proposed(model)
        assert model.path == old
        model.open(OLD)
        assert model.wizard.confirm()
        model.activate(lambda _: None)
        assert model.wizard.result("activated") is None
        assert model.old_file == OldFile(new, complete=complete_it)
        assert model.wizard.back()
    model.wizard.edit({"keystore": new.name})
    assert model.old_file is None


def test_a_renewal_with_another_kind_of_key(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    (old,) = toolkit.context.keystores.glob("*p12")
    model = opened(toolkit)
    model.draw_up_contract()
    toolkit.training.switch("only-ec", True)
    model.sign(PIN)
    model.choose_password(NEW)
    with pytest.raises(errors.NewKeyRefused):
        model.send()
    (first,) = (path for path in toolkit.context.keystores.glob("*p12") if path != old)

    model.take_other_key(NewKeyKind.EC_P384)

    assert model.wizard.current.name == "sign"
    assert "password" not in [step.name for step in model.wizard.steps]
    model.sign(PIN)
    model.send()
    (second,) = (path for path in toolkit.context.keystores.glob("*p12") if path != old)
    keystore = open_keystore(second, NEW)
    assert str(keystore.authentication.kind) == "EC P-384"
    assert {key.alias for key in open_keystore(old, OLD).encryption} <= {
        key.alias for key in keystore.encryption
    }
    assert (second.parent / "archive" / first.name).exists()


def test_a_renewal_with_both_kinds_of_key_refused(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    (old,) = toolkit.context.keystores.glob("*p12")
    model = RENEW.walk(RenewModel(toolkit))
    model.wizard.edit({"accepted": True})
    assert model.wizard.confirm()
    model.reading.read(model.wizard)
    model.ask_qualities(PIN)
    assert model.wizard.confirm()
    take_proposed(model)
    model.open(OLD)
    for step in ("choose", "contact"):
        assert model.wizard.current.name == step
        assert model.wizard.confirm()
    model.draw_up_contract()
    assert model.wizard.confirm()
    for scenario in ("only-ec", "only-rsa"):
        toolkit.training.switch(scenario, True)
    model.sign(PIN)
    assert model.wizard.confirm()
    model.choose_password(NEW)
    assert model.wizard.confirm()
    with pytest.raises(errors.NewKeyRefused):
        model.send()
    model.take_other_key(NewKeyKind.EC_P384)
    model.sign(PIN)
    assert model.wizard.confirm()
    with pytest.raises(errors.NewKeyRefused):
        model.send()
    before = [path for path in sorted(toolkit.context.keystores.glob("*p12")) if path != old]
    assert len(before) == 2
    toolkit.training.switch("only-ec", False)

    model.take_other_key(NewKeyKind.RSA_2048)

    model.sign(PIN)
    assert model.wizard.confirm()
    assert model.wizard.current.name == "send", "the password was chosen the first time"
    model.send()
    (third,) = (path for path in toolkit.context.keystores.glob("*p12") if path != old)
    assert sorted(path.name for path in (old.parent / "archive").iterdir()) == [path.name for path in before]
    assert open_keystore(third, NEW).key_id
