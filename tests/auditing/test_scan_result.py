"""Results of scans as JSON: facts keep their type on every way, and JSON from elsewhere is checked before use."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.scan.cache import PACKAGE, SOURCES, results_version, version_of
from ehtoolkit.auditing.scan.file_scan import scan_file, timed_out
from ehtoolkit.auditing.scan.scan_result import NOT_OURS, KeystoreFacts, ScanResult, typed_fact
from ehtoolkit.finding import Topic, Urgency, warning
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import diagnosis
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.protection_rules import wrong_password
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import NOW, PASSWORD, Workshop
from tests.keystore.conftest import KeystoreMaker

Passwords = Callable[[Path], Any]
MANY = 14
"""More files than are scanned without worker processes."""


@pytest.fixture(scope="module")
def folder(keystore_maker: KeystoreMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keystores whose encryption certificate ended before that of the holder: a finding with a date."""
    folder = tmp_path_factory.mktemp("keystores")
    made = replace(keystore_maker, start=NOW - timedelta(days=100), end=NOW + timedelta(days=900))
    ended = replace(made, end=datetime(2026, 10, 5, 12, 0, tzinfo=UTC)).encryption_certificate()
    data = write_pkcs12(
        made.installed.with_encryption(keystore_maker.keys["encryption"], ended).contents, PASSWORD
    )
    for number in range(MANY):
        (folder / f"SSIN=79031421872 20260816-1200{number:02}.p12").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "expired on 5 October 2026"), ("fr", "expiré le 5 octobre 2026")]
)
def test_a_date_is_written_the_same_however_the_file_is_scanned(
    folder: Path, passwords: Passwords, tmp_path: Path, language: str, sentence: str
) -> None:
    options = AuditOptions(now=NOW, processes=1, language=language, cache=tmp_path / "audit")
    alone = replace(options, cache=None)
    with ThreadPoolExecutor(1) as executor:
        audits = [
            audit_folder([folder], passwords, options)
            for options in (options, options, replace(alone, processes=2), replace(alone, executor=executor))
        ]
    before = audit_folder([folder], passwords, replace(options, now=datetime(2026, 10, 5, tzinfo=UTC)))
    assert "etk_expired" not in set(before.findings["key"])  # with the results of the cache
    for audit in audits:
        found = audit.findings.query("key == 'etk_expired'")
        assert len(found) == 1  # the other files are copies
        assert sentence in found["message"].iloc[0]
        assert audit.findings.equals(audits[0].findings)


def test_an_unknown_type_becomes_text() -> None:
    assert typed_fact(Path("a")) == "a"
    assert typed_fact((1, Path("a"))) == ("1", "a")
    for fact in (True, 1, 1.5, "a", date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), Environment.TRAINING):
        assert type(typed_fact(fact)) is type(fact)


# ── the version of the cache ─────────────────────────────────────────────────────────────────────────────
def test_a_changed_rule_changes_the_version_of_the_cache(tmp_path: Path) -> None:
    assert diagnosis.__file__ is not None
    package = copytree(Path(diagnosis.__file__).parent, tmp_path / "diagnosis")
    before = version_of("1.0", [package])
    assert version_of("1.0", [package]) == before
    assert version_of("1.1", [package]) != before
    rule = package / "content_rules.py"
    rule.write_bytes(rule.read_bytes() + b"\n# changed\n")
    assert version_of("1.0", [package]) != before


def test_the_sources_of_the_version_are_there() -> None:
    assert all((PACKAGE / name).exists() for name in SOURCES)


def test_entries_of_another_version_are_not_used(folder: Path, passwords: Passwords, tmp_path: Path) -> None:
    options = AuditOptions(now=NOW, processes=1, language="en", cache=tmp_path)
    audit_folder([folder], passwords, options)
    path = tmp_path / "readings.json"
    kept = json.loads(path.read_bytes())
    assert kept["version"] == results_version()
    for record in kept["entries"].values():
        record["reading"]["holder_name"] = "OUT OF THE CACHE"
    for version, name in (
        (results_version(), "OUT OF THE CACHE"),
        ("of an older program", "DUBOIS ELISE MARIE"),
    ):
        path.write_text(json.dumps({**kept, "version": version}), encoding="utf-8")
        assert set(audit_folder([folder], passwords, options).keystores["holder_name"]) == {name}


# ── JSON that to_json did not make ───────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def sound(folder: Path) -> dict[str, Any]:
    with TimeoutGuard() as patience:
        facts = scan_file(min(folder.iterdir()), [PASSWORD], patience, chains=True)
    found: dict[str, Any] = json.loads(json.dumps(facts.to_json()))
    assert KeystoreFacts.from_json(found, 1) == facts
    assert found["reading"]["faults"] == []
    assert found["reading"]["etk_not_after"] == {"datetime": "2026-10-05T12:00:00+00:00"}
    found["reading"]["faults"] = [
        {
            "key": "etk_expired",
            "variant": "",
            "catalogue": "finding",
            "facts": {"date": {"datetime": "2026-10-05T00:00:00+00:00"}},
            "severity": "warning",
            "urgency": "soon",
            "topic": "end",
            "until": {"datetime": "2026-10-05T00:00:00+00:00"},
        }
    ]
    assert found["reading"]["chain"]
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": None},
        {"size": "12"},
        {"size": True},
        {"opened": 1},
        {"holder": 79031421872},
        {"holder_name": ["DUBOIS"]},
        {"environment": "training"},
        {"environment": {"environment": "mars"}},
        {"not_after": {"datetime": "tomorrow"}},
        {"not_after": {"date": "2026-10-05"}},
        {"not_after": "2026-10-05T12:00:00+00:00"},
        {"etk_not_after": {"datetime": "2026-10-05T12:00:00"}},
        {"keys": [["authentication"]]},
        {"keys": [[1, "AB"]]},
        {"keys": "ab"},
        {"keys": {}},
        {"chain": [1]},
        {"chain": "MIIB"},
        {"faults": {}},
        {"faults": [{}]},
        {"surplus": 1},
    ],
)
def test_a_field_of_another_type_is_refused(sound: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(NOT_OURS):
        ScanResult.from_json({**sound["reading"], **changed})


@pytest.mark.parametrize("name", list(ScanResult.__slots__))
def test_a_missing_field_is_refused(sound: dict[str, Any], name: str) -> None:
    with pytest.raises(NOT_OURS):
        ScanResult.from_json({other: value for other, value in sound["reading"].items() if other != name})


def test_a_fault_keeps_what_it_says_of_itself(sound: dict[str, Any]) -> None:
    end = datetime(2026, 10, 5, tzinfo=UTC)
    (fault,) = ScanResult.from_json(sound["reading"]).faults
    assert fault == warning("etk_expired", date=end).about(Topic.END, end, Urgency.SOON)
    assert ScanResult.from_json(sound["reading"]).to_json()["faults"] == sound["reading"]["faults"]
    others = (
        timed_out(tried=True).faults[0],
        *wrong_password(Secret("a")),
        warning("trailing_bytes", count=1).about(until=end.date()),
    )
    result = replace(ScanResult.from_json(sound["reading"]), faults=others)
    assert ScanResult.from_json(json.loads(json.dumps(result.to_json()))).faults == others
    assert (result.hangs, result.password_refused, result.as_untried().password_refused) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "no_such_finding"},
        {"variant": "no_such_variant"},
        {"severity": "worst"},
        {"catalogue": "registry"},
        {"urgency": "tomorrow"},
        {"urgency": None},
        {"topic": "weather"},
        {"topic": 1},
        {"until": "2026-10-05"},
        {"until": {"environment": "training"}},
        {"facts": {}},
        {"facts": {"date": {"date": "2026-99-01"}}},
        {"facts": {"date": {"class": "os.system"}}},
        {"facts": {"date": {}}},
        {"facts": {"date": [1]}},
        {"facts": {"date": None}},
        {"facts": {"date": {"date": "2026-10-05"}, "more": 1e308}},
        {"facts": []},
    ],
)
def test_a_finding_without_a_sentence_is_refused(sound: dict[str, Any], changed: dict[str, Any]) -> None:
    (fault,) = sound["reading"]["faults"]
    with pytest.raises(NOT_OURS):
        ScanResult.from_json({**sound["reading"], "faults": [{**fault, **changed}]})


@pytest.mark.parametrize(
    "changed", [{"place": 1}, {"place": -1}, {"place": "0"}, {"fingerprint": "ab"}, {"reading": []}]
)
def test_facts_that_fit_no_request_are_refused(sound: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(NOT_OURS):
        KeystoreFacts.from_json({**sound, **changed}, 1)


def test_the_scan_of_a_workshop_keystore_comes_back_as_it_was(workshop: Workshop, tmp_path: Path) -> None:
    path = workshop.write(tmp_path)
    with TimeoutGuard() as patience:
        for passwords in ([], [PASSWORD]):
            facts = scan_file(path, passwords, patience)
            assert KeystoreFacts.from_json(json.loads(json.dumps(facts.to_json())), len(passwords)) == facts
