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
from ehtoolkit.settings import load_settings
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


def downloads(helpdesk: Helpdesk, problem: Problem | None) -> list[Download]:
    return Player(helpdesk.about(SomePage(helpdesk.toolkit.settings.home), problem)).parts(Download)


def test_of_another_card_the_page_names_the_holders_and_no_path() -> None:
    error = errors.DifferentKeystoreHolder(path="/home/elise/x.p12", holder="Elise", card="Karl")
    for language in LANGUAGES:
        sentence = Translator(language, on_pages=True).error(error)
        assert ("Elise" in sentence, "Karl" in sentence, "x.p12" in sentence) == (True, True, False)
        assert "x.p12" in Translator(language).error(error)
