"""``ehtoolkit training sample``, and what a reset does with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import load_settings

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.usefixtures("home")
def test_the_sample_is_made_audited_kept_and_made_again(call: Call) -> None:
    code, made = call("training", "sample")
    assert (code, made["made"]) == (0, 40)
    assert len(call("provider", "list")[1]["providers"]) == 40
    code, audit = call("audit", *made["folders"], "--passwords", made["passwords"])
    assert (code, audit["due"]) == (1, True)
    assert {"shared", "newer_beside", "folder_loop"} <= {finding["key"] for finding in audit["findings"]}
    call("provider", "remove", "Bertholet", "--yes")
    assert call("training", "sample") == (0, {**made, "made": 0})
    assert len(call("provider", "list")[1]["providers"]) == 39
    code, anew = call("training", "sample", "--anew")
    assert (code, anew["made"]) == (0, 40)
    assert len(call("provider", "list")[1]["providers"]) == 40
    assert call("training", "sample", "--remove") == (0, {"removed": True})
    assert call("provider", "list")[1]["providers"] == []


def test_a_reset_takes_it_and_keeps_what_was_entered_by_hand(
    home: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    made = call("training", "sample")[1]
    with open_registry(load_settings()) as registry:
        registry.add(Provider("Vandamme"))
    assert run(["training", "reset", "--lang", "en"]) == 0
    assert "stay in the training registry: 1" in capsys.readouterr().err
    assert [provider["name"] for provider in call("provider", "list")[1]["providers"]] == ["Vandamme"]
    assert not Path(made["passwords"]).exists()
    for options, kept in (((), 1), (("--providers",), 0)):
        code, answer = call("training", "reset", *options)
        assert (code, answer["reset"], answer["providers_kept"]) == (0, True, kept)
    assert call("provider", "list")[1]["providers"] == []
    assert (home / "providers-training.db").exists()


@pytest.mark.usefixtures("home")
def test_the_password_of_the_sample_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["training", "sample", "--lang", "en"]) == 0
    first = capsys.readouterr().out
    assert "40 invented providers" in first
    assert "not a secret" in first
    assert run(["training", "sample", "--lang", "en"]) == 0
    assert "--anew" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_a_shared_registry_gets_none(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_PROVIDER_DATABASE", "postgresql://somebody@127.0.0.1:1/registry")
    code, answer = call("training", "sample")
    assert (code, answer["error"]) == (1, "sample_refused")
    assert call("training", "reset")[0] == 0
