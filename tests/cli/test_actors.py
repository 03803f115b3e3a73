"""Organisations on the command line: who may ask for what, a request by name or without, what the platform has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from tests.cli.conftest import Call

PRACTICE, PHARMACY = "CBE=0486132722", "NIHII-PHARMACY=71452079"


@pytest.fixture
def files(secrets: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """The password of an organisation beside the others."""
    (tmp_path / "practice").write_text("Praxis-2026\n")
    return {**secrets, "practice": tmp_path / "practice"}


@pytest.fixture
def ask_for(call: Call, files: dict[str, Path]) -> Call:
    """A request for an organisation by the default person."""

    def ask(organisation: str, *more: object, password: str = "practice") -> tuple[int, dict[str, Any]]:
        return call(
            *("certificate", "request", "--email", "elise@example.be", "--phone", "+32 4 555 01 42"),
            *("--organisation", organisation, "--accept-terms", "--pin-file", files["pin"]),
            *("--new-password-file", files[password], *more),
        )

    return ask


@pytest.fixture
def pin(files: dict[str, Path]) -> tuple[object, ...]:
    return ("--pin-file", files["pin"])


def test_actors(call: Call, ask_for: Call, pin: tuple[object, ...]) -> None:
    assert ask_for(PRACTICE)[0] == 0
    assert ask_for(PRACTICE, "--application-id", "app-2")[0] == 0
    code, found = call("certificate", "actors", *pin)
    assert code == 0
    assert (found["natural_person"], found["types_live"]) == (True, True)
    (practice,) = found["organisations"]
    assert (practice["type"], practice["number"]) == ("CBE", "0486132722")
    assert practice["names"] == {"fr": "Cabinet Les Tilleuls", "nl": "Praktijk De Linden"}
    assert sorted(practice["application_ids"], key=str) == ["APP-2", None]
    assert (practice["limit"], practice["room"], practice["supported"]) == (10, 8, True)
    assert len(found["types"]) == len(IDENTIFIER_LENGTHS) - 1
    assert {"key", "severity", "message", "next"} == found["findings"][0].keys()


def test_actors_of_a_person_without_organisation(call: Call, pin: tuple[object, ...]) -> None:
    code, found = call("certificate", "actors", "--card", "training:karl", *pin)
    assert (code, found["organisations"]) == (0, [])
    assert [finding["key"] for finding in found["findings"]] == [
        "no_organisation",
        "not_appointed",
        "not_registered",
        "other_number",
    ]


def test_actors_in_words(capsys: pytest.CaptureFixture[str], files: dict[str, Path], ask_for: Call) -> None:
    ask_for(PRACTICE)
    command = ["certificate", "actors", "--types", "--lang", "nl", "--pin-file", str(files["pin"])]
    assert run(command) == 0
    shown = capsys.readouterr().out
    assert "CBE=0486132722  Praktijk De Linden – Ondernemingsnummer" in shown
    assert "1 van 10 (zonder toepassings-ID)" in shown
    assert "NIHII-PHARMACY           Apotheek" in shown


def test_a_wrong_pin(call: Call, files: dict[str, Path]) -> None:
    for command in ("actors", "list"):
        code, answer = call("certificate", command, "--pin-file", files["wrong_pin"])
        assert (code, answer["error"]) == (4, "pin_wrong")


def test_a_listed_organisation_needs_no_name(call: Call, ask_for: Call, pin: tuple[object, ...]) -> None:
    code, asked = ask_for(PRACTICE, "--lang", "nl")
    assert (code, asked["state"]) == (0, "waiting")
    assert Path(asked["keystore"]).name.startswith("CBE=0486132722 ")
    _, listed = call("certificate", "list", *pin)
    assert listed["certificates"][0]["name"] == "Praktijk De Linden"


def test_one_that_is_not_listed_needs_one(ask_for: Call) -> None:
    code, answer = ask_for(PHARMACY)
    assert (code, answer["error"], answer["facts"]) == (
        2,
        "option_missing",
        {"option": "--name", "reason": "needed"},
    )
    code, asked = ask_for(PHARMACY, "--name", "Pharmacie de l'Été")
    assert (code, asked["state"]) == (0, "validating")


@pytest.mark.parametrize(
    ("organisation", "more", "error", "code"),
    [
        ("CBE=0486132723", (), "identifier_invalid", 2),
        ("NIHII-PHARMACY=71452078", ("--name", "X"), "identifier_invalid", 2),
        ("NIHII-LABO=71452079", ("--name", "X"), "identifier_invalid", 2),
        ("NIHII-NOWHERE=71452079", ("--name", "X"), "identifier_invalid", 2),
        ("SSIN=79031421872", ("--name", "X"), "identifier_invalid", 2),
        ("0486132722", ("--name", "X"), "identifier_invalid", 2),
        (PRACTICE, ("--application-id", "été n° 1"), "distinguished_name_invalid", 2),
        (PRACTICE, ("--application-id", "A" * 31), "distinguished_name_invalid", 2),
        (PRACTICE, ("--application-id", ""), "distinguished_name_invalid", 2),
        (PRACTICE, ("--name", " "), "distinguished_name_invalid", 2),
        (PRACTICE, ("--organisation-email", "info"), "contact_invalid", 2),
    ],
)
def test_what_cannot_be(
    ask_for: Call, organisation: str, more: tuple[str, ...], error: str, code: int
) -> None:
    found, answer = ask_for(organisation, *more)
    assert (found, answer["error"]) == (code, error)


def test_an_application_id_that_is_taken(ask_for: Call) -> None:
    _, first = ask_for(PRACTICE, "--application-id", "app-2")
    Path(first["keystore"]).unlink()
    code, answer = ask_for(PRACTICE, "--application-id", "APP-2")
    assert (code, answer["error"], answer["facts"]) == (
        2,
        "application_id_taken",
        {"application_id": "APP-2"},
    )
    assert ask_for(PRACTICE)[0] == 0


def test_a_password_that_is_shared(ask: Call, ask_for: Call) -> None:
    _, personal = ask()
    code, answer = ask_for(PRACTICE, password="password")
    assert (code, answer["error"]) == (2, "password_shared")
    assert answer["facts"] == {"path": personal["keystore"], "kind": "personal"}


def test_warnings_go_to_standard_error(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "certificate",
        "request",
        "--email",
        "e@example.be",
        "--phone",
        "02/555.01.42",
        "--accept-terms",
        "--lang",
        "en",
    ]
    command += ["--organisation", "NIHII-GROUP=94123456", "--name", "Nurses", "--pin-file", str(files["pin"])]
    assert run([*command, "--new-password-file", str(files["practice"])]) == 0
    shown = capsys.readouterr()
    assert "check digits" in shown.err
    assert "check digits" not in shown.out


def test_list(call: Call, ask: Call, ask_for: Call, files: dict[str, Path], pin: tuple[object, ...]) -> None:
    assert call("certificate", "list", *pin) == (0, {"certificates": []})
    _, personal = ask()
    call("training", "clock", "+1h")
    _, practice = ask_for(PRACTICE, "--application-id", "app-2")
    call("training", "clock", "+2d")
    assert call("certificate", "complete", personal["keystore"], "--password-file", files["password"])[0] == 0
    Path(practice["keystore"]).unlink()
    code, found = call("certificate", "list", *pin)
    assert code == 0
    second, first = found["certificates"]
    assert (first["key_id"], first["state"], first["keystore"]) == (
        personal["key_id"],
        "active",
        personal["keystore"],
    )
    assert (first["type"], first["number"], first["first_names"]) == ("SSIN", "79031421872", "Élise Marie")
    assert (first["status"], first["etk_status"]) == ("VALID_ACTIVE", "VALID_ACTIVE")
    assert (first["revocable"], first["replaceable"]) == (True, False)
    assert first["not_after"] > first["replaceable_from"] > first["not_before"]
    assert (second["application_id"], second["state"], second["keystore"]) == ("APP-2", "no_etk", None)


def test_list_in_words(capsys: pytest.CaptureFixture[str], ask_for: Call, files: dict[str, Path]) -> None:
    command = ["certificate", "list", "--lang", "de", "--pin-file", str(files["pin"]), "--verbose"]
    assert run(command) == 0
    assert "kein Zertifikat" in capsys.readouterr().out
    _, practice = ask_for(PRACTICE)
    assert run(command) == 0
    shown = capsys.readouterr().out
    assert "CBE=0486132722: beantragt, noch nicht geliefert" in shown
    assert practice["keystore"] in shown


def test_etk_show(
    call: Call, ask_for: Call, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, none = call("etk", "show", PRACTICE)
    assert (code, none["tokens"]) == (1, [])
    made = [ask_for(PRACTICE)[1], ask_for(PRACTICE, "--application-id", "app-2")[1]]
    call("training", "clock", "+2d")
    for answer in made:
        assert (
            call("certificate", "complete", answer["keystore"], "--password-file", files["practice"])[0] == 0
        )
    code, found = call("etk", "show", "cbe=0486.132.722")
    assert code == 0
    assert {token["application_id"] for token in found["tokens"]} == {None, "APP-2"}
    assert all(token["sound"] and token["signature_valid"] and token["bound"] for token in found["tokens"])
    code, found = call("etk", "show", f"{PRACTICE},app-2")
    (token,) = found["tokens"]
    assert (token["application_id"], token["keystores"]) == ("APP-2", [made[1]["keystore"]])
    assert token["serial"].isdigit()
    assert "CN=CBE=0486132722" in token["subject"]
    assert token["issuer"].startswith("CN=ehtoolkit TRAINING")
    code, found = call("etk", "show", f"{PRACTICE},")
    assert [token["application_id"] for token in found["tokens"]] == [None]
    assert run(["etk", "show", f"{PRACTICE},nope", "--lang", "nl"]) == 1
    assert "geen ETK" in capsys.readouterr().out
    assert run(["etk", "show", PRACTICE, "--lang", "fr"]) == 0
    assert capsys.readouterr().out.count("la signature est correcte") == 2


@pytest.mark.parametrize(
    "holder", ["CBE=1", "0486132722", "CBE=0486132723", "NIHII-NOWHERE=1", f"{PRACTICE},été 1"]
)
def test_etk_show_of_what_is_no_holder(call: Call, holder: str) -> None:
    code, answer = call("etk", "show", holder)
    assert (code, answer["error"]) in {(2, "identifier_invalid"), (2, "distinguished_name_invalid")}
