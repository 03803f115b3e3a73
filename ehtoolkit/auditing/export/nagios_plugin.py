"""An audit as a monitoring plug-in says it: one line, an exit code from 0 to 3, and figures.

Nagios, Icinga, Checkmk and others call such programs. The form is that of the Monitoring Plugins Development
Guidelines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.finding import Severity, Topic
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.result_display import masked
from ehtoolkit.system.text_safety import fit

SERVICE: Final = "EHEALTH"
"""How the line begins, before the status."""


class PluginStatus(IntEnum):
    """Exit codes of a monitoring plug-in."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class PluginResult:
    """What a monitoring system gets.

    Attributes:
        status: also the exit code.
        line: one line without an end of line.
    """

    status: PluginStatus
    line: str


def plugin_result(
    audit: AuditResult, texts: Translator, warning: timedelta, critical: timedelta, *, full: bool = False
) -> PluginResult:
    """Judge ``audit``: CRITICAL when a certificate ends within ``critical`` or a finding is an error, WARNING when one
    ends within ``warning`` or another finding is due, UNKNOWN when something could not be read or opened, or
    when there is no keystore at all. What is CRITICAL stays so whatever could not be read; an UNKNOWN hides a WARNING,
    since what was not seen may be worse.

    What a newer keystore has replaced counts for nothing; what is acknowledged is a figure of its own.
    """
    unreplaced = [row for row in audit.rows.keystores if row.replaced_by is None]
    rows = [row for row in unreplaced if not row.acknowledged]
    warn, crit = warning // timedelta(days=1), critical // timedelta(days=1)
    # What has ended is first: of the day on which it does, days are 0 before and after.
    ends = sorted(
        (row.state != State.EXPIRED, row.days_left, row.file if full else masked(row.file))
        for row in rows
        if row.days_left is not None and row.end_matters
    )
    verdict = audit.judged(unattended=True)
    counts = {
        "keystores": len(rows),
        "near": sum(living and days <= warn for living, days, _ in ends),
        "errors": _errors(audit),
        "unread": verdict.unread,
        "closed": len(verdict.closed),
        "without": sum(row.state == State.NO_ETK for row in rows),
        "acknowledged": len(unreplaced) - len(rows),
    }
    # What the rows say counts by the thresholds of the plug-in; other findings with a date by that of warnings.
    others = (found for found in verdict.pressing if found.finding.is_due and not audit.is_end_of_row(found))
    due = sum(found.days is None or found.days <= warn for found in others)
    living, days, file = ends[0] if ends else (True, warn + 1, "")
    all_acknowledged = bool(unreplaced) and not rows
    cases = (
        (not living, PluginStatus.CRITICAL, "expired"),
        (days <= crit, PluginStatus.CRITICAL, "ends"),
        (counts["errors"] > 0, PluginStatus.CRITICAL, "errors"),
        (counts["unread"] + counts["closed"] > 0, PluginStatus.UNKNOWN, "unseen"),
        (not ends and not all_acknowledged, PluginStatus.UNKNOWN, "none"),
        (counts["near"] > 0, PluginStatus.WARNING, "ends"),
        (due > 0, PluginStatus.WARNING, "due"),
    )
    fine = "acknowledged" if all_acknowledged else "fine"
    status, key = next(((status, key) for holds, status, key in cases if holds), (PluginStatus.OK, fine))
    said = texts.get(f"cli.plugin.{key}", **counts, due=due, within=warn, days=days, file=file)
    figures = [f"{name}={value};;;0" for name, value in counts.items()]
    if ends:  # “warn below”, as the guidelines write a range
        figures.insert(0, f"days={days};{warn + 1}:;{crit + 1}:")
    return PluginResult(status, f"{_sentence(status, said)} | {' '.join(figures)}")


def plugin_failure(message: str) -> PluginResult:
    """Return the result, UNKNOWN, that says that the check itself could not do its work. ``message``: why; a NISS in it
    is masked."""
    return PluginResult(PluginStatus.UNKNOWN, _sentence(PluginStatus.UNKNOWN, masked(message)))


def _sentence(status: PluginStatus, said: str) -> str:
    """Return the line without its figures, which begin with ``|``."""
    return f"{SERVICE} {status.name} - {fit(said.replace('|', '/'))}"


def _errors(audit: AuditResult) -> int:
    """Count the findings that are errors, but for those that say that something could not be read or opened."""
    unseen = {
        row.file for row in audit.rows.keystores if row.state in (FileState.UNREADABLE, FileState.CLOSED)
    }
    return sum(
        audit_finding.finding.severity is Severity.ERROR
        and audit_finding.finding.topic is not Topic.FOLDER
        and (audit_finding.provider is not None or audit_finding.file not in unseen)
        for audit_finding in audit.counted_findings
    )
