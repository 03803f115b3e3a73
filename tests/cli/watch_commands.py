"""A home with keystores and a watch, for tests of ``ehtoolkit watch``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.auditing.conftest import ELISE, KARL, PASSWORD, Workshop, days_to_today
from tests.cli.conftest import Call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path, workshop: Workshop, home: Path) -> Path:
    """Of one whose certificate ends in 20 days by today's clock, and one who is fine."""
    today = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, today - 900, today + 20)
    workshop.write(tmp_path / "ks", KARL, today - 100, today + 900, pair=2)
    return tmp_path / "ks"


@pytest.fixture
def add(call: Call, folder: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    table = tmp_path / "passwords.csv"
    table.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")

    def added(*options: object, name: str = "tilleuls") -> dict[str, Any]:
        code, answer = call("watch", "add", name, "--folder", folder, "--passwords", table, *options)
        assert code == 0, answer
        return answer

    return added


@pytest.fixture
def practice(call: Call) -> None:
    """Two providers of two practices in the registry of training."""
    for name, niss, group in (("Dubois", ELISE, "Les Tilleuls"), ("Hennes", KARL, "L'Orme")):
        code, _ = call("provider", "add", "--name", name, "--niss", niss, "--practice", group)
        assert code == 0
