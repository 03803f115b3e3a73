"""Run a watch: audit, compare with the last time, write the report, and send it when there is news."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding, registry_finding
from ehtoolkit.auditing.changes import ChangeKind, KeystoreChange, compare, went_back
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.snapshot import KeystoreSnapshot, Snapshot
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Topic
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.standing import END_MATTERS
from ehtoolkit.system.files import put_file
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.missed import forget_missed, missed_runs, noting_missed
from ehtoolkit.watch.outbox import DeliveryResult, Outbox, Sender, WatchMessage, is_sent, noting, refusals
from ehtoolkit.watch.report import ClockProblem, Reason, WatchReport
from ehtoolkit.watch.state import WatchState
from ehtoolkit.watch.store import OUTBOX, REPORT, STATE, WatchStore, set_aside
from ehtoolkit.watch.thresholds import thresholds_reached

GAP: Final = timedelta(days=40)
"""Without a run for as long, a watch says so."""
REMIND: Final = timedelta(days=7)
"""How often whatever is due, or fails, is reported again."""
_OVER: Final = timedelta(days=366)
"""How long a certificate is over whose keystore is gone, and of which nothing is kept any more."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found, and what became of its message.

    Attributes:
        payload: the report, as a webhook gets it.
        remembered: whether the state was stored; else the next run reports the same again.
    """

    report: WatchReport
    delivery: DeliveryResult
    payload: Mapping[str, Any]
    remembered: bool = True

    @property
    def is_good(self) -> bool:
        """Whether the run read all folders and the registry, and nothing failed; something may be due."""
        unread = any(found.finding.topic is Topic.FOLDER for found in self.report.pressing)
        return not (self.report.error or self.report.problems or unread or self.delivery.failures)


class WatchRunner:
    """Run watches of one home.

    Attributes:
        store: where they are kept.
        names: pseudonyms of keystores in messages.
        senders: of a watch, by target: ``mail``, ``webhook``.
    """

    def __init__(
        self, store: WatchStore, names: Pseudonyms, senders: Callable[[WatchConfig], Mapping[str, Sender]]
    ) -> None:
        self._store = store
        self._names = names
        self._senders = senders

    def run(self, watch: WatchConfig, audit: Callable[[], Audit], now: Callable[[], datetime]) -> RunResult:
        """Run ``watch`` once.

        Args:
            audit: makes the audit; what it raises is a report too.
            now: for what failed.

        A crash loses no message: it is on disk before the state that says that it was made. Where it cannot be written,
        it is sent from memory, and the state is stored only once everybody has it: a message that comes twice is better
        than one that is lost. A damaged state is set aside, and the run reports everything that is due, as the first
        one does. What cannot be stored is in the result. Raises `errors.WatchRunning`, `errors.Cancelled`, and what
        `folder_lock` and `set_aside` raise: a run that could not start, which the next message says.
        """
        folder = self._store.folder_of(watch.name)
        with ExitStack() as lock:
            with noting_missed(folder, now):
                lock.enter_context(self._store.locked(watch.name))
                state, failures = _state(folder / STATE)
            report, after = self._report(watch, state, audit, now)
            missed = missed_runs(folder)
            report = replace(report, missed=tuple(missed.values()))
            message = self._message(report, watch)
            with noting(failures, "report"):
                put_file(folder / REPORT, json.dumps(message.payload, ensure_ascii=False, indent=1).encode())
            outbox = Outbox(folder / OUTBOX)
            if report.reason is not None:
                with noting(failures, "outbox"):
                    outbox.put(message)
            is_stored = not outbox.held
            is_remembered = is_stored and _is_saved(after, folder / STATE, failures)
            delivery = outbox.deliver(self._senders(watch))
            if not is_stored and not outbox.held:  # everybody has it
                is_remembered = _is_saved(after, folder / STATE, failures)
            if report.reason is not None and not outbox.held:
                forget_missed(tuple(missed))
            delivery = replace(delivery, failures={**failures, **delivery.failures})
            return RunResult(report, delivery, message.payload, is_remembered)

    def test(self, watch: WatchConfig, now: datetime) -> RunResult:
        """Send a test message now; it is not kept when it cannot be sent. Raises nothing for that: see the result."""
        report = WatchReport(watch.name, now, Reason.TEST, practice=watch.practice)
        message = self._message(report, watch)
        failures: dict[str, errors.EhToolkitError] = {}
        sent = 0
        for target, send in self._senders(watch).items():
            try:
                fates = send(message)
            except errors.EhToolkitError as error:
                failures[target] = error
                continue
            failures.update(refusals(fates))
            sent += is_sent(fates)
        return RunResult(report, DeliveryResult(sent, 0, 0, failures), message.payload)

    def _message(self, report: WatchReport, watch: WatchConfig) -> WatchMessage:
        texts = Translator(watch.language)
        return WatchMessage(
            id=report.number,
            at=report.at.astimezone(UTC),
            subject=report.subject(texts),
            text=report.text(texts),
            payload=report.payload(texts, self._names),
            pending=watch.targets,
        )

    def _report(
        self, watch: WatchConfig, state: WatchState, audit: Callable[[], Audit], now: Callable[[], datetime]
    ) -> tuple[WatchReport, WatchState]:
        try:
            found = audit()
        except errors.Cancelled:
            raise
        except Exception as error:  # noqa: BLE001  # no person sees a terminal: it has to be sent
            return _failed(watch, state, errors.Unexpected.unless_known(error), now())
        return _all_well(watch, state, *_compared(watch, state, found))


def _state(path: Path) -> tuple[WatchState, dict[str, errors.EhToolkitError]]:
    """Return the state that was saved. A damaged one is set aside, which is returned as a failure. Raises what
    `set_aside` raises."""
    state = WatchState.read(path)
    if state is not None:
        return state, {}
    aside = set_aside(path)
    return WatchState(None), {"state": errors.FileUnreadable(path=str(aside), reason="state")}


def _is_saved(state: WatchState, path: Path, failures: dict[str, errors.EhToolkitError]) -> bool:
    """Save the state, and return whether that succeeded; else the error is in ``failures``."""
    try:
        state.save(path)
    except errors.EhToolkitError as error:
        failures["state"] = error
        return False
    return True


def _failed(
    watch: WatchConfig, state: WatchState, error: errors.EhToolkitError, at: datetime
) -> tuple[WatchReport, WatchState]:
    """Return the report of a failure, and the state after it. A failure is reported at once, when it becomes another
    one, and again every week; certificates come nearer to their ends all the same."""
    again = state.failure is None or state.failure[0] != error.key or _is_week_ago(state.failure[1], at)
    snapshot = Snapshot(at) if state.snapshot is None else state.snapshot.on(at)
    previous = None if state.snapshot is None else state.snapshot.at
    reached, said = thresholds_reached(_counting(snapshot, state.gone), state.said, watch.due_within)
    reason = Reason.FAILED if again or reached else None
    report = WatchReport(
        watch.name, at, reason, previous, reached=reached, error=error, practice=watch.practice
    )
    failure = state.failure if reason is None else (error.key, at)
    return report, replace(state, status="failed", failure=failure, said=said)


def _compared(watch: WatchConfig, state: WatchState, found: Audit) -> tuple[WatchReport, WatchState]:
    """Return the report of an audit, and the state after it. A message is sent when something is new, and every week
    while something is due."""
    if watch.registry and found.registry is None and state.registry is not None:
        away = AuditFinding(registry_finding(state.registry))
        found = replace(found, audit_findings=(away, *found.audit_findings))
    snapshot, earlier = found.snapshot(), state.snapshot
    before = earlier or Snapshot(found.now, snapshot.keystores)  # the first time nothing is new
    remembered = snapshot.with_unseen(before)
    # A file of another name is as good as before.
    changes = tuple(change for change in compare(before, snapshot) if change.kind is not ChangeKind.MOVED)
    gone = _gone(state.gone, changes, snapshot)
    reached, said = thresholds_reached(_counting(remembered, gone), state.said, watch.due_within)
    report = WatchReport(
        watch.name,
        found.now,
        None,
        None if earlier is None else earlier.at,
        found,
        changes,
        reached,
        _clock_problem(before.at, snapshot.at),
        snapshot.problems,
        practice=watch.practice,
        missing=_missing(remembered, snapshot, gone, watch.due_within),
    )
    pressing = tuple(sorted(set(map(_subject, report.pressing))))
    news = set(pressing) - set(state.errors) - _of_ends(found, report)
    report = replace(report, news=tuple(each for each in report.pressing if _subject(each) in news))
    # A problem with a folder lasts until it is back; a change is over with the run that has reported it.
    is_due = bool(pressing or snapshot.problems or report.missing)
    remind = is_due and (state.reported is None or _is_week_ago(state.reported, found.now))
    status = "due" if is_due else "fine"
    reason = None
    if report.is_news or remind or (is_due and state.status == "failed"):
        reason = Reason.DUE
    elif status == "fine" and state.status != "fine":
        reason = Reason.FINE
    report = replace(report, reason=reason)
    reported = found.now if reason is Reason.DUE else state.reported
    after = WatchState(
        remembered,
        said,
        pressing,
        status,
        reported=reported if is_due else None,
        gone=gone,
        registry=found.registry or state.registry,
    )
    return report, after


def _clock_problem(before: datetime, now: datetime) -> ClockProblem | None:
    if went_back(before, now):
        return ClockProblem.BACK
    return ClockProblem.GAP if now - before > GAP else None


def _gone(
    before: Iterable[KeystoreSnapshot], changes: Iterable[KeystoreChange], snapshot: Snapshot
) -> tuple[KeystoreSnapshot, ...]:
    """Return the keystores whose files are gone, each at the moment of ``snapshot``, while their ends matter: until
    their key is seen again, a newer keystore of their holder is, or the end is a year ago."""
    there = snapshot.keystores.values()
    keys = {keystore.key_id for keystore in there if keystore.not_after is not None}
    newest: dict[tuple[str | None, ...], date] = {}
    for keystore in there:
        if keystore.holder is not None and keystore.not_after is not None:
            newest[keystore.identity] = max(keystore.not_after, newest.get(keystore.identity, date.min))
    now = brussels_day(snapshot.at)
    lost = [change.keystore for change in changes if change.kind is ChangeKind.GONE]
    found = {keystore.certificate: keystore for keystore in (*before, *filter(None, lost))}
    return tuple(
        keystore.on(now)
        for keystore in found.values()
        if keystore.not_after is not None
        and keystore.state in END_MATTERS
        and now - keystore.not_after < _OVER
        and (keystore.key_id is None or keystore.key_id not in keys)
        and newest.get(keystore.identity, date.min) <= keystore.not_after
    )


def _counting(snapshot: Snapshot, gone: Iterable[KeystoreSnapshot]) -> Snapshot:
    """Return a snapshot with the keystores that are gone: their ends come nearer, too."""
    return replace(snapshot, keystores={**{each.file: each for each in gone}, **snapshot.keystores})


def _missing(
    remembered: Snapshot, snapshot: Snapshot, gone: Iterable[KeystoreSnapshot], within: timedelta
) -> tuple[KeystoreSnapshot, ...]:
    """Return the keystores that are not there now, and whose certificates end soon or have ended: those that are gone,
    and those of folders that could not be looked into."""
    unseen = (each for file, each in remembered.keystores.items() if file not in snapshot.keystores)
    first = within // timedelta(days=1)
    found = (
        each
        for each in (*gone, *unseen)
        if not each.acknowledged
        and each.state in END_MATTERS
        and each.days_left is not None
        and each.days_left <= first
    )
    return tuple(sorted(found, key=lambda each: (each.days_left or 0, each.file)))


def _all_well(
    watch: WatchConfig, state: WatchState, report: WatchReport, after: WatchState
) -> tuple[WatchReport, WatchState]:
    """Return the report and the state after it, with the weekly message that nothing is due, where the watch is to send
    it, no other message goes, and none has said the same for a week."""
    is_time = state.well is None or _is_week_ago(state.well, report.at)
    if watch.all_well and report.reason is None and report.status == "fine" and is_time:
        report = replace(report, reason=Reason.WELL)
    says_so = report.reason in (Reason.FINE, Reason.WELL)
    return report, replace(after, well=report.at if says_so else state.well)


def _of_ends(audit: Audit, report: WatchReport) -> set[str]:
    """Return the findings about ends of keystores that were read, each by what it is about: thresholds report those.
    They know nothing of an end that only the registry has."""
    return {_subject(finding) for finding in report.pressing if audit.is_end_of_row(finding)}


def _subject(finding: AuditFinding) -> str:
    """Return what ``finding`` is about. Another period that ends is news."""
    day = finding.due if finding.finding.topic is Topic.PERIOD else None
    parts = (finding.finding.key, finding.file or "", finding.provider or "", *([] if day is None else [day]))
    return " ".join(map(str, parts))


def _is_week_ago(moment: datetime, now: datetime) -> bool:
    """Return whether ``moment`` is a week ago by the calendar, or on a later day, by a clock that was ahead."""
    return not timedelta(0) <= brussels_day(now) - brussels_day(moment) < REMIND
