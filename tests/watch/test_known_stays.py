"""Runs of a watch over which something is no longer known: an issuer that does not answer, a file that breaks, a
folder that is away. None of it is better than what was known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.export.metrics import metrics_text
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.tables.rows import STATES, URGENCIES
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import ANSWER_LASTS
from ehtoolkit.secret import Secret
from ehtoolkit.watch.configuration import MailTarget, WatchConfig
from ehtoolkit.watch.outbox import WatchMessage
from ehtoolkit.watch.report import WatchReport
from ehtoolkit.watch.runner import RunResult, WatchRunner
from ehtoolkit.watch.state import edit_watch
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, NOW, PASSWORD, Workshop

DAY = timedelta(days=1)
NAMES = Pseudonyms(b"k" * 32)
GOOD, REVOKED, SILENT, NOT_ASKED = "good", "revoked", "silent", "not asked"
ANSWERS = (GOOD, REVOKED, SILENT, NOT_ASKED)
UNKNOWN = (SILENT, NOT_ASKED)
HOST = "crl.example.be"


@dataclass
class Watched:
    """A watch on a folder, with notes of its own; ``sent``: the subjects of its mails."""

    place: Path
    home: Path
    password: Secret = field(default_factory=lambda: PASSWORD)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        mail = MailTarget.make(("me@example.be",), "127.0.0.1", security="none")
        self.watch = WatchConfig(name="w", folders=(self.place,), mail=mail)
        self.store = WatchStore(self.home / "watch")
        self.store.add(self.watch)
        self.runner = WatchRunner(self.store, NAMES, lambda _: {"mail": self._send})

    def _send(self, message: WatchMessage) -> None:
        self.sent.append(message.subject)

    def run(self, day: float, said: str = NOT_ASKED) -> RunResult:
        at = NOW + day * DAY

        def ask(*_: object) -> RevocationResult:
            status = RevocationStatus(said)
            since = at if status is RevocationStatus.REVOKED else None
            return RevocationResult(status, HOST, since, as_of=None if said in UNKNOWN else at)

        options = AuditOptions(
            now=at,
            processes=1,
            language="en",
            request=AuditRequest(registry=False, revocation=said != NOT_ASKED),
            ask_revocation=None if said == NOT_ASKED else ask,
            notes=self.home / "notes",
            cache=self.home / "cache",
        )
        return self.runner.run(
            self.watch, lambda: audit_folder([self.place], lambda _: self.password, options), lambda: at
        )


def audit_of(result: RunResult) -> Audit:
    assert result.report.audit is not None
    return result.report.audit


def sample(audit: Audit, name: str) -> list[float]:
    lines = metrics_text(audit, NAMES).splitlines()
    return [float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"ehtoolkit_{name}{{")]


# ── issuers ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("first", ANSWERS)
def test_no_unknown_improves_a_state(first: str, workshop: Workshop, tmp_path: Path) -> None:
    """Over all sequences of three answers, each nine days after the one before, when no kept one is used any more."""
    place = workshop.write(tmp_path / "ks").parent
    for number, rest in enumerate(product(ANSWERS, repeat=2)):
        said: Sequence[str] = (first, *rest)
        watched = Watched(place, tmp_path / f"home-{number}")
        results = [watched.run(9 * turn, answer) for turn, answer in enumerate(said)]
        rows = [audit_of(result).rows.keystores[0] for result in results]
        definite: str | None = None
        for turn, (answer, row, result) in enumerate(zip(said, rows, results, strict=True)):
            definite = answer if answer not in UNKNOWN else definite
            assert row.state == ("revoked" if definite == REVOKED else "complete"), said
            assert (result.report.status == "due") is (definite == REVOKED or answer == SILENT), said
            if turn and answer in UNKNOWN:
                before = rows[turn - 1]
                assert STATES.index(row.state) <= STATES.index(before.state), said
                assert {str(change.kind) for change in result.report.changes} <= {"worse"}, said
            if answer == SILENT:
                assert result.report.reason != "fine", said
                if turn:
                    assert URGENCIES.index(row.urgency) <= URGENCIES.index(rows[turn - 1].urgency), said
            assert ("revoked" in sorted_keys(result)) is (definite == REVOKED), said


def sorted_keys(result: RunResult) -> set[str]:
    return {each.finding.key.removeprefix("revocation_") for each in audit_of(result).audit_findings}


def test_revoked_stays_due_for_ever(workshop: Workshop, tmp_path: Path) -> None:
    """Its mail of day 9 said "fine again": the issuer had not answered."""
    watched = Watched(workshop.write(tmp_path / "ks").parent, tmp_path / "home")
    days = ((0, GOOD), (1, REVOKED), (9, SILENT), (10, SILENT), (400, SILENT), (401, NOT_ASKED))
    results = [watched.run(day, said) for day, said in days]
    assert [result.report.status for result in results] == ["fine", *["due"] * 5]
    assert not any("fine" in subject for subject in watched.sent)
    for result in results[1:]:
        assert sample(audit_of(result), "keystore_revoked") == [1.0]
        assert sample(audit_of(result), "keystore_revocation_answer_timestamp_seconds") == [
            int((NOW + DAY).timestamp())
        ]
    assert watched.run(402, GOOD).report.reason == "fine", "the issuer itself takes it back"


def test_time_alone_makes_an_answer_too_old(workshop: Workshop, tmp_path: Path) -> None:
    watched = Watched(workshop.write(tmp_path / "ks").parent, tmp_path / "home")
    last = ANSWER_LASTS // DAY
    found = {day: watched.run(day, GOOD if day == 0 else SILENT) for day in (0, 1, last, last + 1, last + 2)}
    assert {day: result.report.status for day, result in found.items()} == {
        0: "fine",
        1: "fine",
        last: "fine",
        last + 1: "due",
        last + 2: "due",
    }
    assert found[last + 1].report.reason == "due"
    assert [audit_of(result).rows.keystores[0].state for result in found.values()] == ["complete"] * 5
    audit = audit_of(found[last + 1])
    assert [each.finding.key for each in audit.verdict.pressing] == ["revocation_unasked"]
    assert sample(audit, "keystore_revoked") == [0.0]
    assert sample(audit, "keystore_revocation_answer_timestamp_seconds") == [int(NOW.timestamp())]
    unasked = watched.run(last + 3)
    assert sample(audit_of(unasked), "keystore_revoked") == [], "an old “good” is none where nobody asks"
    assert watched.run(last + 4, GOOD).report.status == "fine"


def test_an_older_list_does_not_take_a_revocation_back(workshop: Workshop, tmp_path: Path) -> None:
    place = workshop.write(tmp_path / "ks").parent
    options = AuditOptions(now=NOW, processes=1, notes=tmp_path / "notes")

    def state(status: RevocationStatus, days: int) -> str:
        result = RevocationResult(status, HOST, NOW - 4 * DAY, as_of=NOW - days * DAY)
        asked = AuditOptions(now=NOW, processes=1, notes=options.notes, ask_revocation=lambda *_: result)
        return audit_folder([place], lambda _: PASSWORD, asked).rows.keystores[0].state

    assert state(RevocationStatus.REVOKED, 1) == "revoked"
    assert state(RevocationStatus.GOOD, 5) == "revoked"
    assert state(RevocationStatus.GOOD, 0) == "complete", "it was on hold"


def test_a_responder_that_does_not_know_a_certificate_says_nothing_good(
    workshop: Workshop, tmp_path: Path
) -> None:
    place = workshop.write(tmp_path / "ks").parent
    unknown = RevocationResult(RevocationStatus.UNKNOWN, HOST)
    options = AuditOptions(now=NOW, processes=1, ask_revocation=lambda *_: unknown, notes=tmp_path / "notes")
    audit = audit_folder([place], lambda _: PASSWORD, options)
    assert [each.finding.key for each in audit.verdict.pressing] == ["revocation_unknown"]
    assert [row.urgency for row in audit.rows.keystores] == ["soon"]


# ── files and folders ────────────────────────────────────────────────────────────────────────────────────
def thresholds(watched: Watched, days: Sequence[float]) -> dict[float, int]:
    found = {day: watched.run(day).report.reached for day in days}
    return {day: reached[0].days for day, reached in found.items() if reached}


@pytest.mark.parametrize("what", ["breaks", "closes", "folder"])
def test_ends_go_on_when_a_keystore_cannot_be_seen(what: str, workshop: Workshop, tmp_path: Path) -> None:
    """Each threshold once, although the file breaks, its password changes or its folder is away; and none again when it
    is back."""
    path = workshop.write(tmp_path / "ks", ELISE, -900, 20.4)
    watched = Watched(path.parent, tmp_path / "home")
    whole = path.read_bytes()
    assert thresholds(watched, (0, 1)) == {0: 30}
    if what == "breaks":
        path.write_bytes(whole[: len(whole) // 2])
    elif what == "closes":
        watched.password = Secret("another one")
    else:
        path.parent.rename(tmp_path / "away")
    assert thresholds(watched, (2, 5, 7, 13, 14, 19, 20, 21, 60)) == {7: 14, 13: 7, 19: 1, 21: 0}
    assert watched.run(61).report.status == "due"
    if what == "breaks":
        path.write_bytes(whole)
    elif what == "closes":
        watched.password = PASSWORD
    else:
        (tmp_path / "away").rename(path.parent)
    assert thresholds(watched, (62, 63)) == {}


def test_an_empty_mount_point_is_news_and_due(workshop: Workshop, tmp_path: Path) -> None:
    place = tmp_path / "ks"
    place.mkdir()
    watched = Watched(place, tmp_path / "home")
    results = [watched.run(day) for day in (0, 1)]
    assert [(result.report.reason, result.report.status) for result in results] == [
        ("due", "due"),
        (None, "due"),
    ]
    workshop.write(place)
    assert watched.run(2).report.reason == "fine"


def test_a_keystore_that_is_gone_goes_on_counting(tmp_path: Path, workshop: Workshop) -> None:
    """Until its key is seen again, or a newer keystore of its holder is."""
    place = tmp_path / "ks"
    workshop.write(place, "85010112387", -100, 900, pair=2)
    file = workshop.write(place, ELISE, -900, 95.4)
    watched = Watched(place, tmp_path)
    assert watched.run(0).report.reason is None
    away = file.rename(tmp_path / file.name)
    gone = watched.run(1)
    assert (gone.report.reason, gone.report.missing) == ("due", ())
    reached = {day: watched.run(day).report for day in (2, 6, 8, 13, 15, 66, 67, 82, 89, 95, 97, 104)}
    said = {day: [each.days for each in report.reached] for day, report in reached.items() if report.reason}
    assert said == {6: [90], 13: [], 66: [30], 82: [14], 89: [7], 95: [1], 97: [0], 104: []}
    assert all(report.missing for day, report in reached.items() if day >= 6)
    assert "Certificates whose keystores are not there now:" in reached[104].text(Translator("en"))

    away.rename(file)
    back = watched.run(105)
    assert (back.report.missing, back.report.status) == ((), "due")
    file.unlink()
    assert watched.run(106).report.missing
    workshop.write(place, ELISE, 90, 1200, pair=1, at="20270301-120000")
    renewed = watched.run(107)
    assert (renewed.report.missing, renewed.report.reason) == ((), "fine")


def test_a_registry_that_is_away_is_never_fine(tmp_path: Path, workshop: Workshop) -> None:
    """What only the registry shows is unknown while it is away: it is reported at once and every week, by its name."""
    place = tmp_path / "ks"
    workshop.write(place, ELISE, -100, 900)
    watched = Watched(place, tmp_path)
    registry = "/home/elise/registry.db"

    def run(day: float, read: str | None) -> RunResult:
        at = NOW + day * DAY
        options = AuditOptions(now=at, processes=1, language="en")
        audit = replace(audit_folder([place], lambda _: PASSWORD, options), registry=read)
        return watched.runner.run(watched.watch, lambda: audit, lambda: at)

    assert run(0, None).report.reason is None  # there never was one
    assert run(1, registry).report.reason is None
    away = run(2, None).report
    assert (away.reason, away.status) == ("due", "due")
    assert [found.finding.key for found in away.news] == ["registry_away"]
    assert registry in away.text(Translator("en"))
    assert [run(day, None).report.reason for day in (3, 8, 9, 15, 16)] == [None, None, "due", None, "due"]
    assert [run(day, registry).report.reason for day in (17, 18)] == ["fine", None]
    without = watched.watch.model_copy(update={"registry": False})
    watched.watch, before = without, watched.watch
    assert run(19, None).report.reason is None
    # Another environment has another registry, or none.
    watched.watch = before.model_copy(update={"environment": Environment.ACCEPTANCE})
    edit_watch(watched.store, watched.watch)
    assert run(20, None).report.reason is None


def test_ends_come_nearer_while_the_audit_fails(tmp_path: Path, workshop: Workshop) -> None:
    place = tmp_path / "ks"
    workshop.write(place, ELISE, -900, 32.4)
    watched = Watched(place, tmp_path)
    assert watched.run(0).report.reason == "due"

    def fails() -> Audit:
        raise errors.FileUnreadable(path="passwords.csv")

    def run(day: float) -> WatchReport:
        return watched.runner.run(watched.watch, fails, lambda: NOW + day * DAY).report

    found = {day: run(day) for day in range(1, 12)}
    said = {day: [each.days for each in report.reached] for day, report in found.items() if report.reason}
    assert said == {1: [], 2: [30], 9: []}
    assert all(report.reason in (None, "failed") for report in found.values())


def test_a_keystore_that_is_revoked_today_replaces_no_other(tmp_path: Path, workshop: Workshop) -> None:
    """The audit in which its issuer says so for the first time shows the older one as it stands."""
    place = tmp_path / "ks"
    old = workshop.write(place, ELISE, -900, 200, at="20240101-120000")
    new = workshop.write(place, ELISE, -10, 1000, pair=1)
    watched = Watched(place, tmp_path)

    def states(day: float, *, revoked: bool) -> dict[str, str]:
        def ask(chain: Sequence[Certificate], _: object) -> RevocationResult:
            ends = chain[0].not_valid_after_utc
            status = REVOKED if revoked and ends > NOW + 500 * DAY else GOOD
            since = NOW if status == REVOKED else None
            return RevocationResult(RevocationStatus(status), HOST, since, as_of=NOW + day * DAY)

        options = AuditOptions(
            now=NOW + day * DAY,
            processes=1,
            language="en",
            request=AuditRequest(registry=False, revocation=True),
            ask_revocation=ask,
            notes=watched.home / "notes",
        )
        audit = audit_folder([place], lambda _: PASSWORD, options)
        return {Path(row.file).name: row.state for row in audit.rows.keystores}

    assert states(0, revoked=False) == {old.name: "replaced", new.name: "complete"}
    assert states(1, revoked=True) == {old.name: "complete", new.name: "revoked"}
    assert states(2, revoked=True) == {old.name: "complete", new.name: "revoked"}
    assert states(3, revoked=False) == {old.name: "replaced", new.name: "complete"}  # it was on hold
