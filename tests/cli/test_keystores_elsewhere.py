"""Keystores of each environment, and of an issuer that nobody knows, in each environment: what every command says of
one that belongs to another, and that it leaves it alone."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity import ISSUERS, Environment
from tests.cli.conftest import Call
from tests.support.commands import SHARED_OF, assert_command
from tests.support.faulty_servers import Url, reply, serving
from tests.support.issued_keystores import ISSUER, UNKNOWN, issued_by

CONTACT = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
COMMANDS = {
    "doctor": ("--says", 'it\'s "SOA-01002"'),
    "certificate status": (),
    "certificate test": (),
    "certificate test --offline": (),
    "certificate session": (),
    "certificate complete": (),
    "certificate activate": (),
    "certificate finish": (),
    "certificate renew": (*CONTACT, "--accept-terms", "--pin-file", "PIN"),
    "certificate revoke": ("--reason", "lost", "--accept-terms", "--pin-file", "PIN"),
    "certificate request --resume": (*CONTACT, "--accept-terms", "--pin-file", "PIN"),
    "etk save": ("-o", "OUT"),
    "keystore diagnose": (),
}
"""Those that take a keystore for a platform, with what they need besides."""


@pytest.fixture
def silent_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    """In the place of every real platform; it keeps what was sent to it."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    with serving(reply()) as url:
        monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", url.base)
        yield url


def typed(command: str, file: Path, secrets: dict[str, Path], in_use: str) -> list[str]:
    """The arguments of one of `COMMANDS`, with every option that it has for a script."""
    name = next(name for name in SHARED_OF if f"{command} ".startswith(f"{name} "))
    stand_ins = {"PIN": str(secrets["pin"]), "OUT": str(file.with_suffix(".etk"))}
    words = [*command.split(), str(file), *(stand_ins.get(word, word) for word in COMMANDS[command])]
    options = {option.name for option in SHARED_OF[name]}
    given = ["--password-file", str(secrets["password"]), "--environment", in_use]
    return [*words, *given, *(["--yes-production"] if "yes_production" in options else [])]


def next_command(sentence: str) -> list[str]:
    """The words of the command that a sentence ends with, as a shell reads them."""
    program, *words = shlex.split(sentence[sentence.index(": ehtoolkit ") + 2 :])
    assert program == "ehtoolkit"
    assert_command(list(words))
    return words


@pytest.mark.parametrize("in_use", list(Environment))
@pytest.mark.parametrize("own", list(ISSUER))
def test_no_verdict_on_a_keystore_of_another_environment(
    own: str, in_use: str, call: Call, secrets: dict[str, Path], tmp_path: Path, silent_platform: Url
) -> None:
    file = issued_by(ISSUER[own], tmp_path / "files of Élise" / "a.p12").path
    assert ISSUERS.get(ISSUER[own], UNKNOWN) == own
    before = file.read_bytes()
    for command in COMMANDS:
        arguments = typed(command, file, secrets, in_use)
        code, answer = call(*arguments)
        assert file.read_bytes() == before, command
        if own in (in_use, UNKNOWN):
            assert "environment_differs" not in json.dumps(answer), f"{command} goes on"
            continue
        (said,) = answer.get("keystores", (answer,))
        assert (code, said["error"]) == (2, "environment_differs"), (command, answer)
        assert "certificate" not in answer, "no verdict"
        for word in (str(file), f"“{own}”", f"“{in_use}”"):
            assert word in said["message"], command
        options = [word for word in arguments if word not in ("--environment", in_use)]
        assert next_command(said["next"]) == [*options, "--json", "--quiet", "--environment", own]
        assert "Kine-2026" not in json.dumps(answer)
    if own not in (in_use, UNKNOWN):
        assert silent_platform.requests == [], "nothing was sent"


def test_the_printed_command_works(
    ask: Call, call: Call, secrets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keystore of training in acceptance: the command that is printed gives the verdict."""
    keystore = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    password = ("--password-file", secrets["password"])
    assert call("certificate", "complete", keystore, *password)[0] == 0
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "acceptance")
    answers: dict[str, dict[str, Any]] = {}
    for command in (
        ("doctor",),
        ("certificate", "test"),
        ("certificate", "status"),
        ("keystore", "diagnose"),
    ):
        code, answer = call(*command, keystore, *password)
        assert code == 2
        (said,) = answer.get("keystores", (answer,))
        words = [word for word in next_command(said["next"]) if word not in ("--json", "--quiet")]
        code, answers[command[-1]] = call(*words)
        assert code == 0, answer
    assert answers["doctor"]["certificate"]["verdict"] == "fine"
    assert answers["test"]["colour"] == "green"
    assert answers["status"]["state"] == "active"
    assert answers["diagnose"]["keystores"][0]["state"] == "complete"


# ── several files ────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def mixed(tmp_path: Path) -> dict[str, Path]:
    return {own: issued_by(issuer, tmp_path / "mixed" / f"{own}.p12").path for own, issuer in ISSUER.items()}


@pytest.mark.usefixtures("silent_platform")
def test_each_of_several_files_gets_its_own_command(
    mixed: dict[str, Path], secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    password = ("--password-file", str(secrets["password"]))
    code = run(["keystore", "diagnose", *map(str, mixed.values()), *password, "--lang", "en"])
    shown = capsys.readouterr()
    assert code == 2
    assert all(str(file) in shown.out for file in mixed.values()), "what each shows by itself"
    lines = [line for line in shown.err.splitlines() if ": ehtoolkit " in line]
    commands = [next_command(line) for line in lines]
    diagnose = ["keystore", "diagnose"]
    end = [*password, "--lang", "en", "--environment"]
    assert commands == [[*diagnose, str(mixed[own]), *end, own] for own in ("production", "acceptance")]
    for words in commands:
        assert run(words) == 0
        assert "ehtoolkit keystore diagnose" not in capsys.readouterr().err


@pytest.mark.usefixtures("silent_platform")
def test_files_that_were_found_in_a_folder_are_judged_each_in_its_own(
    mixed: dict[str, Path], secrets: dict[str, Path], call: Call
) -> None:
    """Acceptance and production share a folder: no environment would be that of all."""
    folder = mixed["production"].parent
    for in_use in Environment:
        code, answer = call(
            *("keystore", "diagnose", "--keystore-folder", folder, "--environment", in_use),
            *("--password-file", secrets["password"]),
        )
        assert code == 0
        assert {found["environment"] for found in answer["keystores"]} == {*Environment, None}
        assert not any("error" in found for found in answer["keystores"])


@pytest.mark.usefixtures("silent_platform")
def test_a_damaged_file_is_damaged_in_every_environment(
    mixed: dict[str, Path], secrets: dict[str, Path], call: Call
) -> None:
    cut = mixed["production"]
    cut.write_bytes(cut.read_bytes()[:900])
    for command in ("doctor", "keystore diagnose"):
        assert call(*command.split(), cut, "--password-file", secrets["password"])[0] == 1


# ── at a terminal ────────────────────────────────────────────────────────────────────────────────────────
def at_a_terminal(answer: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and what the terminal showed, of a command whose user types ``answer``."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ehtoolkit", *arguments, "--lang", "en"]
    streams = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **streams) as process:  # type: ignore[call-overload]
        os.close(theirs)
        os.write(ours, answer.encode())
        out, shown = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, out, shown


@pytest.mark.usefixtures("silent_platform")
@pytest.mark.parametrize("answer", ["\n", "n\n", "\x04"])
def test_who_does_not_want_it_gets_the_command(answer: str, secrets: dict[str, Path], tmp_path: Path) -> None:
    file = issued_by(ISSUER["acceptance"], tmp_path / "a.p12").path
    password = ("--password-file", str(secrets["password"]))
    code, out, shown = at_a_terminal(answer, "certificate", "status", str(file), *password)
    assert (code, out) == (2, "")
    assert "Run the command in the environment “acceptance”? [y/N]" in shown
    assert shown.count(str(file)) == 2, "once in the sentence, once in the command"
    (line,) = [line for line in shown.splitlines() if ": ehtoolkit " in line]
    assert next_command(line)[-2:] == ["--environment", "acceptance"]


def test_who_wants_it_gets_the_verdict(
    silent_platform: Url, secrets: dict[str, Path], tmp_path: Path
) -> None:
    file = issued_by(ISSUER["acceptance"], tmp_path / "a.p12").path
    password = ("--password-file", str(secrets["password"]))
    code, out, _ = at_a_terminal("y\n", "certificate", "status", str(file), *password, "--json")
    answer = json.loads(out)
    assert (answer["keystore"], answer["checked"]) == (str(file), False), "asked in acceptance, and no answer"
    assert code == 5
    assert silent_platform.requests


def test_production_is_confirmed_by_its_name_all_the_same(
    silent_platform: Url, secrets: dict[str, Path], tmp_path: Path
) -> None:
    file = issued_by(ISSUER["production"], tmp_path / "a.p12").path
    password = ("--password-file", str(secrets["password"]))
    code, out, shown = at_a_terminal("y\nno\n", "certificate", "status", str(file), *password)
    assert "Type “production” to continue" in shown
    assert (code, out, silent_platform.requests) == (130, "", [])
