"""What several computers keep of their scans in one database: no more than a folder of one of them would."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import AuditOptions, audit_folder
from ehtoolkit.auditing.cache import KEPT, Cache
from ehtoolkit.auditing.caches import SharedCache, cache_location, open_cache
from ehtoolkit.auditing.file_scan import ScanError, ScanResult, scan_file
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop
from tests.postgresql import LOCKED_OUT, READER, PostgreSQL
from tests.providers.conftest import postgresql

__all__ = ["postgresql"]

Passwords = Callable[[Path], Secret]
Opening = Callable[[date], Cache]
TODAY = date(2026, 11, 24)
READING = ScanResult(
    kind="pkcs12",
    size=10_188,
    whole=True,
    opened=True,
    holder=f"SSIN={ELISE}",
    holder_name="DUBOIS ÉLISE",
    keys=(("authentication", "AB" * 20), (None, None)),
    faults=(ScanError("mac_missing", "", {"names": ["a", "\udcff"], "count": 2}),),
)
NOBODY_THERE = "postgresql://somebody@127.0.0.1:1/audits"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """As an administrator makes it."""
    return key_file(tmp_path / "audit.key", bytes(range(32)))


@pytest.fixture
def database(postgresql: PostgreSQL) -> str:
    return postgresql.new_database()


@pytest.fixture
def place(postgresql: PostgreSQL, database: str, key: Path) -> SharedCache:
    return SharedCache(postgresql.url(database), key)


@pytest.fixture(params=["folder", "database"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens one cache again and again, as it is on a day."""
    found: Path | SharedCache = (
        request.getfixturevalue("place") if request.param == "database" else tmp_path / "audit"
    )
    return lambda day: opened(found, day)


def key_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


_OPENED: list[Cache] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """As the end of a scan does."""
    yield
    while _OPENED:
        _OPENED.pop().save()


def opened(place: Path | SharedCache, day: date = TODAY) -> Cache:
    found = open_cache(place, day)
    assert found is not None
    _OPENED.append(found)
    return found


def wish(cache: SharedCache | None) -> AuditOptions:
    return AuditOptions(now=NOW, processes=1, language="en", cache=cache)


# ── what a folder and a database have in common ──────────────────────────────────────────────────────────
def test_what_was_put_is_found_with_the_password_alone(opening: Opening) -> None:
    cache = opening(TODAY)
    assert cache.get("aa", PASSWORD) is None
    cache.put("aa", PASSWORD, READING)
    assert cache.get("aa", PASSWORD) == READING
    cache.save()
    again = opening(TODAY)
    assert again.get("aa", PASSWORD) == READING
    assert again.get("aa", Secret("Another-1")) is None
    assert again.get("bb", PASSWORD) is None


def test_the_last_one_counts(opening: Opening) -> None:
    other = replace(READING, holder_name="JANSSENS KARL")
    for reading in (READING, other):
        cache = opening(TODAY)
        cache.put("aa", PASSWORD, reading)
        cache.save()
    assert opening(TODAY).get("aa", PASSWORD) == other


def test_two_who_save_at_once_lose_nothing_but_time(opening: Opening) -> None:
    first, second = opening(TODAY), opening(TODAY)
    for cache, content in ((first, "aa"), (second, "bb")):
        cache.put(content, PASSWORD, READING)
        cache.save()
    assert opening(TODAY).get("bb", PASSWORD) == READING


def test_more_than_are_written_at_once(opening: Opening) -> None:
    cache = opening(TODAY)
    for number in range(450):
        cache.put(f"{number:02x}", PASSWORD, replace(READING, size=number))
    cache.save()
    again = opening(TODAY + timedelta(days=1))
    found = [again.get(f"{number:02x}", PASSWORD) for number in range(450)]
    assert [one and one.size for one in found] == list(range(450))
    again.save()


def test_what_nobody_asks_for_is_dropped_and_the_rest_stays(opening: Opening) -> None:
    first = opening(TODAY)
    first.put("aa", PASSWORD, READING)
    first.put("bb", PASSWORD, READING)
    first.save()
    later = opening(TODAY + timedelta(days=1))
    assert later.get("bb", PASSWORD) == READING
    later.save()
    last = opening(TODAY + KEPT + timedelta(days=1))
    last.put("cc", PASSWORD, READING)
    last.save()
    again = opening(TODAY)
    assert [again.get(one, PASSWORD) for one in ("aa", "bb", "cc")] == [None, READING, READING]


# ── what the database tells, and whom ────────────────────────────────────────────────────────────────────
def test_a_second_computer_opens_no_file_again(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, place: SharedCache
) -> None:
    path = workshop.write(tmp_path / "first")
    audit_folder([path.parent], passwords, wish(place))
    with TimeoutGuard() as patience:
        content, reading, _ = scan_file(path, [PASSWORD], patience)
    assert content is not None
    assert opened(place).get(content, PASSWORD) == reading
    marked = opened(place)
    marked.put(content, PASSWORD, replace(reading, holder_name="OUT OF THE CACHE"))
    marked.save()
    (tmp_path / "second").mkdir()
    path.rename(tmp_path / "second" / path.name)
    elsewhere = replace(place, key=key_file(tmp_path / "second.key", bytes(range(32))))
    audit = audit_folder([tmp_path / "second"], passwords, wish(elsewhere))
    assert list(audit.keystores["holder_name"]) == ["OUT OF THE CACHE"]
    assert list(audit_folder([tmp_path / "second"], None, wish(elsewhere)).keystores["standing"]) == [
        "closed"
    ]


def test_the_database_tells_neither_people_nor_passwords(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, place: SharedCache
) -> None:
    """Without the key; and a password that somebody thinks of shows nothing, since names are made with it."""
    path = workshop.write(tmp_path / "a")
    audit_folder([path.parent], passwords, wish(place))
    with psycopg.connect(place.url) as connection:
        ((name, entry),) = connection.execute("SELECT name, entry FROM ehtoolkit_audit_cache").fetchall()
    with TimeoutGuard() as patience:
        content, reading, _ = scan_file(path, [PASSWORD], patience)
    assert reading.holder_name == "DUBOIS ELISE"
    assert reading.key_id is not None
    for secret in (PASSWORD.reveal(), ELISE, "DUBOIS", reading.key_id, content or "", bytes(range(32)).hex()):
        assert secret.encode() not in entry
        assert secret not in name
    for guess in (b"", bytes(32), b"ehtoolkit"):
        for_nobody = replace(place, key=key_file(tmp_path / "guess", guess.ljust(32, b"\0")))
        assert opened(for_nobody).get(content or "", PASSWORD) is None


def test_what_somebody_without_the_key_writes_is_passed_over(place: SharedCache) -> None:
    cache = opened(place)
    cache.put("aa", PASSWORD, READING)
    cache.put("bb", PASSWORD, replace(READING, holder_name="JANSSENS KARL"))
    cache.save()
    with psycopg.connect(place.url, autocommit=True) as connection:
        rows = connection.execute("SELECT name, entry FROM ehtoolkit_audit_cache ORDER BY name").fetchall()
        for (name, _), (_, other) in zip(rows, reversed(rows), strict=True):  # each has the other's
            connection.execute("UPDATE ehtoolkit_audit_cache SET entry = %s WHERE name = %s", (other, name))
    assert [opened(place).get(one, PASSWORD) for one in ("aa", "bb")] == [None, None]
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("UPDATE ehtoolkit_audit_cache SET entry = ''")
    assert opened(place).get("aa", PASSWORD) is None


# ── a cache that does not work harms nobody ──────────────────────────────────────────────────────────────
@pytest.fixture
def files(tmp_path: Path, workshop: Workshop) -> Path:
    workshop.write(tmp_path / "files")
    workshop.write(tmp_path / "files", "85010112387", pair=2)
    return tmp_path / "files"


def same_as_without(files: Path, passwords: Passwords, cache: SharedCache) -> None:
    expected, found = (audit_folder([files], passwords, wish(one)) for one in (None, cache))
    assert found.keystores.equals(expected.keystores)
    assert list(found.keystores["opened"]) == [True, True]


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 5_000])
def test_a_key_that_is_none(files: Path, passwords: Passwords, place: SharedCache, content: bytes) -> None:
    assert place.key is not None
    place.key.write_bytes(content)
    assert open_cache(place, TODAY) is None
    same_as_without(files, passwords, place)


def test_no_key(tmp_path: Path, files: Path, passwords: Passwords, place: SharedCache) -> None:
    for key in (None, tmp_path / "not there", tmp_path):
        assert open_cache(replace(place, key=key), TODAY) is None
    same_as_without(files, passwords, replace(place, key=None))


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_may_read_is_not_used(place: SharedCache, mode: int) -> None:
    assert place.key is not None
    place.key.chmod(mode)
    assert open_cache(place, TODAY) is None


def test_computers_with_different_keys(
    tmp_path: Path, files: Path, passwords: Passwords, place: SharedCache
) -> None:
    audit_folder([files], passwords, wish(place))
    other = replace(place, key=key_file(tmp_path / "other.key", b"y" * 32))
    same_as_without(files, passwords, other)
    same_as_without(files, passwords, place)


def test_a_server_that_is_not_there_or_lets_nobody_in(
    files: Path, passwords: Passwords, place: SharedCache, postgresql: PostgreSQL, database: str
) -> None:
    for url in (NOBODY_THERE, postgresql.url(database, LOCKED_OUT), postgresql.url("no_such_database")):
        same_as_without(files, passwords, replace(place, url=url))


def test_a_database_that_goes_midway(
    place: SharedCache, postgresql: PostgreSQL, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = opened(place)
    cache.put("aa", PASSWORD, READING)
    cache.save()
    assert cache.get("aa", PASSWORD) == READING
    postgresql.end_connections(database)
    assert cache.get("aa", PASSWORD) is None
    cache.put("bb", PASSWORD, READING)
    cache.save()
    assert opened(place).get("aa", PASSWORD) == READING
    assert caplog.records == []


def test_a_table_of_another_version_is_left_alone(
    files: Path, passwords: Passwords, place: SharedCache, postgresql: PostgreSQL, database: str
) -> None:
    postgresql.execute("CREATE TABLE ehtoolkit_audit_cache (name text, version int)", database)
    postgresql.execute("INSERT INTO ehtoolkit_audit_cache VALUES ('a', 2)", database)
    same_as_without(files, passwords, place)
    with psycopg.connect(place.url) as connection:
        assert connection.execute("SELECT * FROM ehtoolkit_audit_cache").fetchall() == [("a", 2)]


def test_who_may_only_read_reads(place: SharedCache, postgresql: PostgreSQL, database: str) -> None:
    cache = opened(place)
    cache.put("aa", PASSWORD, READING)
    cache.save()
    postgresql.execute(f"GRANT SELECT ON ehtoolkit_audit_cache TO {READER}", database)
    reading = opened(replace(place, url=postgresql.url(database, READER)), TODAY + timedelta(days=1))
    assert reading.get("aa", PASSWORD) == READING
    reading.put("bb", PASSWORD, READING)
    reading.save()
    assert opened(place).get("bb", PASSWORD) is None


# ── where it is ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_settings_say_where(tmp_path: Path, key: Path) -> None:
    assert cache_location(load_settings(home=tmp_path)) == tmp_path / "audit"
    chosen = load_settings(home=tmp_path, audit_database=NOBODY_THERE, audit_key=key)
    assert cache_location(chosen) == SharedCache(NOBODY_THERE, key)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://user@host/audits", None),
        ("postgresql://host", None),
        ("postgresql://user@host:port/audits", None),
        ("postgresql://user:Geheim-1@host/audits", "database_password"),
        ("postgresql://user@host/audits?password=Geheim-1", "database_password"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, url: str, reason: str | None) -> None:
    with pytest.raises(errors.SettingInvalid) as raised:
        cache_location(load_settings(home=tmp_path, audit_database=url))
    assert raised.value.facts == {"setting": "audit_database"} | ({"reason": reason} if reason else {})
    assert "Geheim-1" not in repr(raised.value)
