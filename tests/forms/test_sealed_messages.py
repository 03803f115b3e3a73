"""The form My messages without a browser: a letter that was changed on its way is not shown as a letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.page_parts import MailList
from ehtoolkit.forms.wizards.sealed_messages import MESSAGES, MessagesModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_production_the_page_leads_to_the_old_keys(tmp_path: Path, language: LanguageName) -> None:
    """Colleagues send nothing here: what helps is another page, and its button by its own name."""
    words = Translator(language, on_pages=True)
    toolkit = open_toolkit(load_settings(home=tmp_path, environment="production"))
    model = MESSAGES.walk(MessagesModel(toolkit))
    page = Player(FormContext(MESSAGES, model, words, tmp_path, runner=run_inline).root)
    offered = [button for bar in page.parts(ButtonBar) for button in bar.buttons]
    (merge,) = [button for button in offered if button["name"] == "merge"]
    assert (merge["label"], merge["href"]) == (words.get("troubleshoot.merge"), "troubleshoot.ipynb")
    assert words.get("troubleshoot.merge") in page.html
    assert words.get("index.troubleshoot") in page.html
    toolkit.close()
