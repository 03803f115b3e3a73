"""Pages in the cells of a notebook: a cell that is run again gives a page that works as the first one did."""

from __future__ import annotations

import pytest

from ehtoolkit.forms import open_password, open_revoke
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.forms.wizards.revoke.model import LISTED
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from tests.browser.prepared_homes import certificate_in
from tests.forms.player import Player

get = Translator("en").get


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    monkeypatch.setenv("EHTOOLKIT_TRAINING_DELIVERY", "0")


def contract() -> Player:
    """Run the cell, and go as far as the contract, from which on the holder is locked."""
    form = Player(open_revoke())
    form.press(values={"looked": True})
    form.press(values={"accepted": True})
    form.press()
    form.press(secrets={"pin": "1234"})
    form.press(values={LISTED: form.part(ChoiceField, LISTED).options[0]["value"], "reason": "lost"})
    return form


def test_a_cell_that_is_run_again_does_not_lock_the_holder_out() -> None:
    certificate_in(load_settings().home, "Kine-2026")
    first = contract()
    assert first.part(ContractFrame)

    second = contract()

    assert second.problem == []
    assert second.title == get("revoke.sign.title")
    assert first.root.comm is None, "the first form is closed, with its card and what was typed"
    second.press(secrets={"pin": "1234"})
    assert second.title == get("revoke.done.title")


def test_the_form_of_another_cell_stays() -> None:
    password, revoke = open_password(), open_revoke()
    assert (password.comm is None, revoke.comm is None) == (False, False)
    open_revoke()
    assert (password.comm is None, revoke.comm is None) == (False, True)
