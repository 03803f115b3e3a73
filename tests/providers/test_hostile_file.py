"""A registry file that somebody else made: it hangs nothing, and a cell that cannot be read costs that cell."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Provider, examine_provider, open_registry
from ehtoolkit.providers.database import DatabaseLocation, open_database
from ehtoolkit.providers.registry import Registry
from ehtoolkit.settings import load_settings

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ENDLESS = """ALTER TABLE provider RENAME TO kept;
CREATE VIEW provider AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
SELECT count(*) AS id, count(*) AS name, '' AS first_names, '' AS birth_date, '' AS language, '' AS niss, '' AS inami,
'' AS recognition_number, '' AS enterprise_number, '' AS practice, '' AS sought, 1 AS version, '' AS created_at,
'' AS changed_at FROM n;"""


@pytest.fixture
def file(tmp_path: Path, elise: Provider) -> Path:
    """A registry with a record that has everything, and another one."""
    settings = load_settings(home=tmp_path)
    with open_registry(settings) as registry:
        record = registry.add(elise)
        registry.assign(record.id or 0, Assignment("/a.p12", "AB" * 20, "SSIN=79031421872", NOW))
        registry.add(Provider("De Smet", "Jan"))
    return settings.provider_file


def run_script(path: Path, script: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        if values:
            other.execute(script, values)
        else:
            other.executescript(script)


# ── a statement without an end ───────────────────────────────────────────────────────────────────────────
def test_a_statement_that_does_not_end_is_ended(file: Path) -> None:
    """A view that another program makes after the file was opened."""
    with Registry(open_database(DatabaseLocation(file), computing=0.5), SystemClock()) as registry:
        run_script(file, ENDLESS)
        spent = time.thread_time()
        for question in (registry.count, lambda: list(registry.providers())):
            with pytest.raises(errors.RegistryDamaged) as raised:
                question()
            assert raised.value.facts == {"place": str(file), "reason": "endless"}
        assert time.thread_time() - spent < 10
    for language in LANGUAGES:
        assert str(file) in Translator(language).error(raised.value)
        assert Translator(language).next_step(raised.value)


def test_the_limit_is_that_of_one_statement(file: Path) -> None:
    """And not that of a transaction, which may have many."""
    database = open_database(DatabaseLocation(file), computing=0.3)
    count = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT count(*) FROM n"
    )
    spent = time.thread_time()
    with database.reading() as connection:
        while time.thread_time() - spent < 1:
            connection.exec_driver_sql(count).all()
    database.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_statement(file: Path, number: signal.Signals) -> None:
    """SIGTERM as an audit takes it."""
    script = """
import sys
from pathlib import Path
from ehtoolkit.cli.terminal import stopping_on_signals
from ehtoolkit.providers.database import DatabaseLocation, open_database
database = open_database(DatabaseLocation(Path(sys.argv[1])), computing=1000)
import sqlite3
other = sqlite3.connect(sys.argv[1])
other.executescript(sys.argv[2])
other.close()
with stopping_on_signals(), database.reading() as connection:
    print("working", flush=True)
    try:
        connection.exec_driver_sql("SELECT * FROM provider").all()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file), ENDLESS], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        time.sleep(0.5)
        process.send_signal(number)
        assert process.stdout.readline() == "interrupted\n"


def test_a_value_that_is_too_long_is_not_read(file: Path) -> None:
    run_script(file, "UPDATE provider SET practice = zeroblob(20000000) WHERE id = 1")
    with open_registry(load_settings(home=file.parent)) as registry, pytest.raises(errors.RegistryError):
        list(registry.providers())


# ── a cell that cannot be read ───────────────────────────────────────────────────────────────────────────
CELLS: list[tuple[str, object, str]] = [
    ("provider.birth_date", "rubbish", "birth_date"),
    ("provider.birth_date", 20261124, "birth_date"),
    ("provider.birth_date", b"\x00\xff", "birth_date"),
    ("provider.name", b"\x00\xff", "name"),
    ("provider.practice", b"Cabinet", "practice"),
    ("provider.language", "klingon", "language"),
    ("provider.version", "new", "version"),
    ("provider.created_at", "yesterday", ""),
    ("provider_type.type", b"doctor", "types"),
    ("period.start_day", "long ago", "periods"),
    ("period.end_day", "2026-02-30", "periods"),
    ("period.conventioned", "perhaps", "periods"),
    ("period.inami", b"5", "periods"),
    ("assignment.path", b"/a.p12", "keystore"),
    ("assignment.not_after", "one day", "keystore"),
    ("assignment.holder", b"", "keystore"),
]


@pytest.mark.parametrize(("cell", "value", "field"), CELLS)
def test_a_cell_that_cannot_be_read_is_a_finding(file: Path, cell: str, value: object, field: str) -> None:
    table, _, column = cell.partition(".")
    run_script(file, f"UPDATE {table} SET {column} = ? WHERE rowid = 1", value)  # noqa: S608
    with open_registry(load_settings(home=file.parent)) as registry:
        records = {record.id: record for record in registry.providers()}
        registry.history(1)
    assert records[2].unreadable == ()
    assert records[1].unreadable == ((field,) if field else ())
    found = [finding for finding in examine_provider(records[1], NOW) if finding.key == "record_unreadable"]
    assert [finding.facts for finding in found] == ([{"fields": (field,)}] if field else [])
    for finding in found:
        for language in LANGUAGES:
            assert field in finding.message(Translator(language))


def test_a_record_is_whole_again_once_it_is_saved(file: Path) -> None:
    run_script(file, "UPDATE provider SET birth_date = 'rubbish' WHERE id = 1")
    with open_registry(load_settings(home=file.parent)) as registry:
        record = registry.get(1)
        assert record.birth_date is None
        saved = registry.save(replace(record, birth_date=date(1979, 3, 14)))
        assert saved == registry.get(1)
        assert (saved.birth_date, saved.unreadable) == (date(1979, 3, 14), ())


def test_all_records_come_though_no_name_can_be_read(file: Path) -> None:
    """More than are read at a time."""
    rows = "WITH RECURSIVE n(x) AS (SELECT 3 UNION ALL SELECT x + 1 FROM n LIMIT 1500)"
    values = (
        "x, x'ff', '', NULL, NULL, '', '', '', '', '', '', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'"
    )
    run_script(file, f"INSERT INTO provider {rows} SELECT {values} FROM n")  # noqa: S608
    with open_registry(load_settings(home=file.parent)) as registry:
        assert sorted(record.id or 0 for record in registry.providers()) == list(range(1, 1503))
