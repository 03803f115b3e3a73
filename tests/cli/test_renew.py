"""Renewal, activation and status from the command line: the clock walked, exit codes, one JSON object."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from tests.cli.conftest import Call

Answer = tuple[int, dict[str, Any]]
Do = Callable[..., Answer]


@pytest.fixture
def renew(call: Call, secrets: dict[str, Path]) -> Do:
    """A renewal by the default person, with whatever is given put over it."""

    def renew(keystore: object, *more: object) -> Answer:
        return call(
            *("certificate", "renew", keystore, "--accept-terms", "--pin-file", secrets["pin"]),
            *("--password-file", secrets["password"], *more),
        )

    return renew


@pytest.fixture
def do(call: Call, secrets: dict[str, Path]) -> Do:
    """A command about a keystore that needs its password alone."""

    def do(verb: str, keystore: object, *more: object, password: str = "password") -> Answer:
        return call("certificate", verb, keystore, "--password-file", secrets[password], *more)

    return do


@pytest.fixture
def first(ask: Call, call: Call, do: Do) -> Path:
    """A complete keystore."""
    keystore = Path(ask()[1]["keystore"])
    assert call("training", "clock", "+1d")[0] == 0
    assert do("complete", keystore)[0] == 0
    return keystore


@pytest.fixture
def due(first: Path, call: Call) -> Path:
    """A complete keystore in its replacement period."""
    assert call("training", "clock", "+34mo")[0] == 0
    return first


def keys(answer: dict[str, Any]) -> list[str]:
    return [finding["key"] for finding in answer["findings"]]


def test_from_renewal_to_activation(due: Path, renew: Do, do: Do, call: Call) -> None:
    before = due.read_bytes()
    code, status = do("status", due)
    assert (code, status["state"], status["next"]) == (0, "renewable", "renew")

    code, asked = renew(due)
    assert (code, asked["state"], asked["next"]) == (0, "waiting", "complete")
    new = Path(asked["keystore"])
    assert new.parent == due.parent
    assert new.name > due.name
    assert asked["renewed"] == str(due)
    code, early = do("complete", new)
    assert (code, early["state"]) == (3, "waiting")
    assert do("status", new)[0] == 3

    call("training", "clock", "+1d")
    code, ready = do("status", new)
    assert (code, ready["state"], keys(ready)) == (0, "waiting", ["ready"])
    code, done = do("complete", new)
    assert (code, done["state"], done["next"]) == (0, "to_activate", "activate")
    code, waits = do("status", new)
    assert (code, waits["state"], keys(waits)) == (0, "to_activate", ["etk_to_activate", "depot_old"])

    code, active = do("activate", new)
    assert (code, active["state"], active["next"], active["already"]) == (0, "active", "use", False)
    assert active["key_id"] == asked["key_id"]
    assert active["retired"] == [str(due)]
    code, again = do("activate", new)
    assert (code, again["already"]) == (0, True)
    code, status = do("status", new)
    assert (code, status["state"], keys(status)) == (0, "active", ["depot_ours"])
    assert {"key", "severity", "message", "next"} == status["findings"][0].keys()

    code, left = do("status", due)
    assert (code, keys(left)) == (1, ["depot_newer", "newer"])
    assert due.read_bytes() == before


def test_one_command_finishes_a_renewal(
    due: Path,
    renew: Do,
    do: Do,
    call: Call,
    capsys: pytest.CaptureFixture[str],
    secrets: dict[str, Path],
) -> None:
    new = renew(due)[1]["keystore"]
    before = Path(new).read_bytes()
    code, early = do("finish", new)
    assert (code, early["state"], early["test"]) == (3, "waiting", None)
    assert {step["status"] for step in early["steps"]} == {"open"}
    assert Path(new).read_bytes() == before
    call("training", "clock", "+1d")
    assert do("finish", due)[1]["error"] == "request_waiting"
    call("training", "scenario", "platform-down", "on")
    capsys.readouterr()
    command = ["certificate", "finish", new, "--lang", "en", "--password-file", str(secrets["password"])]
    assert run(command) == 5
    assert "The command for this step alone: ehtoolkit certificate complete" in capsys.readouterr().err
    call("training", "scenario", "platform-down", "off")

    assert run(command) == 0
    said = capsys.readouterr()
    commands = ["complete", "complete", "activate", "test"]
    for number, name in enumerate(commands, 1):
        assert re.search(rf"^Step {number} of 4: .*\[ehtoolkit certificate {name}\]$", said.err, re.M)
    assert said.out.count(": done [ehtoolkit certificate ") == 4
    assert "Archive the old file: to do [ehtoolkit keystore archive]" in said.out
    assert (
        f"with --archive: it moves the old file into a sub-folder and deletes nothing. Old file: {due.name}"
        in said.err
    )

    code, done = do("finish", new, "--archive")
    assert (code, done["already"], done["state"], done["test"]["colour"]) == (0, True, "complete", "green")
    assert [(step["step"], step["status"]) for step in done["steps"]] == [
        *(("install", "already"), ("etk", "already"), ("activate", "unneeded")),
        *(("test", "done"), ("archive", "done")),
    ]
    assert (done["retired"], done["archived"]) == ([], [str(due.parent / "archive" / due.name)])
    assert do("status", new)[1]["state"] == "active"
    assert run([*command, "--archive"]) == 0
    said = capsys.readouterr()
    assert "was already complete" in said.out
    assert "Archive the old file: not needed" in said.out


def test_the_old_file_is_not_called_completed(
    due: Path, renew: Do, do: Do, call: Call, capsys: pytest.CaptureFixture[str], secrets: dict[str, Path]
) -> None:
    before = due.read_bytes()
    assert do("complete", due)[1]["already"] is True
    complete = ["certificate", "complete", str(due), "--password-file", str(secrets["password"])]
    assert run([*complete, "--lang", "en"]) == 0
    assert "was already complete" in capsys.readouterr().out
    new = renew(due)[1]["keystore"]
    code, answer = do("complete", due)
    assert (code, answer["error"], answer["facts"]["path"]) == (1, "request_waiting", new)
    call("training", "clock", "+1d")
    code, done = do("complete", new)
    assert (code, done["already"]) == (0, False)
    code, answer = do("complete", due)
    assert (code, answer["error"], answer["facts"]["newer"]) == (1, "already_renewed", new)
    assert due.read_bytes() == before


def test_the_old_file_is_not_activated_and_the_new_one_is_named(
    due: Path, renew: Do, do: Do, call: Call, capsys: pytest.CaptureFixture[str], secrets: dict[str, Path]
) -> None:
    new = renew(due)[1]["keystore"]
    code, answer = do("activate", due)
    assert (code, answer["error"], answer["facts"]["path"]) == (1, "request_waiting", new)
    call("training", "clock", "+1d")
    assert do("complete", new)[0] == 0
    for _ in range(2):  # before the new one is activated, and after
        code, answer = do("activate", due)
        assert (code, answer["error"], answer["facts"]["newer"]) == (1, "already_renewed", new)
        assert do("activate", new)[0] == 0
    run(["certificate", "activate", str(due), "--password-file", str(secrets["password"]), "--lang", "en"])
    said = capsys.readouterr().err
    assert f"This is the old file: {due}." in said
    assert f"The new one is {new}." in said


def test_another_password_and_other_contact_data(
    due: Path, renew: Do, do: Do, call: Call, tmp_path: Path
) -> None:
    new_password = tmp_path / "new"
    new_password.write_text("Kine-2029\n")
    _, asked = renew(due, "--new-password-file", new_password, "--email", "new@example.be")
    call("training", "clock", "+1d")
    new = asked["keystore"]
    assert do("complete", new)[1]["error"] == "keystore_password_wrong"
    assert call("certificate", "complete", new, "--password-file", new_password)[0] == 0
    assert do("status", due)[0] == 0
    mails = call("training", "mail")[1]["mails"]
    assert {mail["to"] for mail in mails} == {"elise@example.be", "new@example.be"}


def test_an_e_mail_has_a_date_that_people_read(
    due: Path, renew: Do, capsys: pytest.CaptureFixture[str]
) -> None:
    assert renew(due)[0] == 0
    capsys.readouterr()
    assert run(["training", "mail", "--lang", "nl"]) == 0
    assert re.match(r"\d+ [a-z]+ 20\d\d om \d\d:\d\d  elise@example\.be\n", capsys.readouterr().out)


def test_training_keystores_in_another_keystore_folder_follow_the_training_clock(
    renewed: tuple[Path, Path], call: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "keystores"
    shutil.copytree(renewed[0].parent, folder)
    archive = ("keystore", "archive", "--dry-run", "--password-file", secrets["password"])
    place = ("--keystore-folder", folder)
    code, answer = call(*archive, *place, "--environment", "training")
    assert (code, [Path(each["file"]).name for each in answer["archived"]]) == (0, [renewed[0].name])
    _, unnamed = call(*archive, *place)
    assert unnamed["archived"] == []  # the folder may hold real keystores: the new one is not valid yet


def test_passwords_by_the_names_of_the_files(due: Path, renew: Do, call: Call, tmp_path: Path) -> None:
    table = tmp_path / "passwords.csv"
    table.write_text("pattern;password\nSSIN=79031421872*;Kine-2026\n")
    assert call("certificate", "status", due, "--passwords", table)[1]["state"] == "renewable"


@pytest.mark.parametrize(
    ("option", "value", "field"), [("--email", "elise@example", "email"), ("--phone", "ask her", "phone")]
)
def test_contact_data_of_a_wrong_form(due: Path, renew: Do, option: str, value: str, field: str) -> None:
    code, answer = renew(due, option, value)
    assert (code, answer["error"], answer["facts"]["field"]) == (2, "contact_invalid", field)
    assert len(list(due.parent.glob("*p12"))) == 1


def test_too_early_says_from_when(first: Path, renew: Do, do: Do) -> None:
    code, answer = renew(first)
    assert (code, answer["error"]) == (1, "renewal_too_early")
    assert answer["facts"]["date"] == do("status", first)[1]["replaceable_from"], answer["facts"]


def test_too_early_is_said_before_the_conditions(
    first: Path, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    password = ("--password-file", str(secrets["password"]))
    assert run(["certificate", "renew", str(first), "--accept-terms", *password, "--lang", "en"]) == 1
    assert Translator("en").get("terms.request")[:40] not in capsys.readouterr().err


def test_expired_leads_to_a_request(first: Path, renew: Do, do: Do, call: Call) -> None:
    call("training", "clock", "+37mo")
    code, answer = renew(first)
    assert (code, answer["error"], answer["facts"]["state"]) == (1, "state_unfit", "expired")
    code, status = do("status", first)
    assert (code, status["state"], status["next"]) == (1, "expired", "request")
    assert do("activate", first)[1]["facts"]["state"] == "expired"


def test_a_stand_in_certificate_leads_to_complete(ask: Call, renew: Do, do: Do) -> None:
    keystore = ask()[1]["keystore"]
    for code, answer in (renew(keystore), do("activate", keystore)):
        assert (code, answer["error"], answer["facts"]["state"]) == (1, "state_unfit", "prepared")


def test_the_card_of_another_person(due: Path, renew: Do) -> None:
    code, answer = renew(due, "--card", "training:karl")
    assert (code, answer["error"]) == (1, "keystore_of_another")
    assert "VANDAMME" in answer["message"]
    assert "HENNES" in answer["message"]


def test_an_organisation_needs_a_card_with_its_mandate(ask: Call, call: Call, renew: Do, do: Do) -> None:
    organisation = ("--organisation", "CBE=0486132722", "--name", "Cabinet Les Tilleuls")
    _, asked = ask(*organisation, "--organisation-email", "practice@example.be")
    call("training", "clock", "+1d")
    assert do("complete", asked["keystore"])[0] == 0
    call("training", "clock", "+34mo")
    code, answer = renew(asked["keystore"], "--card", "training:karl")
    assert (code, answer["error"]) == (1, "not_entitled")
    assert "CBE=0486132722" in answer["message"]
    code, answer = renew(asked["keystore"], "--organisation-phone", "+32 4 555 01 00")
    assert (code, answer["state"]) == (0, "waiting")


def test_a_second_renewal_points_to_the_new_file(due: Path, renew: Do, ask: Call) -> None:
    _, asked = renew(due)
    code, answer = renew(due)
    assert (code, answer["error"]) == (1, "request_waiting")
    assert answer["facts"] == {"path": asked["keystore"], "reason": "renewal"}
    assert ask()[1]["error"] == "request_waiting"


def test_a_wrong_password_leaves_the_file_as_it_is(
    due: Path, do: Do, renew: Do, secrets: dict[str, Path]
) -> None:
    before = due.read_bytes()
    code, answer = renew(due, "--password-file", secrets["pin"])
    assert (code, answer["error"]) == (1, "keystore_password_wrong")
    assert do("activate", due, password="pin")[1]["error"] == "keystore_password_wrong"
    assert due.read_bytes() == before


def test_a_wrong_pin_is_exit_4(due: Path, renew: Do, secrets: dict[str, Path]) -> None:
    code, answer = renew(due, "--pin-file", secrets["wrong_pin"])
    assert (code, answer["error"]) == (4, "pin_wrong")
    assert len(list(due.parent.glob("*p12"))) == 1


def test_unaccepted_conditions(due: Path, call: Call, secrets: dict[str, Path]) -> None:
    code, answer = call(
        *("certificate", "renew", due, "--password-file", secrets["password"], "--pin-file", secrets["pin"])
    )
    assert (code, answer["error"]) == (2, "terms_not_accepted")


def test_a_keystore_of_another_environment(
    due: Path, do: Do, renew: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / due.name
    shutil.copy(due, copy)
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "another"))
    answers = [do(verb, copy, "--environment", "acceptance") for verb in ("status", "activate", "complete")]
    for code, answer in answers:
        assert (code, answer["error"]) == (2, "environment_differs")
        assert answer["facts"]["kind"] == "training"


def test_status_without_the_platform_says_what_the_file_says(
    due: Path, do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "http://127.0.0.1:9")  # the discard port: nobody listens
    code, answer = do("status", due)
    assert code == 5
    assert (answer["state"], answer["next"], answer["checked"]) == ("renewable", "renew", False)
    assert answer["keystore"] == str(due)
    assert len(answer["key_id"]) == 40
    assert answer["error"] == "platform_unreachable"
    assert keys(answer) == ["unchecked", "state_renewable"]
    assert os.environ["EHTOOLKIT_HOME"] not in answer["message"]


@pytest.mark.parametrize(
    ("language", "word"),
    [("fr", "Non vérifié"), ("nl", "niet gecontroleerd"), ("de", "nicht bei"), ("en", "Not checked")],
)
def test_status_in_sentences(
    language: str,
    word: str,
    due: Path,
    secrets: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = [
        "certificate",
        "status",
        str(due),
        "--password-file",
        str(secrets["password"]),
        "--lang",
        language,
    ]
    capsys.readouterr()
    assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert due.name in shown
    assert "→" not in shown  # nothing to do but what the state says
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "http://127.0.0.1:9")
    assert run(arguments) == 5
    refused = capsys.readouterr()
    assert word in refused.out
    assert "→" in refused.out
    assert "127.0.0.1" in refused.err
    assert "Traceback" not in refused.err


def test_activation_in_sentences(
    due: Path, renew: Do, do: Do, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    new = renew(due)[1]["keystore"]
    call("training", "clock", "+1d")
    do("complete", new)
    capsys.readouterr()
    arguments = ["certificate", "activate", new, "--password-file", str(secrets["password"]), "--lang", "en"]
    assert run(arguments) == 0
    shown = capsys.readouterr()
    assert "is activated" in shown.out
    assert due.name in shown.err  # what may be put away
    assert run(arguments) == 0
    assert "was already activated" in capsys.readouterr().out


def test_new_keystores_are_protected_as_it_is_asked_for(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compatible without a word; by option and by setting otherwise, also when it is completed and renewed."""

    def profile_of(path: object) -> EncryptionProfile:
        return EncryptionProfile.of(outline_pkcs12(Path(str(path)).read_bytes()).protection)

    password, pin = tmp_path / "password", tmp_path / "pin"
    password.write_text("Kine-2026\n")
    pin.write_text("1234\n")
    contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
    signing = ("--pin-file", pin, "--accept-terms")
    first = ("certificate", "request", *contact, *signing, "--new-password-file", password)
    code, modern = call(*first, "--profile", "modern")
    assert code == 0
    assert profile_of(modern["keystore"]) is EncryptionProfile.MODERN
    call("training", "clock", "+1d")
    assert call("certificate", "complete", modern["keystore"], "--password-file", password)[0] == 0
    assert profile_of(modern["keystore"]) is EncryptionProfile.MODERN

    call("training", "clock", "+34mo")
    renewing = ("certificate", "renew", modern["keystore"], "--password-file", password, *signing)
    code, renewed = call(*renewing)
    assert code == 0
    assert profile_of(renewed["keystore"]) is EncryptionProfile.COMPATIBLE

    monkeypatch.setenv("EHTOOLKIT_KEYSTORE_PROFILE", "modern")
    code, other = call(*first, "--card", "training:bram")
    assert code == 0
    assert profile_of(other["keystore"]) is EncryptionProfile.MODERN
