"""Keystores of each environment, and of an issuer that nobody knows, on the pages of each environment: one of another
is said to be that, with no verdict and no step that would be rejected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.tools.doctor import DOCTOR
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.wizards.activate import ACTIVATE, ActivateModel
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import CompleteModel
from ehtoolkit.forms.wizards.sealed_messages import MESSAGES, MessagesModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.support.faulty_servers import Url, reply, serving
from tests.support.issued_keystores import ISSUER, PASSWORD, UNKNOWN, issued_by

NAME = "SSIN=79031421872 20261124-130000.p12"
TABLE = [(own, in_use) for own in ISSUER for in_use in Environment]


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    """In the place of every real platform; it keeps what was sent to it."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcsc")
    with serving(reply()) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", keystore_folder=tmp_path / "keystores")


def working_in(environment: Environment, settings: Settings, platform: Url) -> Settings:
    address = None if environment is Environment.TRAINING else platform.base
    return settings.model_copy(update={"environment": environment.value, "platform_url": address})


def sentences(own: str, in_use: str, texts: Translator, name: str = NAME) -> tuple[str, str]:
    error = errors.WrongEnvironment(path=name, kind=Environment(own), wanted=Environment(in_use))
    return texts.error(error), texts.next_step(error)


@pytest.mark.parametrize(("own", "in_use"), TABLE)
def test_troubleshooting_says_where_it_belongs_and_nothing_else(
    own: str, in_use: Environment, settings: Settings, platform: Url
) -> None:
    path = issued_by(ISSUER[own], settings.keystores / NAME).path
    before = path.read_bytes()
    with closing(open_toolkit(working_in(in_use, settings, platform))) as toolkit:
        for way in ("folder", "dropped"):
            driver = TroubleshootDriver(toolkit)
            if way == "folder":
                driver.look(NAME)
            else:
                driver.drop((NAME, before))
            driver.do("open", password=PASSWORD.reveal())
            deeds = {name for name, _ in driver.deeds}
            shown = driver.detail.html
            if own in (in_use, UNKNOWN):
                assert {"prove", "ask", "revocation"} <= deeds
                assert "For another environment" not in shown
                continue
            said, step = sentences(own, in_use, Translator("en"))
            assert "For another environment" in shown
            assert said in shown
            assert step in shown
            assert deeds == set()
            assert "eh-finding" not in shown, "their steps lead to forms that reject it"
            assert "79031421872" in shown, "what the file is"
    assert path.read_bytes() == before
    assert platform.requests == []


def test_a_list_of_files_names_each(settings: Settings, platform: Url) -> None:
    with closing(open_toolkit(working_in(Environment.PRODUCTION, settings, platform))) as toolkit:
        for own in ("production", "acceptance"):
            issued_by(ISSUER[own], settings.keystores / f"{own}.p12")
        driver = TroubleshootDriver(toolkit)
        driver.look()
        for own in ("production", "acceptance"):
            driver.choose(f"{own}.p12")
            driver.do("open", password=PASSWORD.reveal())
        verdicts = {name: (severity, word) for name, severity, word in driver.verdicts}
    assert verdicts["acceptance.p12"] == ("warn", "For another environment")
    assert verdicts["production.p12"][1] != "For another environment"


@pytest.mark.parametrize(("own", "in_use"), TABLE)
def test_the_page_about_this_computer_gives_no_verdict_on_it(
    own: str, in_use: Environment, settings: Settings, platform: Url
) -> None:
    issued_by(ISSUER[own], settings.keystores / NAME)
    model = DoctorModel(working_in(in_use, settings, platform))
    complaint = ReportedError("SOA-01002", keystore=NAME)
    if own in (in_use, UNKNOWN):
        assert model.ask(complaint, PASSWORD)[1] is not None
        return
    with pytest.raises(errors.WrongEnvironment) as caught:
        model.ask(complaint, PASSWORD)
    assert (caught.value.kind, caught.value.wanted) == (own, in_use)
    assert model.triage is None, "nothing for the report"
    assert platform.requests == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_about_this_computer_names_both_environments(
    language: LanguageName, settings: Settings
) -> None:
    path = issued_by(ISSUER["production"], settings.keystores / NAME).path
    texts = Translator(language, on_pages=True)
    page = DOCTOR.build(DoctorModel(settings), PageContext(settings, texts), run_inline)
    page.begin()
    player = Player(page.root)
    player.press("go", {"says": "SOA-01002", "symptom": "", "keystore": NAME}, {"password": "Kine-2026"})
    said, step = sentences("production", "training", texts, str(path))
    assert [text for text, _ in player.problem] == [said]
    assert step in player.part(ErrorSummary).notes
    assert texts.get("doctor.verdict.file") not in player.html


@pytest.mark.parametrize(("own", "in_use"), TABLE)
def test_forms_that_open_a_keystore_reject_it_on_their_first_page(
    own: str, in_use: Environment, settings: Settings, platform: Url
) -> None:
    path = issued_by(ISSUER[own], settings.keystores / NAME).path
    before = path.read_bytes()
    with closing(open_toolkit(working_in(in_use, settings, platform))) as toolkit:
        for model in forms(toolkit):
            model.choosing.ask_for(path)
            model.wizard.edit({"keystore": NAME})
            if own in (in_use, UNKNOWN):
                model.open(PASSWORD)
                continue
            with pytest.raises(errors.WrongEnvironment) as caught:
                model.open(PASSWORD)
            assert (caught.value.kind, caught.value.wanted) == (own, in_use)
    assert path.read_bytes() == before
    assert platform.requests == []


def forms(toolkit: Toolkit) -> tuple[KeystoreFormModel, ...]:
    return (
        COMPLETE.walk(CompleteModel(toolkit)),
        ACTIVATE.walk(ActivateModel(toolkit)),
        MESSAGES.walk(MessagesModel(toolkit)),
    )
