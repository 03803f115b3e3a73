"""The form My messages without a browser: a letter that was changed on its way is not shown as a letter."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.widgets.page_parts import MailList
from ehtoolkit.forms.wizards.sealed_messages import MESSAGES, MessagesModel
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.player import Player

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
texts = Translator("en", on_pages=True)


def test_a_letter_that_was_changed_says_what_is_wrong_and_shows_nothing_of_itself(tmp_path: Path) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    training = toolkit.training
    assert training is not None
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    asked = request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)
    complete(KeystoreFile.open(asked.keystore, PASSWORD), toolkit.context)
    changed, sound = training.messages()
    data = bytearray(changed.data)
    data[len(data) // 2] ^= 1
    with training.database.writing() as connection:
        query = "UPDATE sealed_letter SET sealed = ? WHERE number = ?"
        connection.execute(query, (bytes(data), changed.number))

    model = MESSAGES.walk(MessagesModel(toolkit))
    model.wizard.edit({"keystore": asked.keystore.name})
    model.open(PASSWORD)
    assert model.wizard.confirm()

    broken, whole = model.read.letters
    assert [message.letter.number for message in model.read.closed] == [changed.number]
    assert (broken.content, whole.letter) == ("", sound)
    view = FormContext(MESSAGES, model, texts, tmp_path, runner=lambda work, done: done(work()))
    page = Player(view.root)
    first, second = page.part(MailList).mails
    assert first["subject"] == texts.get("messages.letter.closed")
    assert texts.get("messages.letter.closed.key", key=str(changed.serial)) not in first["body"]
    faults = [finding.message(texts) for finding in broken.message.findings if finding.severity == "error"]
    assert faults
    assert all(fault in first["body"] for fault in faults)
    assert second["subject"] == whole.content.splitlines()[0]
    toolkit.close()
