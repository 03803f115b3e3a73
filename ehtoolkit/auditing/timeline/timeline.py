"""The timeline of an audit: certificates and INAMI periods of each provider, and of holders without a record.

A value: which bars there are and from which day to which, without a size or a colour; the module `drawing` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.tables.rows import KeystoreRow, PeriodRow
from ehtoolkit.result_display import masked

_BEFORE, _AFTER = 3, 4
"""Years that are shown before and after that of today, however far the bars reach."""
_DAY: Final = timedelta(days=1)


class Kind(StrEnum):
    """What a bar stands for."""

    CERTIFICATE = "certificate"
    RENEWAL = "renewal"
    """The end of a certificate in which it can be replaced: by the usual months, a guess."""
    EXPIRED = "expired"
    """The whole of a certificate that is over."""
    CONVENTIONED = "conventioned"
    PARTLY = "partly"
    UNCONVENTIONED = "unconventioned"
    """An INAMI period without a convention, or of which it is not known."""


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """``start`` and ``end`` are both included.

    Attributes:
        end: None while it lasts.
        lane: bars of a row with the same one are on one line; from 0 on, certificates and periods each count their
            own.
        file: of a certificate, as it can be printed.
        number: of a period, in its record.
    """

    kind: Kind
    start: date
    end: date | None
    lane: int = 0
    file: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A provider, or a holder without a record, on the time line.

    Attributes:
        provider: the number of the record; None for a holder in no record.
        name: his, or the holder's.
        keystore: the one that is assigned, unless a newer one has replaced it; else the one that is good the longest.
    """

    name: str
    provider: int | None = None
    practice: str | None = None
    keystore: KeystoreRow | None = None
    certificates: tuple[TimelineBar, ...] = ()
    periods: tuple[TimelineBar, ...] = ()

    @property
    def days_left(self) -> int | None:
        """Of the certificate in ``keystore``."""
        return None if self.keystore is None else self.keystore.days_left


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The time line of an audit.

    Attributes:
        first, last: the days between which everything is shown, the first and last of a year.
        rows: whose certificate ends first is first; without one, last.
    """

    today: date
    first: date
    last: date
    rows: tuple[TimelineRow, ...]

    def only(self, shown: Callable[[TimelineRow], bool]) -> TimeLine:
        """Return the time line with only the rows of which ``shown`` is true, over the same days."""
        return replace(self, rows=tuple(filter(shown, self.rows)))

    def masked(self) -> TimeLine:
        """Return the same time line to be drawn without a whole NISS: a holder without a known name is shown by
        number."""
        return replace(self, rows=tuple(replace(row, name=masked(row.name)) for row in self.rows))


def time_line(audit: AuditResult) -> TimeLine:
    """Return the time line of everything in ``audit``. Files of no provider have no row where their holder is not known
    or they show no day."""
    keystores = _by_holder(audit.rows.keystores)
    files = {row.file: row for row in audit.rows.keystores}
    periods: dict[int | None, list[PeriodRow]] = {}
    for period in audit.rows.periods:
        periods.setdefault(period.provider, []).append(period)
    rows: list[TimelineRow] = []
    shown: set[str] = set()
    for record in audit.rows.providers:
        assigned = None if record.file is None else files.get(record.file)
        mine = list(keystores.get(record.holder or "", ()))
        if assigned is not None and assigned not in mine:
            mine.append(assigned)
        shown |= {keystore.file for keystore in mine}
        row = TimelineRow(record.full_name, record.provider, record.practice)
        rows.append(_row(row, mine, assigned, periods.get(record.provider, ()), audit.today))
    for holder, found in keystores.items():
        rest = [keystore for keystore in found if keystore.file not in shown and keystore.not_after]
        if rest:
            name = next((keystore.holder_name for keystore in rest if keystore.holder_name), holder)
            rows.append(_row(TimelineRow(name), rest, None, (), audit.today))
    rows.sort(key=lambda row: (row.days_left is None, row.days_left or 0, row.name))
    return TimeLine(audit.today, *_span(rows, audit.today), tuple(rows))


def _by_holder(keystores: Iterable[KeystoreRow]) -> dict[str, list[KeystoreRow]]:
    found: dict[str, list[KeystoreRow]] = {}
    for row in keystores:
        if row.holder is not None:
            found.setdefault(row.holder, []).append(row)
    return found


def _row(
    row: TimelineRow,
    keystores: Iterable[KeystoreRow],
    assigned: KeystoreRow | None,
    periods: Iterable[PeriodRow],
    today: date,
) -> TimelineRow:
    found = sorted(keystores, key=lambda keystore: (keystore.not_before or date.max, keystore.file))
    chosen = max(found, key=lambda keystore: keystore.not_after or date.min, default=None)
    if assigned is not None and not _is_over(assigned, found):
        chosen = assigned
    certificates, inami = tuple(_certificates(found)), tuple(_periods(periods))
    return replace(row, keystore=chosen, certificates=certificates, periods=inami)


def _is_over(assigned: KeystoreRow, others: Iterable[KeystoreRow]) -> bool:
    """Return whether it was replaced, or has ended while another one of its environment has not."""
    if assigned.replaced_by is not None:
        return True
    if assigned.days_left is None or assigned.days_left >= 0:
        return False
    same = (keystore for keystore in others if keystore.environment == assigned.environment)
    return any(keystore.days_left is not None and keystore.days_left >= 0 for keystore in same)


def _certificates(keystores: Iterable[KeystoreRow]) -> Iterator[TimelineBar]:
    """Yield the bars of certificates, each certificate once, although two files have it."""
    drawn: set[tuple[object, ...]] = set()
    for keystore in keystores:
        begin, end, window = keystore.not_before, keystore.not_after, keystore.renewable_from
        mark = (keystore.key_id or keystore.file, begin, end)
        if begin is None or end is None or mark in drawn:
            continue
        lane, file = len(drawn), keystore.file
        drawn.add(mark)
        if keystore.days_left is not None and keystore.days_left < 0:
            yield TimelineBar(Kind.EXPIRED, begin, end, lane, file)
            continue
        window = max(begin, window or end)
        if window > begin:
            yield TimelineBar(Kind.CERTIFICATE, begin, min(end, window - _DAY), lane, file)
        yield TimelineBar(Kind.RENEWAL, window, end, lane, file)


_CONVENTIONS: Final = {"yes": Kind.CONVENTIONED, "partly": Kind.PARTLY}


def _periods(periods: Iterable[PeriodRow]) -> Iterator[TimelineBar]:
    """Yield a bar for each period; periods of one type are on one line, unless they overlap."""
    ends: list[tuple[str, date]] = []
    for period in sorted(periods, key=lambda period: (period.type, period.start)):
        kind = _CONVENTIONS.get(period.conventioned or "", Kind.UNCONVENTIONED)
        free = next(
            (lane for lane, (type_, last) in enumerate(ends) if type_ == period.type and last < period.start),
            len(ends),
        )
        ends[free : free + 1] = [(period.type, period.end or date.max)]
        yield TimelineBar(kind, period.start, period.end, free, number=period.number)


def _span(rows: Iterable[TimelineRow], today: date) -> tuple[date, date]:
    """Return the first and the last day that are shown: whole years around today, as far as certificates reach, at most
    `_BEFORE` and `_AFTER` years and at least one."""
    bars = [bar for row in rows for bar in row.certificates]
    first = min((bar.start.year for bar in bars), default=today.year - 1)
    last = max((bar.end.year for bar in bars if bar.end), default=today.year + 1)
    first = min(max(first, today.year - _BEFORE), today.year - 1)
    last = max(min(last, today.year + _AFTER), today.year + 1)
    return date(max(first, 1), 1, 1), date(min(last, 9999), 12, 31)
