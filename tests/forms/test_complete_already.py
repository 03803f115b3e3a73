"""The Complete form with a file that needs nothing: it does not say that something was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.wizards.complete.form import COMPLETE_RENEWAL
from ehtoolkit.forms.wizards.complete.model import CompleteModel, renewed_first
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from tests.forms.player import Player
from tests.procedures.conftest import PASSWORD, Road, road, warm_home
from tests.support.training_life import Life

__all__ = ["road", "warm_home"]


def completed(road: Road, path: Path, language: LanguageName = "en") -> Player:
    """The form after its work on ``path``."""
    model = COMPLETE_RENEWAL.walk(CompleteModel(road.toolkit, None, renewed_first))
    view = FormContext(COMPLETE_RENEWAL, model, Translator(language), load_settings().home, runner=run_inline)
    player = Player(view.root)
    player.press(values={"keystore": path.name}, secrets={"password": PASSWORD.reveal()})
    player.press()
    return player


def link_of(player: Player, name: str) -> str:
    buttons = (button for bar in player.parts(ButtonBar) for button in bar.buttons)
    return next(str(button["href"]) for button in buttons if button["name"] == name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_old_file_offers_the_renewal_that_waits(road: Road, language: LanguageName) -> None:
    get, life = Translator(language).get, Life(road)
    old = life.due()
    asked = life.renew(old)
    player = completed(road, old.path, language)
    assert player.title == get("steps.old_file.title")
    assert get("complete.done.title") not in player.html
    assert link_of(player, "new").startswith("complete-renewal.ipynb?keystore=")
    assert asked.keystore.name in player.html


def test_the_old_file_offers_the_new_one_to_activate(road: Road) -> None:
    old, _ = Life(road).renewed()
    player = completed(road, old.path)
    assert player.title == Translator("en").get("steps.old_file.title")
    assert link_of(player, "new").startswith("activate.ipynb?keystore=")


def test_the_old_file_offers_to_resume_a_renewal_that_was_never_sent(road: Road) -> None:
    life = Life(road)
    old = life.due()
    cut = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    road.wire.before["generatecertificate"] = cut
    with pytest.raises(errors.PlatformUnreachable):
        life.renew(old)
    (new,) = (path for path in road.keystores if path != old.path)
    html = completed(road, old.path).html
    assert FormLink.to("request", "complete.never_sent.resume", new.name, "resume").address in html


def test_a_complete_file_without_a_newer_one_is_called_complete_already(road: Road) -> None:
    get = Translator("en").get
    file = Life(road).first()
    player = completed(road, file.path)
    assert player.title == get("complete.done.already")
    assert get("complete.done.already.text") in player.html
    assert get("complete.next.load") not in player.html
