"""The page about this computer without a browser: looked at when it opens, again, and the question below."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from ehtoolkit.doctor.known_errors import SYMPTOMS, Contact
from ehtoolkit.finding import Severity
from ehtoolkit.forms.doctor.card_panel import CardChoice, CardPanel
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError
from ehtoolkit.forms.engine.background import Runner, run_inline
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.tools.doctor import DOCTOR
from ehtoolkit.forms.widgets.fields import ChoiceField, TextField
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import PEOPLE, Scenario
from tests.forms.player import Later, Player, SomePage
from tests.procedures.conftest import PASSWORD, Road, road, warm_home
from tests.support.ipywidgets_internals import send_to

__all__ = ["road", "warm_home"]


@pytest.fixture(autouse=True)
def _no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever smart-card service this computer has is out of reach."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcsc")


@pytest.fixture
def settings(warm_home: Path, tmp_path: Path) -> Settings:
    shutil.copytree(warm_home, tmp_path / "home")
    return load_settings(home=tmp_path / "home")


class DoctorDriver(Player):
    """The page and who sits at it."""

    def __init__(
        self,
        settings: Settings,
        language: LanguageName = "en",
        asked_for: Path | None = None,
        runner: Runner = run_inline,
    ) -> None:
        self.texts = Translator(language)
        self.model = DoctorModel(settings, asked_for)
        self.page = DOCTOR.build(self.model, PageContext(settings, self.texts), runner)
        self.page.begin()
        super().__init__(self.page.root)

    def get(self, key: str, **facts: object) -> str:
        return self.texts.get(key, **facts)

    def ask(self, says: str = "", symptom: str = "", keystore: str = "", password: str = "") -> None:
        values = {"says": says, "symptom": symptom, "keystore": keystore}
        self.press("go", values, {"password": password})


def card_part(settings: Settings, texts: Translator | None = None, runner: Runner = run_inline) -> CardPanel:
    """Return the part of another page about the card."""
    context = PageContext(settings, texts or Translator("en"))
    shell = PageShell(context, runner, "index", pages=frozenset({"doctor"}))
    return CardPanel(shell, settings)


def switch(settings: Settings, scenario: Scenario, *, on: bool = True) -> None:
    toolkit = open_toolkit(settings)
    assert toolkit.training is not None
    toolkit.training.switch(scenario, on=on)
    toolkit.close()


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_everything_is_looked_at_when_it_opens(settings: Settings, language: LanguageName) -> None:
    driver = DoctorDriver(settings, language)
    assert driver.title == driver.get("doctor.title")
    assert driver.problem == []
    assert driver.get("doctor.verdict.good") in driver.html
    assert driver.get("doctor.verdict.training_card") in driver.html
    assert driver.get("doctor.verdict.good.text") not in driver.html, "it speaks of every card"
    assert driver.model.health is not None
    for section, lines in driver.model.health.sections():
        shown = any(line.severity is not Severity.OK for line in lines)
        assert (f">{driver.get(f'doctor.section.{section}')}</h2>" in driver.html) == shown
    count = driver.model.health.count(Severity.OK)
    folded = driver.html.partition(f"<summary>{driver.get('doctor.count.ok', count=count)}</summary>")[2]
    assert driver.get("doctor.platform_embedded") in folded
    assert driver.get("doctor.java.text") in driver.html
    assert str(driver.model.health.at.year) in driver.said


def test_look_again_sees_what_has_changed(settings: Settings) -> None:
    driver = DoctorDriver(settings)
    switch(settings, Scenario.CLOCK_WRONG)
    driver.press("again")
    assert driver.get("doctor.verdict.bad.one") in driver.html
    assert "eh-panel eh-is-danger" in driver.html
    switch(settings, Scenario.PLATFORM_DOWN)
    driver.press("again")
    assert driver.get("doctor.verdict.bad.many", count=2) in driver.html
    for scenario in (Scenario.CLOCK_WRONG, Scenario.PLATFORM_DOWN):
        switch(settings, scenario, on=False)
    driver.press("again")
    assert driver.get("doctor.verdict.good") in driver.html


def test_a_second_press_does_nothing_while_the_first_is_answered(settings: Settings) -> None:
    runner = Later()
    driver = DoctorDriver(settings, runner=runner)
    driver.press("again")
    assert len(runner) == 1, "it is looking already"
    for _ in range(2):
        driver.ask("SOA-01002")
    assert len(runner) == 2
    runner.do_one()
    runner.do_one()
    assert driver.get("advice.not_authorised") in driver.html
    driver.press("again")
    assert len(runner) == 1


def test_a_clock_moved_during_a_look_has_the_page_look_again(settings: Settings) -> None:
    runner = Later()
    driver = DoctorDriver(settings, runner=runner)
    driver.page.refresh()
    assert len(runner) == 1, "it is looking already"
    runner.do_one()
    assert len(runner) == 1
    runner.do_one()
    assert len(runner) == 0
    driver.page.refresh()
    assert len(runner) == 1


# ── whose card ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_chosen_card_is_checked(settings: Settings) -> None:
    toolkit = open_toolkit(settings)
    assert toolkit.training is not None
    toolkit.training.switch(Scenario.SIGNATURE_NOT_ACTIVATED, on=True, person="claire")
    names = {known.name: known.person.full_name for known in toolkit.training.people()}
    toolkit.close()
    driver = DoctorDriver(settings)
    choice = driver.part(ChoiceField, "card")
    assert [option["label"] for option in choice.options] == list(names.values())
    assert choice.value == "training:elise"
    assert driver.get("doctor.verdict.good") in driver.html
    assert driver.get("doctor.card.holder", name=names["elise"]) in driver.html
    choice.value = "training:claire"
    assert driver.get("doctor.verdict.bad.one") in driver.html
    assert driver.get("doctor.signature_dormant") in driver.html
    assert driver.get("doctor.card.holder", name=names["claire"]) in driver.html
    assert names["elise"] not in driver.html
    report = driver.model.report(driver.texts)
    assert report is not None
    assert names["claire"] not in report.decode()


def test_a_card_that_is_chosen_while_another_is_checked(settings: Settings) -> None:
    runner = Later()
    driver = DoctorDriver(settings, runner=runner)
    driver.part(ChoiceField, "card").value = "training:bram"
    assert len(runner) == 1
    runner.do_one()
    assert len(runner) == 1, "and now his"
    runner.do_one()
    assert "Bram" in driver.html
    assert len(runner) == 0


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("training:claire", "training:claire"),
        ("training:nobody", "training:elise"),
        ("pkcs11:x", "training:elise"),
    ],
)
def test_the_address_names_a_card(settings: Settings, asked: str, chosen: str) -> None:
    model = DoctorModel(settings, card=asked)
    page = DOCTOR.build(model, PageContext(settings, Translator("en")), run_inline)
    assert Player(page.root).part(ChoiceField, "card").value == chosen


def test_no_choice_where_the_card_is_in_a_reader(settings: Settings) -> None:
    for other in ({"environment": "acceptance"}, {"card": "pkcs11:/nonexistent"}):
        choice = CardChoice(settings.model_copy(update=other), Translator("en"))
        assert choice.root.children == ()
        assert choice.settings.card == other.get("card")


def test_the_card_part_of_another_page_looks_at_the_chosen_card(settings: Settings) -> None:
    part = card_part(settings)
    driver = Player(part.root)
    driver.part(ChoiceField, "card").value = "training:bram"
    assert 'href="doctor.ipynb?card=training%3Abram"' in driver.html
    driver.press("card")
    assert "Bram" in driver.html
    driver.part(ChoiceField, "card").value = "training:elise"
    assert "eh-finding" not in driver.html


def test_the_card_part_follows_the_holder_of_the_file(settings: Settings) -> None:
    part = card_part(settings)
    field = Player(part.root).part(ChoiceField, "card")
    claire = DistinguishedName.for_person(next(known.person for known in PEOPLE if known.name == "claire"))
    part.follow(claire)
    assert field.value == "training:claire"
    field.value = "training:bram"
    for holder in (claire, None, DistinguishedName(Identifier("CBE", "0486132722"), "KINE")):
        part.follow(holder)
        assert field.value == "training:bram"


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_a_code_leads_to_its_cause(settings: Settings, language: LanguageName) -> None:
    driver = DoctorDriver(settings, language)
    driver.ask("SOA-01002")
    for key in ("advice.not_authorised", "advice.not_authorised.next", "doctor.call.vendor"):
        assert driver.get(key) in driver.html
    assert driver.said == driver.get("advice.not_authorised")
    assert driver.get("doctor.verdict.fine") not in driver.html


def test_trouble_without_a_code_is_chosen(settings: Settings) -> None:
    driver = DoctorDriver(settings)
    options = [option["value"] for option in driver.part(ChoiceField, "symptom").options]
    assert options == ["", *(symptom.key for symptom in SYMPTOMS)]
    driver.ask(symptom="all_at_once")
    assert driver.get("advice.all_at_once") in driver.html


def test_nothing_given_and_nothing_recognised(settings: Settings) -> None:
    driver = DoctorDriver(settings)
    driver.ask("  ")
    assert driver.part(TextField, "says").error == driver.get("doctor.ask.empty")
    driver.ask("the printer is on fire")
    assert driver.part(TextField, "says").error == ""
    assert driver.get("doctor.ask.nothing") in driver.html


def test_is_it_the_certificate(road: Road) -> None:
    waiting = road.ask()
    road.wait()
    path = road.complete(waiting).keystore
    driver = DoctorDriver(road.toolkit.settings, asked_for=path)
    assert driver.part(ChoiceField, "keystore").value == path.name
    driver.ask("SOA-03001", keystore=path.name, password=PASSWORD.reveal())
    assert driver.get("doctor.verdict.fine.code", code="SOA-03001") in driver.html
    assert driver.get("doctor.file_good") in driver.html
    assert driver.said == driver.get("doctor.verdict.fine.code", code="SOA-03001")
    assert not driver.holds(PASSWORD.reveal())
    driver.ask(keystore=path.name)
    assert driver.get("doctor.verdict.closed") in driver.html
    driver.ask("SOA-03001", keystore=path.name)
    assert driver.get("doctor.verdict.closed") in driver.html
    assert sum(driver.html.count(driver.get(f"doctor.call.{contact}")) for contact in Contact) == 1


def test_no_name_leads_out_of_the_folder(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "other.p12").write_bytes(b"x")
    driver = DoctorDriver(settings)
    driver.ask(keystore="../../../other.p12")
    ((sentence, _),) = driver.problem
    assert "other.p12" in sentence


def test_the_report_can_be_saved(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = DoctorDriver(settings, "nl")
    button: Any = next(part for part in driver.parts(Download) if part.label == driver.get("doctor.save"))
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(button, "send", lambda content, buffers: sent.append((content, buffers)))
    send_to(button, {"action": "want"})
    ((content, (data,)),) = sent
    assert content["name"] == "ehtoolkit-doctor.json"
    report = json.loads(data)
    assert report["environment"] == "training"
    assert str(settings.home) not in bytes(data).decode()


def test_a_report_of_nothing_is_none(settings: Settings) -> None:
    assert DoctorModel(settings).report(Translator("en")) is None
    assert ReportedError().is_empty


def test_what_breaks_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("hidden words")

    monkeypatch.setattr("ehtoolkit.forms.doctor.model.examine", break_down)
    driver = DoctorDriver(settings)
    ((sentence, _),) = driver.problem
    assert sentence
    assert "hidden words" not in repr([widget.get_state() for widget in driver.everything()])


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_the_card_part_of_another_page(settings: Settings, language: LanguageName) -> None:
    texts = Translator(language)
    part = card_part(settings, texts)
    driver = Player(part.root)
    assert "eh-finding" not in driver.html
    assert "doctor.ipynb" in driver.html
    driver.press("card")
    assert "eh-finding" in driver.html
    assert texts.get("doctor.tries_full", count=3) in driver.html
    assert texts.get("doctor.platform_embedded") not in driver.html
    assert part.shell.announcer.text


def test_the_card_part_looks_once_at_a_time(settings: Settings) -> None:
    runner = Later()
    texts = Translator("en")
    part = card_part(settings, texts, runner)
    for _ in range(2):
        Player(part.root).press("card")
    assert len(runner) == 1


def test_an_error_page_leads_here(toolkit: Toolkit) -> None:
    page = SomePage(toolkit.settings.home)
    without = Player(Helpdesk(toolkit, Translator("en")).about(page, None))
    assert "doctor.ipynb" not in without.html
    with_page = Player(Helpdesk(toolkit, Translator("en"), frozenset({"doctor"})).about(page, None))
    assert 'href="doctor.ipynb"' in with_page.html
    for card, query in (("training:claire", "?card=training%3Aclaire"), ("pkcs11:/a.so#Reader", "")):
        helpdesk = Helpdesk(toolkit, Translator("en"), frozenset({"doctor"}), partial(str, card))
        assert f'href="doctor.ipynb{query}"' in Player(helpdesk.about(page, None)).html


@pytest.fixture
def toolkit(settings: Settings) -> Toolkit:
    return open_toolkit(settings)
