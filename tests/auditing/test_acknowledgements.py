"""Acknowledged keystores and findings count apart at every door, and only while nothing has changed."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import icalendar
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ehtoolkit import errors
from ehtoolkit.auditing.acknowledgements import (
    FILE,
    Acknowledgement,
    AcknowledgementStore,
    KeystoreMark,
    VoidReason,
    held,
)
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.changes import change_rows, compare
from ehtoolkit.auditing.export.formats import ExportOptions
from ehtoolkit.auditing.export.html import web_page
from ehtoolkit.auditing.export.ics import calendar
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.export.nagios_plugin import PluginStatus, plugin_result
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.clock import DUE_WITHIN, brussels_day
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from ehtoolkit.watch.thresholds import thresholds_reached
from tests.auditing.conftest import CLAIRE, ELISE, NOW, PASSWORD, Workshop

TEXTS = Translator("en")
NAMES = Pseudonyms(b"k" * 32)
TODAY = brussels_day(NOW)
CRITICAL = timedelta(days=30)


@dataclass(frozen=True)
class Practice:
    """A keystore that something is due of, beside one that is fine. ``finding``: what is acknowledged; None: all."""

    folder: Path
    home: Path
    file: Path
    finding: str | None
    opens: bool = True

    def audit(self, now: timedelta = timedelta()) -> Audit:
        options = AuditOptions(
            now=NOW + now, processes=1, language="en", unattended=True, acknowledgements=self.home
        )
        return audit_folder(
            [self.folder], lambda file: PASSWORD if self.opens or file != self.file else None, options
        )

    def mark(self) -> KeystoreMark:
        return next(mark for mark in self.audit().marks if mark.file == str(self.file))

    def acknowledge(self, until: date | None = None) -> str:
        made = Acknowledgement.of(self.mark(), NOW, "left the practice", self.finding, until)
        return AcknowledgementStore(self.home).add([made])[0].id


def expired(folder: Path, workshop: Workshop) -> tuple[Path, str | None, bool]:
    return workshop.write(folder, ELISE, -900, -30), None, True


def without_etk(folder: Path, workshop: Workshop) -> tuple[Path, str | None, bool]:
    return workshop.write(folder, ELISE, stage="installed"), None, True


def one_finding(folder: Path, workshop: Workshop) -> tuple[Path, str | None, bool]:
    return workshop.write(folder, ELISE, -900, 20), "certificate_renewable", True


def closed(folder: Path, workshop: Workshop) -> tuple[Path, str | None, bool]:
    return workshop.write(folder, ELISE), None, False


KINDS = (expired, without_etk, one_finding, closed)


@pytest.fixture(params=KINDS, ids=lambda kind: str(kind.__name__))
def practice(request: pytest.FixtureRequest, workshop: Workshop, tmp_path: Path) -> Practice:
    workshop.write(tmp_path / "ks", CLAIRE, pair=2)
    file, finding, opens = request.param(tmp_path / "ks", workshop)
    return Practice(tmp_path / "ks", tmp_path / "home", file, finding, opens)


# ── Doors ────────────────────────────────────────────────────────────────────────────────────────────────
def samples(audit: Audit) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(metrics_text(audit, NAMES)):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.value)
    return found


def counts(audit: Audit) -> dict[str, bool]:
    """Whether each door counts the keystore, by the name of the door."""
    file = next(row.file for row in audit.rows.keystores if ELISE in row.file)
    value = json.loads(audit.to_json(full=True) or "")
    row = next(row for row in value["keystores"] if row["file"] == file)
    plugin = plugin_result(audit, TEXTS, DUE_WITHIN, CRITICAL)
    metrics = samples(audit)
    reached, _ = thresholds_reached(audit.snapshot(), {})
    text, quiet = audit.to_text(full=True) or "", audit.verdict
    assert ("acknowledged=1" in plugin.line) == row["acknowledged"]
    assert ("Acknowledged, and not counted: keystores 1" in text) == row["acknowledged"]
    assert ("Acknowledged, and not counted: keystores 1" in (audit.to_markdown() or "")) == row[
        "acknowledged"
    ]
    assert ("Acknowledged, and not counted: keystores 1" in web_page(audit, TEXTS)) == row["acknowledged"]
    assert metrics["ehtoolkit_findings"][:2] == [
        sum(found.finding.severity == name for found in audit.audit_findings if not found.acknowledged)
        for name in ("error", "warning")
    ]
    doors = {
        "exit code": audit.is_due,
        "verdict": bool(quiet.pressing),
        "text": file in text,
        "json": value["due"],
        "row": not row["acknowledged"],
        "nagios": plugin.status is not PluginStatus.OK,
        "prometheus": metrics["ehtoolkit_audit_due"] == [1.0],
        "prometheus keystore": 1.0 not in metrics["ehtoolkit_keystore_acknowledged"],
    }
    days = next(row.days_left for row in audit.rows.keystores if row.file == file)
    if days is not None and days <= 90:
        doors["thresholds"] = any(event.keystore.file == file for event in reached)
    return doors


def same(doors: dict[str, bool]) -> bool:
    """What all doors say."""
    assert len(set(doors.values())) == 1, doors
    return next(iter(doors.values()))


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────
def test_every_door_counts_it_until_it_is_acknowledged(practice: Practice) -> None:
    assert same(counts(practice.audit()))
    before = practice.audit()
    name = practice.acknowledge()
    after = practice.audit()
    assert not same(counts(after))
    # How it stands is what it was.
    assert [replace(row, acknowledged=False) for row in after.rows.keystores] == list(before.rows.keystores)
    AcknowledgementStore(practice.home).remove([name])
    assert same(counts(practice.audit()))


def test_the_last_day_counts_and_the_next_one_does_not(practice: Practice) -> None:
    practice.acknowledge(until=TODAY + timedelta(days=2))
    assert not same(counts(practice.audit(timedelta(days=2)))), "days that pass change nothing"
    assert same(counts(practice.audit(timedelta(days=3))))


def test_another_state_is_void(practice: Practice, workshop: Workshop) -> None:
    """The same key, in a file that is damaged, closed, open, or without its encryption key."""
    practice.acknowledge()
    if not practice.opens:
        workshop.write(practice.folder, ELISE, -900, -30)
        changed = replace(practice, opens=True)
    elif practice.mark().state == "no_etk":
        practice.file.write_bytes(practice.file.read_bytes()[:-100])
        changed = practice
    else:
        changed = replace(practice, opens=False)
    assert same(counts(changed.audit()) | {"thresholds": True})


def test_another_end_is_void(practice: Practice, workshop: Workshop) -> None:
    """Renewed in the same file, with the same key, and again in need."""
    ends = {"expired": -10, "renewable": 25, "no_etk": 800, "closed": 700}[practice.mark().state]
    stage = "installed" if practice.mark().state == "no_etk" else "complete"
    before = practice.mark()
    practice.acknowledge()
    workshop.write(practice.folder, ELISE, -800, ends, stage=stage)
    after = practice.mark()
    assert (before.key_id, before.state) == (after.key_id, after.state)
    assert (before.end != after.end) == practice.opens
    assert same(counts(practice.audit()))


# ── What holds ───────────────────────────────────────────────────────────────────────────────────────────
def test_it_follows_the_key_to_another_name(workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.write(tmp_path / "ks", ELISE, -900, -30)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None)
    practice.acknowledge()
    file.rename(tmp_path / "ks" / "kept.p12")
    assert not practice.audit().is_due


def test_a_closed_file_is_known_by_its_content(workshop: Workshop, tmp_path: Path) -> None:
    """Another closed file in its place may be another keystore, also one with the same key."""
    file = workshop.write(tmp_path / "ks", ELISE)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None, opens=False)
    for pair in (1, 0):
        practice.acknowledge()
        assert not practice.audit().is_due
        workshop.write(tmp_path / "ks", ELISE, -50, 800, pair=pair)
        assert practice.audit().is_due


def test_other_findings_of_a_keystore_count(workshop: Workshop, tmp_path: Path) -> None:
    """An acknowledged finding leaves the keystore in as long as another one is due."""
    file = workshop.write(tmp_path / "ks", ELISE, -900, 20, stage="installed")
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, "etk_missing")
    practice.acknowledge()
    audit = practice.audit()
    assert {(each.finding.key, each.acknowledged) for each in audit.audit_findings} == {
        ("etk_missing", True),
        ("certificate_ends", False),
    }
    assert [each.finding.key for each in audit.verdict.pressing] == ["certificate_ends"]
    assert not audit.rows.keystores[0].acknowledged


def test_a_finding_that_is_not_due_leaves_the_keystore_in(workshop: Workshop, tmp_path: Path) -> None:
    """Else its end would come unsaid."""
    file = workshop.write(tmp_path / "ks", ELISE, name="mine.p12")
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, "misnamed")
    practice.acknowledge()
    assert practice.audit().acknowledged_counts == {"keystores": 0, "findings": 1}
    assert practice.audit(timedelta(days=880)).is_due


def test_two_paths_that_are_printed_alike_are_acknowledged_together(tmp_path: Path) -> None:
    marks = [
        KeystoreMark(f"{tmp_path}/a{sign}.p12", f"{tmp_path}/a?.p12", key * 40, "expired", NOW)
        for sign, key in (("\x01", "A"), ("\x02", "B"))
    ]
    made = [Acknowledgement.of(mark, NOW, "left", None, None) for mark in marks]
    assert held(made[:1], marks, TODAY) == {}
    assert held(made, marks, TODAY) == {marks[0].shown: {None}}


@pytest.mark.parametrize(("change", "reason"), [
    (lambda mark: mark, None),
    (lambda mark: replace(mark, state="revoked"), VoidReason.STATE),
    (lambda mark: replace(mark, end=NOW + timedelta(days=1)), VoidReason.END),
    (lambda mark: replace(mark, end=None), VoidReason.END),
])  # fmt: skip
def test_why_it_is_void(change: Callable[[KeystoreMark], KeystoreMark], reason: VoidReason | None) -> None:
    mark = KeystoreMark("/a.p12", "/a.p12", "A" * 40, "expired", NOW)
    made = Acknowledgement.of(mark, NOW, "left", None, TODAY)
    assert made.void_for(change(mark), TODAY) == reason
    assert made.void_for(change(mark), TODAY + timedelta(days=1)) == VoidReason.UNTIL


def test_a_missing_acknowledged_keystore_is_no_alarm(workshop: Workshop, tmp_path: Path) -> None:
    """It was put away by hand."""
    workshop.write(tmp_path / "ks", CLAIRE, pair=2)
    file = workshop.write(tmp_path / "ks", ELISE, -900, -30)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None)
    counted = practice.audit().snapshot()
    practice.acknowledge()
    apart = practice.audit().snapshot()
    file.unlink()
    later = practice.audit().snapshot()
    assert [change.is_alarming for change in compare(counted, later)] == [True]
    assert [change.is_alarming for change in compare(apart, later)] == [False]
    for earlier, is_due in ((counted, True), (apart, False)):
        (row,) = change_rows(compare(earlier, later), later)
        assert (row.change, row.acknowledged, row.is_due) == ("gone", not is_due, is_due)


def test_the_calendar_leaves_it_out(workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.write(tmp_path / "ks", ELISE, -900, 20)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None)

    def events() -> int:
        made = calendar(practice.audit(), TEXTS, ExportOptions())
        return len(icalendar.Calendar.from_ical(made).walk("VEVENT"))

    assert events() == 2
    practice.acknowledge()
    assert events() == 0


def test_the_plugin_is_fine_when_all_are_acknowledged(workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.write(tmp_path / "ks", ELISE, -900, -30)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None)
    practice.acknowledge()
    result = plugin_result(practice.audit(), TEXTS, DUE_WITHIN, CRITICAL)
    assert result.status is PluginStatus.OK
    assert result.line.startswith("EHEALTH OK - Every keystore is acknowledged (1).")
    assert "keystores=0;;;0" in result.line
    assert "acknowledged=1;;;0" in result.line


# ── The store ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("content", [b"", b"{}", b"[{}]", b"\xff", b'[{"id": "1"'])
def test_a_damaged_store_is_said_and_kept(content: bytes, workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.write(tmp_path / "ks", ELISE)
    practice = Practice(tmp_path / "ks", tmp_path / "home", file, None)
    name = practice.acknowledge()
    path = practice.home / FILE
    path.write_bytes(content)
    audit = practice.audit()
    assert [(each.finding.key, each.file) for each in audit.verdict.pressing] == [
        ("acknowledgements_unreadable", str(path))
    ]
    store = AcknowledgementStore(practice.home)
    with pytest.raises(errors.FileUnreadable):
        store.read()
    with pytest.raises(errors.FileUnreadable):
        practice.acknowledge()
    with pytest.raises(errors.FileUnreadable):
        store.remove([name])
    assert path.read_bytes() == content


def test_an_unknown_id_removes_nothing(tmp_path: Path) -> None:
    store = AcknowledgementStore(tmp_path)
    (added,) = store.add([_made(0)])
    with pytest.raises(errors.AcknowledgementUnknown) as raised:
        store.remove([added.id, "0"])
    assert (raised.value.id, raised.value.known) == ("0", added.id)
    assert store.read() == (added,)


def test_no_two_have_the_same_id(tmp_path: Path) -> None:
    store, made = AcknowledgementStore(tmp_path), _made(0)
    added = store.add([made, made])
    assert len({each.id for each in (*added, *store.add([made]))}) == 3
    assert len(store.read()) == 3
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def _made(number: int) -> Acknowledgement:
    mark = KeystoreMark("/a.p12", "/a.p12", f"{number:040x}", "expired", NOW)
    return Acknowledgement.of(mark, NOW, "left", None, None)


def _add_many(folder: Path, first: int) -> None:
    store = AcknowledgementStore(folder)
    for number in range(first, first + 20):
        store.add([_made(number)])


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_add_many, args=(tmp_path, first)) for first in (0, 20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    kept = AcknowledgementStore(tmp_path).read()
    assert sorted(each.key_id or "" for each in kept) == [f"{number:040x}" for number in range(40)]


def test_commands_pages_and_python_read_the_same_store(tmp_path: Path) -> None:
    from ehtoolkit.auditing.request import AuditRequest

    settings = load_settings(home=tmp_path)
    made = AuditOptions.of(settings, AuditRequest(registry=False), training_now=lambda: NOW)
    assert made.acknowledgements == settings.home / "audit"
