"""The command line called in this process, with its files of secrets; and cards for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from tests.support.card_fixtures import authorities, profiles, softhsm_token

__all__ = ["authorities", "profiles", "softhsm_token"]

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, Path]:
    files = {"pin": "1234\n", "wrong_pin": "4321\n", "password": "Kine-2026\n", "accented": "mot de passé"}
    made = {}
    for name, text in files.items():
        made[name] = tmp_path / name
        made[name].write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Exit code and the one JSON object of a command."""

    def call(*arguments: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*map(str, arguments), "--json", "--quiet"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def ask(call: Call, secrets: dict[str, Path]) -> Call:
    """A request by the default person, with whatever is given put over it."""

    def ask(*more: object, pin: str = "pin", password: str = "password") -> tuple[int, dict[str, Any]]:
        return call(
            *("certificate", "request", "--email", "elise@example.be", "--phone", "+32 4 555 01 42"),
            *("--accept-terms", "--pin-file", secrets[pin], "--new-password-file", secrets[password], *more),
        )

    return ask


@pytest.fixture
def renewed(ask: Call, call: Call, secrets: dict[str, Path]) -> tuple[Path, Path]:
    """The old keystore and the new one, which is active."""
    password = ("--password-file", secrets["password"])
    old = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    assert call("certificate", "complete", old, *password)[0] == 0
    call("training", "clock", "+34mo")
    code, asked = call(
        *("certificate", "renew", old, *password, "--pin-file", secrets["pin"], "--accept-terms"),
        *("--new-password-file", secrets["password"]),
    )
    assert code == 0, asked
    new = Path(asked["keystore"])
    call("training", "clock", "+1d")
    assert call("certificate", "complete", new, *password)[0] == 0
    assert call("certificate", "activate", new, *password)[0] == 0
    return old, new
