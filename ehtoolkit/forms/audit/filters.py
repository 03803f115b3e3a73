"""Filter and sort the rows and findings of an audit: functions of frames, without a widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import pandas as pd

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.tables.merged_rows import AuditRows, merge
from ehtoolkit.forms.audit.table_model import AuditTable
from ehtoolkit.identity.normalisation import bare, search_key

ANY: Final = ""
"""Instead of a practice, a state or an urgency: all of them."""
NO_PRACTICE: Final = "-"
"""Instead of a practice: the rows that have none."""
COLUMNS: Final[Mapping[str, str]] = {
    "title": "title",
    "state": "state",
    "end": "not_after",
    "days": "days_left",
}
"""What a table can be sorted by, and the column that has it."""


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
    return AuditTable(
        _passing(whole.rows, filters),
        _passing(whole.findings, filters),
    )


def sort_rows(rows: pd.DataFrame, column: str, *, ascending: bool = True) -> pd.DataFrame:
    """Return ``rows`` sorted by one of `COLUMNS`; those that have nothing there come last either way, and equals stay
    in the order in which they were."""
    name = COLUMNS[column]
    key = _folded if name in ("title", "practice") else None
    return rows.sort_values(name, ascending=ascending, kind="stable", na_position="last", key=key)


def only(audit: Audit, shown: AuditTable) -> Audit:
    """Return ``audit`` with no more than what ``shown`` has of it."""
    files = set(shown.rows["file"].dropna())
    numbers = set(map(int, shown.rows["provider"].dropna()))
    whole = audit.rows
    providers = tuple(row for row in whole.providers if row.provider in numbers)
    keystores = tuple(row for row in whole.keystores if row.file in files)
    rows = AuditRows(
        keystores=keystores,
        providers=providers,
        periods=tuple(row for row in whole.periods if row.provider in numbers),
        merged=merge(providers, keystores),
    )
    return replace(
        audit, rows=rows, audit_findings=tuple(audit.audit_findings[place] for place in shown.findings.index)
    )


def practices(rows: pd.DataFrame) -> Sequence[str]:
    """Return the practices of ``rows``, by name; `NO_PRACTICE` last, where some rows have none. Empty if no row has
    one."""
    named = sorted(rows["practice"].dropna().unique(), key=search_key)
    return [*named, NO_PRACTICE] if named and rows["practice"].isna().any() else named


def counts(rows: pd.DataFrame, column: str = "state") -> Mapping[str, int]:
    """Return how many rows there are of each category that occurs, the most urgent first."""
    found = Counter(rows[column].dropna())
    return {name: found[name] for name in rows[column].cat.categories if found[name]}


def _passing(frame: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    mask = pd.Series(data=True, index=frame.index)
    if filters.practice == NO_PRACTICE:
        mask &= frame["practice"].isna()
    elif filters.practice != ANY:
        mask &= frame["practice"].eq(filters.practice).fillna(value=False).astype(bool)
    for column, value in (("state", filters.state), ("urgency", filters.urgency)):
        if value != ANY:
            mask &= frame[column].eq(value)
    for word in search_key(filters.words).split():
        mask &= _contains(frame["sought"], word)
    return frame[mask]


def _contains(sought: pd.Series, word: str) -> pd.Series:
    """Return which of ``sought`` contain ``word``. Numbers are kept without their separators, names with their
    dashes."""
    found = sought.str.contains(word, regex=False)
    plain = bare(word)
    if plain != word and plain.isdigit():
        found |= sought.str.contains(plain, regex=False)
    return found.fillna(value=False).astype(bool)


def _folded(values: pd.Series) -> pd.Series:
    return values.map(search_key, na_action="ignore")
