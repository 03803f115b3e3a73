"""The trainer's commands: scenarios, mandates, cards, and what the platform holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity import Niss
from ehtoolkit.training import PEOPLE, Scenario
from tests.cli.conftest import Call

NAMES = [person.name for person in PEOPLE]


def test_the_list_has_every_scenario_and_its_people(call: Call) -> None:
    code, answer = call("training", "scenario")
    assert code == 0
    assert [scenario["name"] for scenario in answer["scenarios"]] == list(Scenario)
    assert not any(scenario["on"] for scenario in answer["scenarios"])
    assert all(scenario["sentence"] and scenario["title"] for scenario in answer["scenarios"])

    code, switched = call("training", "scenario", "slow", "on", "--person", "karl", "--seconds", "0.5")
    assert code == 0
    assert (switched["name"], switched["on"], switched["everybody"]) == ("slow", True, False)
    assert (switched["people"], switched["seconds"]) == (["karl"], 0.5)
    call("training", "scenario", "refused", "on")
    call("training", "scenario", "refused", "off", "--person", "elise")
    on = {
        scenario["name"]: scenario["people"]
        for scenario in call("training", "scenario")[1]["scenarios"]
        if scenario["on"]
    }
    assert on == {"refused": NAMES[1:], "slow": ["karl"]}
    code, single = call("training", "scenario", "slow")
    assert (code, [found["name"] for found in single["scenarios"]]) == (0, ["slow"])


def test_people_show_their_scenarios_and_organisations(call: Call) -> None:
    call("training", "scenario", "blocked-pin", "on", "--person", "ines")
    people = {person["card"]: person for person in call("training", "people")[1]["people"]}
    ines = people["training:ines"]
    assert ines["scenarios"] == ["blocked-pin"]
    assert ines["pin_tries_left"] == 0
    assert [ine["organisation"] for ine in ines["organisations"]] == [
        "NIHII-PHARMACY=71452079",
        "CBE=0812345603",
    ]
    assert people["training:elise"]["scenarios"] == []


def test_a_new_person_can_request(call: Call, ask: Call, capsys: pytest.CaptureFixture[str]) -> None:
    about = ("--born", "29/02/2004", "--gender", "f", "--speaks", "nl", "--chip", "ec")
    code, answer = call("training", "people", "--add", "Léa", "Marchal", *about)
    assert (code, answer["added"]) == (0, "lea")
    lea = answer["people"][-1]
    assert (lea["card"], lea["first_names"], lea["surname"]) == ("training:lea", "Léa", "Marchal")
    assert Niss.parse(lea["niss"]).birth_date == date(2004, 2, 29)
    code, asked = ask("--card", "training:lea")
    assert (code, asked["state"]) == (0, "waiting")
    call("training", "scenario", "slow", "on", "--person", "lea")
    call("training", "mandate", "lea", "CBE=0486132722", "on")
    code, answer = call("training", "people")
    assert "added" not in answer
    assert answer["people"][-1]["scenarios"] == ["slow"]
    assert answer["people"][-1]["organisations"][0]["organisation"] == "CBE=0486132722"
    assert run(["training", "people", "--add", "Léa", "Marchal", *about, "--lang", "de"]) == 0
    assert "training:lea2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("about", "key"),
    [
        (("--gender", "F"), "option_missing"),
        (("--born", "1990-01-01"), "option_missing"),
        (("--born", "1990-13-01", "--gender", "F"), "input_invalid"),
        (("--born", "1990-01-01", "--gender", "F", "--add", "Léa", " "), "input_invalid"),
    ],
)
def test_a_rejected_person_is_not_added(call: Call, about: tuple[str, ...], key: str) -> None:
    code, answer = call("training", "people", "--add", "Léa", "Marchal", *about)
    assert (code, answer["error"]) == (2, key)
    assert len(call("training", "people")[1]["people"]) == len(PEOPLE)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("désactivé", "pour tous", "peut demander pour")),
        ("nl", ("uit", "voor iedereen", "mag certificaten aanvragen voor")),
        ("de", ("aus", "für alle", "darf beantragen für")),
        ("en", ("off", "for everyone", "may request certificates for")),
    ],
)
def test_tables_for_people(
    language: str, words: tuple[str, str, str], call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    call("training", "scenario", "garbage", "on")
    assert run(["training", "scenario", "--lang", language]) == 0
    shown = capsys.readouterr().out
    longest = "activation-after-revocation"
    width = len(longest)
    for name, word in (("slow", words[0]), ("garbage", words[1]), (longest, words[0])):
        assert f"{name:<{width}} {word}\n" in shown
    assert run(["training", "people", "--lang", language, "--verbose"]) == 0
    shown = capsys.readouterr().out
    assert words[2] in shown
    assert "garbage" in shown
    assert run(["training", "card", "--lang", language]) == 0
    assert "training:wim" in capsys.readouterr().out
    assert run(["training", "scenario", "garbage", "off", "--lang", language]) == 0
    assert "garbage" in capsys.readouterr().out
    assert run(["training", "certificates", "--lang", language]) == 0
    assert capsys.readouterr().out.endswith(".\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("nope", "on"), "scenario_unknown"),
        (("nope",), "scenario_unknown"),
        (("slow", "perhaps"), "usage"),
        (("slow", "on", "--seconds", "61"), "scenario_unfit"),
        (("slow", "on", "--seconds", "soon"), "usage"),
        (("forgotten-password", "on"), "scenario_unfit"),
    ],
)
def test_what_cannot_be_switched(arguments: tuple[str, ...], error: str, call: Call) -> None:
    code, answer = call("training", "scenario", *arguments)
    assert (code, answer["error"]) == (2, error)
    assert not any(scenario["on"] for scenario in call("training", "scenario")[1]["scenarios"])


def test_an_unknown_person_is_rejected(call: Call) -> None:
    code, answer = call("training", "scenario", "slow", "on", "--person", "nobody")
    assert (code, answer["error"]) == (4, "card_unknown")


def test_a_scenario_meets_the_next_command_and_recovery_is_complete(
    ask: Call, call: Call, secrets: dict[str, Path]
) -> None:
    call("training", "scenario", "platform-down", "on")
    code, answer = ask()
    assert (code, answer["error"], answer["facts"]["code"]) == (5, "platform_fault", "SOA-02001")
    call("training", "scenario", "platform-down", "off")
    call("training", "scenario", "answer-lost", "on")
    call("training", "scenario", "not-yet-delivered", "on", "--person", "elise")
    code, asked = ask()
    assert (code, asked["state"]) == (0, "waiting")
    call("training", "clock", "+3d")
    complete = ("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert call(*complete)[0] == 3
    (held,) = call("training", "certificates")[1]["certificates"]
    assert (held["key_id"], held["status"], held["withheld"]) == (asked["key_id"], "IN_PROGRESS", True)
    assert held["person"] == "elise"
    call("training", "scenario", "not-yet-delivered", "off")
    call("training", "scenario", "answer-lost", "off")
    code, done = call(*complete)
    assert (code, done["state"]) == (0, "complete")
    (held,) = call("training", "certificates")[1]["certificates"]
    assert (held["status"], held["token_status"]) == ("VALID_ACTIVE", "VALID_ACTIVE")


def test_a_refused_request_is_reported_by_mail_and_exit_code(
    ask: Call, call: Call, secrets: dict[str, Path]
) -> None:
    _, asked = ask()
    call("training", "scenario", "refused", "on", "--person", "elise")
    code, answer = call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert (code, answer["error"]) == (1, "request_refused")
    mails = call("training", "mail")[1]["mails"]
    assert "refusée" in mails[0]["subject"]


def test_a_forgotten_password_in_the_folder_of_keystores(
    call: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "keystores"
    scenario = ("training", "scenario", "forgotten-password")
    assert call(*scenario, "on", "--person", "bram", "--keystore-folder", folder)[0] == 0
    (keystore,) = folder.glob("SSIN=85110230740 *.p12")
    code, answer = call("certificate", "status", keystore, "--password-file", secrets["password"])
    assert (code, answer["error"]) == (1, "keystore_password_wrong")
    assert call(*scenario, "off", "--keystore-folder", folder)[0] == 0
    assert not keystore.exists()
    assert call("training", "certificates")[1]["certificates"] == []


def test_cards_are_plugged_and_unblocked(call: Call, ask: Call) -> None:
    def state() -> tuple[bool, int]:
        elise = call("training", "card")[1]["cards"][0]
        return elise["plugged"], elise["pin_tries_left"]

    for tries in (2, 1, 0):
        assert ask(pin="wrong_pin")[0] == 4
        assert state() == (True, tries)
    assert ask()[1]["error"] == "pin_blocked"
    call("training", "card", "--unblock", "elise")
    assert state() == (True, 3)
    call("training", "card", "--unplug", "elise")
    assert state() == (False, 3)
    assert ask()[1]["error"] == "card_absent"
    call("training", "card", "--insert", "elise")
    assert ask()[0] == 0


def test_mandates(call: Call) -> None:
    def organisations() -> list[str]:
        bram = next(
            person for person in call("training", "people")[1]["people"] if person["card"] == "training:bram"
        )
        return [organisation["organisation"] for organisation in bram["organisations"]]

    code, answer = call("training", "mandate", "Bram", "cbe=0486.132.722", "on")
    assert (code, answer) == (0, {"person": "bram", "organisation": "CBE=0486132722", "held": True})
    code, answer = call("training", "mandate", "bram", "CBE=0403170701", "on")
    assert (code, answer["facts"]) == (2, {"option": "--name", "reason": "needed"})
    assert call("training", "mandate", "bram", "CBE=0403170701", "on", "--name", "Cabinet des Saules")[0] == 0
    assert organisations() == ["CBE=0403170701", "CBE=0486132722"]
    assert call("training", "mandate", "bram", "CBE=0403170701", "off")[0] == 0
    assert organisations() == ["CBE=0486132722"]


@pytest.mark.parametrize(
    ("organisation", "name", "error"),
    [
        ("CBE=0403170702", "Cabinet", "identifier_invalid"),
        ("SSIN=85110230740", "Bram", "identifier_invalid"),
        ("0403170701", "Cabinet", "identifier_invalid"),
        ("CBE=0403170701", "   ", "distinguished_name_invalid"),
    ],
)
def test_no_mandate_for_what_is_no_organisation(organisation: str, name: str, error: str, call: Call) -> None:
    code, answer = call("training", "mandate", "bram", organisation, "on", "--name", name)
    assert (code, answer["error"]) == (2, error)


def test_reset_switches_everything_off(call: Call) -> None:
    call("training", "scenario", "garbage", "on")
    call("training", "mandate", "bram", "CBE=0486132722", "on")
    assert call("training", "reset")[0] == 0
    assert not any(scenario["on"] for scenario in call("training", "scenario")[1]["scenarios"])
    people = call("training", "people")[1]["people"]
    assert next(person for person in people if person["card"] == "training:bram")["organisations"] == []


def test_a_kind_of_key_that_is_refused_and_the_other(call: Call, ask: Call) -> None:
    """The command names what to add, and tries nothing by itself."""
    call("training", "scenario", "only-ec", "on")
    code, refused = ask("--lang", "en")
    assert (code, refused["error"]) == (1, "new_key_refused")
    assert "--key ec-p384" in refused["next"]
    assert call("training", "certificates")[1]["certificates"] == []

    code, asked = ask("--key", "ec-p384")

    assert (code, asked["state"]) == (0, "waiting")
    path = Path(asked["keystore"])
    assert [file.name for file in path.parent.glob("*.p12")] == [path.name]
    assert len(list((path.parent / "archive").glob("*.p12"))) == 1
