"""The same keystore in two windows: what the first has done, the second reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import CompleteModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player

PASSWORD, NEW, PIN = Secret("Kine-2026"), Secret("Kine-2029"), Secret("1234")


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    """A home with a request that waits, and is delivered at once."""
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "0475 12 34 56"))
    request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)
    yield toolkit
    toolkit.close()


def window(toolkit: Toolkit, language: LanguageName = "en") -> tuple[CompleteModel, Player]:
    """The form, with the file open."""
    model = COMPLETE.walk(CompleteModel(toolkit))
    view = FormContext(COMPLETE, model, Translator(language), load_settings().home, runner=run_inline)
    player = Player(view.root)
    player.press(secrets={"password": PASSWORD.reveal()})
    return model, player


def test_what_the_first_window_completed_is_complete_in_the_second(toolkit: Toolkit) -> None:
    (first, completion), (second, other) = window(toolkit), window(toolkit)
    completion.press()
    assert first.outcome is not None
    other.press()
    assert other.problem == []
    assert second.outcome is not None
    assert second.outcome.state is State.COMPLETE
    assert second.file.keystore == first.file.keystore


def meanwhile(toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody else ``act`` while a window asks the platform for its certificate."""
    asked = toolkit.context.platform.certra.get_certificate

    def answer(key_id: str) -> object:
        monkeypatch.undo()
        act()
        return asked(key_id)

    monkeypatch.setattr(type(toolkit.context.platform.certra), "get_certificate", lambda _, key: answer(key))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_concurrent_change_is_reported_and_read_the_next_time(
    toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch, language: LanguageName, tmp_path: Path
) -> None:
    """By a program that knows nothing of our locks."""
    texts = Translator(language)
    model, player = window(toolkit, language)
    path, foreign = model.path, replace(toolkit.context, locks=tmp_path / "no locks of ours")
    meanwhile(toolkit, monkeypatch, lambda: complete(KeystoreFile.open(path, PASSWORD), foreign))
    player.press()
    (line, _) = player.problem[0]
    assert line == texts.error(errors.FileBusy(path=str(path), reason="changed"))
    assert player.error_title == texts.get("wizard.changed")
    player.press()
    assert player.problem == []
    assert model.outcome is not None
    assert model.outcome.state is State.COMPLETE


def test_a_window_that_works_keeps_the_other_one_waiting(
    toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one says so, and goes on with the next press."""
    (first, working), (second, other) = window(toolkit), window(toolkit)
    meanwhile(toolkit, monkeypatch, other.press)
    working.press()
    assert (working.problem, first.outcome is not None) == ([], True)
    (line, _) = other.problem[0]
    assert line == Translator("en").error(errors.RequestRunning())
    other.press()
    assert other.problem == []
    assert second.outcome is not None
    assert second.outcome.state is State.COMPLETE


def test_another_password_given_meanwhile_is_named(toolkit: Toolkit) -> None:
    model, player = window(toolkit)
    change_password(model.path, PASSWORD, NEW)
    before = model.path.read_bytes()
    player.press()
    texts = Translator("en")
    assert player.error_title == texts.get("wizard.changed")
    assert player.problem == [(texts.error(errors.FileBusy(path=str(model.path), reason="password")), "")]
    assert model.path.read_bytes() == before
