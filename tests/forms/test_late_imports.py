"""A file that is imported while the form works: the work goes on with what it began with, and nobody loses the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.steps.keystore_picker import FIELD
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.forms.wizards.password.form import PASSWORD as PASSWORD_FORM
from ehtoolkit.forms.wizards.password.model import PasswordModel
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import LISTED, RevokeModel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData, Identifier, Organisation
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, password_matches
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.state.certificate_list import list_certificates
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Later, Player
from tests.keystore.conftest import KeystoreMaker

OLD, NEW, PIN = Secret("Kine-2026 & co"), Secret("Nieuw-2027!"), Secret("1234")
CHOSEN, OTHER = "SSIN=79031421872 20261124-130000.p12", "SSIN=75061521579 20261125-130000.p12"


class Form(Player):
    """A form whose work waits for the test."""

    def __init__(self, form: Any, model: Any) -> None:
        self.model, self.later, self.texts = form.walk(model), Later(), Translator("en")
        home = model.toolkit.settings.home
        self.view = FormContext(form, self.model, self.texts, home, runner=self.later)
        super().__init__(self.view.root)

    def step(
        self, values: dict[str, str | bool] | None = None, secrets: dict[str, str] | None = None
    ) -> None:
        """Press the main button, and do its work."""
        self.press(values=values, secrets=secrets)
        if len(self.later):
            self.later.do_one()


# ── a form that works on a file ──────────────────────────────────────────────────────────────────────────
@pytest.fixture
def toolkit() -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings())
    yield toolkit
    toolkit.close()


@pytest.fixture
def imported(keystores: Path, keystore_maker: KeystoreMaker) -> bytes:
    """The file of another holder, with the same password as the one that is in the folder."""
    KeystoreFile.create(keystores / CHOSEN, keystore_maker.complete, OLD)
    KeystoreFile.create(keystores.parent / "other.p12", keystore_maker.complete, OLD)
    return (keystores.parent / "other.p12").read_bytes()


def opening(toolkit: Toolkit, imported: bytes, password: Secret) -> Form:
    """The form while it opens a file, and another one is being imported."""
    form = Form(PASSWORD_FORM, PasswordModel(toolkit))
    form.press("elsewhere")
    form.press(values={FIELD: CHOSEN}, secrets={"password": password.reveal()})
    form.drop_elsewhere(OTHER, imported)
    assert len(form.later) == 2
    return form


def change(form: Form) -> None:
    form.step({"profile": "keep"}, {"first": NEW.reveal(), "second": NEW.reveal()})


@pytest.mark.parametrize("ends", ["while the file is opened", "after it"])
def test_the_password_of_the_file_is_changed_that_was_opened(
    toolkit: Toolkit, keystores: Path, imported: bytes, ends: str
) -> None:
    form = opening(toolkit, imported, OLD)
    for place in (1, 0) if ends.startswith("while") else (0, 0):
        form.later.do_one(place)

    assert form.title == form.texts.get("password.new.title")
    assert CHOSEN in form.html
    assert OTHER not in form.html
    assert form.said == form.texts.get("file_import.late", file=OTHER)
    change(form)

    assert form.problem == []
    assert password_matches(keystores / CHOSEN, NEW)
    assert (keystores / OTHER).read_bytes() == imported
    again = Form(PASSWORD_FORM, PasswordModel(toolkit)).part(ChoiceField, FIELD)
    assert OTHER in {option["value"] for option in again.options}, "as the sentence has it"


def test_a_file_that_came_while_another_could_not_be_opened_is_chosen(
    toolkit: Toolkit, keystores: Path, imported: bytes
) -> None:
    form = opening(toolkit, imported, Secret("mistyped"))
    form.later.do_one(1)
    assert form.part(ChoiceField, FIELD).value == CHOSEN

    form.later.do_one()

    assert form.part(ChoiceField, FIELD).value == OTHER
    assert form.said == form.texts.get("file_import.done", file=OTHER)
    form.step({FIELD: OTHER}, {"password": OLD.reveal()})
    change(form)
    assert password_matches(keystores / OTHER, NEW)
    assert password_matches(keystores / CHOSEN, OLD)


def test_a_file_that_cannot_be_imported_is_named_also_when_the_form_has_gone_on(
    toolkit: Toolkit, keystores: Path, imported: bytes
) -> None:
    form = opening(toolkit, b"Dear Elise", OLD)
    form.later.do_one()
    form.later.do_one()
    assert form.title == form.texts.get("password.new.title")
    with pytest.raises(errors.NotAKeystore) as refused:
        outline_pkcs12(b"Dear Elise")
    assert form.said == form.texts.error(refused.value)
    assert form.problem == []
    change(form)
    assert password_matches(keystores / CHOSEN, NEW)


def test_a_file_that_is_chosen_when_the_form_has_come_back(
    toolkit: Toolkit, keystores: Path, imported: bytes
) -> None:
    """Another file can still be chosen there."""
    form = opening(toolkit, imported, OLD)
    form.later.do_one()
    form.press("back")
    form.later.do_one()
    assert form.part(ChoiceField, FIELD).value == OTHER


def test_no_other_language_takes_over_a_form_that_imports_a_file(
    toolkit: Toolkit, keystores: Path, imported: bytes
) -> None:
    """It would show neither that the file came nor which one."""
    form = opening(toolkit, imported, OLD)
    form.later.do_one()
    assert form.view.busy
    form.later.do_one()
    assert not form.view.busy


def test_a_form_that_is_left_waits_for_the_file_before_it_lets_go(
    toolkit: Toolkit, keystores: Path, imported: bytes
) -> None:
    form = Form(PASSWORD_FORM, PasswordModel(toolkit))
    ended: list[str] = []
    form.view.when_closed(lambda: ended.append("model"))
    form.press("elsewhere")
    form.drop_elsewhere(OTHER, imported)
    form.root.close()
    assert ended == []
    form.later.do_one()
    assert ended == ["model"]
    assert (keystores / OTHER).read_bytes() == imported


# ── a form that draws up a contract ──────────────────────────────────────────────────────────────────────
PRACTICE = Organisation(Identifier.parse("CBE=0486132722"), "Cabinet Les Tilleuls")


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    yield toolkit
    toolkit.close()


def certificate(toolkit: Toolkit, practice: Organisation | None = None) -> KeystoreFile:
    """A complete keystore of the first person, or of her practice."""
    card, password = toolkit.open_card(), Secret("Kine-2026" if practice is None else "Praxis-2026")
    person = card.identity().person
    general = () if practice is None else ("praxis@example.be", "+32 4 555 01 43")
    contact = ContactData("elise@example.be", "+32 4 555 01 42", *general)
    requested = CertificateRequest(person, practice or person, contact)
    outcome = request(requested, card, lambda _: PIN, password, toolkit.context, show=lambda _: None)
    file = KeystoreFile.open(outcome.keystore, password)
    complete(file, toolkit.context)
    return file


@pytest.mark.parametrize("ends", ["while the contract is drawn up", "after it"])
def test_the_certificate_of_the_contract_is_revoked(training: Toolkit, ends: str) -> None:
    own, other = certificate(training), certificate(training, PRACTICE)
    form = Form(REVOKE, RevokeModel(training))
    form.step({"looked": True})
    form.step({"accepted": True})
    form.step()
    form.step(secrets={"pin": "1234"})
    form.press("elsewhere")
    form.press(values={LISTED: own.keystore.key_id, "reason": "lost"})
    form.drop_elsewhere("practice.p12", other.path.read_bytes())
    for place in (1, 0) if ends.startswith("while") else (0, 0):
        form.later.do_one(place)

    assert form.title == form.texts.get("revoke.sign.title")
    assert "79.03.14-218.72" in form.html
    assert "79031421872" in form.part(ContractFrame).document
    assert PRACTICE.name not in form.html
    assert form.said.startswith(form.texts.get("revoke.by_file.late", holder=PRACTICE.name)[:30])
    form.step(secrets={"pin": "1234"})

    assert form.problem == []
    states = {
        listed.key_id: listed.state
        for listed in list_certificates(training.open_card(), PIN, training.context, to_revoke=True)
    }
    assert states[own.keystore.key_id] is State.REVOKED
    assert states[other.keystore.key_id] is not State.REVOKED
