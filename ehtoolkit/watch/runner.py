"""Run a watch: audit, compare with the last time, write the report, and send it when there is news."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.changes import compare, went_back
from ehtoolkit.auditing.export.pseudonyms import Pseudonyms
from ehtoolkit.auditing.snapshot import Snapshot
from ehtoolkit.i18n import Translator
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.outbox import DeliveryResult, Outbox, Sender
from ehtoolkit.watch.report import ClockProblem, Reason, WatchReport
from ehtoolkit.watch.store import OUTBOX, REPORT, STATE, WatchStore, load_json, save_json, set_aside
from ehtoolkit.watch.thresholds import thresholds_reached

GAP: Final = timedelta(days=40)
"""Without a run for as long, a watch says so."""
REMIND: Final = timedelta(days=7)
"""How often a failure that lasts, or a keystore that stays closed, is reported again."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found, and what became of its message."""

    report: WatchReport
    delivery: DeliveryResult


@dataclass(frozen=True, slots=True)
class _State:
    """What is kept from run to run.

    Attributes:
        snapshot: of the last run that was no failure.
        said: thresholds, see `ehtoolkit.watch.thresholds`.
        errors: findings that were said, each by what it is about.
        status: that was sent last: ``fine``, ``due`` or ``failed``.
        failure: key and moment of the failure that was sent last.
        closed: when keystores that stay closed were reported last; None while every keystore opens.
    """

    snapshot: Snapshot | None = None
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    status: str = "fine"
    failure: tuple[str, str] | None = None
    closed: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "snapshot": None if self.snapshot is None else self.snapshot.to_json(),
            "said": {certificate: dict(moments) for certificate, moments in self.said.items()},
            "errors": list(self.errors),
            "status": self.status,
            "failure": None if self.failure is None else list(self.failure),
            "closed": self.closed,
        }

    @classmethod
    def read(cls, path: Path) -> _State | None:
        """Return the state that was saved; a new one where there is none; None where it is damaged."""
        if not path.exists():
            return cls()
        value = load_json(path)
        if value is None:
            return None
        try:
            failure = value["failure"]
            said = {
                certificate: {day: at for day, at in moments.items() if _is_said(day, at)}
                for certificate, moments in value["said"].items()
            }
            return cls(
                None if value["snapshot"] is None else Snapshot.from_json(value["snapshot"]),
                said,
                tuple(map(str, value["errors"])),
                str(value["status"]),
                None if failure is None else (str(failure[0]), str(failure[1])),
                None if (closed := value.get("closed")) is None else str(closed),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None


class WatchRunner:
    """Run watches of one home.

    Attributes:
        store: where they are kept.
        names: pseudonyms of keystores in messages.
        senders: of a watch, by target: ``mail``, ``webhook``.
    """

    def __init__(
        self,
        store: WatchStore,
        names: Pseudonyms,
        senders: Callable[[WatchConfig], Mapping[str, Sender]],
    ) -> None:
        self._store = store
        self._names = names
        self._senders = senders

    def run(self, watch: WatchConfig, audit: Callable[[], Audit], now: Callable[[], datetime]) -> RunResult:
        """Run ``watch`` once.

        Args:
            audit: makes the audit; what it raises is a report too.
            now: for what failed.

        A crash loses no message: it is on disk before the state that says that it was made. A damaged state is set
        aside, and the run reports everything that is due, as the first one does. Raises
        `errors.WatchRunning`, `errors.Cancelled`, and what writing raises.
        """
        folder = self._store.folder_of(watch.name)
        with self._store.locked(watch.name):
            damaged: dict[str, errors.EhToolkitError] = {}
            state = _State.read(folder / STATE)
            if state is None:
                aside = set_aside(folder / STATE)
                damaged["state"] = errors.FileUnreadable(path=str(aside), reason="state")
                state = _State()
            report, after = self._report(watch, state, audit, now)
            texts = Translator(watch.language)
            save_json(folder / REPORT, report.payload(texts, self._names))
            outbox = Outbox(folder / OUTBOX)
            if report.reason is not None:
                outbox.put(self._message(report, texts), watch.targets)
            save_json(folder / STATE, after.to_json())
            delivery = outbox.deliver(self._senders(watch))
            return RunResult(report, replace(delivery, failures={**damaged, **delivery.failures}))

    def test(self, watch: WatchConfig, now: datetime) -> RunResult:
        """Send a test message now; it is not kept when it cannot be sent. Raises nothing for that: see the result."""
        report = WatchReport(watch.name, secrets.token_hex(16), now, Reason.TEST, practice=watch.practice)
        message = self._message(report, Translator(watch.language))
        failures: dict[str, errors.EhToolkitError] = {}
        senders = self._senders(watch)
        for target, send in senders.items():
            try:
                refused = send(message)
            except errors.EhToolkitError as error:
                refused = error
            if refused is not None:
                failures[target] = refused
        return RunResult(report, DeliveryResult(len(senders) - len(failures), 0, 0, failures))

    def _message(self, report: WatchReport, texts: Translator) -> dict[str, Any]:
        payload = report.payload(texts, self._names)
        return {
            "id": report.number,
            "at": payload["at"],
            "subject": report.subject(texts),
            "text": report.text(texts),
            "payload": payload,
        }

    def _report(
        self, watch: WatchConfig, state: _State, audit: Callable[[], Audit], now: Callable[[], datetime]
    ) -> tuple[WatchReport, _State]:
        number = secrets.token_hex(16)
        try:
            found = audit()
        except errors.Cancelled:
            raise
        except errors.EhToolkitError as error:
            return _failed(watch, number, state, error, now())
        except Exception as error:  # no person sees a terminal: it has to be sent
            logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
            return _failed(watch, number, state, errors.Unexpected(kind=type(error).__name__), now())
        return _compared(watch, number, state, found)


def _failed(
    watch: WatchConfig, number: str, state: _State, error: errors.EhToolkitError, at: datetime
) -> tuple[WatchReport, _State]:
    """Return the report of a failure, and the state after it. A failure is said at once, when it becomes another one,
    and again every week."""
    again = state.failure is None or state.failure[0] != error.key or _since(state.failure[1], at) >= REMIND
    previous = None if state.snapshot is None else state.snapshot.at
    reason = Reason.FAILED if again else None
    report = WatchReport(watch.name, number, at, reason, previous, error=error, practice=watch.practice)
    failure = (error.key, at.isoformat()) if again else state.failure
    return report, replace(state, status="failed", failure=failure)


def _compared(watch: WatchConfig, number: str, state: _State, found: Audit) -> tuple[WatchReport, _State]:
    snapshot = found.snapshot(watch.folders)
    earlier = state.snapshot
    reached, said = thresholds_reached(snapshot, state.said)
    clock = None
    if earlier is not None:
        if went_back(earlier.at, snapshot.at):
            clock = ClockProblem.BACK
        elif snapshot.at - earlier.at > GAP:
            clock = ClockProblem.GAP
    report = WatchReport(
        watch.name,
        number,
        found.now,
        None,
        None if earlier is None else earlier.at,
        found,
        # The first time nothing is new; a folder that is not there is said all the same.
        compare(earlier or Snapshot(found.now, snapshot.keystores), snapshot),
        reached,
        clock,
        snapshot.problems,
        practice=watch.practice,
    )
    pressing = tuple(
        sorted(
            {
                f"{finding.finding.key} {finding.file or ''} {finding.provider or ''}"
                for finding in report.pressing
            }
        )
    )
    # A problem with a folder lasts until it is back; a change is over with the run that has said it.
    is_due = bool(pressing or snapshot.problems)
    news = set(pressing) - set(state.errors) - _of_ends(report)
    has_closed = report.verdict is not None and bool(report.verdict.closed)
    remind = has_closed and (state.closed is None or _since(state.closed, found.now) >= REMIND)
    is_new = bool(reached or news or report.alarming or clock or remind)
    status = "due" if is_due else "fine"
    if is_new or (is_due and state.status == "failed"):
        report = replace(report, reason=Reason.DUE)
    elif status == "fine" and state.status != "fine":
        report = replace(report, reason=Reason.FINE)
    closed = found.now.isoformat() if report.reason is Reason.DUE else state.closed
    kept = snapshot if earlier is None else snapshot.with_unseen(earlier)
    said = {
        certificate: dict(state.said[certificate])
        for certificate in _unseen(kept, snapshot)
        if certificate in state.said
    } | said
    return report, _State(kept, said, pressing, status, closed=closed if has_closed else None)


def _of_ends(report: WatchReport) -> set[str]:
    """Return the findings about ends, each by what it is about: thresholds say when someone hears of those."""
    return {
        f"{finding.finding.key} {finding.file or ''} {finding.provider or ''}"
        for finding in report.pressing
        if finding.days is not None and finding.finding.key.startswith("certificate_")
    }


def _unseen(kept: Snapshot, seen: Snapshot) -> set[str]:
    return {keystore.certificate for file, keystore in kept.keystores.items() if file not in seen.keystores}


def _since(text: str, at: datetime) -> timedelta:
    """Return how long ago it was; of what cannot be told, or lies ahead, long enough."""
    try:
        passed = at - datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return REMIND
    return REMIND if passed < timedelta(0) else passed


def _is_said(day: str, at: str) -> bool:
    return day.isdecimal() and datetime.fromisoformat(at).tzinfo is not None
