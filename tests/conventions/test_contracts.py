"""What scripts and files of users rely on is what tests/data/contracts.json has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conventions.contracts import SNAPSHOT, contracts
from tests.support.old_home import copy_home


def test_no_contract_changes_without_a_line_in_the_changelog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_home(tmp_path / "home")
    monkeypatch.setenv("EHTOOLKIT_HOME", str(home))
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "training")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["contracts"]
    now = json.loads(json.dumps(contracts(home)))
    hint = "add a line to CHANGELOG.md, then run python -m tests.conventions.contracts"
    assert now.keys() == kept.keys(), hint
    for name, contract in now.items():
        assert contract == kept[name], f"{name}: {hint}"
