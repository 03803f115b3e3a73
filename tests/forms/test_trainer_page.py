"""The Trainer page without a browser: each thing done there is done to the platform, and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.tools.trainer import MAILBOX, TRAINER
from ehtoolkit.forms.trainer.page import TrainerModel
from ehtoolkit.forms.widgets.buttons import ButtonBar, Switches
from ehtoolkit.forms.widgets.fields import ChoiceField, TextField
from ehtoolkit.forms.widgets.page_parts import MailList
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import ContactData, Niss, Person
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.allowed_holders import fetch_eligible_actors
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit, open_training_platform
from ehtoolkit.training import PEOPLE, Scenario, TrainingPlatform
from ehtoolkit.training.reset import ASIDE_FOLDER
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.state.database import DATABASE_FILE
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.forms.player import Later, Player
from tests.support.ipywidgets_internals import send_to

PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")
CONTACT = ContactData("elise@example.be", "+32 4 555 01 42")
get = Translator("en").get


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=3600.0))
    yield toolkit
    toolkit.close()


@pytest.fixture
def training(toolkit: Toolkit) -> TrainingPlatform:
    assert toolkit.training is not None
    return toolkit.training


def trainer_page(
    model: TrainerModel, home: Path, language: LanguageName = "en", runner: Runner = run_inline
) -> Widget:
    page = TRAINER.build(model, PageContext(load_settings(home=home), Translator(language)), runner)
    page.begin()
    return page.root


class TrainerDriver(Player):
    """The page and the trainer at it."""

    def __init__(
        self,
        training: TrainingPlatform,
        home: Path,
        language: LanguageName = "en",
        runner: Runner = run_inline,
    ) -> None:
        sample = Sample(load_settings(home=home), training)
        super().__init__(trainer_page(TrainerModel(training, sample), home, language, runner))
        tables = self.parts(Table)
        self.board, self.certificates, self.held, self.people, self.mandates, self.letters = tables

    def handle(self, table: Table, key: str, button: str) -> None:
        send_to(table, {"action": "press", "key": key, "button": button})

    def turn(self, name: str, on: bool) -> None:
        send_to(self.part(Switches), {"action": "switch", "key": name, "on": on})

    def row(self, table: Table, key: str) -> dict[str, Any]:
        return next(row for row in table.rows if row["key"] == key)

    def deeds(self, table: Table, key: str) -> list[str]:
        return [button["action"] for button in self.row(table, key)["buttons"]]

    @property
    def on(self) -> list[str]:
        return [switch["key"] for switch in self.part(Switches).switches if switch["on"]]


@pytest.fixture
def driver(training: TrainingPlatform, tmp_path: Path) -> TrainerDriver:
    return TrainerDriver(training, tmp_path)


def ask(toolkit: Toolkit, name: str = "default") -> ProcedureResult:
    card = toolkit.open_card(f"training:{name}")
    person = card.identity().person
    requested = CertificateRequest(person, person, CONTACT)
    return request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)


def words(row: dict[str, Any]) -> str:
    return " | ".join(f"{cell['text']} {cell['note']}".strip() for cell in row["cells"])


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_everybody_is_there_with_card_and_mandates(
    training: TrainingPlatform, tmp_path: Path, language: LanguageName
) -> None:
    driver = TrainerDriver(training, tmp_path, language)
    assert [row["key"] for row in driver.people.rows] == [person.name for person in PEOPLE]
    ines = words(driver.row(driver.people, "ines"))
    assert (
        next(person for person in PEOPLE if person.name == "ines").organisations[0].name_nl in ines
        or language != "nl"
    )
    assert Translator(language).get("trainer.card.in") in ines
    assert driver.held.nothing == Translator(language).get("trainer.held.none")


def test_clock_and_mailbox_come_first_and_links_lead_to_every_part(driver: TrainerDriver) -> None:
    places = re.findall(r'<h2[^>]* id="eh-at-(\w+)"', driver.html)
    assert places[:3] == ["clock", "board", "mails"]
    assert re.findall(r'href="#eh-at-(\w+)"', driver.html) == places
    assert len(places) == 10


def test_the_mailbox_is_a_page_of_its_own(
    toolkit: Toolkit, training: TrainingPlatform, tmp_path: Path, driver: TrainerDriver
) -> None:
    assert driver.parts(MailList) == []
    context = PageContext(load_settings(home=tmp_path), Translator("en"))
    mailbox = MAILBOX.build(training, context, pages=frozenset({"trainer"}))
    mailbox.begin()
    box = Player(mailbox.root)
    assert box.part(MailList).mails == []
    ask(toolkit)
    assert box.part(MailList).mails == []
    box.press("look")
    (mail,) = box.part(MailList).mails
    assert mail["subject"] == training.mails()[0].subject
    assert 'href="trainer.ipynb"' in box.html
    driver.press("look")
    assert mail["subject"] in driver.html
    assert 'href="mailbox.ipynb"' in driver.html


# ── the clock ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_clock_jumps_and_comes_back(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.press("+1h")
    assert get("trainer.clock.moved", time="1 hour") in driver.html
    driver.press("+10d")
    assert training.clock.offset.days == 10
    assert get("trainer.clock.moved", time="10 days and 1 hour") in driver.html
    driver.press("reset")
    assert not training.clock.offset
    assert get("trainer.clock.today") in driver.html


def test_the_renewal_is_one_jump_away_once_there_is_one(
    toolkit: Toolkit, training: TrainingPlatform, tmp_path: Path
) -> None:
    assert "renewal" not in TrainerDriver(training, tmp_path).buttons
    ask(toolkit)
    training.clock.move("+2h")
    driver = TrainerDriver(training, tmp_path)
    texts = Translator("en")
    (jump,) = (
        button for bar in driver.parts(ButtonBar) for button in bar.buttons if button["name"] == "renewal"
    )
    assert get("trainer.clock.unfinished.one", count=1) in driver.html
    assert jump["look"] != "primary", "the certificate that was delivered is not installed yet"
    driver.press("renewal")
    (held,) = training.certificates()
    assert held.replaceable
    assert "renewal" not in driver.buttons
    day = texts.date(training.clock.now())
    assert jump["label"] == texts.get("trainer.jump.renewal", date=day), "it arrives on the day it names"


def test_a_move_by_the_command_is_shown_by_the_next_check(
    toolkit: Toolkit, training: TrainingPlatform, tmp_path: Path
) -> None:
    driver = TrainerDriver(training, tmp_path)
    with closing(open_training_platform(toolkit.settings)) as other:
        other.clock.move("+10d")
    driver.press("look")
    assert Translator("en").get("trainer.clock.moved", time="10 days") in driver.html


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_card_goes_out_and_in(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.handle(driver.people, "bram", "unplug")
    assert get("trainer.card.out") in words(driver.row(driver.people, "bram"))
    with pytest.raises(errors.CardAbsent):
        training.card("bram").identity()
    driver.handle(driver.people, "bram", "plug")
    assert training.card("bram").identity().person.first_names == "Bram Jozef"
    assert driver.said == get("trainer.people.done")


def test_a_pin_is_blocked_and_given_back(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.handle(driver.people, "bram", "block")
    assert training.card("bram").pin_tries_left() == 0
    assert driver.deeds(driver.people, "bram") == ["unplug", "unblock"]
    driver.handle(driver.people, "bram", "unblock")
    assert training.card("bram").pin_tries_left() == 3
    assert driver.deeds(driver.people, "bram") == ["unplug", "block"]


def test_an_impossible_action_is_reported(driver: TrainerDriver) -> None:
    driver.handle(driver.people, "bram", "block")
    driver.handle(driver.people, "bram", "unplug")
    driver.handle(driver.people, "bram", "unblock")
    assert [text for text, _ in driver.problem] == [Translator("en").error(errors.CardAbsent())]
    driver.handle(driver.people, "bram", "plug")
    assert driver.problem == []


# ── somebody more ────────────────────────────────────────────────────────────────────────────────────────
LEA = {"new_first_names": " Léa  Zoé ", "new_surname": "Van ’t Hof", "new_born": "29.2.2004"}


def test_an_invented_person_takes_part(
    driver: TrainerDriver, training: TrainingPlatform, toolkit: Toolkit
) -> None:
    driver.press("newcomer")
    choices = {"new_gender": "F", "new_language": "nl", "new_profession": "pharmacist", "new_chip": "ec"}
    driver.press("newcomer_add", LEA | choices)
    lea = training.people()[-1]
    assert (lea.name, lea.person.full_name, lea.language) == ("lea", "Léa Zoé Van ’t Hof", "nl")
    assert lea.person.niss.birth_date == date(2004, 2, 29)
    assert driver.people.rows[-1]["key"] == "lea"
    assert lea.person.niss.formatted in words(driver.people.rows[-1])
    assert driver.said == get("trainer.newcomer.added", name="Léa Zoé Van ’t Hof")
    assert "training:lea" in driver.html
    assert lea.person.niss.formatted in driver.html
    for name in ("person", "mandate_person"):
        assert driver.part(ChoiceField, name).options[-1]["value"] == "lea"
    assert driver.parts(TextField)[0].name.startswith("mandate")  # the form is closed

    # ask, deliver and complete, with a card of her own
    outcome = ask(toolkit, "lea")
    training.clock.move("+2h")
    assert complete(KeystoreFile.open(outcome.keystore, PASSWORD), toolkit.context).state == "complete"
    driver.handle(driver.people, "lea", "unplug")
    with pytest.raises(errors.CardAbsent):
        training.card("lea").identity()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"new_born": "31/02/1980"}, "new_born"),
        ({"new_born": ""}, "new_born"),
        ({"new_first_names": " "}, "new_surname"),
        ({"new_surname": "x" * 61}, "new_surname"),
    ],
)
def test_who_cannot_be_is_not_invented(
    driver: TrainerDriver, training: TrainingPlatform, change: dict[str, str], field: str
) -> None:
    driver.press("newcomer")
    driver.press("newcomer_add", LEA | change)
    assert [name for _, name in driver.problem] == [field]
    assert driver.part(TextField, field).error == driver.problem[0][0]
    assert len(training.people()) == len(PEOPLE)
    driver.press("newcomer_add", LEA)
    assert driver.problem == []
    assert len(training.people()) == len(PEOPLE) + 1


def test_a_second_click_invents_no_second_person(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.press("newcomer")
    bar = next(
        part for part in driver.parts(ButtonBar) if any(b["name"] == "newcomer_add" for b in part.buttons)
    )
    values = {part.name: part.value for part in driver.parts(ChoiceField)} | LEA
    for _ in range(2):
        send_to(bar, {"action": "newcomer_add", "values": values})
    assert driver.problem == []
    assert len(training.people()) == len(PEOPLE) + 1


def test_a_double_click_moves_the_clock_once(driver: TrainerDriver, training: TrainingPlatform) -> None:
    before = training.clock.now()
    bar = next(part for part in driver.parts(ButtonBar) if any(b["name"] == "+12mo" for b in part.buttons))
    serial = bar.serial
    for _ in range(2):
        send_to(bar, {"action": "+12mo", "serial": serial})
    assert 364 <= (training.clock.now() - before).days <= 366
    driver.press("+12mo")
    assert 729 <= (training.clock.now() - before).days <= 732


def test_the_clock_is_shown_last(driver: TrainerDriver) -> None:
    """Who sees that it was moved presses again: by then nothing that takes time may hold the press up."""
    order: list[str] = []
    for widget in driver.everything():
        for trait in ("value", "text"):
            if widget.has_trait(trait):
                widget.observe(lambda change: order.append(str(change["new"])), trait)
    driver.press("+1d")
    get = Translator("en").get
    moved = get("trainer.clock.moved", time="1 day")
    said = get("trainer.clock.said", moment="").strip(" .")[:12]
    assert moved in order[-1]
    assert any(said in text for text in order[:-1])


def test_and_who_was_begun_is_left(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.press("newcomer")
    assert driver.part(TextField, "new_surname")
    driver.press("newcomer_no")
    assert "newcomer" in driver.buttons
    assert len(training.people()) == len(PEOPLE)


# ── mandates ─────────────────────────────────────────────────────────────────────────────────────────────
def held(training: TrainingPlatform, name: str) -> list[str]:
    states = training.person_states()
    return [
        mandate.identifier.text for state in states if state.person.name == name for mandate in state.mandates
    ]


def test_a_mandate_is_taken_away_and_given_to_another(
    driver: TrainerDriver, training: TrainingPlatform
) -> None:
    practice = PEOPLE[0].organisations[0]
    assert [row["key"] for row in driver.mandates.rows] == [practice.identifier.text]
    driver.handle(driver.mandates, practice.identifier.text, "withdraw")
    assert held(training, "elise") == []
    assert driver.mandates.rows == []
    assert driver.said == get("trainer.mandates.withdrawn", name=practice.name_fr)
    driver.handle(driver.mandates, practice.identifier.text, "withdraw")  # from a page that is behind
    assert driver.said == get("trainer.held.done.nothing")

    driver.part(ChoiceField, "mandate_person").value = "bram"
    driver.press("mandate", {"mandate_organisation": practice.identifier.text})
    assert held(training, "bram") == [practice.identifier.text]
    assert practice.name_fr in words(driver.row(driver.mandates, practice.identifier.text))
    assert practice.name_fr in words(driver.row(driver.people, "bram"))
    options = [option["value"] for option in driver.part(ChoiceField, "mandate_organisation").options]
    assert practice.identifier.text not in options


def test_an_organisation_of_the_trainers_own(
    driver: TrainerDriver, training: TrainingPlatform, toolkit: Toolkit
) -> None:
    driver.part(ChoiceField, "mandate_person").value = "bram"
    typed = {"mandate_type": "CBE", "mandate_number": "0472.938.148", "mandate_name": " Kine  De Kaai "}
    driver.press("mandate", typed | {"mandate_number": "0472.938.149"})
    assert [name for _, name in driver.problem] == ["mandate_number"]
    driver.press("mandate", typed | {"mandate_name": " "})
    assert [name for _, name in driver.problem] == ["mandate_name"]
    assert held(training, "bram") == []
    driver.press("mandate", typed)
    assert driver.problem == []
    assert held(training, "bram") == ["CBE=0472938148"]
    assert "Kine De Kaai" in words(driver.row(driver.mandates, "CBE=0472938148"))
    card = toolkit.open_card("training:bram")
    asked = fetch_eligible_actors(card, PIN, toolkit.context)
    assert [organisation.listed.names["fr"] for organisation in asked.organisations] == ["Kine De Kaai"]


# ── scenarios ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_scenario_is_on_for_one_person_alone(driver: TrainerDriver, training: TrainingPlatform) -> None:
    driver.part(ChoiceField, "person").value = "bram"
    driver.turn("platform-down", True)
    (state,) = [scenario for scenario in training.scenarios() if scenario.scenario is Scenario.PLATFORM_DOWN]
    assert (state.everybody, state.people) == (False, ("bram",))
    assert driver.on == ["platform-down"]
    assert get("scenario.platform-down.title") in words(driver.row(driver.people, "bram"))
    driver.part(ChoiceField, "person").value = "karl"
    assert driver.on == []


def test_scenarios_are_found_by_a_word(driver: TrainerDriver) -> None:
    everything = driver.part(Switches).switches
    assert len([switch for switch in everything if switch["group"]]) == 4
    words_field = driver.part(TextField, "scenario_words")
    words_field.value = "PLATFORM down"
    shown = driver.part(Switches).switches
    assert "platform-down" in [switch["key"] for switch in shown]
    assert len(shown) < len(everything)
    assert shown[0]["group"] != "", "the heading of its group stays"
    assert driver.said == get("trainer.scenarios.found", count=len(shown))
    driver.turn("platform-down", True)
    assert driver.on == ["platform-down"]
    words_field.value = "zzz"
    assert driver.part(Switches).switches == []
    assert get("trainer.scenarios.none") in driver.html
    words_field.value = ""
    assert len(driver.part(Switches).switches) == len(everything)


def test_a_switch_that_could_not_be_turned_shows_how_it_stands(driver: TrainerDriver) -> None:
    driver.turn("forgotten-password", True)  # for everybody: there is no such switch
    assert driver.problem
    assert driver.on == []


def test_a_forgotten_password_leaves_a_keystore_and_takes_it_back(
    driver: TrainerDriver, training: TrainingPlatform
) -> None:
    assert "forgotten-password" not in [switch["key"] for switch in driver.part(Switches).switches]
    driver.part(ChoiceField, "person").value = "bram"
    driver.turn("forgotten-password", True)
    assert len(list((training.folder / "keystore").glob("*.p12"))) == 1
    driver.turn("forgotten-password", False)
    assert list((training.folder / "keystore").glob("*.p12")) == []


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_request_under_manual_validation_is_delivered_now(
    toolkit: Toolkit, training: TrainingPlatform, driver: TrainerDriver
) -> None:
    training.switch("manual-validation", True)
    outcome = ask(toolkit)
    driver.press("look")
    assert driver.deeds(driver.held, outcome.key_id) == ["deliver", "refuse"]
    driver.handle(driver.held, outcome.key_id, "deliver")
    assert driver.said == get("trainer.held.done.deliver")
    assert driver.deeds(driver.held, outcome.key_id) == []
    assert get("trainer.status.valid_active") in words(driver.row(driver.held, outcome.key_id))
    assert complete(KeystoreFile.open(outcome.keystore, PASSWORD), toolkit.context).state == "complete"


def test_or_it_is_refused_and_a_letter_says_so(
    toolkit: Toolkit, driver: TrainerDriver, training: TrainingPlatform
) -> None:
    outcome = ask(toolkit)
    driver.press("look")
    before = len(training.mails())
    driver.handle(driver.held, outcome.key_id, "refuse")
    assert get("trainer.status.refused") in words(driver.row(driver.held, outcome.key_id))
    newest, *rest = training.mails()
    assert len(rest) == before
    assert newest.subject in driver.html
    driver.handle(driver.held, outcome.key_id, "deliver")  # from a page that is behind
    assert driver.said == get("trainer.held.done.nothing")


def test_what_is_withheld_is_not_delivered(
    toolkit: Toolkit, training: TrainingPlatform, driver: TrainerDriver
) -> None:
    outcome = ask(toolkit)
    training.switch("not-yet-delivered", True)
    driver.press("look")
    assert driver.deeds(driver.held, outcome.key_id) == ["refuse"]
    assert get("trainer.held.withheld") in words(driver.row(driver.held, outcome.key_id))
    assert not training.decide(outcome.key_id, deliver=True)


def test_the_trainer_confirms_a_request_without_a_card(toolkit: Toolkit, driver: TrainerDriver) -> None:
    requested = ForeignerRequest(
        Person(Niss(FOREIGNER.niss.digits), FOREIGNER.first_names, FOREIGNER.name), CONTACT
    )
    outcome = request_foreign(requested, PASSWORD, toolkit.context)
    driver.press("look")
    assert driver.deeds(driver.held, outcome.key_id) == ["confirm", "refuse"]
    driver.handle(driver.held, outcome.key_id, "confirm")
    assert driver.said == get("trainer.held.done.confirm")
    assert driver.deeds(driver.held, outcome.key_id) == ["deliver", "refuse"]


# ── the end of a lesson ──────────────────────────────────────────────────────────────────────────────────
def test_a_reset_is_asked_twice(
    toolkit: Toolkit, training: TrainingPlatform, driver: TrainerDriver, tmp_path: Path
) -> None:
    outcome = ask(toolkit)
    driver.part(ChoiceField, "person").value = "bram"
    driver.turn("slow", True)
    driver.press("reset_all")
    assert get("trainer.reset.sure") in driver.html
    driver.press("no")
    assert get("trainer.reset.sure") not in driver.html
    assert outcome.keystore.exists()

    (key_id,) = (certificate.key_id for certificate in training.certificates())
    driver.press("reset_all")
    driver.press("yes")
    (aside,) = (training.folder / ASIDE_FOLDER).iterdir()
    assert driver.said == get("trainer.reset.done", folder=aside)
    names = {path.name for path in aside.iterdir()}
    assert {DATABASE_FILE, "cards", outcome.keystore.name, f"{key_id}.json"} <= names
    assert not list((tmp_path / "notes").rglob("*.json"))
    assert not outcome.keystore.exists()
    assert training.certificates() == ()
    assert (driver.held.rows, training.mails(), driver.on) == ([], [], [])
    assert get("trainer.mails.none") in driver.html
    assert driver.part(ChoiceField, "person").value == ""


# ── the invented providers ───────────────────────────────────────────────────────────────────────────────
def test_the_sample_is_made_shown_and_replaced_after_confirmation(
    driver: TrainerDriver, training: TrainingPlatform, tmp_path: Path
) -> None:
    sample, settings = Sample(load_settings(home=tmp_path), training), load_settings(home=tmp_path)
    assert sample.password not in driver.html
    driver.press("sample_make")
    assert driver.said == get("trainer.sample.done")
    assert sample.is_there
    for shown in (sample.password, str(sample.folder), get("trainer.sample.password.note")):
        assert shown in driver.html
    with open_registry(settings) as registry:
        changed = registry.find("Bertholet")
        registry.save(replace(changed, practice="Elsewhere"))
        mine = registry.add(Provider("Vandamme"))
    driver.press("sample_anew")
    assert get("trainer.sample.sure.text") in driver.html
    driver.press("sample_no")
    with open_registry(settings) as registry:
        assert registry.find("Bertholet").practice == "Elsewhere"
    driver.press("sample_anew")
    driver.press("sample_yes")
    with open_registry(settings) as registry:
        assert registry.find("Bertholet").practice != "Elsewhere"
        assert registry.get(mine.id or 0).name == "Vandamme"
        assert registry.count() == 41


def test_a_second_press_makes_no_second_sample(training: TrainingPlatform, tmp_path: Path) -> None:
    runner = Later()
    driver = TrainerDriver(training, tmp_path, runner=runner)
    for _ in range(2):
        driver.press("sample_make")
    assert len(runner) == 1


@pytest.mark.parametrize(("answer", "left"), [("yes_keep", 1), ("yes", 0)])
def test_a_reset_takes_the_sample_and_says_what_else_is_lost(
    answer: str, left: int, training: TrainingPlatform, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path)
    sample = Sample(settings, training)
    sample.make()
    with open_registry(settings) as registry:
        registry.add(Provider("Vandamme"))
    driver = TrainerDriver(training, tmp_path)
    driver.press("reset_all")
    assert get("trainer.reset.sure.own", count=1) in driver.html
    driver.press(answer)
    with open_registry(settings) as registry:
        assert registry.count() == left
    assert not sample.folder.exists()
    assert "sample_make" in driver.buttons


def test_without_providers_of_ones_own_a_reset_asks_for_nothing_more(driver: TrainerDriver) -> None:
    driver.press("reset_all")
    assert "yes_keep" not in driver.buttons
    driver.press("no")


def test_a_sample_that_cannot_be_made_is_reported(driver: TrainerDriver, tmp_path: Path) -> None:
    (tmp_path / "training" / "sample").write_text("somebody's file where the folder goes")
    driver.press("sample_make")
    assert driver.problem
    assert not driver.part(ButtonBar).busy
    assert "sample_make" in driver.buttons


def test_a_shared_registry_has_no_such_part(training: TrainingPlatform, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, provider_database="postgresql://somebody@127.0.0.1:1/registry")
    page = Player(trainer_page(TrainerModel(training, Sample(settings, training)), tmp_path))
    assert "sample_make" not in page.buttons
    assert page.problem == []


# ── sealed messages ──────────────────────────────────────────────────────────────────────────────────────
def test_what_colleagues_sealed_is_listed_and_the_old_key_goes_when_there_is_one(
    driver: TrainerDriver, training: TrainingPlatform, toolkit: Toolkit
) -> None:
    assert driver.letters.rows == []
    asked = ask(toolkit)
    driver.press("+1d")
    complete(KeystoreFile.open(asked.keystore, PASSWORD), toolkit.context)
    driver.press("look")
    assert [row["key"] for row in driver.letters.rows] == ["2", "1"]
    assert all("Élise Marie Vandamme" in words(row) for row in driver.letters.rows)
    before = asked.keystore.read_bytes()
    chosen = {"discard_keystore": asked.keystore.name}
    driver.press("discard", chosen, {"discard_password": PASSWORD.reveal()})
    assert driver.problem == [(get("error.no_old_key.none", path=asked.keystore.name), "discard_keystore")]
    driver.press("discard", chosen, {"discard_password": "Kine-2025"})
    assert [field for _, field in driver.problem] == ["discard_password"]
    assert asked.keystore.read_bytes() == before
    assert training.discarded_keys().files() == ()
