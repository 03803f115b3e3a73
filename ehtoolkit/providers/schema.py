"""The tables of the version that this program knows, made and brought up to date in one locked transaction."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from ehtoolkit import errors
from ehtoolkit.providers import migrations

if TYPE_CHECKING:
    from ehtoolkit.providers.database import RegistryDatabase

VERSION_TABLE: Final = "ehtoolkit_version"
FOLDER: Final = Path(migrations.__file__).parent


@cache
def revisions() -> tuple[str, ...]:
    """The versions that this program knows, oldest first: their scripts are named by them."""
    return tuple(sorted(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*_*.py")))


def bring_up_to_date(database: RegistryDatabase) -> None:
    """Nothing where the tables are those of the last version.

    Raises `errors.RegistryNewer` for a version that this program does not know, `errors.RegistryDamaged` (reason
    ``foreign``) for a file with tables of another program, and what `border` raises.
    """
    with database.reading() as connection:
        if _found(database, connection) == revisions()[-1]:
            return
    with database.writing() as connection:
        if _found(database, connection) != revisions()[-1]:  # another process may have done it meanwhile
            _migrate(connection)


def _found(database: RegistryDatabase, connection: Connection) -> str | None:
    """The version of the tables; None where there are none yet."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        foreign = tables if database.dialect == "sqlite" else {"provider", "period"} & set(tables)
        if foreign:
            raise errors.RegistryDamaged(place=database.place.shown, reason="foreign")
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    if found is not None and found not in revisions():
        raise errors.RegistryNewer(place=database.place.shown, version=str(found))
    return found


def _migrate(connection: Connection) -> None:
    """All scripts that are missing, in the transaction of ``connection``: all of them, or none."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(FOLDER))
    with EnvironmentContext(
        Config(), script, fn=lambda revision, _: script._upgrade_revs("head", revision)
    ) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
        with environment.begin_transaction():
            environment.run_migrations()
