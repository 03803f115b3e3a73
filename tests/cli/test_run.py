"""The command line's contract: exit codes, one JSON object, sentences, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import ehtoolkit
from ehtoolkit.cli.run import run
from tests.support.commands import COMMANDS, SHARED_OF


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit code and the one JSON object of a command."""
    code = run([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_version_is_printed_without_importing_click() -> None:
    program = (
        "import sys; from ehtoolkit.__main__ import main; sys.argv[1:] = ['--version']; main(); "
        "assert 'click' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"ehtoolkit {ehtoolkit.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_command_accepts_its_shared_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    given: list[str] = []
    for option in SHARED_OF[command]:
        value = option.type.choices[0] if isinstance(option.type, click.Choice) else "a"
        given += [option.opts[0]] if option.is_flag else [option.opts[0], value]
    assert run([*command.split(), *given, "--lang", "en", "--help"]) == 0
    shown = capsys.readouterr().out
    assert {"--json", "--lang", "--quiet", "--verbose"} <= set(re.findall(r"--[a-z-]+", shown))


def test_wrong_usage_is_exit_2_and_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "card", "shew")
    assert (code, answer["error"]) == (2, "usage")
    assert "shew" in answer["message"]


def test_an_unknown_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_TIMEOUT", "soon")
    code, answer = call(capsys, "card", "show")
    assert (code, answer["error"], answer["facts"]) == (2, "setting_invalid", {"setting": "platform_timeout"})


def test_an_unknown_training_card_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "card", "show", "--card", "training:nobody")
    assert (code, answer["error"]) == (4, "card_unknown")
    assert "elise" in answer["message"] + answer["next"]


@pytest.mark.parametrize(
    ("language", "word"),
    [("fr", "existe pas"), ("nl", "bestaat niet"), ("de", "gibt es nicht"), ("en", "does not exist")],
)
def test_errors_speak_the_language_asked_for(
    language: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "no.p12"
    password = tmp_path / "password"
    password.write_text("x")
    code = run(["certificate", "status", str(missing), "--password-file", str(password), "--lang", language])
    shown = capsys.readouterr()
    assert code == 1
    assert shown.out == ""
    assert word in shown.err
    assert "Traceback" not in shown.err


def test_a_pin_has_to_come_from_somewhere(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(
        capsys,
        "certificate",
        "request",
        "--email",
        "a@example.be",
        "--phone",
        "+32 2 555 01 42",
        "--accept-terms",
    )
    assert (code, answer["error"], answer["facts"]) == (
        2,
        "option_missing",
        {"option": "--new-password-file"},
    )


def test_terms_have_to_be_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(
        capsys, "certificate", "request", "--email", "a@example.be", "--phone", "+32 2 555 01 42", "--quiet"
    )
    assert (code, answer["error"]) == (2, "terms_not_accepted")


def test_production_is_confirmed_even_before_the_card_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "card", "show", "--environment", "production")
    assert (code, answer["facts"]) == (2, {"option": "--yes-production"})
