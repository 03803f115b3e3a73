"""What goes wrong with a database: kills, two at once, locks, rights, damage. Nothing is lost, and each is told."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from ehtoolkit import errors
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry, tables
from ehtoolkit.settings import Settings, load_settings
from tests.support.postgresql import LOCKED_OUT, READER, PostgreSQL

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HASTE = 0.2
"""Seconds of patience, so that a test does not wait for ten."""

pytestmark = pytest.mark.faults


def program(name: str, settings: Settings, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, HERE / name, settings.home, settings.provider_database or "-", *arguments]
    return subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output(process: subprocess.Popen[str]) -> str:
    with process:
        try:
            out, problems = process.communicate(timeout=110)
        except BaseException:  # too long, for this or for pytest
            process.kill()
            raise
    assert process.returncode == 0, problems
    return out


@pytest.mark.parametrize("rounds", [24, pytest.param(100, marks=pytest.mark.long)])
def test_a_kill_at_any_moment_loses_nothing_that_was_done(settings: Settings, rounds: int) -> None:
    found = json.loads(output(program("killer.py", settings, rounds)))
    print(found)
    assert found["said"] > rounds
    assert found["silent"] > 0  # some died before they had done anything
    assert found["records"] > rounds


def test_two_processes_write_at_once(settings: Settings) -> None:
    both = [program("counter.py", settings, name, 60) for name in ("A", "B")]
    for process in both:
        output(process)
    with open_registry(settings) as registry:
        assert registry.find("shared").practice == "120"
        assert registry.count() == 121


@contextmanager
def locked(settings: Settings, running: PostgreSQL | None) -> Iterator[None]:
    """Another program that writes and does not end."""
    if running is None:
        with closing(sqlite3.connect(settings.provider_file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    import psycopg

    with psycopg.connect(settings.provider_database or "") as other:
        other.execute("LOCK TABLE provider IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def test_a_lock_that_is_not_released_is_reported(settings: Settings, request: pytest.FixtureRequest) -> None:
    running = None if settings.provider_database is None else request.getfixturevalue("postgresql")
    with open_registry(settings, patience=HASTE) as registry:
        added = registry.add(Provider("De Smet"))
        with locked(settings, running):
            for attempt in (
                lambda: registry.add(Provider("Peeters")),
                lambda: registry.remove(added.id or 0),
                registry.count,
            ):
                with pytest.raises(errors.RegistryBusy) as raised:
                    attempt()
                assert "De Smet" not in str(raised.value)
        assert list(registry.providers()) == [added]
        registry.add(Provider("Peeters"))


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def file(tmp_path: Path) -> Settings:
    """A registry in a file, with one record."""
    settings = load_settings(home=tmp_path)
    with open_registry(settings) as registry:
        registry.add(Provider("De Smet"))
    return settings


def test_only_its_owner_may_read_it(file: Settings) -> None:
    assert file.provider_file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in file.home.iterdir()) == ["providers-training.db"]


def test_a_file_that_may_not_be_written_is_still_read(file: Settings) -> None:
    outcome = as_another_user(file, _read_and_write)
    assert outcome == "1 registry_read_only"


def test_an_unwritable_folder_is_reported(file: Settings) -> None:
    file.provider_file.unlink()
    assert as_another_user(file, _read_and_write) == "registry_read_only"


def test_a_newer_registry_is_left_alone(file: Settings) -> None:
    with closing(sqlite3.connect(file.provider_file)) as other, other:
        other.execute("UPDATE ehtoolkit_version SET version_num = '9999'")
    before = file.provider_file.read_bytes()
    with pytest.raises(errors.RegistryNewer) as raised:
        open_registry(file)
    assert raised.value.facts["version"] == "9999"
    assert file.provider_file.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    with closing(sqlite3.connect(settings.provider_file)) as other, other:
        other.execute("CREATE TABLE provider (x)")
    with pytest.raises(errors.RegistryDamaged) as raised:
        open_registry(settings)
    assert raised.value.facts["reason"] == "foreign"


def test_a_file_that_is_no_database_is_reported(file: Settings) -> None:
    file.provider_file.write_bytes(b"Dear colleague, " * 512)
    with pytest.raises(errors.RegistryDamaged) as raised:
        open_registry(file)
    assert "reason" not in raised.value.facts
    assert file.provider_file.read_bytes().startswith(b"Dear")


def test_a_folder_instead_of_the_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "providers-training.db").mkdir()
    with pytest.raises(errors.RegistryDamaged):
        open_registry(load_settings(home=tmp_path))


def test_a_damaged_file_is_reported_and_not_changed(file: Settings) -> None:
    data = file.provider_file.read_bytes()
    broken = data[:4096] + b"\xff" * (len(data) - 4096)
    file.provider_file.write_bytes(broken)
    with pytest.raises(errors.RegistryDamaged), open_registry(file) as registry:
        list(registry.providers())
    assert file.provider_file.read_bytes() == broken


def test_a_full_disk_changes_nothing(file: Settings) -> None:
    """SQLite's own limit of pages answers as a full disk does."""
    from sqlalchemy import event

    with open_registry(file) as registry:
        engine = registry._database._engine
        event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 15")
        )
        with pytest.raises(errors.DiskFull):
            registry.merge([Provider(f"N{number}", practice="x" * 200) for number in range(500)])
        assert [provider.name for provider in registry.providers()] == ["De Smet"]


def _read_and_write(settings: Settings) -> str:
    try:
        with open_registry(settings) as registry:
            count = registry.count()
            try:
                registry.add(Provider("Peeters"))
            except errors.RegistryError as error:
                return f"{count} {error.key}"
    except errors.RegistryError as error:
        return error.key
    return "written"


def as_another_user(settings: Settings, work: Callable[[Settings], str]) -> str:
    """What ``work`` gives in a process of somebody who may read the folder and not write it: an administrator, whom
    no right stops, becomes nobody."""
    folder = settings.home
    with (
        tempfile.TemporaryDirectory() as place
    ):  # nobody may not be able to read what is loaded at the first use
        work(load_settings(home=Path(shutil.copytree(folder, place, dirs_exist_ok=True))))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(parent.stat().st_mode | 0o055)
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(write, work(settings).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        output_ = pipe.read()
    os.waitpid(process, 0)
    folder.chmod(0o755)
    return output_


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────
def shared_registry(url: str, home: Path) -> Registry:
    return open_registry(load_settings(home=home, provider_database=url), patience=2)


@pytest.mark.parametrize(
    ("role", "database", "reason"),
    [(LOCKED_OUT, "postgres", "login"), ("unheard_of", "postgres", "login"), (None, "no", "database")],
)
def test_a_server_that_does_not_let_us_in(
    postgresql: PostgreSQL, tmp_path: Path, role: str | None, database: str, reason: str
) -> None:
    with pytest.raises(errors.RegistryUnreachable) as raised:
        shared_registry(postgresql.url(database, role), tmp_path)
    assert raised.value.facts == {"place": f"127.0.0.1/{database}", "reason": reason}


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.RegistryUnreachable) as raised:
        shared_registry("postgresql://somebody@127.0.0.1:1/registry", tmp_path)
    assert raised.value.facts["reason"] == "connect"


def test_who_may_only_read_reads(postgresql: PostgreSQL, tmp_path: Path) -> None:
    name = postgresql.new_database()
    with shared_registry(postgresql.url(name), tmp_path) as registry:
        registry.add(Provider("De Smet"))
    postgresql.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}", name)
    with shared_registry(postgresql.url(name, READER), tmp_path) as registry:
        assert [provider.name for provider in registry.providers()] == ["De Smet"]
        with pytest.raises(errors.RegistryReadOnly):
            registry.add(Provider("Peeters"))


def test_a_missing_permission_for_tables_is_reported(postgresql: PostgreSQL, tmp_path: Path) -> None:
    name = postgresql.new_database()
    with pytest.raises(errors.RegistryReadOnly):
        shared_registry(postgresql.url(name, READER), tmp_path)


def test_a_server_that_stops_meanwhile_is_reported(postgresql: PostgreSQL, tmp_path: Path) -> None:
    name = postgresql.new_database()
    with shared_registry(postgresql.url(name), tmp_path) as registry:
        registry.add(Provider("De Smet"))
        with pytest.raises(errors.RegistryUnreachable):
            _in_the_middle(registry, lambda: postgresql.end_connections(name))
        assert registry.count() == 1  # a new connection


def test_both_sides_notice_that_the_other_has_gone(postgresql: PostgreSQL, tmp_path: Path) -> None:
    """Without a word, as a computer that is switched off: what the two ask their systems for is read here."""
    name = postgresql.new_database()
    with (
        shared_registry(postgresql.url(name), tmp_path) as registry,
        registry._database.reading() as connection,
    ):
        driver = connection.connection.driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as ours:
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 1
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2000
        for parameter in ("tcp_keepalives_idle", "tcp_keepalives_interval"):
            assert connection.exec_driver_sql(f"SHOW {parameter}").scalar() == "1"


def test_a_record_comes_with_what_it_had_at_that_moment(
    postgresql: PostgreSQL, tmp_path: Path, elise: Provider
) -> None:
    """Though somebody changes it between two questions of one reading; afterwards everything can be written again."""
    with shared_registry(postgresql.url(postgresql.new_database()), tmp_path) as registry:
        record = registry.add(elise)
        with registry._database.reading() as connection:
            rows = connection.execute(select(tables.provider)).all()
            registry.save(replace(record, practice="Elsewhere", periods=()))
            assigned = registry.assign(record.id or 0, Assignment("/new.p12"))
            assert tables.read(connection, rows) == [record]
        assert list(registry.providers()) == [assigned]
        with pytest.raises(errors.RegistryReadOnly), registry._database.reading() as connection:
            connection.execute(delete(tables.provider))
        for _ in range(3):
            registry.save(replace(registry.get(record.id or 0), practice="Here"))


def _in_the_middle(registry: Registry, happens: Callable[[], None]) -> None:
    """Something happens in the middle of a transaction that writes."""
    with registry._database.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
        happens()
        connection.exec_driver_sql("SELECT 1")


def test_a_missing_driver_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(errors.RegistryDriverMissing):
        shared_registry("postgresql://somebody@127.0.0.1:1/registry", tmp_path)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://somebody:secret@server/registry", "database_password"),
        ("postgresql://somebody@server/registry?password=secret", "database_password"),
        ("postgresql://server", None),
        ("mysql://server/registry", None),
        ("postgresql://server:x/registry", None),
        ("providers.db", None),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, url: str, reason: str | None) -> None:
    with pytest.raises(errors.SettingInvalid) as raised:
        shared_registry(url, tmp_path)
    assert raised.value.facts.get("reason") == reason
    assert "secret" not in str(raised.value)
