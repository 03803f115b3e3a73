"""The report of a run, as a mail and as a JSON object. Neither holds a secret or a whole NISS."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.audit_result import Verdict
from ehtoolkit.auditing.changes import ChangeKind, KeystoreChange, change_line, change_row
from ehtoolkit.auditing.export.plain_text import registry_line
from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.auditing.snapshot import KeystoreSnapshot
from ehtoolkit.auditing.tables.rows import states_of
from ehtoolkit.finding import Topic, describe_finding, finding_lines
from ehtoolkit.i18n import Translator
from ehtoolkit.result_display import masked
from ehtoolkit.system.text_safety import fit, printable
from ehtoolkit.version import __version__
from ehtoolkit.watch.missed import MissedRun
from ehtoolkit.watch.thresholds import ENDED, ThresholdReached

SCHEMA: Final = 1
"""The version of docs/monitoring/webhook.schema.json: raised when something in it is taken away or changes."""
LISTED: Final = 100
"""Changes, ends and findings that a message lists, each; of more it gives the number."""


class Reason(StrEnum):
    """Why a message is sent."""

    DUE = "due"
    FAILED = "failed"
    FINE = "fine"
    """It was due, or had failed, and is fine again."""
    WELL = "well"
    """Nothing is due, and the watch is to say so once a week."""
    TEST = "test"


class ClockProblem(StrEnum):
    """What is odd about the time since the last run."""

    BACK = "back"
    """The clock was put back: the last run was in the future."""
    GAP = "gap"
    """A long time has passed: the watch did not run, or the clock was put ahead."""


@dataclass(frozen=True)
class WatchReport:
    """What a run found.

    Attributes:
        name: of the watch.
        at: by the clock that the audit went by, aware.
        previous: the last run that was no failure; None: this is the first.
        reason: why it is sent; None: it is not, nothing is new that someone has to hear of.
        audit: None where it failed, with ``error``; and of a test.
        problems: folders that could not be looked into or are empty, see `ehtoolkit.auditing.snapshot.Snapshot`.
        number: a message that comes twice has the same.
        news: the findings, among those for which something is due, that were not reported yet.
        missing: keystores that are not there now, and whose certificates end soon or have ended.
    """

    name: str
    at: datetime
    reason: Reason | None
    previous: datetime | None = None
    audit: Audit | None = None
    changes: tuple[KeystoreChange, ...] = ()
    reached: tuple[ThresholdReached, ...] = ()
    clock: ClockProblem | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    error: errors.EhToolkitError | None = None
    practice: str | None = None
    number: str = field(default_factory=lambda: secrets.token_hex(16))
    news: tuple[AuditFinding, ...] = ()
    missing: tuple[KeystoreSnapshot, ...] = ()
    missed: tuple[MissedRun, ...] = ()

    @property
    def status(self) -> str:
        """``failed``, ``due`` or ``fine``."""
        if self.error is not None:
            return "failed"
        is_due = self.pressing or self.alarming or self.problems or self.clock or self.missing
        return "due" if is_due else "fine"

    @cached_property
    def verdict(self) -> Verdict | None:
        """Of the audit: what stayed closed is due, since no person watches the run. None where it failed."""
        return None if self.audit is None else self.audit.judged(unattended=True)

    @property
    def pressing(self) -> list[AuditFinding]:
        """The findings for which something is due, the most urgent first."""
        return [] if self.verdict is None else list(self.verdict.pressing)

    @property
    def alarming(self) -> list[KeystoreChange]:
        """The changes to report now."""
        return [change for change in self.changes if change.is_alarming]

    @property
    def is_news(self) -> bool:
        """Whether something is due that was not reported yet."""
        return bool(self.reached or self.news or self.alarming or self.clock)

    # ── for people ───────────────────────────────────────────────────────────────────────────────────────
    def subject(self, texts: Translator) -> str:
        """Return one line for the subject of a mail: the watch and how it is."""
        facts: dict[str, Any] = {"name": self.name, "count": len(self.pressing) + len(self.missing)}
        kind: str = "test" if self.reason is Reason.TEST else self.status
        news = list(self._news(texts))
        if kind == "fine" and self.reason in (Reason.FINE, Reason.WELL):
            kind = "well" if self.reason is Reason.WELL else "fine_again"
        elif kind == "due" and news:
            kind, facts = "news", {**facts, "count": len(news), "first": news[0]}
        return fit(masked(texts.get(f"watch.subject.{kind}", **facts)))

    def _news(self, texts: Translator) -> Iterator[str]:
        """Yield in a few words each of what is new, the most urgent first."""
        for threshold in self.reached:
            who, days = self._who(threshold.keystore), threshold.keystore.days_left
            kind = "ended" if threshold.days == ENDED else "ends"
            yield texts.get(f"watch.news.{kind}", who=who, days=days)
        for found in self.news:
            about, message = found.person or found.practice, found.finding.message(texts)
            yield message if about is None else texts.get("watch.news.finding", who=about, message=message)
        for change in self.alarming:
            yield change_line(change_row(change, {}), texts)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The names of providers, by the files that are assigned to them."""
        providers = () if self.audit is None else self.audit.rows.providers
        return {row.file: row.full_name for row in reversed(providers) if row.file is not None}

    def _who(self, keystore: KeystoreSnapshot) -> str:
        """Return whose keystore it is: by the registry, by the certificate, by its number, else its file."""
        return self._names.get(keystore.file) or keystore.holder_name or keystore.holder or keystore.file

    def text(self, texts: Translator) -> str:
        """Return the report in sentences, a paragraph for each part."""
        lines = [self.subject(texts), ""]
        if self.reason is Reason.TEST:
            lines += [texts.get("watch.test")]
        if self.reason is Reason.WELL:
            lines += [texts.get("watch.well")]
        if self.error is not None:
            lines += [texts.error(self.error), f"    → {texts.next_step(self.error)}", ""]
            lines += [texts.get("watch.unknown")]
        if self.clock is not None and self.previous is not None:
            facts = {"before": self.previous, "now": self.at}
            lines += [texts.get(f"watch.clock.{self.clock}", **facts), ""]
        if self.missed:
            lines += [*(missed.text(texts) for missed in self.missed), ""]
        for key, part in self._parts(texts):
            if part:
                lines += [texts.get(f"watch.{key}"), *_some(part, texts), ""]
        lines += self._closing(texts)
        return "".join(f"{masked(printable(line))}\n" for line in lines)

    def _parts(self, texts: Translator) -> Iterator[tuple[str, list[str]]]:
        """Yield the lists of a message, each with the name of its heading. What is new stands there in full, and the
        rest as a number for each practice; where nothing is new, all that is due stands there in full."""
        yield "reached", [self._reached(threshold, texts) for threshold in self.reached]
        yield "changes", [_change(change, texts) for change in self.changes]
        missing = [self._line("gone", keystore, texts) for keystore in self.missing]
        if self.reason is not Reason.DUE or not self.is_news:
            yield "missing", missing
            yield "due", [line for finding in self.pressing for line in _finding(finding, texts)]
            return
        yield "new", [line for finding in self.news for line in _finding(finding, texts)]
        rest = Counter[str]()
        new, ends = set(map(id, self.news)), {threshold.keystore.file for threshold in self.reached}
        for finding in self.pressing:
            is_end = finding.finding.topic is Topic.END and finding.file in ends
            if id(finding) not in new and not is_end:
                rest[finding.practice or ""] += 1
        for keystore in self.missing:
            if keystore.file not in ends:
                rest[keystore.practice or ""] += 1
        yield "rest", [_rest(practice, count, texts) for practice, count in sorted(rest.items())]

    def _reached(self, threshold: ThresholdReached, texts: Translator) -> str:
        return self._line("ended" if threshold.days == ENDED else "ends", threshold.keystore, texts)

    def _line(self, kind: str, keystore: KeystoreSnapshot, texts: Translator) -> str:
        """Return the sentence about the end of a keystore: whose it is, of which practice, and its file."""
        names = dict.fromkeys(filter(None, (self._who(keystore), keystore.practice, keystore.file)))
        facts = {"who": ", ".join(names), "days": keystore.days_left, "date": str(keystore.not_after)}
        return f"  {texts.get(f'watch.{kind}', **facts)}"

    def _closing(self, texts: Translator) -> Iterator[str]:
        if self.audit is not None:
            keystores, passed_over = len(self.audit.rows.keystores), self.audit.passed_over
            yield texts.get("watch.counts", keystores=keystores, passed_over=passed_over, now=self.at)
            yield registry_line(self.audit, texts)
            if self.previous is None:
                yield texts.get("watch.first")

    # ── for programs ─────────────────────────────────────────────────────────────────────────────────────
    def payload(self, texts: Translator, names: Pseudonyms) -> dict[str, Any]:
        """Return the object that docs/monitoring/webhook.schema.json describes. ``names``: of keystores."""
        return {
            "schema": SCHEMA,
            "version": __version__,
            "id": self.number,
            "watch": self.name,
            "practice": _shown(self.practice),
            "at": _utc(self.at),
            "previous": None if self.previous is None else _utc(self.previous),
            "reason": None if self.reason is None else str(self.reason),
            "status": self.status,
            "language": texts.language,
            "summary": self.subject(texts),
            "clock": None if self.clock is None else str(self.clock),
            "error": None if self.error is None else _error(self.error, texts),
            "counts": self._counts(),
            "folders": [
                {"folder": masked(folder), "problem": problem} for folder, problem in self.problems.items()
            ],
            "reached": [
                {**_keystore(threshold.keystore, names), "threshold": threshold.days}
                for threshold in self.reached[:LISTED]
            ],
            "changes": [_changed(change, names) for change in self.changes[:LISTED]],
            "missing": [_keystore(keystore, names) for keystore in self.missing[:LISTED]],
            "findings": [
                {**_found(finding, texts, names), "new": finding in self.news}
                for finding in self.pressing[:LISTED]
            ],
            "missed": [
                {"at": _utc(missed.at), "error": missed.error, "message": _shown(missed.text(texts))}
                for missed in self.missed
            ],
        }

    def _counts(self) -> dict[str, Any]:
        """Return how many there are, also of what is not listed."""
        keystores = () if self.audit is None else self.audit.rows.keystores
        return {
            "keystores": len(keystores),
            "passed_over": 0 if self.audit is None else self.audit.passed_over,
            "standing": dict(states_of(keystores)),
            "reached": len(self.reached),
            "changes": dict(Counter(str(change.kind) for change in self.changes)),
            "findings": len(self.pressing),
        }


def _some(lines: list[str], texts: Translator) -> Iterator[str]:
    yield from lines[: 3 * LISTED]
    if len(lines) > 3 * LISTED:
        yield texts.get("watch.more", count=len(lines) - 3 * LISTED)


def _change(change: KeystoreChange, texts: Translator) -> str:
    return f"  {change_line(change_row(change, {}), texts)}"


def _finding(about: AuditFinding, texts: Translator) -> list[str]:
    who = ", ".join(filter(None, (about.person, about.practice)))
    return [f"  {line}" for line in finding_lines(about.finding, texts, who or None, about.file)]


def _rest(practice: str, count: int, texts: Translator) -> str:
    name = practice or texts.get("watch.rest.none")
    return f"  {texts.get('watch.rest.count', practice=name, count=count)}"


def _keystore(keystore: KeystoreSnapshot, names: Pseudonyms) -> dict[str, Any]:
    return {
        "keystore": names.of(keystore.file),
        "file": _shown(keystore.file),
        "practice": _shown(keystore.practice),
        "state": keystore.state,
        "not_after": None if keystore.not_after is None else keystore.not_after.isoformat(),
        "days_left": keystore.days_left,
    }


def _changed(change: KeystoreChange, names: Pseudonyms) -> dict[str, Any]:
    if change.keystore is None:
        return {"kind": str(change.kind), "folder": masked(change.folder or ""), "keystores": change.count}
    about = {"kind": str(change.kind), **_keystore(change.keystore, names)}
    if change.before is not None and change.kind is not ChangeKind.GONE:
        about["before"] = _keystore(change.before, names)
    return about


def _found(audit_finding: AuditFinding, texts: Translator, names: Pseudonyms) -> dict[str, Any]:
    words = describe_finding(audit_finding.finding, texts)
    return {
        "key": words["key"],
        "severity": words["severity"],
        "keystore": None if audit_finding.file is None else names.of(audit_finding.file),
        "file": _shown(audit_finding.file),
        "provider": None if audit_finding.provider is None else audit_finding.provider[0],
        "days": audit_finding.days,
        "message": _shown(words["message"]),
        "next": _shown(words["next"]),
    }


def _error(error: errors.EhToolkitError, texts: Translator) -> Mapping[str, str | None]:
    return {"key": error.key, "message": _shown(texts.error(error)), "next": _shown(texts.next_step(error))}


def _shown(text: str | None) -> str | None:
    return None if text is None else masked(printable(text))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
