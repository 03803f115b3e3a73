"""Runs of a watch, one after the other: when it speaks, and what it keeps."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.storage.records import CachedState, write_cached_state
from ehtoolkit.providers import Assignment, Period, Provider, Registry, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.auditing.conftest import ELISE, KARL, NOW, PASSWORD, Workshop
from tests.watch.practice import DAY, MESSAGES, Practice, practice, reported

__all__ = ["practice"]


def test_a_year_of_a_certificate(practice: Practice, workshop: Workshop) -> None:
    """It speaks at each threshold once, every week while something is due, and once when it was renewed."""
    old = workshop.write(practice.place, ELISE, -900, 95.4)
    days = (0, 4, 5, 6, 35, 64, 65, 66, 81, 87, 88, 94, 95, 96, 97)
    reasons = dict(zip(days, practice.reasons(days), strict=True))
    assert {day: reason for day, reason in reasons.items() if reason} == {
        5: "due",
        35: "due",
        64: "due",
        65: "due",
        81: "due",
        88: "due",
        94: "due",
        96: "due",
    }
    workshop.write(practice.place, ELISE, 96, 1200, pair=1, at="20270301-120000")
    assert practice.reasons([98, 99, 100]) == ["fine", None, None]
    assert [target for target, _ in practice.sent] == ["mail", "webhook"] * 9
    last = practice.sent[-1][1]["payload"]
    assert [change["kind"] for change in last["changes"]] == ["renewed"]
    assert old.exists()


INAMI = "54321087527"


@pytest.fixture
def registry(practice: Practice, tmp_path: Path) -> Iterator[Registry]:
    """That of the watch."""
    with open_registry(load_settings(home=tmp_path / "home")) as opened:
        practice.registry = opened
        yield opened


def elise(*periods: Period) -> Provider:
    found = periods or (Period("physiotherapist", date(2015, 1, 1), None, INAMI),)
    return Provider("Vandamme", "Élise", niss=ELISE, inami=INAMI, types=("physiotherapist",), periods=found)


def said_on(practice: Practice, days: Iterable[float]) -> dict[float, list[str]]:
    """Return what is pressing on the days on which a message was sent."""
    reports = {day: practice.run(day).report for day in days}
    return {
        day: sorted(found.finding.key for found in report.pressing)
        for day, report in reports.items()
        if report.reason is not None
    }


def test_an_end_that_only_the_registry_knows_is_said(
    practice: Practice, workshop: Workshop, registry: Registry
) -> None:
    """Thresholds go on with it when the file breaks."""
    file = workshop.write(practice.place, ELISE, -900, 120.4)
    end = NOW + 120.4 * DAY
    registry.assign(registry.add(elise()).id or 0, Assignment(str(file), None, f"SSIN={ELISE}", end))
    assert said_on(practice, [0]) == {}
    file.write_bytes(b"rubbish" * 50)
    unread = ["file_unknown"]
    assert said_on(practice, (1, 2, 29, 30, 31, 36, 60, 95, 119, 121, 122)) == {
        1: unread,
        29: unread,
        30: ["certificate_ends", *unread],
        60: ["certificate_ends", *unread],
        95: ["certificate_ends", *unread],
        119: ["certificate_ends", *unread],
        121: ["certificate_expired", *unread],
    }


def test_an_end_of_a_closed_file_that_was_seen_earlier_is_said(
    practice: Practice, workshop: Workshop
) -> None:
    workshop.write(practice.place, ELISE, -900, 100.4)
    practice.notes, practice.password = practice.place.parent / "notes", None
    state = CachedState.of(workshop.keystore(ELISE, -900, 100.4), "0" * 64)  # by another password
    write_cached_state(practice.notes, state)
    assert said_on(practice, (0, 7, 9, 10, 11)) == {
        0: ["closed"],
        7: ["closed"],
        10: ["certificate_ends", "closed"],
    }


def test_an_end_that_the_file_tells_is_said_at_thresholds_and_every_week(
    practice: Practice, workshop: Workshop, registry: Registry
) -> None:
    file = workshop.write(practice.place, ELISE, -900, 95.4)
    end = NOW + 95.4 * DAY
    registry.assign(registry.add(elise()).id or 0, Assignment(str(file), None, f"SSIN={ELISE}", end))
    assert list(said_on(practice, (0, 4, 5, 6, 11, 12, 13, 64, 65, 66))) == [5, 12, 64, 65]


def test_a_period_that_ends_soon_is_said_at_once_and_every_week_and_so_is_the_next(
    practice: Practice, workshop: Workshop, registry: Registry
) -> None:
    file = workshop.write(practice.place, ELISE, -100, 900)
    periods = [Period("physiotherapist", date(2015, 1, 1), (NOW + 100 * DAY).date(), INAMI)]
    record = registry.assign(
        registry.add(elise(*periods)).id or 0, Assignment(str(file), None, f"SSIN={ELISE}", NOW + 900 * DAY)
    )
    assert said_on(practice, (0, 9, 10, 11, 16, 17, 60)) == {
        10: ["period_ends"],
        17: ["period_ends"],
        60: ["period_ends"],
    }
    periods.append(Period("physiotherapist", (NOW + 101 * DAY).date(), (NOW + 130 * DAY).date(), INAMI))
    registry.save(replace(record, periods=tuple(periods)))
    assert said_on(practice, (61, 62, 67)) == {61: ["period_ends"]}
    assert said_on(practice, (131, 132)) == {131: ["period_over"]}
    findings = [message["payload"]["findings"] for _, message in practice.sent[1:4:2]]
    assert [[(found["key"], found["days"], found["new"]) for found in each] for each in findings] == [
        [("period_ends", 90, True)],
        [("period_ends", 83, False)],
    ]
    assert findings[0][0]["provider"] == record.id


def test_a_moved_file_is_not_reported_and_an_overwritten_one_is(
    practice: Practice, workshop: Workshop
) -> None:
    file = workshop.write(practice.place, ELISE, -100, 900)
    practice.reasons([0])
    (practice.place / "desk").mkdir()
    moved = file.rename(practice.place / "desk" / file.name)
    assert practice.reasons([1]) == [None]
    assert reported(practice)["changes"] == []
    workshop.write(moved.parent, ELISE, -200, 800, pair=1)
    assert practice.reasons([2]) == [None]
    assert [change["kind"] for change in reported(practice)["changes"]] == ["other_certificate"]
    MESSAGES.validate(reported(practice))


def test_the_first_run_says_what_is_due_and_calls_nothing_new(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    result = practice.run()
    assert (result.report.reason, result.report.changes, result.delivery.sent) == ("due", (), 2)
    payload = practice.sent[1][1]["payload"]
    assert [(threshold["threshold"], threshold["days_left"]) for threshold in payload["reached"]] == [
        (30, 20)
    ]
    assert payload["previous"] is None
    assert practice.run(1).report.reason is None


def test_closed_keystores_are_reported_at_once_and_every_week(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    workshop.write(practice.place, KARL, -100, 900, pair=1)
    practice.password = None
    days = (0, 1, 6, 7, 8, 13.9, 14)
    reasons = dict(zip(days, practice.reasons(days), strict=True))
    assert reasons == {0: "due", 1: None, 6: None, 7: "due", 8: None, 13.9: "due", 14: None}
    last = practice.sent[-1][1]["payload"]
    assert [finding["key"] for finding in last["findings"]] == ["closed", "closed"]
    practice.password = PASSWORD
    assert practice.reasons([15, 16]) == ["fine", None]


def test_changed_passwords_are_never_fine_again(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    assert practice.reasons([0]) == [None]
    practice.password = None
    results = [practice.run(day) for day in (1, 2, 3)]
    assert [result.report.reason for result in results] == ["due", None, None]
    assert [result.report.status for result in results] == ["due"] * 3
    workshop.write(practice.place, KARL, -100, 900, pair=1)
    assert practice.reasons([4, 5]) == ["due", None]  # one more is closed


def test_state_of_an_earlier_version_reports_closed_keystores(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    practice.password = None
    practice.run()
    file = practice.store.folder_of("tilleuls") / "state.json"
    state = json.loads(file.read_bytes())
    del state["reported"]
    file.write_text(json.dumps({**state, "errors": [], "status": "fine"}), encoding="utf-8")
    assert practice.reasons([1, 2]) == ["due", None]


def test_what_changed_is_in_the_report_that_is_kept_and_not_sent(
    practice: Practice, workshop: Workshop
) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    assert practice.run().report.reason is None
    workshop.write(practice.place, KARL, -100, 900, pair=2)
    result = practice.run(1)
    assert (result.report.reason, practice.sent) == (None, [])
    kept = reported(practice)
    MESSAGES.validate(kept)
    assert [change["kind"] for change in kept["changes"]] == ["new"]


def test_a_missing_or_damaged_file_is_reported_once(practice: Practice, workshop: Workshop) -> None:
    first = workshop.write(practice.place, ELISE, -100, 900)
    second = workshop.write(practice.place, KARL, -100, 900, pair=2)
    assert practice.reasons([0]) == [None]
    second.unlink()
    assert practice.reasons([1, 2]) == ["due", None]
    first.write_bytes(b"rubbish" * 50)
    assert practice.reasons([3, 4]) == ["due", None]
    assert [change["kind"] for change in practice.sent[-1][1]["payload"]["changes"]] == ["worse"]
    workshop.write(practice.place, ELISE, -100, 900)
    assert practice.reasons([5, 6]) == ["fine", None]


@pytest.mark.parametrize("empty", [False, True])
def test_a_folder_that_is_gone_is_no_renewal(
    practice: Practice, workshop: Workshop, tmp_path: Path, empty: bool
) -> None:
    """Also where the drive is not connected and its folder is there, empty."""
    workshop.write(practice.place, ELISE, -900, 20)
    assert practice.reasons([0]) == ["due"]
    practice.place.rename(tmp_path / "elsewhere")
    if empty:
        practice.place.mkdir()
    assert practice.reasons([1, 2, 3]) == ["due", None, None]
    payload = practice.sent[-1][1]["payload"]
    assert [(change["kind"], change["keystores"]) for change in payload["changes"]] == [("folder_gone", 1)]
    assert payload["folders"] == [
        {"folder": str(practice.place), "problem": "folder_empty" if empty else "folder_missing"}
    ]
    assert str(practice.place) in practice.sent[-1][1]["text"]
    if empty:
        practice.place.rmdir()
    (tmp_path / "elsewhere").rename(practice.place)
    result = practice.run(4)
    assert [str(change.kind) for change in result.report.changes] == ["folder_back"]
    assert (result.report.reason, result.report.status) == (None, "due")  # what was due is, and was said
    assert practice.reasons([7]) == ["due"]  # 14 days


def test_a_missing_folder_is_reported_at_once(practice: Practice) -> None:
    assert practice.reasons([0, 1]) == ["due", None]


def test_the_subject_says_what_is_new_and_the_message_who_it_is_about(
    practice: Practice, workshop: Workshop, registry: Registry
) -> None:
    """The rest is a number for each practice."""
    for niss, name, at, begins, ends, pair in (
        (ELISE, "Vandamme", "Les Tilleuls", -900, 5.4, 0),
        (KARL, "Hennes", "Haute Fagne", -900, 8.4, 1),
    ):
        file = workshop.write(practice.place, niss, begins, ends, pair=pair)
        record = registry.add(Provider(name, "E", niss=niss, practice=at))
        registry.assign(record.id or 0, Assignment(str(file), None, f"SSIN={niss}", NOW + ends * DAY))
    first, second = practice.run(0).report, practice.run(1).report
    texts = Translator("en")
    assert first.subject(texts).startswith("eHealth certificates, tilleuls: ")
    assert second.subject(texts) == "eHealth certificates, tilleuls: 1 new: E Hennes (days left: 7)"
    new, _, rest = second.text(texts).partition("Also due, as reported before, by practice:")
    assert "E Hennes, Haute Fagne, " in new
    assert "Vandamme" not in second.text(texts)
    assert rest.splitlines()[1:3] == ["  Les Tilleuls: 1", ""], "an end that is reported above is no rest"
    assert "Also due" not in first.text(texts), "all is new"
    weekly = practice.run(9.5).report
    assert weekly.reason == "due"
    assert {"Vandamme", "Hennes"} <= set(re.findall(r"Vandamme|Hennes", weekly.text(texts)))


@pytest.fixture
def reassured(practice: Practice) -> Practice:
    """The watch, which says once a week that nothing is due."""
    practice.watch = practice.watch.model_copy(update={"all_well": True})
    return practice


def test_once_a_week_it_says_that_nothing_is_due(reassured: Practice, workshop: Workshop) -> None:
    workshop.write(reassured.place, ELISE, -900, 105.4)
    days = (0, 1, 6.9, 7, 8, 14, 15, 16, 21, 22)
    reasons = dict(zip(days, reassured.reasons(days), strict=True))
    assert {day: reason for day, reason in reasons.items() if reason} == {
        0: "well",
        6.9: "well",
        14: "well",
        15: "due",
        22: "due",
    }
    first = reassured.sent[0][1]
    assert first["subject"] == "eHealth certificates, tilleuls: nothing is due"
    assert (first["payload"]["reason"], first["payload"]["status"]) == ("well", "fine")
    assert first["text"].count("Nothing is due.") == 1


def test_by_default_it_does_not(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    assert practice.reasons([0, 7, 14]) == [None] * 3


def test_all_is_well_counts_from_the_last_message_that_said_so(
    reassured: Practice, workshop: Workshop
) -> None:
    file = workshop.write(reassured.place, ELISE, -100, 900)
    assert reassured.reasons([0]) == ["well"]
    data = file.read_bytes()
    file.write_bytes(b"rubbish" * 50)
    assert reassured.reasons([1, 7, 8, 9]) == ["due", None, "due", None]
    file.write_bytes(data)
    assert reassured.reasons([10, 11, 16, 17]) == ["fine", None, None, "well"]
    reassured.failure = errors.FileUnreadable(path="/x")
    assert reassured.reasons([18, 24]) == ["failed", None]
    reassured.failure = None
    assert reassured.reasons([24.5, 25, 31.5]) == ["fine", None, "well"]


def test_a_clock_that_was_ahead_does_not_keep_it_silent(reassured: Practice, workshop: Workshop) -> None:
    workshop.write(reassured.place, ELISE, -100, 2000)
    assert reassured.reasons([0, 30]) == ["well", "well"]
    assert reassured.reasons([1, 2, 3]) == ["due", "well", None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_is_well_has_a_subject_of_its_own(
    reassured: Practice, workshop: Workshop, language: LanguageName
) -> None:
    reassured.watch = reassured.watch.model_copy(update={"language": language})
    workshop.write(reassured.place, ELISE, -100, 900)
    reassured.run()
    texts = Translator(language)
    others = {texts.get(f"watch.subject.{kind}", name="tilleuls") for kind in ("fine", "fine_again", "test")}
    assert reassured.sent[0][1]["subject"] not in others


def test_a_failure_is_reported_weekly_and_its_end_once(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 900)
    assert practice.reasons([0]) == [None]
    practice.failure = errors.PasswordTableInvalid(path="/etc/SSIN=79031421872.csv", reason="empty")
    assert practice.reasons([1, 2, 7, 8, 9]) == ["failed", None, None, "failed", None]
    practice.failure = ZeroDivisionError(PASSWORD.reveal())
    assert practice.reasons([10]) == ["failed"]
    assert practice.sent[-1][1]["payload"]["error"]["key"] == "unexpected"
    practice.failure = None
    assert practice.reasons([11, 12]) == ["fine", None]
    # What failed has changed nothing: the next run compares with the last that worked.
    assert practice.run(13).report.changes == ()


def test_after_a_failure_due_keystores_are_reported(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    assert practice.reasons([0]) == ["due"]
    practice.failure = errors.FileUnreadable(path="/x")
    assert practice.reasons([1]) == ["failed"]
    practice.failure = None
    assert practice.reasons([2, 3]) == ["due", None]


def test_ctrl_c_is_no_failure(practice: Practice) -> None:
    practice.failure = errors.Cancelled()
    with pytest.raises(errors.Cancelled):
        practice.run()
    assert practice.sent == []


def test_a_state_that_is_damaged_is_a_first_run(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    practice.run()
    state = practice.store.folder_of("tilleuls") / "state.json"
    whole = state.read_text()
    cut, odd = whole[: len(whole) // 2], whole.replace("2026", "rubbish")
    damaged = {}
    for number, rubbish in enumerate(("", "[]", "{}", cut, odd, "[" * 100_000), 1):
        state.write_text(rubbish)
        result = practice.run(1)
        assert result.report.reason == "due"
        aside = state.with_name("state.json.damaged" if number == 1 else f"state.json.damaged-{number}")
        damaged[aside] = rubbish
        assert {path: path.read_text() for path in damaged} == damaged, "none replaces an earlier one"
        assert result.delivery.failures["state"].facts == {"path": str(aside), "reason": "state"}
        assert practice.run(1).delivery.failures == {}, "reported once"


def test_a_clock_that_jumps_ahead_and_back(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -100, 95)
    assert practice.reasons([0, 1]) == [None, None]
    ahead = practice.run(1000)
    assert (ahead.report.reason, ahead.report.clock) == ("due", "gap")
    back = practice.run(2)
    assert (back.report.reason, back.report.clock, back.report.changes) == ("due", "back", ())
    # And each threshold is still said at its time.
    days = (3, 5, 6, 35, 65, 81, 88, 94)
    reasons = dict(zip(days, practice.reasons(days), strict=True))
    assert {day for day, reason in reasons.items() if reason == "due"} >= {5, 65, 81, 88, 94}


def test_two_runs_at_once(practice: Practice, workshop: Workshop) -> None:
    """The second is refused while the first audits; the first is not disturbed."""
    workshop.write(practice.place, ELISE, -900, 20)
    refused: list[str] = []

    def audit() -> Audit:
        with pytest.raises(errors.WatchRunning) as found:
            practice.run()
        refused.append(found.value.key)
        with pytest.raises(errors.WatchRunning):
            practice.store.remove("tilleuls")
        return practice.audit(NOW)

    result = practice.runner.run(practice.watch, audit, lambda: NOW)
    assert (refused, result.delivery.sent) == (["watch_running"], 2)


def test_what_is_kept_is_for_its_owner_alone(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail"}
    practice.run()
    folder = practice.store.folder
    assert {
        path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*")) if path.name != ".ehtoolkit.lock"
    } == {0}


def test_names_and_watches_that_are_not_there(practice: Practice) -> None:
    with pytest.raises(errors.WatchExists):
        practice.store.add(practice.watch)
    with pytest.raises(errors.WatchUnknown):
        practice.store.load("nobody")
    for name in ("../x", "", "a/b", ".x", "a" * 64, "é", "a."):
        with pytest.raises(errors.WatchInvalid):
            practice.store.load(name)
    (practice.store.folder_of("tilleuls") / "watch.json").write_text("{")
    with pytest.raises(errors.FileUnreadable):
        practice.store.load("tilleuls")
    practice.store.remove("tilleuls")
    assert practice.store.names() == []


def test_what_cannot_be_removed_is_left_to_no_other_watch_of_that_name(
    practice: Practice, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages would go to the addresses of the other one."""
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run()
    unlink = os.unlink

    def refused(path: Any, **more: Any) -> None:
        if str(path).endswith(".json") and " " in Path(path).name:  # a message that another program holds
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refused)
        with pytest.raises(errors.FolderNotWritable):
            practice.store.remove("tilleuls")
    with pytest.raises(errors.WatchExists):
        practice.store.add(practice.watch)
    practice.store.remove("tilleuls")
    practice.store.add(practice.watch)
    practice.broken = set()
    assert practice.run().delivery.sent == 2, "its own message alone"


def test_a_watch_without_targets_sends_nothing(practice: Practice, workshop: Workshop) -> None:
    practice.watch = practice.watch.model_copy(update={"mail": None, "webhook": None})
    workshop.write(practice.place, ELISE, -900, 20)
    result = practice.run()
    assert (result.report.reason, result.delivery.sent, result.delivery.left) == ("due", 0, 0)
    assert replace(result.report).status == "due"
