"""A first certificate from the command line, and everything that can be wrong on the way."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.storage.records import actor_lock, read_cached_states, read_request_record
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.training.card.software import SoftwareCard
from tests.cli.conftest import Call


def code_and_key(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]


def _recorded_state(key_id: str) -> str:
    """What the first page of the forms will go by."""
    notes = load_settings().home / "notes" / "training"
    return next(state.platform_state for state in read_cached_states(notes) if state.key_id == key_id)


def test_from_the_card_to_a_complete_keystore(ask: Call, call: Call, secrets: dict[str, Path]) -> None:
    code, asked = ask()
    assert (code, asked["state"], asked["next"]) == (0, "waiting", "complete")
    keystore = Path(asked["keystore"])
    assert keystore.name.startswith("SSIN=79031421872 ")
    assert _recorded_state(asked["key_id"]) == "waiting"
    password = ("--password-file", secrets["password"])

    before = keystore.read_bytes()
    code, early = call("certificate", "complete", keystore, *password)
    assert (code, early["state"]) == (3, "waiting")
    assert keystore.read_bytes() == before

    code, mails = call("training", "mail")
    assert code == 0
    assert {mail["to"] for mail in mails["mails"]} == {"elise@example.be"}

    assert call("training", "clock", "+1d")[0] == 0
    code, done = call("certificate", "complete", keystore, *password)
    assert (code, done["state"], done["key_id"]) == (0, "complete", asked["key_id"])
    assert _recorded_state(done["key_id"]) == "complete"
    code, now = call("certificate", "status", keystore, *password)
    assert (code, now["state"], now["next"]) == (0, "active", "use")
    assert _recorded_state(done["key_id"]) == "active"

    again = keystore.read_bytes()
    code, repeated = call("certificate", "complete", keystore, *password)
    assert (code, repeated["state"]) == (0, "complete")
    assert keystore.read_bytes() == again


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_that_the_answer_names_can_be_pasted(
    language: LanguageName,
    ask: Call,
    call: Call,
    secrets: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    keystore = Path(ask()[1]["keystore"])
    password = ("--password-file", str(secrets["password"]))
    capsys.readouterr()
    assert run(["certificate", "status", str(keystore), *password, "--lang", language]) == 3
    program, *command = shlex.split(capsys.readouterr().out.rpartition(": ")[2])
    assert (program, command) == ("ehtoolkit", ["certificate", "complete", str(keystore)])
    call("training", "clock", "+1d")
    assert run([*command, *password]) == 0


def test_a_second_request_is_refused_while_one_waits_unless_the_user_insists(ask: Call) -> None:
    _, first = ask()
    code, second = ask()
    assert (code, second["error"]) == (1, "request_waiting")
    assert second["facts"]["path"] == first["keystore"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("--email", "elise@example"),
        ("--email", "élise@example.be"),
        ("--email", "elise,vandamme@example.be"),
        ("--phone", "ask my secretary"),
        ("--phone", "12"),
    ],
)
def test_contact_data_of_a_wrong_form(ask: Call, field: str, value: str) -> None:
    code, answer = ask(field, value)
    assert (code, answer["error"]) == (2, "contact_invalid")


def test_a_telephone_number_as_people_write_it(ask: Call) -> None:
    code, answer = ask("--phone", "+32(0)475/12.34.56")
    note = read_request_record(load_settings().home / "notes" / "training", answer["key_id"])
    assert code == 0
    assert note is not None
    assert note.phone == "+32 475 12 34 56"


def test_an_organisation_number_with_wrong_check_digits(ask: Call) -> None:
    code, answer = ask("--organisation", "CBE=0486132723", "--name", "Les Tilleuls")
    assert (code, answer["error"]) == (2, "identifier_invalid")


def test_a_password_that_java_could_not_type(ask: Call, tmp_path: Path) -> None:
    code, answer = ask(password="accented")
    assert (code, answer["error"]) == (2, "password_unfit")


def test_wrong_pins_count_down_and_then_block(ask: Call) -> None:
    seen = [ask(pin="wrong_pin") for _ in range(3)]
    assert [(code, answer["error"]) for code, answer in seen] == [
        (4, "pin_wrong"),
        (4, "pin_wrong"),
        (4, "pin_blocked"),
    ]
    assert [answer["facts"].get("tries_left") for _, answer in seen[:2]] == [2, 1]
    code, answer = ask()
    assert (code, answer["error"]) == (4, "pin_blocked")


@pytest.fixture
def card(call: Call) -> SoftwareCard:
    """The default card's folder, once the platform made it."""
    assert call("card", "show")[0] == 0
    return SoftwareCard(Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "cards" / "elise")


def test_no_card_in_the_reader(card: SoftwareCard, call: Call, ask: Call) -> None:
    card.unplug()
    assert [code_and_key(call("card", "show")), code_and_key(ask())] == [(4, "card_absent")] * 2
    card.plug()
    assert ask()[0] == 0


@pytest.mark.parametrize(
    ("name", "key"), [("rita", "card_certificate_expired"), ("lina", "card_certificate_missing")]
)
def test_a_card_that_cannot_sign_is_reported_before_the_pin(
    name: str, key: str, call: Call, ask: Call
) -> None:
    assert code_and_key(ask("--card", f"training:{name}")) == (4, key)
    code, shown = call("card", "show", "--card", f"training:{name}")
    assert code == 0
    assert shown["pin_tries_left"] == 3
    assert key in {finding["key"] for finding in shown["findings"]}


def test_a_folder_that_is_a_file(ask: Call, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("not a folder")
    code, answer = ask("--keystore-folder", tmp_path / "folder")
    assert code != 0
    assert answer["error"] in {"usage", "folder_not_writable"}


def test_a_wrong_password_changes_nothing(ask: Call, call: Call, secrets: dict[str, Path]) -> None:
    keystore = Path(ask()[1]["keystore"])
    before = keystore.read_bytes()
    code, answer = call("certificate", "complete", keystore, "--password-file", secrets["pin"])
    assert (code, answer["error"]) == (1, "keystore_password_wrong")
    assert keystore.read_bytes() == before


def test_a_command_says_that_another_program_works_for_the_same_holder(
    ask: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    keystore = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    before, settings = keystore.read_bytes(), load_settings()
    password = ("--password-file", str(secrets["password"]))
    person = Identifier("SSIN", "79031421872")
    with actor_lock(settings.home / "locks", Environment.TRAINING, person):
        for command in ("complete", "finish", "activate"):
            assert code_and_key(call("certificate", command, keystore, *password)) == (1, "request_running")
            assert run(["certificate", command, str(keystore), *password, "--lang", "en"]) == 1
            assert Translator("en").get("error.request_running") in capsys.readouterr().err
    assert keystore.read_bytes() == before
    assert call("certificate", "finish", keystore, *password)[0] == 0


def test_card_show_reads_the_holder_without_a_pin(call: Call) -> None:
    code, card = call("card", "show")
    assert code == 0
    assert card["niss"] == "79031421872"
    assert (card["surname"], card["first_names"]) == ("Vandamme", "Élise Marie")
    assert [certificate["label"] for certificate in card["certificates"]] == ["Authentication", "Signature"]
    found = [(finding["key"], finding["severity"]) for finding in card["findings"]]
    assert found == [("revocation_training", "info"), ("identity_proven", "ok")]


def test_reset_forgets_what_training_issued(ask: Call, call: Call) -> None:
    keystore = Path(ask()[1]["keystore"])
    content = keystore.read_bytes()
    code, answer = call("training", "reset")
    aside = Path(answer["set_aside"])
    assert (code, answer) == (0, {"reset": True, "providers_kept": 0, "set_aside": str(aside)})
    assert not keystore.exists()
    assert (aside / keystore.name).read_bytes() == content
    assert (aside / "cards").is_dir()
    assert call("training", "mail")[1] == {"mails": []}
