"""The tables that the migrations make are those that the program works with, on both databases."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ehtoolkit.providers.database import (
    FOLDER,
    VERSION_TABLE,
    RegistryDatabase,
    location_of,
    open_database,
    revisions,
)
from ehtoolkit.providers.tables import metadata
from ehtoolkit.settings import Settings, load_settings


def migrated(settings: Settings) -> RegistryDatabase:
    return open_database(location_of(settings))


def test_models_and_migrations_agree(settings: Settings) -> None:
    database = migrated(settings)
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == revisions()[-1]
    database.close()


def test_the_comparison_sees_a_difference(settings: Settings) -> None:
    """A test that cannot fail proves nothing."""
    database = migrated(settings)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP INDEX ix_provider_inami")
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert [difference[0] for difference in compare_metadata(context, metadata)] == ["add_index"]
    database.close()


def test_opened_again_nothing_is_done(settings: Settings) -> None:
    migrated(settings).close()
    command = (
        "import sys; from ehtoolkit.providers import open_registry; from ehtoolkit.settings import load_settings;"
        f"open_registry(load_settings(home={str(settings.home)!r}, provider_database={settings.provider_database!r}));"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_many_open_an_empty_one_at_once(settings: Settings) -> None:
    command = (
        "from ehtoolkit.providers import open_registry, Provider; from ehtoolkit.settings import load_settings;"
        f"open_registry(load_settings(home={str(settings.home)!r}, provider_database={settings.provider_database!r}))"
        ".add(Provider('A'))"
    )
    all_of_them = [
        subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.PIPE) for _ in range(4)
    ]
    assert [process.communicate()[1] for process in all_of_them] == [b""] * 4
    database = migrated(settings)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM provider").scalar() == 4
        assert connection.exec_driver_sql("SELECT count(*) FROM ehtoolkit_version").scalar() == 1
    database.close()


def test_many_threads_make_registries_of_their_own(tmp_path: Path) -> None:
    """alembic keeps the current migration in a variable of its module."""

    def make(number: int) -> str | None:
        database = migrated(load_settings(home=tmp_path / str(number), provider_database=None))
        with database.reading() as connection:
            found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            revision = found.get_current_revision()
        database.close()
        return revision

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(make, range(8))) == [revisions()[-1]] * 8


def test_versions_follow_each_other() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(FOLDER))
    assert [revision.revision for revision in reversed(list(script.walk_revisions()))] == list(revisions())
