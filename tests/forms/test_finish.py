"""The Complete form finishes a request or a renewal with one password, and offers to archive only what was replaced."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext, WizardForm
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.index import IndexPage
from ehtoolkit.forms.steps.opened_keystore import LOADED
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.wizards.activate import ACTIVATE, ActivateModel
from ehtoolkit.forms.wizards.complete.form import COMPLETE_RENEWAL
from ehtoolkit.forms.wizards.complete.model import CompleteModel, renewed_first
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.procedures.finish import FinishStep
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.forms.player import Player
from tests.procedures.conftest import PASSWORD, Road, road, warm_home
from tests.support.training_life import Life

__all__ = ["road", "warm_home"]

ARCHIVE = ("activate.old.do", "activate.old.title", "closing.load.old", "finish.step.archive")
"""The words about an old file."""


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


def opened(
    life: Life,
    path: Path,
    language: LanguageName = "en",
    form: WizardForm[Any] = COMPLETE_RENEWAL,
    password: str = PASSWORD.reveal(),
) -> Player:
    """The form, with the file open."""
    toolkit = life.road.toolkit
    chosen = ActivateModel(toolkit) if form is ACTIVATE else CompleteModel(toolkit, None, renewed_first)
    model = form.walk(chosen)
    texts = Translator(language)
    view = FormContext(
        form, model, texts, load_settings().home, runner=run_inline, helpdesk=Helpdesk(toolkit, texts)
    )
    player = Player(view.root)
    player.press(values={"keystore": path.name}, secrets={"password": password})
    return player


def renewal(life: Life) -> tuple[Path, Path]:
    old = life.due()
    asked = life.renew(old)
    life.move("+1d")
    return old.path, asked.keystore


def first_page(life: Life, language: LanguageName = "en") -> Player:
    """The first page, opened anew."""
    context = PageContext(load_settings(), Translator(language))
    return Player(IndexPage(context, lambda _: life.road.toolkit, run_inline).root)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_last_page_asks_for_is_on_the_first_page_until_it_is_done(
    life: Life, language: LanguageName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window was closed while the work went on: the last page was never seen."""
    texts, (old, new) = Translator(language), renewal(life)
    opened(life, new, language).press()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "troubleshoot.ipynb").touch()
    monkeypatch.chdir(tmp_path / "pages")

    page = first_page(life, language)
    assert texts.get("index.due.nothing") not in unescape(page.html)
    start = KeystoreFile.open(new, PASSWORD).keystore.not_before
    assert start is not None
    reminder = texts.get("index.due.replaced.text.load.since", start=texts.date(start))
    assert reminder in unescape(page.html)
    assert f"troubleshoot.ipynb?keystore={key_of_file(old.name)}" in page.html

    if language in ("en", "fr"):
        archive_keystore(old)
        page = first_page(life, language)
    else:
        page.press("loaded-0")
        assert page.said == texts.get("index.loaded.said")
        assert old.exists()
    for shown in (page, first_page(life, language)):
        assert reminder not in unescape(shown.html)
        assert texts.get("index.due.nothing") in unescape(shown.html)


def test_what_was_said_of_one_renewal_is_not_said_of_the_next(life: Life) -> None:
    old, new = renewal(life)
    opened(life, new).press()
    first_page(life).press("loaded-0")
    life.move("+36mo")
    again = life.renew(KeystoreFile.open(new, PASSWORD)).keystore
    life.move("+1d")
    opened(life, again).press()
    page = first_page(life)
    assert {button["name"] for bar in page.parts(ButtonBar) for button in bar.buttons} >= {
        "loaded-0",
        "loaded-1",
    }
    assert {old.exists(), new.exists()} == {True}


def test_one_press_finishes_a_renewal_and_the_old_file_waits_for_a_tick(life: Life) -> None:
    get, (old, new) = Translator("de").get, renewal(life)
    player = opened(life, new, "de")
    player.press()
    assert (player.title, player.problem) == (get("complete.done.title"), [])
    html = player.html
    for step in FinishStep:
        assert get(f"finish.step.{step}") in html
    assert html.index(get("certificate_test.verdict.green")) < html.index(get("activate.old.title"))
    player.press("archive", {LOADED: False})
    assert old.exists()
    player.press("archive", {LOADED: True})
    assert get("activate.old.done") in player.html
    assert (old.parent / "archive" / old.name).exists()
    assert not old.exists()


def test_a_typing_error_leads_to_the_manual_and_another_one_to_the_helpdesk(life: Life) -> None:
    get, (_, new) = Translator("en").get, renewal(life)
    player = opened(life, new, password="wrong")
    assert [field for _, field in player.problem] == ["password"]
    assert player.part(ErrorSummary).help == get("helpdesk.title")
    assert get("helpdesk.report") not in [part.label for part in player.parts(Download)]
    life.road.wire.before["getCertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    player.press(secrets={"password": PASSWORD.reveal()})
    player.press()
    assert get("helpdesk.report") in [part.label for part in player.parts(Download)]


def test_a_first_certificate_has_no_word_about_an_old_file(life: Life) -> None:
    get, asked = Translator("fr").get, life.ask()
    life.move("+1d")
    player = opened(life, asked.keystore, "fr")
    player.press()
    assert player.title == get("complete.done.title")
    assert [key for key in ARCHIVE if get(key) in player.html] == []
    assert "archive" not in player.buttons
    assert get("finish.step.activate") not in player.html


def test_a_step_that_fails_is_shown_and_the_next_press_goes_on_there(life: Life) -> None:
    get, (_, new) = Translator("en").get, renewal(life)
    wire = life.road.wire
    wire.before["activateETK"] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    player = opened(life, new)
    player.press()
    assert player.error_title == get("complete.work.failed")
    done = re.findall(r'<li class="(eh-\w+)"[^>]*>.*?<b>(.*?)</b>', player.html)
    assert done == [
        ("eh-done", get("finish.step.install")),
        ("eh-done", get("finish.step.etk")),
        ("eh-now", get("finish.step.activate")),
    ]
    wire.before.clear()
    wire.seen.clear()
    player.press()
    assert player.title == get("complete.done.title")
    assert [wire.count(word) for word in ("startETKRegistration", "activateETK")] == [0, 1]


def test_a_red_test_is_the_title_and_nothing_is_archived(life: Life) -> None:
    get, (old, new) = Translator("en").get, renewal(life)
    key_id = life.open(new).keystore.key_id

    def revoke_meanwhile(answer: Response) -> Response:
        life.revoke(key_id)
        return answer

    life.road.wire.after["SecurityTokenService"] = revoke_meanwhile
    player = opened(life, new)
    player.press()
    assert player.title == get("complete.done.faulty")
    assert get("certificate_test.verdict.red") in player.html
    assert "archive" not in player.buttons
    assert old.exists()


@pytest.mark.parametrize("form", [COMPLETE_RENEWAL, ACTIVATE], ids=["complete", "activate"])
def test_records_follow_a_file_after_an_interrupted_move(life: Life, form: WizardForm[Any]) -> None:
    (old, new), toolkit = renewal(life), life.road.toolkit
    opened(life, new).press()
    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        record = registry.add(Provider(name="Vandamme", niss="79031421872"))
        registry.assign(record.id or 0, Assignment(str(old), life.open(old).keystore.key_id))
    archive_keystore(old)  # and then the process is killed

    player = opened(life, new, form=form)
    player.press()
    assert player.problem == []

    with open_registry(toolkit.settings, toolkit.context.clock) as registry:
        kept = registry.get(record.id or 0)
    assert kept.keystore is not None
    assert kept.keystore.path == str(new)
