"""Commands on a server that is shared: no password meets a keystore that its training platform did not issue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, keystore_maker

__all__ = ["keystore_maker"]

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def foreign(tmp_path: Path, keystore_maker: KeystoreMaker) -> Path:
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, Secret("Kine-2026")))
    return path


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EHTOOLKIT_SHARED", "1")


COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("keystore", "show", "FILE"),
    "diagnose": ("keystore", "diagnose", "FILE"),
    "passwd": ("keystore", "passwd", "FILE", "--new-password-file", "NEW"),
    "rescue": ("keystore", "rescue", "FILE", "-o", "OUT"),
    "convert": ("keystore", "convert", "FILE", "-o", "OUT"),
    "export": ("keystore", "export", "FILE", "--chain", "-o", "OUT"),
    "merge": ("keystore", "merge", "FILE", "--from", "FILE"),
    "status": ("certificate", "status", "FILE"),
    "complete": ("certificate", "complete", "FILE"),
    "activate": ("certificate", "activate", "FILE"),
    "renew": ("certificate", "renew", "FILE", "--accept-terms", "--pin-file", "PIN"),
    "session": ("certificate", "session", "FILE"),
    "test": ("certificate", "test", "FILE"),
    "rename": ("keystore", "rename", "FILE"),
    "seal": ("message", "seal", "LETTER", "-o", "OUT", "--keystore", "FILE", "--to", "SSIN=79031421872"),
    "open": ("message", "open", "LETTER", "-o", "OUT", "--keystore", "FILE"),
    "discard-keys": ("training", "discard-keys", "FILE"),
    "doctor": ("doctor", "FILE"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("shared")
def test_no_command_opens_a_keystore_of_elsewhere(
    command: str, foreign: Path, call: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "letter").write_bytes(b"Dear colleague")
    places = {
        "FILE": foreign,
        "NEW": secrets["accented"],
        "OUT": tmp_path / "out.p12",
        "PIN": secrets["pin"],
        "LETTER": tmp_path / "letter",
    }
    given = [places.get(argument, argument) for argument in COMMANDS[command]]
    before = foreign.read_bytes()
    code, answer = call(*given, "--password-file", secrets["password"])
    assert code != 0
    refusal = answer if "error" in answer else answer["refused"][0]
    assert refusal["error"] == "keystore_not_issued"
    assert foreign.read_bytes() == before
    assert not (tmp_path / "out.p12").exists()
    assert sorted(path.name for path in tmp_path.glob("*.p12")) == [foreign.name]


@pytest.mark.usefixtures("shared")
def test_what_shows_without_a_password_may_be_looked_at(foreign: Path, call: Call) -> None:
    code, answer = call("keystore", "show", foreign)
    assert code == 0
    assert answer["keystores"][0]["opened"] is False


def own_of(ask: Call) -> Path:
    code, answer = ask()
    assert code == 0, answer
    return Path(answer["keystore"])


@pytest.mark.usefixtures("shared")
def test_an_audit_tries_no_password_on_it(
    foreign: Path, call: Call, ask: Call, secrets: dict[str, Path], tmp_path: Path
) -> None:
    own = own_of(ask)
    _, answer = call("audit", foreign.parent, own.parent, "--password-file", secrets["password"])
    opened = {Path(keystore["file"]).name: keystore["opened"] for keystore in answer["keystores"]}
    assert sorted(opened.values()) == [False, True]
    assert opened[foreign.name.replace("79031421872", "790314*****")] is False


@pytest.mark.usefixtures("shared")
def test_its_own_are_opened(ask: Call, call: Call, secrets: dict[str, Path], tmp_path: Path) -> None:
    own, new = own_of(ask), tmp_path / "new"
    new.write_text("Nieuw-2027!", encoding="utf-8")
    code, answer = call(
        *("keystore", "passwd", own, "--password-file", secrets["password"]),
        *("--new-password-file", new),
    )
    assert (code, answer["keystore"]) == (0, str(own))
