"""Production on the command line: confirmed before anything is sent or written, and not for a look at a file; keystores
of another environment; what a network says."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import TrainingPlatform
from tests.cli.conftest import Call
from tests.support.commands import ASKS, COMMANDS, CONFIRMED, SHARED_OF

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "production")
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", NOBODY)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("command", ASKS)
def test_production_is_confirmed_first(
    command: str, call: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    passwords = [
        option.opts[0] for option in SHARED_OF[command] if str(option.name).endswith("password_file")
    ]
    given = [word for option in passwords for word in (option, secrets["password"])]
    code, answer = call(*command.split(), *ASKS[command], *given)
    assert (code, answer["error"], answer["facts"]) == (2, "option_missing", {"option": "--yes-production"})
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - set(CONFIRMED) - {"demo", "training serve"}))
def test_a_look_is_not_asked_about(command: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.p12").write_bytes(b"none")
    arguments = {
        "keystore": ("a.p12",),
        "training scenario": (),
        "training mandate": (),
        "training trust": ("a.p12",),
    }
    given = arguments.get(command, arguments.get(command.split()[0], ()))
    _, answer = call(*command.split(), *given)
    assert answer.get("facts", {}).get("option") != "--yes-production"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("command", ["keystore archive", "keystore rename"])
def test_a_dry_run_is_a_look(command: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.p12").write_bytes(b"none")
    _, answer = call(*command.split(), *ASKS[command], "--dry-run")
    assert answer.get("facts", {}).get("option") != "--yes-production"


@pytest.mark.usefixtures("production")
def test_it_is_confirmed_by_an_option(call: Call) -> None:
    code, answer = call("etk", "show", "SSIN=79031421872", "--yes-production")
    assert (code, answer["error"], answer["facts"]["reason"]) == (5, "platform_unreachable", "connect")


def test_acceptance_is_not_asked_about(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", NOBODY)
    code, answer = call("etk", "show", "SSIN=79031421872", "--environment", "acceptance")
    assert (code, answer["error"]) == (5, "platform_unreachable")


# ── at a terminal ────────────────────────────────────────────────────────────────────────────────────────
def at_a_terminal(typed: str, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Exit code, standard output and what the terminal showed, of a command whose user types one line."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ehtoolkit", *arguments, "--lang", "en"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
        text=True,
    )
    os.close(theirs)
    os.write(ours, f"{typed}\n".encode())
    out, shown = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, out, shown


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("typed", ["production", " Production "])
def test_its_name_is_typed(typed: str) -> None:
    code, out, shown = at_a_terminal(typed, "etk", "show", "SSIN=79031421872", "--json")
    assert "You are working in production" in shown
    assert json.loads(out)["error"] == "platform_unreachable"
    assert code == 5


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("typed", ["yes", "y", "acceptance", "productio"])
def test_something_else_stops_it(typed: str) -> None:
    code, out, shown = at_a_terminal(typed, "etk", "show", "SSIN=79031421872", "--json")
    assert "You are working in production" in shown
    assert json.loads(out)["error"] == "cancelled"
    assert code != 0


# ── keystores of another environment ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def complete(ask: Call, call: Call, secrets: dict[str, Path]) -> Path:
    """A complete keystore of training."""
    keystore = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    assert call("certificate", "complete", keystore, "--password-file", secrets["password"])[0] == 0
    return keystore


@pytest.mark.parametrize("environment", ["acceptance", "production"])
@pytest.mark.parametrize("command", ["complete", "status", "activate"])
def test_a_training_keystore_in_a_real_environment(
    command: str,
    environment: str,
    complete: Path,
    call: Call,
    secrets: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", NOBODY)
    before = complete.read_bytes()
    code, answer = call(
        *("certificate", command, complete, "--password-file", secrets["password"]),
        *("--environment", environment, "--yes-production"),
    )
    assert (code, answer["error"]) == (2, "environment_differs")
    assert answer["facts"]["kind"] == "training"
    assert answer["facts"]["wanted"] == environment
    assert complete.read_bytes() == before


def test_the_sentence_names_both_environments_in_the_users_language(
    complete: Path, secrets: dict[str, Path], capsys
) -> None:
    arguments = ["certificate", "status", str(complete), "--password-file", str(secrets["password"])]
    assert run([*arguments, "--environment", "acceptance", "--lang", "nl"]) == 2
    shown = capsys.readouterr().err
    assert "‘opleiding’" in shown
    assert "‘acceptatie’" in shown


# ── the network ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def training() -> Iterator[TrainingPlatform]:
    toolkit = open_toolkit(load_settings())
    assert toolkit.training is not None
    yield toolkit.training
    toolkit.close()


def test_a_wrong_clock_is_reported(
    training: TrainingPlatform, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform is a day ahead of this computer."""
    server = training.server()
    server.start()
    training.clock.move("+1d")
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", server.url)
    try:
        arguments = ["etk", "show", "SSIN=79031421872", "--lang", "en"]
        run([*arguments, "--environment", "acceptance"])
        assert "The clock of this computer is wrong" in capsys.readouterr().err
        run([*arguments, "--environment", "acceptance", "--json", "--quiet"])
        assert capsys.readouterr().err == ""
        run([*arguments, "--environment", "training"])
        assert "clock of this computer" not in capsys.readouterr().err
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("variable", "value", "setting"),
    [
        ("EHTOOLKIT_PROXY", "nonsense://x", "proxy"),
        ("EHTOOLKIT_PROXY", "http://me:hunter2@127.0.0.1:9", "proxy"),
        ("HTTPS_PROXY", "socks5://127.0.0.1:9", "proxy"),
        ("EHTOOLKIT_CA_FILE", "/nowhere/ca.pem", "ca_file"),
        ("EHTOOLKIT_PLATFORM_URL", "services.ehealth.fgov.be", "platform_url"),
    ],
)
def test_a_network_setting_that_cannot_be_used(
    variable: str, value: str, setting: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    code, answer = call("etk", "show", "SSIN=79031421872", "--environment", "acceptance")
    assert (code, answer["error"], answer["facts"]["setting"]) == (2, "setting_invalid", setting)
    assert "hunter2" not in json.dumps(answer)


def test_a_proxy_that_is_not_there(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_PROXY", NOBODY)
    code, answer = call("etk", "show", "SSIN=79031421872", "--environment", "acceptance")
    assert (code, answer["error"], answer["facts"]["reason"]) == (5, "platform_unreachable", "proxy_down")
    assert "127.0.0.1:9" in answer["message"]


def test_a_real_card_signs_for_no_platform_somewhere_else(
    call: Call, secrets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it signs could be handed on: that platform could relay the real one's contract."""
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "https://training.example")
    for command in (("card", "show"), ("certificate", "list", "--pin-file", secrets["pin"])):
        code, answer = call(*command, "--card", "pkcs11:/nowhere.so")
        assert (code, answer["error"], answer["facts"]) == (
            4,
            "real_card_refused",
            {"host": "training.example"},
        )
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "http://localhost:9")
    assert call("card", "show", "--card", "pkcs11:/nowhere.so")[1]["error"] == "module_missing"
