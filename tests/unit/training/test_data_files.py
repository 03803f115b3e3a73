"""The data files of the training platform have no name that the code does not read."""

from __future__ import annotations

import tomllib
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from ehtoolkit.training.service.organisation_types import ORGANISATION_TYPES
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase


def test_types_of_organisations_are_known() -> None:
    source = files("ehtoolkit.training.service").joinpath("organisation_types.toml")
    types = tomllib.loads(source.read_text("utf-8"))
    assert set(types) <= set(ORGANISATION_TYPES)
    named = {name for values in types.values() for name in values}
    assert named == {"names", "pattern", "check_digits", "base_services"}


def test_a_new_database_has_the_latest_schema(tmp_path: Path) -> None:
    steps = {path.name for path in files("ehtoolkit.training.state").joinpath("schema").iterdir()}
    with closing(TrainingDatabase(tmp_path / DATABASE_FILE)) as database:
        version = database.rows("PRAGMA user_version")[0][0]
    assert steps == {f"{number}.sql" for number in range(1, version + 1)}
