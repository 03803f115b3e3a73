"""A folder of keystores to audit, and its table of passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.auditing.conftest import ELISE, KARL, PASSWORD, Workshop, days_to_today


@pytest.fixture
def folder(tmp_path: Path, workshop: Workshop) -> Path:
    """Of one who is due and one who has left, by today's clock."""
    today = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, today - 900, today + 20)
    workshop.write(tmp_path / "ks", KARL, today - 100, today + 900, pair=2)
    return tmp_path / "ks"


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    table = tmp_path / "passwords.csv"
    table.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")
    return table
