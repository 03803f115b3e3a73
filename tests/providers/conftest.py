"""The registry on both databases; and invented providers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ehtoolkit.providers import Conventioned, Period, Provider, Registry, open_registry
from ehtoolkit.settings import Settings, load_settings
from tests.support.postgresql import PostgreSQL, programs, server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    with server(folder) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a registry that is not there yet."""
    if request.param == "sqlite":
        return load_settings(home=tmp_path)
    running: PostgreSQL = request.getfixturevalue("postgresql")
    return load_settings(home=tmp_path, provider_database=running.url(running.new_database()))


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with open_registry(settings) as opened:
        yield opened


@pytest.fixture
def elise() -> Provider:
    """A record with nothing wrong but that it has no keystore."""
    return Provider(
        "Vandamme",
        "Élise",
        date(1979, 3, 14),
        "fr",
        "79031421872",
        "53886171521",
        "BE 12",
        "0486132722",
        "Cabinet Les Tilleuls",
        ("physiotherapist",),
        (
            Period("physiotherapist", date(2015, 9, 1), date(2019, 12, 31), "53886171521", Conventioned.NO),
            Period("physiotherapist", date(2020, 1, 1), None, "53886171521", Conventioned.YES),
        ),
    )
