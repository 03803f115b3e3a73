"""The Revoke form's model, on the real procedures and the embedded platform."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ipywidgets import HTML

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.wizard import Blocker
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import LISTED, RevokeModel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData, Identifier, Organisation
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.revoke import revocation_lock
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player
from tests.procedures.conftest import behind_wire

PASSWORD, PIN = Secret("Kine-2026"), Secret("1234")


@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    return open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))


@pytest.fixture
def keystore(toolkit: Toolkit) -> Path:
    """A complete keystore of the first person."""
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    outcome = request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)
    complete(KeystoreFile.open(outcome.keystore, PASSWORD), toolkit.context)
    return outcome.keystore


def listed(toolkit: Toolkit, asked: Path | None = None) -> RevokeModel:
    """The form as far as the list."""
    model = REVOKE.walk(RevokeModel(toolkit, asked))
    model.reading.read(model.wizard)
    model.ask_list(PIN)
    return model


def blockers(model: RevokeModel, step: str) -> list[Blocker]:
    (found,) = [candidate for candidate in model.wizard.steps if candidate.name == step]
    return list(found.check(model.wizard.values))


@pytest.mark.parametrize("gone", ["file", "folder"])
def test_a_certificate_without_its_file_can_be_revoked(toolkit: Toolkit, keystore: Path, gone: str) -> None:
    keystore.unlink()
    if gone == "folder":  # as a drive that is gone: what is called so is there and leads nowhere
        shutil.rmtree(keystore.parent)
        keystore.parent.symlink_to(keystore.parent)
    model = listed(toolkit)
    assert [certificate.file for certificate in model.revocable] == [None]
    model.wizard.edit({LISTED: model.proposed, "reason": "lost"})
    model.draw_up_contract()
    model.revoke(PIN)
    assert model.done.revoked.state == "revoked"
    again = listed(toolkit)
    assert again.revocable == ()
    assert [other.state for other in again.others] == ["revoked"]


def test_a_lock_that_was_let_go_for_another_is_taken_again(toolkit: Toolkit, keystore: Path) -> None:
    card = toolkit.open_card()
    practice = Organisation(Identifier.parse("CBE=0486132722"), "Cabinet Les Tilleuls")
    contact = ContactData("elise@example.be", "+32 4 555 01 42", "praxis@example.be", "+32 4 555 01 43")
    requested = CertificateRequest(card.identity().person, practice, contact)
    outcome = request(
        requested, card, lambda _: PIN, Secret("Praxis-2026"), toolkit.context, show=lambda _: None
    )
    complete(KeystoreFile.open(outcome.keystore, Secret("Praxis-2026")), toolkit.context)
    model = listed(toolkit)
    own, other = sorted(model.revocable, key=lambda certificate: outcome.keystore in certificate.files)
    model.wizard.edit({LISTED: own.key_id, "reason": "lost"})
    model.draw_up_contract()
    with revocation_lock(other, toolkit.context):  # another page is at it
        model.wizard.edit({LISTED: other.key_id})
        with pytest.raises(errors.RequestRunning):
            model.draw_up_contract()
        model.wizard.edit({LISTED: own.key_id})
        model.draw_up_contract()
        with pytest.raises(errors.RequestRunning), revocation_lock(own, toolkit.context):
            pytest.fail("two pages work for the same holder")
    model.close()


def test_what_may_have_arrived_is_not_sent_again(toolkit: Toolkit, keystore: Path) -> None:
    road = behind_wire(toolkit)
    model = listed(road.toolkit)
    model.wizard.edit({LISTED: model.proposed, "reason": "lost"})
    model.draw_up_contract()
    road.wire.lost[":revoke"] = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    road.wire.before["getCertificateInfo"] = errors.PlatformUnreachable(
        host="h", reason="connect", sent=False
    )
    with pytest.raises(errors.ResponseLost):
        model.revoke(PIN)
    road.wire.lost.clear()
    with pytest.raises(errors.PlatformUnreachable):
        model.revoke(PIN)
    road.wire.before.clear()

    model.revoke(PIN)

    assert road.wire.count(":revoke") == 1


def test_what_is_known_goes_into_the_new_request(toolkit: Toolkit, keystore: Path) -> None:
    model = listed(toolkit, keystore)
    model.wizard.edit({LISTED: model.proposed, "reason": "forgotten"})
    model.draw_up_contract()
    model.revoke(PIN)
    prefill = Prefill.of_again(model.done.revoked.again)
    assert prefill == Prefill(email="elise@example.be", phone="+32 4 555 01 42")
    assert Prefill.of_query(prefill.query()) == prefill


def test_the_file_of_the_address_is_proposed(toolkit: Toolkit, keystore: Path) -> None:
    model = listed(toolkit, keystore)
    key_id = KeystoreFile.open(keystore, PASSWORD).keystore.key_id
    assert model.proposed == key_id


def test_a_reason_and_a_certificate_are_needed(toolkit: Toolkit, keystore: Path) -> None:
    model = listed(toolkit)
    assert [blocker.key for blocker in blockers(model, "choose")] == [
        "revoke.block.certificate",
        "revoke.block.reason",
    ]
    model.wizard.edit({LISTED: model.proposed, "reason": "whatever"})
    assert [blocker.key for blocker in blockers(model, "choose")] == ["revoke.block.reason"]


def walked(toolkit: Toolkit, reason: str) -> Player:
    """The form as it is shown, as far as the page that signs."""
    model = REVOKE.walk(RevokeModel(toolkit))
    form = Player(FormContext(REVOKE, model, Translator("en"), load_settings().home, runner=run_inline).root)
    form.press("next", {"looked": True})
    form.press("next", {"accepted": True})
    form.press("next", {"card": "training:elise"})
    form.press("next", secrets={"pin": "1234"})
    form.press("next", {LISTED: model.proposed, "reason": reason})
    return form


def test_what_is_signed_for_good_is_named_above_the_contract(toolkit: Toolkit, keystore: Path) -> None:
    form, get = walked(toolkit, "replace"), Translator("en").get
    certificate = KeystoreFile.open(keystore, PASSWORD).keystore
    assert certificate.not_before is not None
    assert certificate.not_after is not None
    date = Translator("en").date
    dates = get("revoke.valid", begin=date(certificate.not_before), end=date(certificate.not_after))
    for line in (dates, get("revoke.reason.replace"), keystore.name, "79.03.14-218.72"):
        assert line in form.html
    parts = [widget for widget in form.everything() if isinstance(widget, HTML | ContractFrame)]
    frame = next(place for place, widget in enumerate(parts) if isinstance(widget, ContractFrame))
    assert any(dates in part.value for part in parts[:frame] if isinstance(part, HTML)), "above, not below"


@pytest.mark.parametrize(("reason", "page"), [("replace", "request.ipynb"), ("stopped", "index.ipynb")])
def test_the_last_page_leads_to_what_follows(
    toolkit: Toolkit, keystore: Path, reason: str, page: str
) -> None:
    """Who has stopped is not asked to request another one."""
    form = walked(toolkit, reason)
    form.press("next", secrets={"pin": "1234"})
    assert form.title == Translator("en").get("revoke.done.title")
    buttons = [button for actions in form.parts(ButtonBar) for button in actions.buttons]
    (main,) = (button for button in buttons if button["look"] == "primary")
    assert main["href"].partition("?")[0] == page
