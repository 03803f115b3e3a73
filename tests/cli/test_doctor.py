"""``ehtoolkit doctor``: lines, JSON, exit codes, the report, the PIN that is tried once, and the triage."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.doctor import Contact
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.cli.conftest import Call


@pytest.fixture(autouse=True)
def _no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever smart-card service this computer has is out of reach."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcsc")


def line(answer: dict[str, Any], about: str) -> dict[str, Any]:
    found: dict[str, Any] = next(line for line in answer["lines"] if line["about"] == about)
    return found


def tries() -> int | None:
    toolkit = open_toolkit(load_settings())
    left = toolkit.open_card().pin_tries_left()
    toolkit.close()
    return left


def test_all_is_well_in_training(call: Call) -> None:
    code, answer = call("doctor")
    assert (code, answer["sound"], answer["environment"]) == (0, True, "training")
    assert line(answer, "platform")["key"] == "platform_embedded"
    assert line(answer, "service")["severity"] == "info"
    assert set(answer["lines"][0]) == {"about", "key", "severity", "message", "next"}
    assert {"ehtoolkit", "python", "system", "pykcs11"} == set(answer["versions"])
    assert "certificate" not in answer


def test_a_computer_without_a_service(call: Call) -> None:
    code, answer = call("doctor", "--card", "pkcs11:")
    assert (code, answer["sound"]) == (1, False)
    assert line(answer, "service")["key"] == "service_stopped_linux"
    assert line(answer, "service")["severity"] == "error"


@pytest.mark.parametrize("language", LANGUAGES)
def test_verdict_points_to_the_lines_below(
    language: LanguageName, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--card", "pkcs11:", "--lang", language]) == 1
    first, *below = capsys.readouterr().out.splitlines()
    assert first == Translator(language).get("cli.doctor.unsound")
    assert any(word in first for word in ("below", "ci-dessous", "hieronder", "unten"))
    assert any(line.lstrip().startswith("→ ") for line in below)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_verdict_holds_for_the_training_card_and_names_the_check_of_a_real_one(
    language: LanguageName, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--lang", language]) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    command = re.search(r"--card pkcs11:", first)
    assert command
    assert run(["doctor", *command[0].split(), "--lang", language]) == 1, "no service is running"


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_it_speaks_to_people(language: LanguageName, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--lang", language]) == 0
    brief = capsys.readouterr().out
    assert run(["doctor", "--lang", language, "--verbose"]) == 0
    out = capsys.readouterr().out
    get = Translator(language).get
    assert get("doctor.section.card") in out
    assert get("doctor.platform_embedded") in out
    assert "→ " in out
    assert out.startswith(get("cli.doctor.sound.training_card"))
    assert brief.startswith(get("cli.doctor.sound.training_card"))
    assert get("doctor.section.card") not in brief


def test_the_platform_is_down(call: Call) -> None:
    call("training", "scenario", "platform-down", "on")
    code, answer = call("doctor")
    assert code == 1
    assert line(answer, "platform")["key"] == "platform_fault"
    assert "status page" in line(answer, "platform")["next"]


def test_a_clock_that_is_wrong(call: Call) -> None:
    call("training", "scenario", "clock-wrong", "on")
    code, answer = call("doctor")
    assert (code, line(answer, "clock")["key"]) == (1, "clock_wrong")


@pytest.mark.parametrize(
    ("scenario", "key"),
    [("signature-not-activated", "signature_dormant"), ("expired-eid", "card_over")],
)
def test_a_card_that_cannot_sign(call: Call, scenario: str, key: str) -> None:
    call("training", "scenario", scenario, "on", "--person", "elise")
    code, answer = call("doctor", "--card", "training:elise")
    assert code == 1
    assert key in {line["key"] for line in answer["lines"]}


# ── the PIN ──────────────────────────────────────────────────────────────────────────────────────────────
def test_no_pin_is_asked_for_unless_it_is_wanted(call: Call, secrets: dict[str, Path]) -> None:
    code, answer = call("doctor", "--pin-file", secrets["wrong_pin"])
    assert code == 0
    assert line(answer, "pin")["key"] == "tries_full"
    assert tries() == 3


def test_a_right_pin(call: Call, secrets: dict[str, Path]) -> None:
    code, answer = call("doctor", "--test-pin", "--pin-file", secrets["pin"])
    assert code == 0
    assert "pin_right" in {line["key"] for line in answer["lines"]}


def test_a_wrong_pin_costs_one_try_and_the_last_one_is_kept(call: Call, secrets: dict[str, Path]) -> None:
    wrong = ("doctor", "--test-pin", "--pin-file", secrets["wrong_pin"])
    for left in (2, 1):
        code, answer = call(*wrong)
        assert (code, line(answer, "pin")["key"], tries()) == (1, "pin_wrong", left)
    code, answer = call(*wrong)
    assert (code, line(answer, "pin")["key"], tries()) == (1, "pin_not_dared", 1)
    assert "--last-try" in line(answer, "pin")["next"]
    code, answer = call("doctor", "--test-pin", "--last-try", "--pin-file", secrets["pin"])
    assert (code, tries()) == (0, 3)


def test_the_last_try_may_be_burnt_on_purpose(call: Call, secrets: dict[str, Path]) -> None:
    wrong = ("doctor", "--test-pin", "--last-try", "--pin-file", secrets["wrong_pin"])
    for _ in range(3):
        call(*wrong)
    code, answer = call(*wrong)
    assert (code, line(answer, "pin")["key"], tries()) == (1, "pin_blocked", 0)


def test_without_a_terminal_the_pin_comes_from_a_file(call: Call) -> None:
    code, answer = call("doctor", "--test-pin")
    assert (code, answer["error"], answer["facts"]) == (2, "option_missing", {"option": "--pin-file"})
    assert tries() == 3


# ── is it the certificate? ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def keystore(ask: Call, call: Call, secrets: dict[str, Path]) -> Path:
    path = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    code, answer = call("certificate", "complete", path, "--password-file", secrets["password"])
    assert (code, answer["state"]) == (0, "complete")
    return path


def test_a_certificate_that_is_fine(call: Call, keystore: Path, secrets: dict[str, Path]) -> None:
    opened = ("--password-file", secrets["password"], "--test-pin", "--pin-file", secrets["pin"])
    code, answer = call("doctor", keystore, "--says", "[ERR200066] SOA-01002", *opened)
    assert code == 0
    certificate = answer["certificate"]
    assert (certificate["verdict"], certificate["contact"]) == ("fine", "registers")
    assert "ERR200066, SOA-01002" in certificate["message"]
    assert [line["key"] for line in certificate["lines"]] == [
        *("file_good", "clock_right", "known_active", "depot_ours"),
        *("signing_good", "decryption_good", "message_opened", "older_none", "issued", "person_recognised"),
    ]
    assert [advice["key"] for advice in answer["advice"]] == ["registers", "not_authorised"]


def test_without_a_password_it_says_so(call: Call, keystore: Path) -> None:
    code, answer = call("doctor", keystore)
    assert (code, answer["certificate"]["verdict"]) == (1, "closed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_about_the_certificate_and_the_computer_are_apart(
    language: LanguageName, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.p12"
    empty.touch()
    assert run(["doctor", str(empty), "--lang", language]) == 1
    verdict, _, *below = capsys.readouterr().out.splitlines()
    get = Translator(language).get
    assert verdict == get("doctor.verdict.file")
    assert not any(word in verdict for word in ("above", "ci-dessus", "hierboven", "Oben"))
    assert below[0] == get("doctor.section.keystore")
    assert below[1].endswith(get("finding.file_empty"))
    assert get("doctor.section.computer") in below[2:]


def test_a_code_alone(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call("doctor", "--says", "SOA-02002")
    (advice,) = answer["advice"]
    assert (code, advice["key"], advice["contact"]) == (0, "service_down", "ehealth")
    assert run(["doctor", "--says", "the printer is on fire", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert Translator("en").get("cli.doctor.unheard") in out
    assert "nothing has to be fixed on this computer." in out  # the printer's fire may have to be


def test_for_people_the_verdict_comes_first(
    keystore: Path, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    arguments = ["doctor", str(keystore), "--password-file", str(secrets["password"]), "--says", "SOA-03001"]
    assert run([*arguments, "--lang", "fr"]) == 0
    out = capsys.readouterr().out
    get = Translator("fr").get
    assert out.index("SOA-03001") < out.index(get("doctor.section.keystore"))
    assert get("doctor.call.vendor") in out
    assert out.index(get("advice.malformed")) < out.index(get("doctor.section.keystore"))


@pytest.mark.parametrize("says", ["SOA-01002", "[ERR200021]", "[ERR200031]"])
@pytest.mark.parametrize("opened", [True, False], ids=["opened", "closed"])
def test_code_and_keystore_together_name_one_contact(
    opened: bool, says: str, keystore: Path, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--password-file", str(secrets["password"])] if opened else []
    run(["doctor", str(keystore), *given, "--says", says, "--lang", "en"])
    out, get = capsys.readouterr().out, Translator("en").get
    assert sum(out.count(get(f"doctor.call.{contact}")) for contact in Contact) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_another_program_says_is_answered_first(
    language: LanguageName, capsys: pytest.CaptureFixture[str]
) -> None:
    get = Translator(language).get
    assert run(["doctor", "--says", "Mac verify error: invalid password?", "--lang", language]) == 0
    answer = [get(key) for key in ("advice.password", "advice.password.next", "doctor.call.nobody")]
    assert capsys.readouterr().out.startswith("\n→ ".join(answer) + "\n\n")
    assert run(["doctor", "--says", "the printer is on fire", "--lang", language]) == 0
    assert capsys.readouterr().out.startswith(get("cli.doctor.unheard") + "\n\n")


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_report_is_written(call: Call, keystore: Path, secrets: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    code, _ = call("doctor", keystore, "--password-file", secrets["password"], "--report", path)
    assert code == 0
    content = path.read_text(encoding="utf-8")
    report = json.loads(content)
    assert report["certificate"]["verdict"] == "fine"
    number = keystore.name.partition("=")[2].partition(" ")[0]
    for private in (number, str(tmp_path), "Kine-2026", keystore.name):
        assert private not in content


def test_a_report_replaces_nothing(call: Call, tmp_path: Path) -> None:
    """Neither a file, nor what a link leads to, be it there or not."""
    taken, link, dangling = tmp_path / "taken.json", tmp_path / "link.json", tmp_path / "dangling.json"
    taken.write_text("mine")
    link.symlink_to(taken)
    dangling.symlink_to(tmp_path / "elsewhere.json")
    for path in (taken, link, dangling):
        code, answer = call("doctor", "--report", path)
        assert (code, answer["error"]) == (6, "file_exists")
    assert taken.read_text() == "mine"
    assert not (tmp_path / "elsewhere.json").exists()


def test_a_report_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "no" / "report.json"
    code, answer = call("doctor", "--report", path)
    assert (code, answer["error"], answer["facts"]) == (2, "folder_missing", {"folder": str(path.parent)})


def test_production_is_confirmed_first(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, answer = call("doctor", "--environment", "production", "--keystore-folder", tmp_path)
    assert (code, answer["error"], answer["facts"]) == (2, "option_missing", {"option": "--yes-production"})
