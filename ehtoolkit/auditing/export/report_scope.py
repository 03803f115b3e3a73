"""The scope of a report: whose it is, when and by whom it was made, what was looked at, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.practice_split import PracticeAudit
from ehtoolkit.auditing.scan.discovery import LEFT_OUT
from ehtoolkit.i18n import Translator

LISTED: Final = 500
"""Files that are listed; of more the number is given."""


class ScopeRow(NamedTuple):
    """A line of a scope; it has at least one value."""

    label: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What a report is about.

    Attributes:
        part: of the audit.
        author: who made the report; None: not named.
    """

    part: PracticeAudit
    author: str | None = None

    def name(self, texts: Translator) -> str:
        """Return the name of the practice, or a word for what belongs to no practice."""
        return self.part.practice or texts.get("export.report.unassigned")

    def rows(self, audit: AuditResult, texts: Translator) -> list[ScopeRow]:
        """Return labels and values, in the order in which a reader asks for them; what is empty is said to be."""
        lines: list[tuple[str, Sequence[str]]] = [
            ("practice", (self.name(texts),)),
            ("date", (texts.get("export.report.moment", moment=audit.now),)),
        ]
        if self.author:
            lines.append(("author", (self.author,)))
        lines += [
            ("folders", self.part.folders),
            ("unopened", self.part.unopened),
            ("passed_over", self.part.passed_over),
            ("never", (texts.get("export.report.never_looked_at", folders=", ".join(LEFT_OUT)),)),
        ]
        return [
            ScopeRow(texts.get(f"export.report.{name}"), _listed(values, texts)) for name, values in lines
        ]


def closing_notes(audit: AuditResult, texts: Translator) -> Iterator[str]:
    """Yield the last sentences of pages and reports: that issuers were not asked what is revoked, where they were not,
    and that this is personal data."""
    if not audit.request.revocation:
        yield texts.get("export.page.unasked")
    yield texts.get("export.page.personal")


def _listed(values: Sequence[str], texts: Translator) -> Sequence[str]:
    if not values:
        return (texts.get("export.report.none"),)
    if len(values) <= LISTED:
        return values
    return (*values[:LISTED], texts.get("export.report.more", count=len(values) - LISTED))
