"""The result of an audit: rows, findings and the verdict on them, which tells what is due and what stayed closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ehtoolkit.auditing.acknowledgements import KeystoreMark
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.snapshot import AuditState, Snapshot, folder_problems, keystore_of
from ehtoolkit.auditing.tables.merged_rows import AuditRows, FindingRow
from ehtoolkit.auditing.tables.rows import KeystoreRow
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Topic
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import PENDING, FileState
from ehtoolkit.keystore.storage.records import LastAnswer
from ehtoolkit.system.text_safety import printable
from ehtoolkit.version import __version__

_ABOUT_CLOSED: Final = frozenset({Topic.CLOSED, Topic.NEWER})
"""What the findings are about that a closed file has when no password accuses it: one of them each."""
_CLOSED: Final = frozenset({FileState.CLOSED, *PENDING})
"""States of files whose content was not seen, when they were not opened."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the terminal, the exit code, metrics, the plug-in, watches and the page say of an audit. Nothing that is
    acknowledged is in it.

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


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """What an audit found.

    Attributes:
        rows: the tables of keystores, providers and periods, with whole NISS numbers.
        audit_findings: the findings, the most urgent first.
        now: the moment that all of it is about, aware.
        texts: of the sentences.
        request: what was asked and done; its folders are absolute.
        passed_over: number of files that were not read, as their names are not those of keystores.
        ends: when the certificate of each file ends, also where that was seen earlier.
        answers: the last definite answer about each file of an issuer, whenever that was asked.
        unattended: as in `ehtoolkit.auditing.options.AuditOptions`; ``secrets`` likewise.
        registry: the registry that was read, a path or host and name of a database; None: none was read.
        marks: what acknowledgements of its keystores go by.
    """

    rows: AuditRows = field(repr=False)
    audit_findings: tuple[AuditFinding, ...] = field(repr=False)
    now: datetime
    texts: Translator = field(repr=False)
    request: AuditRequest
    passed_over: int = 0
    ends: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    answers: Mapping[str, LastAnswer] = field(default_factory=dict, repr=False)
    unattended: bool = False
    registry: str | None = field(default=None, repr=False)
    secrets: Path | None = field(default=None, repr=False)
    marks: tuple[KeystoreMark, ...] = field(default=(), repr=False)

    @property
    def folder_names(self) -> tuple[str, ...]:
        """The folders that were audited, as the tables have paths."""
        return tuple(printable(str(folder)) for folder in self.request.folders)

    def about(self, hide: Callable[[str], str] = str) -> dict[str, Any]:
        """Return when and by which version the audit was made, and its request, as JSON has them: ``now``, ``version``
        and the fields of `AuditRequest`. ``hide``: makes of a text what may be shown."""
        practice = self.request.practice
        return {
            "now": self.now.isoformat(),
            "version": __version__,
            **self.request.model_dump(mode="json", exclude={"folders", "practice"}),
            "practice": None if practice is None else hide(practice),
            "folders": list(map(hide, self.folder_names)),
        }

    @property
    def counts(self) -> dict[str, int]:
        """How many keystores and providers there are, as sentences have it."""
        return {"keystores": len(self.rows.keystores), "providers": len(self.rows.providers)}

    @property
    def acknowledged_counts(self) -> dict[str, int]:
        """How many keystores and findings are acknowledged, as the sentence about them has it."""
        return {
            "keystores": sum(row.acknowledged for row in self.rows.keystores),
            "findings": len(self.audit_findings) - len(self.counted_findings),
        }

    @property
    def counted_findings(self) -> tuple[AuditFinding, ...]:
        """The findings that are not acknowledged."""
        return tuple(found for found in self.audit_findings if not found.acknowledged)

    def table(self, name: str) -> Sequence[TableRow]:
        """Return the rows of a table of `ehtoolkit.auditing.tables.TABLES`."""
        rows: Sequence[Any] = tuple(self.finding_rows()) if name == "findings" else getattr(self.rows, name)
        return rows

    def finding_rows(self) -> Iterator[FindingRow]:
        """Yield a row for each finding, with its sentences."""
        return (FindingRow.of(audit_findings, self.texts) for audit_findings in self.audit_findings)

    def snapshot(self) -> Snapshot:
        """Return what `Audit.diff` and watches compare."""
        keystores = {keystore.file: keystore for keystore in map(keystore_of, self.rows.keystores)}
        unread = {found.file: found.finding.key for found in self._unread_folders() if found.file}
        # Of a practice only a part of the files has rows: a finding says which folder has none.
        folders = self.folder_names if self.request.practice is None else ()
        return Snapshot(self.now, keystores, folder_problems(keystores, unread, folders))

    def state(self) -> AuditState:
        """Return what `ehtoolkit.compare_audits` compares."""
        keystores = tuple(map(keystore_of, self.rows.keystores))
        return AuditState(
            ", ".join(self.folder_names),
            keystores,
            self.folder_names,
            self.snapshot().problems,
            self.now,
        )

    @property
    def today(self) -> date:
        """In Belgium."""
        return brussels_day(self.now)

    @property
    def is_due(self) -> bool:
        """Whether something does not work, a certificate that nothing has replaced ends within ``due_within``, a given
        password does not open its file, or, ``unattended``, any file stayed closed."""
        return self.verdict.is_due

    @cached_property
    def verdict(self) -> Verdict:
        """What is due, and what stayed closed."""
        return self.judged(unattended=self.unattended)

    def judged(self, *, unattended: bool) -> Verdict:
        """Return the verdict. ``unattended``: no person reads the whole result, so a file that stayed closed is always
        due; otherwise only one that a given password did not open."""
        counted = [row for row in self.rows.keystores if not row.acknowledged]
        closed = stayed_closed(self.rows.keystores) if unattended else frozenset()
        pressing = (found for found in self.counted_findings if is_pressing(found, closed))
        unread = sum(1 for _ in self._unread_folders())
        unread += sum(row.state == FileState.UNREADABLE for row in counted)
        return Verdict(tuple(pressing), stayed_closed(counted), unread)

    def _unread_folders(self) -> Iterator[AuditFinding]:
        return (found for found in self.audit_findings if found.finding.topic is Topic.FOLDER)

    def is_end_of_row(self, found: AuditFinding) -> bool:
        """Return whether ``found`` tells the end of a certificate that the table of keystores has: who goes by the days
        of that table has it from there."""
        return found.finding.topic is Topic.END and (found.file, found.due) in self._ends_of_rows

    @cached_property
    def _ends_of_rows(self) -> frozenset[tuple[str | None, date | None]]:
        return frozenset(
            (row.file, row.not_after)
            for row in self.rows.keystores
            if row.not_after is not None and row.end_matters
        )


def stayed_closed(rows: Iterable[KeystoreRow]) -> frozenset[str]:
    """Return the files that stayed closed and that no newer keystore has replaced."""
    return frozenset(row.file for row in rows if row.state in _CLOSED and not row.opened)


def is_pressing(found: AuditFinding, closed: Set[str | None]) -> bool:
    """Return whether something is due for a finding by itself. ``closed``: files for which it is due that they stay
    closed."""
    return found.finding.is_due or (found.file in closed and found.finding.topic in _ABOUT_CLOSED)
