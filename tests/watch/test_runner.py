"""Runs of a watch, one after the other: when it speaks, what it says, and what it keeps."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.storage.records import CachedState, write_cached_state
from ehtoolkit.providers import Assignment, Period, Provider, Registry, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.watch import missed as missed_module
from ehtoolkit.watch import outbox as outbox_module
from ehtoolkit.watch.configuration import MailTarget, WatchConfig, WebhookTarget
from ehtoolkit.watch.outbox import WatchMessage
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, KARL, NOW, PASSWORD, Workshop

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "monitoring" / "webhook.schema.json").read_text(encoding="utf-8")
)
MESSAGES = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
"""What a message has to look like; ``jsonschema.validate`` would judge the schema itself each time."""
DAY = timedelta(days=1)
NUMBERS = (ELISE, KARL)


@dataclass
class Practice:
    """A watch with its folder; what it sends is kept in ``sent``, unless ``broken`` names the target."""

    place: Path
    watch: WatchConfig
    store: WatchStore
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    failure: Exception | None = None
    password: Secret | None = field(default_factory=lambda: PASSWORD)
    registry: Registry | None = None
    notes: Path | None = None

    @property
    def runner(self) -> WatchRunner:
        return WatchRunner(
            self.store,
            Pseudonyms(b"k" * 32),
            lambda watch: {name: self._sender(name) for name in watch.targets},
        )

    def _sender(self, target: str) -> Callable[[WatchMessage], None]:
        def send(message: WatchMessage) -> None:
            if target in self.broken:
                raise errors.DeliveryFailed(host="example.be", reason="connect")
            self.sent.append((target, message.model_dump(mode="json")))

        return send

    def audit(self, at: datetime) -> Audit:
        if self.failure is not None:
            raise self.failure
        options = AuditOptions(now=at, processes=1, language=self.watch.language, notes=self.notes)
        if self.registry is not None:
            return audit_providers(self.registry, self.watch.folders, lambda _: self.password, options)
        return audit_folder(self.watch.folders, lambda _: self.password, options)

    def run(self, days: float = 0) -> RunResult:
        at = NOW + days * DAY
        result = self.runner.run(self.watch, lambda: self.audit(at), lambda: at)
        for target, message in self.sent:
            check(message, target)
        return result

    def reasons(self, days: Iterable[float]) -> list[str | None]:
        return [None if (reason := self.run(day).report.reason) is None else str(reason) for day in days]


def reported(practice: Practice) -> dict[str, Any]:
    """Return the report that the last run kept."""
    report: dict[str, Any] = json.loads((practice.store.folder_of("tilleuls") / "report.json").read_bytes())
    return report


def check(message: dict[str, Any], target: str = "") -> None:
    """It is as the schema says, and no number of a person is whole in it, nor a password."""
    MESSAGES.validate(message["payload"])
    everything = json.dumps(message, ensure_ascii=False)
    assert not re.search(r"\b\d{11}\b", everything)
    assert PASSWORD.reveal() not in everything
    assert "\n" not in message["subject"]


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    folder = tmp_path / "ks"
    folder.mkdir()
    mail = MailTarget.make(("me@example.be",), "127.0.0.1", security="none")
    webhook = WebhookTarget(url="https://example.be/hook")
    watch = WatchConfig(
        name="tilleuls", folders=(folder,), practice="Les Tilleuls", mail=mail, webhook=webhook
    )
    store = WatchStore(tmp_path / "watch")
    store.add(watch)
    return Practice(folder, watch, store)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


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


# ── all is well ──────────────────────────────────────────────────────────────────────────────────────────
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


# ── failures ─────────────────────────────────────────────────────────────────────────────────────────────
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


# ── messages that cannot be sent ─────────────────────────────────────────────────────────────────────────
def test_a_message_waits_for_its_target_and_only_for_that(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 95)
    practice.broken = {"mail"}
    assert practice.run(6).delivery.left == 1
    result = practice.run(66)
    assert (result.delivery.left, set(result.delivery.failures)) == (2, {"mail"})
    assert [target for target, _ in practice.sent] == ["webhook", "webhook"]
    practice.broken = set()
    result = practice.run(67)
    assert (result.report.reason, result.delivery.left, result.delivery.sent) == (None, 0, 2)
    ids = [message["id"] for _, message in practice.sent]
    assert ids[:2] == ids[2:]  # in their order, each once


def test_of_a_flood_the_oldest_go(
    practice: Practice, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST", 2)
    path = workshop.write(practice.place, ELISE, -100, 900)
    workshop.write(practice.place, KARL, -100, 900, pair=2)
    practice.broken = {"mail", "webhook"}
    data = path.read_bytes()
    practice.run()
    for day in range(1, 5):
        (path.unlink if day % 2 else lambda: path.write_bytes(data))()
        practice.run(2 * day)
        path.write_bytes(data)
        practice.run(2 * day + 1)
    assert practice.run(20).delivery.left == 2


@pytest.mark.parametrize(
    "content",
    [
        '{"id": ',
        '{"id": "x", "pending": ["mail"]}',
        '{"id": "x", "at": 5, "subject": "", "text": "", "payload": {}, "pending": ["mail"]}',
        '{"id": "x", "at": "2026-11-29T12:00:00", "subject": "", "text": "", "payload": {}, "pending": 7}',
        "[" * 100_000,
    ],
)
def test_a_damaged_message_is_set_aside_and_harms_no_other(
    practice: Practice, workshop: Workshop, content: str
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run()
    folder = practice.store.folder_of("tilleuls") / "outbox"
    (folder / "2020 cut.json").write_text(content)
    practice.broken = set()
    result = practice.run(1).delivery
    assert (result.sent, result.left, len(practice.sent)) == (2, 0, 2)
    (aside,) = folder.iterdir()
    assert (aside.name, aside.read_text()) == ("2020 cut.json.damaged", content)
    failure = result.failures["outbox"]
    assert failure.facts == {"path": str(aside), "reason": "outbox"}
    assert practice.run(2).delivery.failures == {}, "reported once"


def test_a_message_that_cannot_be_read_just_now_is_not_lost(practice: Practice, workshop: Workshop) -> None:
    """As while a virus scanner or a backup holds it."""
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run()
    (message,) = (practice.store.folder_of("tilleuls") / "outbox").iterdir()
    held = message.rename(message.with_suffix(".held"))
    message.symlink_to(message.name)  # to open it is an error of the system
    practice.broken = set()
    result = practice.run(1)
    assert (result.delivery.sent, result.delivery.left) == (0, 1)
    held.replace(message)
    assert (practice.run(1).delivery.sent, len(practice.sent)) == (2, 2)


def test_a_crash_before_sending_loses_nothing(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)

    def crash(_: WatchConfig) -> dict[str, Any]:
        raise KeyboardInterrupt

    runner = WatchRunner(practice.store, Pseudonyms(b"k" * 32), crash)
    with pytest.raises(KeyboardInterrupt):
        runner.run(practice.watch, lambda: practice.audit(NOW), lambda: NOW)
    result = practice.run(1)
    assert (result.report.reason, result.delivery.sent) == (None, 2)


# ── a full disk ──────────────────────────────────────────────────────────────────────────────────────────
REPORT, OUTBOX, STATE = "report", "outbox", "state"


@pytest.fixture
def fill(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function after which the named files of the watch cannot be written: there is no room."""
    link, replace_, full = os.link, os.replace, set[str]()

    def refused(to: object) -> None:
        path = Path(str(to))
        if path.parent.name in full or path.stem in full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def linking(source: Any, to: Any, **more: Any) -> None:
        refused(to)
        link(source, to, **more)

    def replacing(source: Any, to: Any, **more: Any) -> None:
        refused(to)
        replace_(source, to, **more)

    monkeypatch.setattr(os, "link", linking)
    monkeypatch.setattr(os, "replace", replacing)

    def filled(*names: str) -> None:
        full.clear()
        full.update(names)

    return filled


@pytest.mark.parametrize(("full", "again"), [
    ((REPORT,), False),
    ((OUTBOX,), False),
    ((REPORT, OUTBOX), False),
    # It is not known then that it was sent: twice is better than not at all.
    ((STATE,), True),
    ((REPORT, OUTBOX, STATE), True),
])  # fmt: skip
def test_what_cannot_be_stored_is_sent_all_the_same(
    practice: Practice, workshop: Workshop, fill: Callable[..., None], full: tuple[str, ...], again: bool
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    assert practice.run(0).delivery.sent == 0
    kept = (practice.store.folder_of("tilleuls") / "state.json").read_bytes()
    fill(*full)
    result = practice.run(6)
    assert [target for target, _ in practice.sent] == ["mail", "webhook"]
    assert {name: error.key for name, error in result.delivery.failures.items()} == dict.fromkeys(
        full, "disk_full"
    )
    assert (result.delivery.left, result.remembered) == (0, STATE not in full)
    state = (practice.store.folder_of("tilleuls") / "state.json").read_bytes()
    assert (state == kept) == (STATE in full)
    fill()
    result = practice.run(7)
    assert (result.delivery.sent, result.delivery.failures) == (2 if again else 0, {})


@pytest.mark.parametrize("full", [(OUTBOX,), (OUTBOX, STATE), (STATE,)])
def test_what_can_be_neither_stored_nor_sent_is_said_by_the_next_run(
    practice: Practice, workshop: Workshop, fill: Callable[..., None], full: tuple[str, ...]
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    practice.run(0)
    practice.broken = {"mail"}
    fill(*full)
    result = practice.run(6)
    assert (result.delivery.left, result.remembered) == (1, False)
    assert [target for target, _ in practice.sent] == ["webhook"]
    fill()
    practice.broken = set()
    assert practice.run(7).report.reason == "due"
    assert "mail" in [target for target, _ in practice.sent]
    assert practice.run(8).delivery.sent == 0


def test_a_damaged_message_that_cannot_be_set_aside_does_not_stop_the_others(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    folder = practice.store.folder_of("tilleuls") / "outbox"
    folder.mkdir()
    (folder / "2020 cut.json").write_text("{")
    fill("2020 cut.json")
    result = practice.run(0)
    assert (result.delivery.sent, len(practice.sent)) == (2, 2)
    assert result.delivery.failures["outbox"].key == "disk_full"


def test_on_a_full_disk_what_waits_is_sent_to_each_target(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    """What was stored stays, and is sent again to those whose receipt could not be stored."""
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run(0)
    (kept,) = (practice.store.folder_of("tilleuls") / "outbox").iterdir()
    before = kept.read_bytes()
    fill(OUTBOX)
    practice.broken = {"webhook"}
    result = practice.run(1)
    assert ([target for target, _ in practice.sent], result.delivery.left) == (["mail"], 1)
    assert set(result.delivery.failures) == {"webhook", "outbox"}
    assert kept.read_bytes() == before
    practice.broken = set()
    result = practice.run(2)
    assert [target for target, _ in practice.sent] == ["mail", "mail", "webhook"]
    assert (result.delivery.left, result.delivery.sent) == (0, 2)


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


# ── a clock that jumped, two at once ─────────────────────────────────────────────────────────────────────
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


# ── runs that could not start ────────────────────────────────────────────────────────────────────────────
def missed_in(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(missed["at"], missed["error"]) for missed in message["payload"]["missed"]]


def test_a_run_that_found_the_watch_locked_is_said_in_the_next_message_once(
    practice: Practice, workshop: Workshop
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    with practice.store.locked("tilleuls"):
        for day in (1, 2):
            with pytest.raises(errors.WatchRunning):
                practice.run(day)
    assert practice.run(3).report.reason is None
    assert len(reported(practice)["missed"]) == 2, "nothing was sent yet"
    practice.run(6)
    assert practice.run(66).report.reason == "due"
    (first, _, second, _) = (message for _, message in practice.sent)
    assert missed_in(first) == [
        ("2026-11-25T12:00:00+00:00", "watch_running"),
        ("2026-11-26T12:00:00+00:00", "watch_running"),
    ]
    assert "On 25 November 2026 at 13:00, this watch could not run: another process" in first["text"]
    assert missed_in(second) == []
    assert "could not run" not in second["text"]


def test_a_state_that_cannot_be_set_aside_is_said_in_the_next_message(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    state = practice.store.folder_of("tilleuls") / "state.json"
    state.write_text("{")
    fill("state.json")
    with pytest.raises(errors.DiskFull):
        practice.run(1)
    assert practice.sent == []
    fill()
    practice.run(2)
    message = practice.sent[0][1]
    assert missed_in(message) == [("2026-11-25T12:00:00+00:00", "disk_full")]
    assert f"this watch could not run. The disk with {state.parent} is full." in message["text"]


def test_what_was_missed_is_said_again_where_the_message_was_lost(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    with practice.store.locked("tilleuls"), pytest.raises(errors.WatchRunning):
        practice.run(1)
    practice.broken = {"mail", "webhook"}
    fill(OUTBOX)
    assert practice.run(2).delivery.left == 1
    fill()
    practice.broken = set()
    practice.run(3)
    assert [missed["error"] for missed in practice.sent[0][1]["payload"]["missed"]] == ["watch_running"]


def test_notes_of_missed_runs_are_bounded_and_a_damaged_one_harms_nothing(
    practice: Practice, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed_module, "_MOST", 2)
    workshop.write(practice.place, ELISE, -900, 20)
    with practice.store.locked("tilleuls"):
        for day in (1, 2, 3):
            with pytest.raises(errors.WatchRunning):
                practice.run(day)
    folder = practice.store.folder_of("tilleuls") / "missed"
    assert len(list(folder.iterdir())) == 2
    (folder / "2020 x.json").write_text('{"at": "2026-11-25T12:00:00"}')
    practice.run(4)
    assert len(practice.sent[0][1]["payload"]["missed"]) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", ["watch_running", "file_unreadable", "folder_not_writable", "of_later"])
def test_a_missed_run_is_a_sentence_in_each_language(language: LanguageName, error: str) -> None:
    said = missed_module.MissedRun(at=NOW, error=error, facts={"folder": "/place"}).text(Translator(language))
    assert Translator(language).moment(NOW) in said
    assert ("/place" in said) == (error == "folder_not_writable")


# ── the message itself ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_in_each_language(practice: Practice, workshop: Workshop, language: LanguageName) -> None:
    practice.watch = practice.watch.model_copy(update={"language": language})
    workshop.write(practice.place, ELISE, -900, 20)
    workshop.write(practice.place, KARL, -900, -3, pair=2)
    practice.run()
    practice.failure = errors.FileUnreadable(path="/x")
    practice.run(1)
    practice.runner.test(practice.watch, NOW)
    mails = [message for target, message in practice.sent if target == "mail"]
    for _, message in practice.sent:
        check(message)
        assert message["payload"]["language"] == language
    assert len({mail["subject"] for mail in mails}) == 3
    assert "790314*****" in mails[0]["text"]


def test_hostile_names_are_only_text(practice: Practice, workshop: Workshop) -> None:
    practice.watch = practice.watch.model_copy(update={"practice": 'a "b"\n\x1b[31m \u202e'})
    workshop.write(practice.place, ELISE, -900, 20, name='a\nSubject: x\x1b[2J "q" 79031421872.p12')
    practice.run()
    for _, message in practice.sent:
        check(message)
        assert "\x1b" not in json.dumps(message, ensure_ascii=False)


def test_many_are_counted_and_some_listed(practice: Practice, workshop: Workshop) -> None:
    path = workshop.write(practice.place, ELISE, -900, 900)
    assert practice.run().report.reason is None
    for number in range(130):
        (practice.place / f"rubbish {number}.p12").write_bytes(b"rubbish")
    assert path.exists()
    practice.run(1)
    payload = practice.sent[-1][1]["payload"]
    assert (len(payload["changes"]), payload["counts"]["changes"]) == (100, {"new": 130})
    assert (len(payload["findings"]), payload["counts"]["findings"] >= 130) == (100, True)


def test_the_keystores_of_a_payload_are_those_of_the_metrics(practice: Practice, workshop: Workshop) -> None:
    path = workshop.write(practice.place, ELISE, -900, 20)
    practice.run()
    assert practice.sent[1][1]["payload"]["reached"][0]["keystore"] == Pseudonyms(b"k" * 32).of(str(path))


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────
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
