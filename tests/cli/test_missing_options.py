"""What a command cannot do without is named all at once, and a place that is not there by its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ehtoolkit.auditing.export.formats import OF_ENDINGS
from ehtoolkit.cli.run import run
from tests.cli.conftest import Call
from tests.cli.hostile_names import keystore
from tests.cli.terminal import at_a_terminal
from tests.support.commands import has_option

__all__ = ["keystore"]

REQUEST = ("certificate", "request")
ADD = ("training", "people", "--add", "Léa", "Marchal")
FOREIGNER = ("certificate", "request-foreigner")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (REQUEST, "--email, --phone, --accept-terms, --pin-file, --new-password-file"),
        ((*REQUEST, "--card", "pkcs11:none"), "--email, --phone, --accept-terms, --new-password-file"),
        ((*REQUEST, "--email", "a@example.be", "--accept-terms"), "--phone, --pin-file, --new-password-file"),
        ((*REQUEST, "--application-id", "APP-2"), "--organisation"),
        ((*REQUEST, "--name", "Les Tilleuls"), "--organisation"),
        ((*REQUEST, "--resume", "a.p12"), "--email, --phone, --accept-terms, --pin-file, --password-file"),
        (
            (*FOREIGNER, "--niss", "1"),
            "--first-name, --name, --email, --phone, --accept-terms, --new-password-file",
        ),
        (("certificate", "revoke"), "--reason, --key-id, --accept-terms, --pin-file"),
        (("certificate", "revoke", "a.p12"), "--reason, --accept-terms, --pin-file"),
        (ADD, "--born, --gender"),
    ],
)
def test_all_missing_options_at_once(call: Call, command: tuple[str, ...], option: str) -> None:
    code, answer = call(*command)
    assert (code, answer["error"], answer["facts"]) == (
        2,
        "option_missing",
        {"option": option, "reason": "needed"},
    )
    assert option in answer["message"]
    assert option in answer["next"]


def test_a_terminal_is_asked_one_after_the_other() -> None:
    """With what the answer has to be like before, and again after a wrong one; the end of input stops."""
    code, shown = at_a_terminal(
        [sys.executable, "-m", "ehtoolkit", *REQUEST, "--lang", "en"],
        typed=b"elise\nelise@example.be\nnone\n\x04",
    )
    lines = [line for line in shown.splitlines() if line]
    asked = [line.partition(" (")[0] for line in lines if " (" in line and "): " in line]
    assert code == 130
    assert asked[:3] == ["E-mail address", "E-mail address", "Telephone number"]
    assert "as name@practice.be" in shown
    assert "This command requires" not in shown


def test_a_gender_that_is_neither_is_asked_for_again(call: Call) -> None:
    """At a terminal; the person is invented with the second answer."""
    code, shown = at_a_terminal(
        [sys.executable, "-m", "ehtoolkit", *ADD, "--born", "14/03/1979", "--lang", "en"], typed=b"x\nf\n"
    )
    assert code == 0, shown
    assert shown.count("Gender (F or M)") == 2
    assert "The gender must be F or M." in shown
    assert "--gender" not in shown
    assert "Marchal" in str(call("training", "people")[1])


@pytest.mark.parametrize(
    "command", [("audit", "."), ("provider", "export"), ("keystore", "export"), ("doctor",)]
)
def test_a_folder_that_is_not_there_is_named(
    call: Call, tmp_path: Path, keystore: Path, command: tuple[str, ...]
) -> None:
    password = tmp_path / "password"
    password.write_text("Kine-2026")
    named = (keystore,) if command == ("keystore", "export") else ()
    option = "--report" if command == ("doctor",) else "-o"
    place = tmp_path / "nodir" / "x.xlsx"
    given = ("--password-file", password) if has_option(command, "password_file") else ()
    code, answer = call(*command, *named, option, place, *given)
    assert (code, answer["error"], answer["facts"]) == (2, "folder_missing", {"folder": str(place.parent)})
    assert not place.parent.exists()


@pytest.mark.parametrize(("ending", "form"), OF_ENDINGS.items())
def test_the_ending_chooses_the_format(ending: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for place, options in {
        f"a.{ending}": (),
        f"b.{ending.upper()}": (),
        "c.txt": ("--format", form),
        "d.txt": (),
        f"e.{ending}": ("--format", "csv"),
    }.items():
        # An empty folder is due.
        assert run(["audit", str(tmp_path / "none"), "-o", str(tmp_path / place), *options]) == 1
    begins = {path.name[0]: path.read_bytes()[:8] for path in tmp_path.glob("*.*")}
    assert begins["a"] == begins["b"] == begins["c"] != begins["d"]
    assert begins["d"] == b"Warning:"
    assert begins["e"].startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--json", "--format", "csv"), "not both"),
        (("--table", "findings"), "the table for CSV"),
        (("--table", "findings", "--json"), "the table for CSV"),
        (("--due-within", "3mo"), "Write 90d or 90"),
    ],
)
def test_what_would_have_no_effect_is_refused(
    tmp_path: Path, options: tuple[str, ...], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", str(tmp_path), *options]) == 2
    shown = capsys.readouterr()
    assert word in shown.out + shown.err
