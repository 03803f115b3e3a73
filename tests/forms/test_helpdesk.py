"""What an error page offers: a report that says nothing about a person, and the messages for a consultant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.engine.page_errors import Problem, describe_error
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player, SomePage

NISS = "79031421872"


@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    return open_toolkit(load_settings(home=tmp_path))


def test_a_report_names_the_error_and_no_person(toolkit: Toolkit, tmp_path: Path) -> None:
    error = errors.FileBusy(path=f"/home/elise/SSIN={NISS} 20261124-101200.p12", reason="changed")
    helpdesk = Helpdesk(toolkit, Translator("fr"))
    handout = helpdesk.report(describe_error(error, Translator("fr"), tmp_path))
    report = json.loads(handout.content)
    assert (report["error"], report["facts"]) == ("file_busy", {"reason": "changed"})
    assert report["environment"] == "training"
    assert NISS.encode() not in handout.content
    assert b"elise" not in handout.content


def test_messages_are_offered_once_there_are_some(toolkit: Toolkit, tmp_path: Path) -> None:
    helpdesk = Helpdesk(toolkit, Translator("en"))
    problem = describe_error(errors.CardAbsent(), Translator("en"), tmp_path)
    assert len(downloads(helpdesk, problem)) == 1
    with pytest.raises(errors.PlatformRefused):
        toolkit.context.platform.certra.get_certificate("00" * 20)
    assert len(downloads(helpdesk, problem)) == 2
    (report,) = json.loads(helpdesk.messages().content)
    assert report["operation"] == "getCertificate"
    assert "GetCertificateRequest" in report["request"]
    assert "CERT_UNKNOWN" in report["answer"]
    (short,) = json.loads(helpdesk.report(problem).content)["messages"]
    assert short == {
        "operation": "getCertificate",
        "http_status": 200,
        "correlation_id": report["correlation_id"],
        "failure": None,
    }


NUMBER = "788\u00a051\u00a055"
"""Of the eHealth contact centre, as it ends; spaces may break in some languages."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_training_nobody_is_sent_to_the_contact_centre(tmp_path: Path, language: LanguageName) -> None:
    for environment, is_real in (("training", False), ("production", True)):
        toolkit = open_toolkit(load_settings(home=tmp_path, environment=environment))
        page = SomePage(toolkit.settings.home)
        shown = Player(Helpdesk(toolkit, Translator(language)).about(page, None)).html
        assert (NUMBER in shown.replace(" ", "\u00a0")) is is_real
        toolkit.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_of_the_program_is_not_one_of_ehealth(tmp_path: Path, language: LanguageName) -> None:
    """Whoever answers there knows nothing of this program: neither of its errors nor of pages that fail."""
    texts = Translator(language, on_pages=True)
    unknown = errors.Unexpected.unless_known(ZeroDivisionError())
    shown = [texts.next_step(unknown), texts.next_step(errors.EhToolkitError())]
    shown += [texts.get("page.failed.text"), texts.get("page.problem.failed.text")]
    for sentence in shown:
        assert NUMBER not in sentence.replace(" ", "\u00a0")


def downloads(helpdesk: Helpdesk, problem: Problem | None) -> list[Download]:
    return Player(helpdesk.about(SomePage(helpdesk.toolkit.settings.home), problem)).parts(Download)


def test_of_another_card_the_page_names_the_holders_and_no_path() -> None:
    error = errors.DifferentKeystoreHolder(path="/home/elise/x.p12", holder="Elise", card="Karl")
    for language in LANGUAGES:
        sentence = Translator(language, on_pages=True).error(error)
        assert ("Elise" in sentence, "Karl" in sentence, "x.p12" in sentence) == (True, True, False)
        assert "x.p12" in Translator(language).error(error)
