"""What is kept of a scan: nothing without the password, nothing secret, and nothing that hangs on the day."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.scan.cache import KEPT, Cache
from ehtoolkit.auditing.scan.file_scan import fingerprint, scan_file
from ehtoolkit.auditing.scan.scan_result import ScanResult
from ehtoolkit.finding import Finding, MessageKey, Severity
from ehtoolkit.identity import Environment
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop

Passwords = Callable[[Path], Secret]
TODAY = date(2026, 11, 24)


@pytest.fixture
def options(tmp_path: Path) -> AuditOptions:
    where = tmp_path / "home" / "audit"
    return AuditOptions(
        now=NOW,
        request=AuditRequest(environment=Environment.TRAINING, registry=False),
        processes=1,
        language="en",
        cache=where,
    )


def mark(options: AuditOptions) -> None:
    """Change what is kept, so that it shows where it comes from."""
    assert isinstance(options.cache, Path)
    path = options.cache / "readings.json"
    kept = json.loads(path.read_bytes())
    for record in kept["entries"].values():
        record["reading"]["holder_name"] = "OUT OF THE CACHE"
    path.write_text(json.dumps(kept), encoding="utf-8")


def test_a_file_that_did_not_change_is_not_opened_again(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    path = workshop.write(tmp_path / "a", ends=60)
    first = audit_folder([tmp_path / "a"], passwords, options)
    mark(options)
    path.rename(tmp_path / "a" / f"SSIN={ELISE} 20260817-120000.p12")  # the content counts
    later = audit_folder([tmp_path / "a"], passwords, replace(options, now=NOW + timedelta(days=61)))
    assert list(later.keystores["holder_name"]) == ["OUT OF THE CACHE"]
    assert list(first.findings["key"]) == ["certificate_renewable"]
    assert list(later.findings["key"]) == ["certificate_expired"]
    workshop.write(tmp_path / "a", ends=70, at="20260817-120000")
    assert list(audit_folder([tmp_path / "a"], passwords, options).keystores["holder_name"]) == [
        "DUBOIS ELISE"
    ]


def test_without_the_password_nothing_of_it_is_shown(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    workshop.write(tmp_path / "a")
    audit_folder([tmp_path / "a"], passwords, options)
    mark(options)
    for other in (None, lambda _: Secret("Another-1")):
        audit = audit_folder([tmp_path / "a"], other, options)
        assert list(audit.keystores["state"]) == ["closed"]
        assert audit.keystores["holder_name"].isna().all()


def test_it_is_for_its_owner_alone_and_holds_no_secret(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    workshop.write(tmp_path / "a")
    audit_folder([tmp_path / "a"], passwords, options)
    assert isinstance(options.cache, Path)
    files = list(options.cache.iterdir())
    assert {file.name for file in files} == {"readings.json", "readings.key"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(options.cache.stat().st_mode) == 0o700
    key = (options.cache / "readings.key").read_bytes()
    text = (options.cache / "readings.json").read_text(encoding="utf-8")
    assert PASSWORD.reveal() not in text
    assert key.hex() not in text


def test_another_key_finds_nothing(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    workshop.write(tmp_path / "a")
    audit_folder([tmp_path / "a"], passwords, options)
    mark(options)
    assert isinstance(options.cache, Path)
    (options.cache / "readings.key").write_bytes(b"cut off")
    assert list(audit_folder([tmp_path / "a"], passwords, options).keystores["holder_name"]) == [
        "DUBOIS ELISE"
    ]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 1}',
        b'{"version": "0", "entries": {}}',
        b'{"version": "0", "entries": {"a": 1}}',
        b"\xff",
    ],
)
def test_a_damaged_cache_is_an_empty_one(
    rubbish: bytes, tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    workshop.write(tmp_path / "a")
    audit_folder([tmp_path / "a"], passwords, options)
    assert isinstance(options.cache, Path)
    (options.cache / "readings.json").write_bytes(rubbish)
    assert list(audit_folder([tmp_path / "a"], passwords, options).keystores["holder_name"]) == [
        "DUBOIS ELISE"
    ]
    assert len(json.loads((options.cache / "readings.json").read_bytes())["entries"]) == 1


def test_records_of_another_format_are_read_again(
    tmp_path: Path, workshop: Workshop, passwords: Passwords, options: AuditOptions
) -> None:
    workshop.write(tmp_path / "a")
    audit_folder([tmp_path / "a"], passwords, options)
    assert isinstance(options.cache, Path)
    path = options.cache / "readings.json"
    kept = json.loads(path.read_bytes())
    for record in kept["entries"].values():
        record["reading"]["not_after"] = "tomorrow"
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert list(audit_folder([tmp_path / "a"], passwords, options).keystores["days_left"]) == [900]


READING = ScanResult(kind="pkcs12", size=10_188, whole=True, opened=True, holder_name="DUBOIS ÉLISE")


def opened(folder: Path, today: date) -> Cache:
    cache = Cache.open(folder, today)
    assert cache is not None
    return cache


def test_an_entry_is_found_by_content_and_password(tmp_path: Path) -> None:
    cache = opened(tmp_path, TODAY)
    assert cache.get("aa", PASSWORD) is None
    cache.put("aa", PASSWORD, READING)
    cache.save()
    again = opened(tmp_path, TODAY)
    assert again.get("aa", PASSWORD) == READING
    assert again.get("aa", Secret("Another-1")) is None
    assert again.get("bb", PASSWORD) is None


def test_the_last_entry_counts(tmp_path: Path) -> None:
    other = replace(READING, holder_name="JANSSENS KARL")
    for reading in (READING, other):
        cache = opened(tmp_path, TODAY)
        cache.put("aa", PASSWORD, reading)
        cache.save()
    assert opened(tmp_path, TODAY).get("aa", PASSWORD) == other


def test_of_two_scans_that_save_at_once_the_last_keeps_its_entries(tmp_path: Path) -> None:
    first, second = opened(tmp_path, TODAY), opened(tmp_path, TODAY)
    for cache, content in ((first, "aa"), (second, "bb")):
        cache.put(content, PASSWORD, READING)
        cache.save()
    assert opened(tmp_path, TODAY).get("bb", PASSWORD) == READING


def test_entries_that_no_scan_asks_for_are_dropped(tmp_path: Path) -> None:
    first = opened(tmp_path, TODAY)
    first.put("aa", PASSWORD, READING)
    first.put("bb", PASSWORD, READING)
    first.save()
    later = opened(tmp_path, TODAY + timedelta(days=1))
    assert later.get("bb", PASSWORD) == READING
    later.save()
    last = opened(tmp_path, TODAY + KEPT + timedelta(days=1))
    last.put("cc", PASSWORD, READING)
    last.save()
    again = opened(tmp_path, TODAY)
    assert [again.get(name, PASSWORD) for name in ("aa", "bb", "cc")] == [None, READING, READING]


def test_there_is_no_cache_where_its_key_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Cache.open(tmp_path / "file" / "audit", TODAY) is None
    assert (tmp_path / "file").read_bytes() == b""


moments = st.datetimes(timezones=st.just(UTC))
facts = st.dictionaries(
    st.text(max_size=5),
    st.integers(-(10**15), 10**15)
    | st.floats(-1e9, 1e9)
    | st.booleans()
    | st.text()
    | st.dates()
    | moments
    | st.sampled_from(Environment)
    | st.text().map(MessageKey)
    | st.lists(st.text(), max_size=3).map(tuple),
    max_size=3,
)
faults = st.builds(
    Finding,
    st.just("file_hangs"),
    st.just(Severity.ERROR),
    facts,
    st.just("audit"),
    st.sampled_from(["", "folder"]),
)
texts = st.none() | st.text(max_size=20)
readings = st.builds(
    ScanResult,
    kind=st.text(),
    size=st.none() | st.integers(0),
    whole=st.booleans(),
    holder=texts,
    holder_name=texts,
    environment=st.none() | st.sampled_from(Environment),
    not_after=st.none() | moments,
    keys=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    faults=st.lists(faults, max_size=3).map(tuple),
)


@given(readings)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_reading_comes_back_as_it_was(reading: ScanResult) -> None:
    found = ScanResult.from_json(json.loads(json.dumps(reading.to_json())))
    assert found == reading
    kinds = [
        [type(fact) for fault in result.faults for fact in fault.facts.values()]
        for result in (found, reading)
    ]
    assert kinds[0] == kinds[1]


def test_every_file_of_the_corpus_comes_back_as_it_was(data_folder: Path) -> None:
    for file in json.loads((data_folder / "keystores" / "manifest.json").read_bytes()):
        path = data_folder / "keystores" / file["file"]
        with TimeoutGuard() as patience:
            content, reading, _ = scan_file(path, [Secret(file.get("password") or "")], patience)
            assert content == fingerprint(path, patience)
        assert ScanResult.from_json(json.loads(json.dumps(reading.to_json()))) == reading
