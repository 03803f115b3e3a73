"""Rows of findings and of providers beside keystores, and the tables of an audit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Self

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.tables.rows import SEVERITIES, KeystoreRow, PeriodRow, ProviderRow
from ehtoolkit.auditing.tables.table_row import Kind, TableRow
from ehtoolkit.i18n import Translator


@dataclass(frozen=True, slots=True, repr=False)
class MergedRow(TableRow):
    """A provider and a keystore; one of them may be missing. The columns are those of both."""

    provider: ProviderRow | None
    keystore: KeystoreRow | None

    @classmethod
    @cache
    def columns(cls) -> Mapping[str, Kind]:
        """Return the columns of providers and then those of keystores."""
        return {**ProviderRow.columns(), **KeystoreRow.columns()}

    def values(self) -> tuple[Any, ...]:
        """Return the values of both; ``practice`` is the provider's."""
        found: dict[str, Any] = dict.fromkeys(self.columns())
        if self.keystore is not None:
            found.update(self.keystore.by_column(), practice=None)
        if self.provider is not None:
            found.update(self.provider.by_column())
        return tuple(found.values())

    def masked(self) -> Self:
        """Return the same row without a whole NISS."""
        provider, keystore = self.provider, self.keystore
        return replace(self, provider=provider and provider.masked(), keystore=keystore and keystore.masked())

    @property
    def practice(self) -> str | None:
        """Of the provider."""
        return None if self.provider is None else self.provider.practice

    @property
    def file(self) -> str | None:
        """Of the keystore; of a provider without one, as in the record."""
        if self.keystore is not None:
            return self.keystore.file
        return None if self.provider is None else self.provider.file


def merge(providers: Iterable[ProviderRow], keystores: Sequence[KeystoreRow]) -> tuple[MergedRow, ...]:
    """Return every provider, with or without a keystore, and every keystore, with or without a provider, the first to
    end first. A keystore that two providers have in common is there twice."""
    files = {keystore.file: keystore for keystore in keystores}
    found = [
        MergedRow(provider, None if provider.file is None else files.get(provider.file))
        for provider in providers
    ]
    # By identity: two paths that are no text may be printed alike.
    assigned = {id(row.keystore) for row in found}
    found += [MergedRow(None, keystore) for keystore in keystores if id(keystore) not in assigned]
    return tuple(sorted(found, key=_order))


@dataclass(frozen=True, slots=True, repr=False)
class FindingRow(TableRow):
    """A finding, in one language.

    Attributes:
        severity: how bad it is, the worst first
        due: the day by which something has to be done, or had to be
        days: days from today to `due`; negative when past
        key: which finding it is: [findings](findings.md)
        provider: number of the record that it is about
        name: name in that record
        holder: `TYPE=ID` of the keystore that it is about
        practice: of that provider, or of the one that the keystore is assigned to
        file: path of that keystore
        message: what was found, in the language that was asked for
        next: what to do about it, in that language
        acknowledged: whether it, or its keystore, is acknowledged and counts apart
    """

    severity: Annotated[str, SEVERITIES]
    due: date | None
    days: int | None
    key: str
    provider: int | None
    name: str | None
    holder: str | None
    practice: str | None
    file: str | None
    message: str
    next: str
    acknowledged: bool

    @classmethod
    def of(cls, audit_finding: AuditFinding, texts: Translator) -> Self:
        """Make the row of a finding."""
        number, name = audit_finding.provider or (None, None)
        finding = audit_finding.finding
        return cls(
            severity=finding.severity.value,
            due=audit_finding.due,
            days=audit_finding.days,
            key=finding.key,
            provider=number,
            name=name,
            holder=audit_finding.holder,
            practice=audit_finding.practice,
            file=audit_finding.file,
            message=finding.message(texts),
            next=finding.next_step(texts),
            acknowledged=audit_finding.acknowledged,
        )


@dataclass(frozen=True, slots=True)
class AuditRows:
    """The tables of an audit but that of findings, whose sentences are made when they are asked for.

    Attributes:
        keystores: a row for each file, the first to end first.
        providers: a row for each record, in the order of the registry; ``periods`` likewise.
        merged: see `merge`.
    """

    keystores: tuple[KeystoreRow, ...] = ()
    providers: tuple[ProviderRow, ...] = ()
    periods: tuple[PeriodRow, ...] = ()
    merged: tuple[MergedRow, ...] = ()

    def masked(self) -> AuditRows:
        """Return the same rows without a whole NISS."""
        return AuditRows(
            tuple(row.masked() for row in self.keystores),
            tuple(row.masked() for row in self.providers),
            tuple(row.masked() for row in self.periods),
            tuple(row.masked() for row in self.merged),
        )


ROWS: Final[Mapping[str, type[TableRow]]] = {
    "keystores": KeystoreRow,
    "providers": ProviderRow,
    "periods": PeriodRow,
    "findings": FindingRow,
    "merged": MergedRow,
}
"""What a row of each table is."""


def _order(row: MergedRow) -> tuple[object, ...]:
    days = None if row.keystore is None else row.keystore.days_left
    name = None if row.provider is None else row.provider.name
    return (days is None, days or 0, name is None, name or "", row.file is None, row.file or "")
