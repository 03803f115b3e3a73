"""What was known of a keystore stays: the end of one that breaks, closes or is gone, and an empty folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.export.nagios_plugin import plugin_result
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.scan.last_seen import keep_seen_files, read_seen_files
from ehtoolkit.auditing.scan.scanning import find_audited_keystores
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.records import CachedState, write_cached_state
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop

DAY = timedelta(days=1)
NAMES = Pseudonyms(b"k" * 32)


@pytest.fixture
def options(tmp_path: Path) -> AuditOptions:
    return AuditOptions(now=NOW, processes=1, language="en", notes=tmp_path / "notes")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(load_settings(home=tmp_path / "home")) as opened:
        yield opened


def ends(audit: Audit) -> list[tuple[str, str, int | None]]:
    """The findings about ends: key, variant, days."""
    return sorted(
        (each.finding.key, each.finding.variant, each.days)
        for each in audit.audit_findings
        if each.finding.key in ("certificate_ends", "certificate_expired", "certificate_over")
    )


# ── files that break ─────────────────────────────────────────────────────────────────────────────────────
def test_a_file_that_breaks_keeps_its_end(workshop: Workshop, tmp_path: Path, options: AuditOptions) -> None:
    folder = tmp_path / "ks"
    path = workshop.write(folder, ELISE, -900, 100)
    whole = path.read_bytes()
    (before,) = audit_folder([folder], lambda _: PASSWORD, options).rows.keystores
    path.write_bytes(whole[: len(whole) // 2])

    def look(days: int) -> Audit:
        return audit_folder([folder], lambda _: PASSWORD, replace(options, now=NOW + days * DAY))

    for days, expected, status in (
        (1, [], "UNKNOWN"),
        (80, [("certificate_ends", "broken", 20)], "CRITICAL"),
        (103, [("certificate_expired", "broken", -3)], "CRITICAL"),
    ):
        audit = look(days)
        assert plugin_result(audit, Translator("en"), 90 * DAY, 30 * DAY).status.name == status
        (row,) = audit.rows.keystores
        assert (row.state, row.urgency) == ("unreadable", "stops")
        assert (row.not_after, row.key_id, row.days_left) == (
            before.not_after,
            before.key_id,
            100 - days,
        )
        assert ends(audit) == expected
        assert set(audit.ends) == {str(path)}
    path.write_bytes(whole)
    assert ends(look(80)) == [], "what is renewable is said of the file itself"
    assert [row.state for row in look(80).rows.keystores] == ["renewable"]


def test_the_end_of_a_broken_file_counts_until_a_newer_one_is_seen(
    workshop: Workshop, tmp_path: Path, options: AuditOptions
) -> None:
    folder = tmp_path / "ks"
    path = workshop.write(folder, ELISE, -900, 20)
    audit_folder([folder], lambda _: PASSWORD, options)
    path.write_bytes(b"rubbish" * 50)
    workshop.write(folder, KARL, -10, 900, pair=1)
    assert ends(audit_folder([folder], lambda _: PASSWORD, options)) == [("certificate_ends", "broken", 20)]
    newer = workshop.write(tmp_path / "elsewhere", ELISE, -10, 900, pair=2)
    folders = [folder, newer.parent]
    assert ends(audit_folder(folders, lambda _: PASSWORD, options)) == []
    assert ends(audit_folder(folders, None, options)) == [("certificate_ends", "broken", 20)], (
        "of one that stays closed, whether it is newer does not show"
    )


def test_the_end_of_a_broken_file_counts_until_its_content_is_read_elsewhere(
    workshop: Workshop, tmp_path: Path, options: AuditOptions
) -> None:
    folder = tmp_path / "ks"
    path = workshop.write(folder, ELISE, -900, 20)
    audit_folder([folder], lambda _: PASSWORD, options)
    (folder / "copy").mkdir()
    path.with_name("copy").joinpath(path.name).write_bytes(path.read_bytes())
    path.write_bytes(b"rubbish" * 50)
    assert (
        ends(audit_folder([folder], lambda _: PASSWORD, options)) == []
    )  # the copy says that it is renewable


def test_what_a_procedure_saw_counts_by_the_path(
    workshop: Workshop, tmp_path: Path, options: AuditOptions
) -> None:
    path = workshop.write(tmp_path / "ks", ELISE, -900, 20)
    assert options.notes is not None
    write_cached_state(options.notes, CachedState.of(workshop.keystore(ELISE, -900, 20), "0" * 64, path=path))
    path.write_bytes(b"rubbish" * 50)
    assert ends(audit_folder([path.parent], None, options)) == [("certificate_ends", "broken", 20)]


def test_a_password_that_is_changed_forgets_no_end_that_an_audit_saw(
    workshop: Workshop, tmp_path: Path, options: AuditOptions
) -> None:
    path = workshop.write(tmp_path / "ks", ELISE, -900, 20)
    audit_folder([path.parent], lambda _: PASSWORD, options)
    audit = audit_folder([path.parent], lambda _: Secret("another one"), options)
    (row,) = audit.rows.keystores
    assert (row.state, row.urgency, row.days_left) == ("closed", "soon", 20)
    assert ends(audit) == [("certificate_ends", "seen", 20)]
    workshop.write(tmp_path / "ks", ELISE, -10, 900, pair=1)  # another keystore, in a file of the same name
    assert ends(audit_folder([path.parent], None, options)) == []


def test_what_audits_keep_is_bounded(workshop: Workshop, tmp_path: Path, options: AuditOptions) -> None:
    """Of more files those that end first; of a certificate that is long over nothing; without a folder for notes, or in
    one that cannot be written, an audit goes on."""
    folder, notes = tmp_path / "ks", tmp_path / "notes"
    workshop.write(folder, ELISE, -900, 900)
    first = workshop.write(folder, KARL, -900, 20, pair=1)
    workshop.write(folder, CLAIRE, -2000, -400, pair=2)
    seen, _ = find_audited_keystores([folder], (), lambda _: PASSWORD, replace(options, notes=None))
    keep_seen_files(notes, seen.values(), options.now, most=2)
    assert set(read_seen_files(notes)) == {str(first)}
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    for other in (None, blocked):
        assert len(audit_folder([folder], lambda _: PASSWORD, replace(options, notes=other)).keystores) == 3
    (notes / "audited" / "keystores.json").write_text("{")
    assert read_seen_files(notes) == {}


# ── with the registry ────────────────────────────────────────────────────────────────────────────────────
def assigned(registry: Registry, path: Path, ends: int | None) -> None:
    record = registry.add(Provider("Vandamme", "Élise", niss=ELISE))
    end = None if ends is None else NOW + ends * DAY
    registry.assign(record.id or 0, Assignment(str(path), holder=f"SSIN={ELISE}", not_after=end))


@pytest.mark.parametrize("is_gone", [True, False])
def test_the_registry_knows_the_end_of_a_file_that_is_gone_or_broken(
    workshop: Workshop, tmp_path: Path, options: AuditOptions, registry: Registry, is_gone: bool
) -> None:
    path = tmp_path / "ks" / "elise.p12"
    workshop.write(path.parent, KARL, pair=1)
    if not is_gone:
        path.write_bytes(b"rubbish" * 50)
    assigned(registry, path, 20)
    audit = audit_providers(registry, [path.parent], lambda _: PASSWORD, options)
    assert ends(audit) == [("certificate_ends", "broken", 20)], "once, although the registry has it too"
    later = replace(options, now=NOW + 23 * DAY)
    assert ends(audit_providers(registry, [path.parent], lambda _: PASSWORD, later)) == [
        ("certificate_expired", "broken", -3)
    ]
    workshop.write(path.parent, ELISE, -10, 900, pair=2)
    audit = audit_providers(registry, [path.parent], lambda _: PASSWORD, later)
    assert ends(audit) == []


def test_what_an_audit_saw_of_a_file_counts_when_it_is_gone(
    workshop: Workshop, tmp_path: Path, options: AuditOptions, registry: Registry
) -> None:
    path = workshop.write(tmp_path / "ks", ELISE, -900, 20)
    assigned(registry, path, None)
    audit_providers(registry, [path.parent], lambda _: PASSWORD, options)
    path.unlink()
    audit = audit_providers(registry, [], lambda _: PASSWORD, options)
    assert ends(audit) == [("certificate_ends", "broken", 20)]
    assert "assigned_missing" in set(audit.findings["key"])


# ── folders without a keystore ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["empty", "gone", "not listed"])
def test_a_named_folder_without_keystores_is_due_by_every_door(
    kind: str, workshop: Workshop, tmp_path: Path, options: AuditOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, other = tmp_path / "good", tmp_path / "other"
    workshop.write(good)
    if kind != "gone":
        other.mkdir()
        (other / "letter.txt").write_text("no keystore")
    if kind == "not listed":
        really = os.scandir

        def refused(folder: Any = ".") -> Any:
            if folder == other:
                raise PermissionError(13, "denied")
            return really(folder)

        monkeypatch.setattr(os, "scandir", refused)
    fine = audit_folder([good], lambda _: PASSWORD, options)
    assert (fine.is_due, fine.verdict.unread) == (False, 0)
    audit = audit_folder([good, other], lambda _: PASSWORD, options)
    key = {"empty": "folder_empty", "gone": "folder_missing", "not listed": "folder_unreadable"}[kind]
    assert [(each.finding.key, each.file) for each in audit.verdict.pressing] == [(key, str(other))]
    assert audit.is_due
    assert audit.snapshot().problems == {str(other): key}
    assert plugin_result(audit, Translator("en"), 90 * DAY, 30 * DAY).status.name == "UNKNOWN"
    metrics = metrics_text(audit, NAMES).splitlines()
    assert "ehtoolkit_audit_due 1.0" in metrics
    assert "ehtoolkit_audit_read_errors 1.0" in metrics


def test_which_folders_have_no_keystore(workshop: Workshop, tmp_path: Path, options: AuditOptions) -> None:
    """One with a keystore in a folder within has; so has one that another path had led to before, and one in which
    something could not be looked into has its own finding."""
    deep, root = tmp_path / "ks" / "a" / "b", tmp_path / "ks"
    file = workshop.write(deep)
    (root / "empty").mkdir()
    link = tmp_path / "link"
    link.symlink_to(root)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "away").symlink_to(tmp_path)

    def empty(*places: Path) -> set[str | None]:
        found = audit_folder(places, None, options).audit_findings
        return {each.file for each in found if each.finding.key == "folder_empty"}

    assert empty(root) == empty(deep, root) == empty(root, deep) == empty(file) == set()
    assert empty(root, link) == empty(link, root) == set()
    assert empty(root, root / "empty") == empty(root / "empty", root) == {str(root / "empty")}
    assert empty(hidden) == set()


def test_a_folder_that_nobody_named_may_be_empty(tmp_path: Path, options: AuditOptions) -> None:
    folder = tmp_path / "ks"
    folder.mkdir()
    assert audit_folder([folder], None, options).is_due
    allowed = replace(options, unnamed=frozenset({folder}))
    assert not audit_folder([folder], None, allowed).audit_findings


def test_a_practice_of_which_a_folder_has_no_file_does_not_find_it_empty(
    workshop: Workshop, tmp_path: Path, options: AuditOptions, registry: Registry
) -> None:
    path = workshop.write(tmp_path / "ks", KARL)
    for name, niss, practice, keystore in (
        ("Hennes", KARL, "Les Pins", path),
        ("Vandamme", ELISE, "Les Tilleuls", None),
    ):
        record = registry.add(Provider(name, "Anne", niss=niss, practice=practice))
        if keystore is not None:
            registry.assign(record.id or 0, Assignment(str(keystore)))
    asked = replace(options, request=AuditRequest(practice="Les Tilleuls"))
    audit = audit_providers(registry, [path.parent], lambda _: PASSWORD, asked)
    assert audit.rows.keystores == ()
    assert audit.snapshot().problems == {}
