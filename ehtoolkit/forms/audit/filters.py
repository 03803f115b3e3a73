"""Filter and sort the rows and findings of an audit, without a widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.tables.merged_rows import AuditRows
from ehtoolkit.forms.audit.table_model import ROW_STATES, AuditTable, ShownFinding, ShownRow
from ehtoolkit.i18n import search_key
from ehtoolkit.identity.numbers import bare

ANY: Final = ""
"""Instead of a practice, a state or an urgency: all of them."""
NO_PRACTICE: Final = "-"
"""Instead of a practice: the rows that have none."""
_STATES: Final = list(ROW_STATES)
SORT_KEYS: Final[Mapping[str, Callable[[ShownRow], Any]]] = {
    "title": lambda row: search_key(row.title),
    "state": lambda row: _STATES.index(row.state),
    "end": lambda row: row.merged.keystore and row.merged.keystore.not_after,
    "days": lambda row: row.merged.keystore and row.merged.keystore.days_left,
}
"""What a table can be sorted by; None for a row that has nothing there."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is shown of an audit.

    Attributes:
        practice: a name, `ANY` or `NO_PRACTICE`.
        state: of `ROW_STATES`.
        urgency: of `Urgency`, of a row the worst of its findings.
        words: each has to occur, whatever its accents and capitals.
    """

    practice: str = ANY
    state: str = ANY
    urgency: str = ANY
    words: str = ""

    @property
    def some(self) -> bool:
        """Whether anything is left out by them."""
        return self != Filters()


FILTER_NAMES: Final = tuple(field.name for field in fields(Filters))


def filter_rows(whole: AuditTable, filters: Filters) -> AuditTable:
    """Return the rows and findings that pass all ``filters``, in the order in which they were."""
    words = [_forms(word) for word in search_key(filters.words).split()]

    def passes(shown: ShownRow | ShownFinding) -> bool:
        return (
            filters.practice in (ANY, shown.practice or NO_PRACTICE)
            and filters.state in (ANY, shown.state)
            and filters.urgency in (ANY, shown.urgency)
            and all(any(form in shown.sought for form in forms) for forms in words)
        )

    return AuditTable(list(filter(passes, whole.rows)), list(filter(passes, whole.findings)))


def sort_rows(rows: Iterable[ShownRow], column: str, *, ascending: bool = True) -> list[ShownRow]:
    """Return ``rows`` sorted by one of `SORT_KEYS`; those that have nothing there come last either way, and equals stay
    in the order in which they were."""
    keyed = [(SORT_KEYS[column](row), row) for row in rows]
    known = [(key, row) for key, row in keyed if key is not None]
    known.sort(key=lambda pair: pair[0], reverse=not ascending)
    return [row for _, row in known] + [row for key, row in keyed if key is None]


def only(audit: Audit, shown: AuditTable) -> Audit:
    """Return ``audit`` with no more than what ``shown`` has of it."""
    files = {row.merged.file for row in shown.rows}
    numbers = {row.number for row in shown.rows} - {None}
    whole = audit.rows
    rows = AuditRows(
        keystores=tuple(row for row in whole.keystores if row.file in files),
        providers=tuple(row for row in whole.providers if row.provider in numbers),
        periods=tuple(row for row in whole.periods if row.provider in numbers),
        merged=tuple(row.merged for row in shown.rows),
    )
    return replace(audit, rows=rows, audit_findings=tuple(found.audit_finding for found in shown.findings))


def practices(rows: Sequence[ShownRow]) -> Sequence[str]:
    """Return the practices of ``rows``, by name; `NO_PRACTICE` last, where some rows have none. Empty if no row has
    one."""
    named = sorted(dict.fromkeys(row.practice for row in rows if row.practice), key=search_key)
    return [*named, NO_PRACTICE] if named and not all(row.practice for row in rows) else named


def counts(values: Iterable[str], order: Iterable[str]) -> Mapping[str, int]:
    """Return how often each of ``values`` occurs, in that ``order``."""
    found = Counter(values)
    return {str(name): found[name] for name in order if found[name]}


def _forms(word: str) -> set[str]:
    """Return how a typed word may be kept: names with their dashes, numbers without their separators."""
    plain = bare(word)
    return {word, plain} if plain.isdigit() else {word}
