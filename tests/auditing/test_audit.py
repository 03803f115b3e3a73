"""Folders and registry held against each other: what each table has, and what is said."""

from __future__ import annotations

import copy
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.audit_finding import FOLDER_KEYS, folder_finding
from ehtoolkit.auditing.export.nagios_plugin import PluginStatus, plugin_result
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.scan.file_scan import scan_file
from ehtoolkit.auditing.scan.judge import evaluate
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.finding import Severity, Topic, Urgency
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.passwords import Guesses
from ehtoolkit.keystore.storage.records import CachedState, sha256_of_file, write_cached_state
from ehtoolkit.providers import Assignment, Period, Provider, Registry, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.system.io_timeout import TimeoutGuard
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop

Passwords = Callable[[Path], Secret]
OPTIONS = AuditOptions(
    now=NOW,
    request=AuditRequest(environment=Environment.TRAINING, registry=False),
    processes=1,
    language="en",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "keystores"
    made.mkdir()
    return made


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(load_settings(home=tmp_path / "home")) as opened:
        yield opened


def add(registry: Registry, name: str, niss: str, keystore: Path | None = None) -> Provider:
    record = registry.add(Provider(name, "Anne", niss=niss))
    if keystore is None:
        return record
    return registry.assign(record.id or 0, Assignment(str(keystore)))


def keys(audit: Audit, *, file: Path | None = None, provider: str | None = None) -> set[str]:
    """Of the findings, those of what the registry says of records as short as these left out."""
    found = audit.findings
    if file is not None:
        found = found[found["file"] == str(file)]
    if provider is not None:
        found = found[found["name"] == f"Anne {provider}"]
    return set(found["key"]) - {"type_missing", "inami_missing"}


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────
def test_the_tables_of_nothing_have_their_columns(folder: Path) -> None:
    audit = audit_folder([folder], options=replace(OPTIONS, unnamed=frozenset({folder})))
    for frame, columns in (
        (audit.keystores, ROWS["keystores"].columns()),
        (audit.providers, ROWS["providers"].columns()),
        (audit.findings, ROWS["findings"].columns()),
    ):
        assert list(frame.columns) == list(columns)
        assert len(frame) == 0
    assert str(audit.keystores["not_after"].dtype) == "datetime64[s]"
    assert str(audit.keystores["days_left"].dtype) == "Int64"
    assert not audit.is_due


def test_a_near_expiry_is_reported_beside_other_findings(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    workshop.write(folder, ELISE, -100, 1, stage="installed")
    audit = audit_folder([folder], passwords, OPTIONS)
    assert keys(audit) == {"etk_missing", "certificate_ends"}
    assert audit.is_due


@pytest.mark.parametrize(
    ("begins", "ends", "stage", "standing", "key", "due"),
    [
        (-100, 900, "complete", "complete", None, False),
        (-100, 60, "complete", "renewable", "certificate_renewable", True),
        (-900, -21, "complete", "expired", "certificate_expired", True),
        (-100, 900, "installed", "no_etk", "etk_missing", True),
        (-100, 900, "prepared", "prepared", "certificate_missing", True),
        (10, 900, "complete", "not_yet_valid", "certificate_to_come", False),
    ],
)
def test_how_a_certificate_stands(
    begins: int,
    ends: int,
    stage: str,
    standing: str,
    key: str | None,
    due: bool,
    folder: Path,
    workshop: Workshop,
    passwords: Passwords,
) -> None:
    path = workshop.write(folder, ELISE, begins, ends, stage=stage)
    audit = audit_folder([folder], passwords, OPTIONS)
    (row,) = audit.keystores.to_dict("records")
    assert (row["file"], row["state"], row["holder"]) == (str(path), standing, f"SSIN={ELISE}")
    assert row["opened"]
    assert keys(audit) == ({key} if key else set())
    assert audit.is_due == due
    if stage != "prepared":
        assert (row["days_left"], row["environment"]) == (ends, "training")
        assert row["not_after"] == pd.Timestamp((NOW + timedelta(days=ends)).date())


def test_due_within_reaches_further_than_the_guess(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    workshop.write(folder, ends=200)
    assert not audit_folder([folder], passwords, OPTIONS).is_due
    audit = audit_folder(
        [folder], passwords, replace(OPTIONS, request=AuditRequest(due_within=timedelta(days=200)))
    )
    assert audit.is_due
    assert keys(audit) == {"certificate_ends"}


def test_without_a_password_what_shows_is_shown(folder: Path, workshop: Workshop) -> None:
    workshop.write(folder)
    audit = audit_folder([folder], options=OPTIONS)
    (row,) = audit.keystores.to_dict("records")
    assert (row["state"], row["holder"], row["etks"]) == ("closed", f"SSIN={ELISE}", 1)
    assert not row["opened"]
    assert not row["by_content"]
    assert row["key_id"] == workshop.keystore(ELISE, -100, 900).key_id
    assert pd.isna(row["days_left"])
    assert keys(audit) == {"closed"}


def test_a_wrong_password_is_reported(folder: Path, workshop: Workshop) -> None:
    workshop.write(folder)
    audit = audit_folder([folder], lambda _: Secret("Another-1"), OPTIONS)
    assert keys(audit) == {"password_wrong"}


def test_a_failed_guess_is_no_wrong_password(folder: Path, workshop: Workshop) -> None:
    """A password that was meant for other files too: this one is closed, its own password is asked for."""
    workshop.write(folder)
    audit = audit_folder([folder], lambda _: Guesses((Secret("Another-1"),)), OPTIONS)
    (audit_finding,) = audit.audit_findings
    assert (audit_finding.finding.key, audit_finding.finding.variant) == ("closed", "tried")
    assert audit_finding.finding.severity is Severity.WARNING
    assert list(audit.keystores["state"]) == ["closed"]
    assert audit.is_due  # its end is not known
    right = audit_folder([folder], lambda _: Guesses((Secret("Another-1"), PASSWORD)), OPTIONS)
    assert list(right.keystores["state"]) == ["complete"]
    assert keys(right) == set()


def test_a_closed_newer_file_still_replaces_when_a_guess_fails(folder: Path, workshop: Workshop) -> None:
    old = workshop.write(folder, ELISE, -900, -21, at="20240601-120000")
    new = workshop.write(folder, ELISE, -60, 900, pair=1, at="20260925-120000")

    def passwords(path: Path) -> Guesses:
        return Guesses((PASSWORD if path == old else Secret("Another-1"),))

    audit = audit_folder([folder], passwords, OPTIONS)
    assert keys(audit, file=old) == {"replaced"}
    assert keys(audit, file=new) == {"closed"}


@pytest.mark.parametrize("platform_state", ["", "revoked", "refused"])
def test_a_closed_file_is_described_by_its_cached_state(
    platform_state: str, folder: Path, workshop: Workshop, tmp_path: Path
) -> None:
    path = workshop.write(folder, ELISE, -900, -21)
    notes, keystore = tmp_path / "notes", workshop.keystore(ELISE, -900, -21)
    write_cached_state(notes, CachedState.of(keystore, sha256_of_file(path), platform_state))
    options = replace(OPTIONS, notes=notes)
    audit = audit_folder([folder], options=options)
    (row,) = audit.keystores.to_dict("records")
    assert not row["opened"]
    assert (row["state"], row["days_left"], row["by_content"]) == (platform_state or "expired", -21, True)
    assert (row["urgency"], row["action"]) == ("stops", "request")
    if platform_state:
        assert ("revoked" in keys(audit)) is (platform_state == "revoked")
        return
    assert {
        (audit_finding.finding.key, audit_finding.finding.variant) for audit_finding in audit.audit_findings
    } == {
        ("closed", "seen"),
        ("certificate_expired", ""),
    }
    assert keys(audit_folder([folder], lambda _: Guesses((Secret("Another-1"),)), options)) == {
        "closed",
        "certificate_expired",
    }
    path.write_bytes(path.read_bytes() + b"\0")
    assert list(audit_folder([folder], options=options).keystores["state"]) != ["expired"]


def test_a_file_replaced_in_another_folder_is_not_due(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    old = workshop.write(folder / "a", ELISE, -900, -21, at="20240601-120000")
    new = workshop.write(folder / "b", ELISE, -60, 900, pair=1, at="20260925-120000")
    audit = audit_folder([folder], passwords, OPTIONS)
    (audit_finding,) = audit.audit_findings
    assert (audit_finding.file, audit_finding.finding.key, audit_finding.finding.variant) == (
        str(old),
        "replaced",
        "elsewhere",
    )
    assert audit_finding.finding.facts["newer"] == str(new)
    assert audit.keystores.set_index("file")["replaced_by"][str(old)] == str(new)
    valid = workshop.write(folder / "c", KARL, -900, 500, at="20240601-120000")
    workshop.write(folder / "d", KARL, -60, 900, pair=2, at="20260925-120000")
    assert keys(audit_folder([folder], passwords, OPTIONS), file=valid) == set()  # it is in use there


def test_a_folder_that_sorts_between_two_files_parts_them_not(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    old = workshop.write(folder, ELISE, -200, 500, at="20260101-120000")
    workshop.write(folder / f"SSIN={ELISE} 20260501 copies", KARL, pair=2)
    new = workshop.write(folder, ELISE, -60, 900, pair=1, at="20260925-120000")
    audit = audit_folder([folder], passwords, OPTIONS)
    assert audit.keystores.set_index("file")["replaced_by"][str(old)] == str(new)
    assert keys(audit) == {"replaced"}


def test_the_order_of_files_does_not_change_the_findings(folder: Path, workshop: Workshop) -> None:
    """An audit by many processes sees the files of a folder between those of others."""
    paths = [
        workshop.write(folder / "a", ELISE, -200, 500, at="20260101-120000"),
        workshop.write(folder / "a", ELISE, -60, 900, pair=1, at="20260925-120000"),
        workshop.write(folder / "b", KARL, pair=2),
    ]
    files = list(map(str, paths))
    with TimeoutGuard() as patience:
        seen = [(str(path), scan_file(path, [PASSWORD], patience).reading) for path in paths]
    expected = evaluate(seen, files, lambda *_: NOW)
    assert [keystore.replaced_by for keystore in expected.values()] == [files[1], None, None]
    for order in itertools.permutations(seen):
        judged = evaluate(order, files, lambda *_: NOW)
        assert list(judged) == files
        assert judged == expected


def test_the_older_of_two_is_replaced_and_the_most_urgent_is_first(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    old = workshop.write(folder, ELISE, -900, -21, at="20240601-120000")
    new = workshop.write(folder, ELISE, -60, 900, pair=1, at="20260925-120000")
    soon = workshop.write(folder, CLAIRE, -900, 20, pair=2)
    gone = workshop.write(folder, KARL, -900, -5, pair=3)
    audit = audit_folder([folder], passwords, OPTIONS)
    assert list(audit.findings["file"]) == [str(gone), str(soon), str(old)]
    assert list(audit.findings["severity"]) == ["error", "warning", "info"]
    replaced = audit.keystores.set_index("file")["replaced_by"]
    assert replaced[str(old)] == str(new)
    assert replaced.notna().sum() == 1


def test_copies_of_one_person_are_reported(folder: Path, workshop: Workshop, passwords: Passwords) -> None:
    path = workshop.write(folder)
    shutil.copy(path, folder / f"SSIN={ELISE} 20260816-120000 (1).p12")
    audit = audit_folder([folder], passwords, OPTIONS)
    assert keys(audit) == {"several", "misnamed"}


def test_an_acceptance_file_among_others_is_reported(
    folder: Path, workshop: Workshop, passwords: Passwords
) -> None:
    path = workshop.write(folder)
    audit = audit_folder(
        [folder], passwords, replace(OPTIONS, request=AuditRequest(environment=Environment.PRODUCTION))
    )
    assert keys(audit, file=path) == {"environment_other"}


def test_nothing_stops_the_scan(
    folder: Path, workshop: Workshop, passwords: Passwords, tmp_path: Path
) -> None:
    good = workshop.write(folder / "within")
    os.mkfifo(folder / "pipe.p12")
    with (folder / "huge.p12").open("wb") as file:
        file.truncate(10_000_000_000)
    (folder / "dead.p12").symlink_to(tmp_path / "nowhere")
    (folder / "empty.p12").write_bytes(b"")
    (folder / "rubbish.p12").write_bytes(b"\x30\x82\x0a\x00" + bytes(range(200)))
    (folder / "within" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "archive").mkdir()
    workshop.write(folder / "archive", KARL, -900, -100)
    audit = audit_folder([folder, tmp_path / "absent"], passwords, OPTIONS)
    by_name = {Path(row["file"]).name: row for row in audit.keystores.to_dict("records")}
    assert by_name.keys() == {"pipe.p12", "huge.p12", "dead.p12", "empty.p12", "rubbish.p12", good.name}
    assert {by_name[name]["state"] for name in by_name.keys() - {good.name}} == {"unreadable"}
    assert by_name["huge.p12"]["size"] == 10_000_000_000
    assert (by_name["pipe.p12"]["kind"], by_name["dead.p12"]["kind"]) == ("special", "broken_link")
    assert by_name[good.name]["state"] == "complete"
    assert {"folder_missing", "folder_loop", "file_special", "file_broken_link", "file_empty"} <= keys(audit)


def test_it_can_be_stopped(folder: Path, workshop: Workshop) -> None:
    workshop.write(folder)
    with pytest.raises(errors.Cancelled):
        audit_folder([folder], options=replace(OPTIONS, stop=lambda: True))


# ── with the registry ────────────────────────────────────────────────────────────────────────────────────
def test_a_keystore_of_another(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    path = workshop.write(folder, KARL)
    add(registry, "Vandamme", ELISE, path)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    assert keys(audit, provider="Vandamme") == {"other_niss"}
    assert audit.is_due


SAME_DAY = ELISE[:6] + "19997"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_keystore_of_another_born_on_the_same_day(
    folder: Path, workshop: Workshop, registry: Registry, language: LanguageName
) -> None:
    """Masked, both numbers look the same: the places that differ are named. The file stays closed: the registry's rule
    would say the same again."""
    path = workshop.write(folder, ELISE)
    record = add(registry, "Vandamme", SAME_DAY)
    holder = Assignment(str(path), None, f"SSIN={ELISE}", NOW + timedelta(days=900))
    registry.assign(record.id or 0, holder)
    audit = audit_providers(registry, [folder], None, replace(OPTIONS, language=language)).masked()
    (message,) = [text for text in audit.findings["message"] if text.count("790314*****") == 2]
    said = Translator(language).get(
        "registry.certificate_other_niss", number="790314*****", other="790314*****", digits="7-11"
    )
    places = [str(place) for place in range(1, 12) if ELISE[place - 1] != SAME_DAY[place - 1]]
    assert f"{places[0]}-{places[-1]}" in message
    assert len(places) == int(places[-1]) - int(places[0]) + 1
    for sentence in (message, said):
        assert re.search(r"\b(another|ander|autre|anderen) (SSIN|INSZ|NISS|ENSS)\b", sentence)


@pytest.mark.parametrize(("days", "due"), [(120, True), (119, False)])
def test_due_within_reaches_what_the_registry_knows(
    days: int, due: bool, folder: Path, workshop: Workshop, registry: Registry
) -> None:
    """The file stays closed: its end is the one that the registry has."""
    path = workshop.write(folder, ELISE)
    record = add(registry, "Vandamme", ELISE)
    end = NOW + timedelta(days=120)
    registry.assign(record.id or 0, Assignment(str(path), None, f"SSIN={ELISE}", end))
    options = replace(OPTIONS, request=AuditRequest(due_within=timedelta(days=days)))
    audit = audit_providers(registry, [folder], None, options)
    assert ("certificate_ends" in keys(audit, provider="Vandamme")) is due
    assert audit.is_due is due


def with_period(registry: Registry, workshop: Workshop, folder: Path, days: int) -> Provider:
    """A record that is in order, with a keystore that is too, and a period that ends in ``days``."""
    path, number = workshop.write(folder, ELISE), "54321087527"
    period = Period("physiotherapist", date(2015, 1, 1), NOW.date() + timedelta(days=days), number)
    record = registry.add(Provider("Vandamme", "Anne", niss=ELISE, inami=number, periods=(period,)))
    return registry.assign(record.id or 0, Assignment(str(path), None, f"SSIN={ELISE}"))


@pytest.mark.parametrize(("days", "due"), [(5, True), (90, True), (91, False)])
def test_a_period_that_ends_soon_is_due(
    days: int, due: bool, folder: Path, workshop: Workshop, registry: Registry, passwords: Passwords
) -> None:
    record = with_period(registry, workshop, folder, days)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    assert audit.is_due is due
    assert [found.finding.key for found in audit.verdict.pressing] == (["period_ends"] if due else [])
    limit = timedelta(days=90)
    status = PluginStatus.WARNING if due else PluginStatus.OK
    assert plugin_result(audit, audit.texts, limit, timedelta(days=30)).status is status
    if due:
        (row,) = audit.finding_rows()
        end = NOW.date() + timedelta(days=days)
        assert (row.severity, row.due, row.days, row.provider) == ("warning", end, days, record.id)
        for text in (row.message, row.next):
            assert text in str(audit.to_markdown())
            assert text in str(audit.masked().to_text())


def test_an_end_that_only_the_registry_knows_is_a_warning_of_the_plug_in(
    folder: Path, workshop: Workshop, registry: Registry, passwords: Passwords
) -> None:
    path = workshop.write(folder, ELISE, -900, 40)
    record = add(registry, "Vandamme", ELISE)
    end = NOW + timedelta(days=40)
    registry.assign(record.id or 0, Assignment(str(path), None, f"SSIN={ELISE}", end))
    read = audit_providers(registry, [folder], passwords, OPTIONS)
    (found,) = read.verdict.pressing
    assert (found.finding.topic, found.due, read.is_end_of_row(found)) == (Topic.END, end.date(), True)
    limit = timedelta(days=20)  # of the plug-in: that of the audit is 90 days
    assert plugin_result(read, read.texts, limit, limit).status is PluginStatus.OK
    path.write_bytes(b"rubbish" * 50)
    unread = audit_providers(registry, [folder], passwords, OPTIONS)
    ends = [each for each in unread.verdict.pressing if each.finding.topic is Topic.END]
    assert [(each.finding.key, each.due, unread.is_end_of_row(each)) for each in ends] == [
        ("certificate_ends", end.date(), True)
    ]


@pytest.mark.parametrize("reason", ["missing", "unreadable", "hangs", "link", "loop"])
def test_a_folder_that_was_not_looked_into_says_so(reason: str) -> None:
    finding = folder_finding(reason, "/clients")
    assert (finding.key, finding.topic is Topic.FOLDER) == (f"folder_{reason}", finding.key in FOLDER_KEYS)
    assert finding.is_due is (finding.severity is Severity.ERROR)


def test_a_finding_keeps_what_it_is_about_when_it_is_masked_and_copied(
    folder: Path, workshop: Workshop, registry: Registry, passwords: Passwords
) -> None:
    with_period(registry, workshop, folder, 5)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)

    def about(found: Audit) -> list[object]:
        each = (audit_finding.finding for audit_finding in found.audit_findings)
        return [(finding.topic, finding.until, finding.urgency) for finding in each]

    until = NOW.date() + timedelta(days=5)
    assert about(audit) == [(Topic.PERIOD, until, Urgency.SOON)]
    assert about(audit.masked()) == about(audit)
    findings = audit.audit_findings
    assert copy.deepcopy(findings) == findings


def test_a_keystore_that_is_gone(tmp_path: Path, registry: Registry, passwords: Passwords) -> None:
    add(registry, "Vandamme", ELISE, tmp_path / "gone.p12")
    audit = audit_providers(registry, [], passwords, OPTIONS)
    assert keys(audit) == {"assigned_missing"}


def test_no_keystore_and_one_that_fits(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    path = workshop.write(folder, ELISE)
    add(registry, "Vandamme", ELISE)
    add(registry, "Noirhomme", CLAIRE)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    found = audit.findings[audit.findings["key"] == "provider_without"].set_index("name")
    assert str(path) in found.loc["Anne Vandamme", "message"]
    assert pd.isna(found.loc["Anne Noirhomme", "file"])


@pytest.mark.parametrize(("ends", "severity"), [(-21, "error"), (20, "warning")])
def test_a_newer_one_lies_beside(
    ends: int, severity: str, folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    old = workshop.write(folder, ELISE, -900, ends, at="20240601-120000")
    new = workshop.write(folder, ELISE, -60, 900, pair=1, at="20260925-120000")
    add(registry, "Vandamme", ELISE, old)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    found = audit.findings.set_index("key")
    assert found.loc["newer_beside", "severity"] == severity
    assert str(new) in found.loc["newer_beside", "message"]
    assert found.loc["newer_beside", "days"] == ends
    assert keys(audit, file=old) == {"newer_beside"}
    assert audit.is_due


def test_the_newest_is_assigned_without_a_finding(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    workshop.write(folder, ELISE, -900, -21, at="20240601-120000")
    new = workshop.write(folder, ELISE, -60, 900, pair=1, at="20260925-120000")
    add(registry, "Vandamme", ELISE, new)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    assert keys(audit) == {"replaced"}


def test_one_of_another_environment_is_an_error_once_it_is_assigned(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    add(registry, "Vandamme", ELISE, workshop.write(folder, ELISE))
    options = replace(OPTIONS, request=AuditRequest(environment=Environment.PRODUCTION))
    assert keys(audit_providers(registry, [folder], passwords, options)) == {"assigned_environment"}


def test_a_shared_file_and_an_unassigned_file(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    path = workshop.write(folder, ELISE)
    left = workshop.write(folder, KARL, pair=2)
    add(registry, "Vandamme", ELISE, path)
    add(registry, "Noirhomme", "", path)
    audit = audit_providers(registry, [folder], passwords, OPTIONS)
    assert keys(audit, provider="Vandamme") == {"shared"}
    assert "shared" in keys(audit, provider="Noirhomme")
    assert keys(audit, file=left) == {"nobody"}


def test_providers_by_keystores(
    folder: Path, workshop: Workshop, passwords: Passwords, registry: Registry
) -> None:
    mine = workshop.write(folder, ELISE, ends=300)
    alone = workshop.write(folder, KARL, ends=100, pair=2)
    add(registry, "Vandamme", ELISE, mine)
    add(registry, "Noirhomme", CLAIRE)
    merged = audit_providers(registry, [folder], passwords, OPTIONS).merged
    rows = [
        (row["name"], row["file"])
        for row in merged.astype(object).where(merged.notna(), None).to_dict("records")
    ]
    assert rows == [(None, str(alone)), ("Vandamme", str(mine)), ("Noirhomme", None)]
    assert str(merged["days_left"].dtype) == "Int64"
    assert str(merged["state"].dtype) == "category"


def test_the_estimate_is_called_an_estimate_in_four_languages() -> None:
    words = {"fr": "estimation", "nl": "schatting", "de": "Schätzung", "en": "estimate"}
    for language in LANGUAGES:
        sentence = Translator(language).get("audit.certificate_renewable", date=NOW, days=60, months=3)
        assert words[language] in sentence


# ── one client of several ────────────────────────────────────────────────────────────────────────────────
def test_an_audit_for_one_practice_has_that_practice_alone(
    folder: Path, registry: Registry, workshop: Workshop, passwords: Passwords, tmp_path: Path
) -> None:
    """Given to that client, it tells nothing of another: no name, no path, no number."""
    hers = workshop.write(folder, ELISE, -100, 900)
    his = workshop.write(folder, CLAIRE, -100, 20)
    elsewhere = workshop.write(tmp_path / "elsewhere", KARL, -900, -10)
    for name, niss, practice, keystore in (
        ("Vandamme", ELISE, "Les Tilleuls", hers),
        ("Noirhomme", CLAIRE, "De Linde", his),
        ("Hennes", KARL, "De Linde", elsewhere),
    ):
        record = registry.add(Provider(name, "Anne", niss=niss, practice=practice))
        registry.assign(record.id or 0, Assignment(str(keystore)))

    whole = audit_providers(registry, [folder], passwords, OPTIONS)
    of = {row["file"]: row["practice"] for row in whole.keystores.to_dict("records")}
    assert of == {str(hers): "Les Tilleuls", str(his): "De Linde", str(elsewhere): "De Linde"}
    assert {"Les Tilleuls", "De Linde"} <= set(whole.findings["practice"].dropna())
    assert set(whole.merged["practice"]) == {"Les Tilleuls", "De Linde"}

    practice_audit = audit_providers(
        registry, [folder], passwords, replace(OPTIONS, request=AuditRequest(practice="les tilleuls"))
    )
    document = str(practice_audit.to_json(full=True))
    assert list(practice_audit.keystores["file"]) == [str(hers)]
    for other in ("Noirhomme", "Hennes", "De Linde", str(his), str(elsewhere), CLAIRE, KARL):
        assert other not in document


def test_an_old_keystore_of_another_practice_is_left_out_too(
    folder: Path, registry: Registry, workshop: Workshop, passwords: Passwords
) -> None:
    """Nobody has assigned it: its holder tells whose it is. Those of nobody are still told."""
    hers = workshop.write(folder, ELISE, -100, 900)
    his = workshop.write(folder, CLAIRE, -100, 20, pair=1)
    nobodys = workshop.write(folder, KARL, -100, 20, pair=2)
    registry.add(Provider("Vandamme", "Anne", niss=ELISE, practice="Les Tilleuls"))
    registry.add(Provider("Noirhomme", "Anne", niss=CLAIRE, practice="De Linde"))
    practice_audit = audit_providers(
        registry, [folder], passwords, replace(OPTIONS, request=AuditRequest(practice="Les Tilleuls"))
    )
    assert set(practice_audit.keystores["file"]) == {str(hers), str(nobodys)}
    assert "nobody" in keys(practice_audit, file=nobodys)
    for other in ("Noirhomme", str(his), CLAIRE):
        assert other not in str(practice_audit.to_json(full=True))


def test_a_keystore_that_two_practices_have_in_common_is_in_both_audits(
    folder: Path, registry: Registry, workshop: Workshop, passwords: Passwords
) -> None:
    common = workshop.write(folder, ELISE, -100, 900)
    for name, niss, practice in (("Vandamme", ELISE, "Les Tilleuls"), ("Noirhomme", CLAIRE, "De Linde")):
        record = registry.add(Provider(name, "Anne", niss=niss, practice=practice))
        registry.assign(record.id or 0, Assignment(str(common)))
    for practice in ("Les Tilleuls", "De Linde"):
        practice_audit = audit_providers(
            registry, [folder], passwords, replace(OPTIONS, request=AuditRequest(practice=practice))
        )
        assert (
            list(practice_audit.keystores["file"]) == list(practice_audit.providers["file"]) == [str(common)]
        )


def test_the_folders_alone_have_no_practice(folder: Path, workshop: Workshop, passwords: Passwords) -> None:
    workshop.write(folder, ELISE, -100, 900)
    assert audit_folder([folder], passwords, OPTIONS).keystores["practice"].isna().all()
