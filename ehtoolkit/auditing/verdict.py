"""The verdict on an audited set of files: what is due, and what stayed closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ehtoolkit.auditing.audit_finding import FOLDER_KEYS, AuditFinding
from ehtoolkit.auditing.rules.providers import NEWER
from ehtoolkit.auditing.tables.rows import KeystoreRow
from ehtoolkit.finding import Severity
from ehtoolkit.keystore.state import FileState

CLOSED: Final = "closed"
"""The key of the finding about a file that was not opened."""
TRIED: Final = "tried"
"""Its variant for a file that none of the given passwords opens."""
_ABOUT_CLOSED: Final = frozenset({CLOSED, NEWER})
"""Keys of the findings that a closed file has when no password accuses it: one of them each."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the terminal, the exit code, metrics, the plug-in, watches and the page say of an audit.

    Attributes:
        pressing: the findings for which something is due, the most urgent first.
        closed: the keystores that stayed closed and that no newer one has replaced: when they end is not known.
        unread: how many files and folders could not be read: their certificates are not in the audit.
    """

    pressing: tuple[AuditFinding, ...]
    closed: frozenset[str]
    unread: int

    @property
    def is_due(self) -> bool:
        """Whether something does not work, ends soon, or was not seen although it should have been."""
        return bool(self.pressing)


def judge(
    audit_findings: Iterable[AuditFinding],
    keystores: Iterable[KeystoreRow],
    due_within: timedelta,
    *,
    unattended: bool,
) -> Verdict:
    """Return the verdict.

    Args:
        audit_findings: the findings of the audit, the most urgent first.
        keystores: its rows.
        due_within: when the end of a certificate is near.
        unattended: whether no person reads the whole result. Then a file that stayed closed is always due; otherwise
            only one that a given password did not open.
    """
    audit_findings = tuple(audit_findings)
    states = [(row.file, row.state) for row in keystores]
    closed = frozenset(file for file, state in states if state == FileState.CLOSED)
    limit = due_within // timedelta(days=1)

    def is_pressing(audit_finding: AuditFinding) -> bool:
        finding = audit_finding.finding
        if finding.severity is Severity.ERROR or (
            audit_finding.days is not None and audit_finding.days <= limit
        ):
            return True
        if audit_finding.file not in closed or finding.key not in _ABOUT_CLOSED:
            return False
        return unattended or finding.variant == TRIED

    unread = sum(audit_finding.finding.key in FOLDER_KEYS for audit_finding in audit_findings)
    unread += sum(state == FileState.UNREADABLE for _, state in states)
    return Verdict(tuple(filter(is_pressing, audit_findings)), closed, unread)
