"""Changes between two audits as rows of a table, and as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from ehtoolkit.auditing.changes import ChangeKind, KeystoreChange, compare
from ehtoolkit.auditing.snapshot import RANKS, REVOKED, KeystoreSnapshot, Snapshot
from ehtoolkit.auditing.tables.table_row import TableRow
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState

_ORDER: Final = (
    ChangeKind.FOLDER_GONE,
    ChangeKind.GONE,
    ChangeKind.WORSE,
    ChangeKind.OTHER_CERTIFICATE,
    ChangeKind.NEW,
    ChangeKind.RENEWED,
    ChangeKind.MOVED,
    ChangeKind.BETTER,
    ChangeKind.FOLDER_BACK,
)
_DUE: Final = frozenset({ChangeKind.FOLDER_GONE, ChangeKind.WORSE, ChangeKind.OTHER_CERTIFICATE})
_KINDS: Final = tuple(map(str, _ORDER))
_STATES: Final = tuple(map(str, RANKS))


@dataclass(frozen=True, slots=True, repr=False)
class ChangeRow(TableRow):
    """A change.

    Attributes:
        change: the kind, the most urgent first.
        file: as it is now, missing for a keystore that is gone; ``state`` and ``not_after`` likewise.
        old_file: as it was, missing for a new one; ``old_state`` and ``old_not_after`` likewise.
        folder: of a change to a folder.
        problem: of that folder: the key of its finding, `EMPTY` or `LEFT_OUT`.
        keystores: how many were, or are, in that folder.
    """

    change: Annotated[str, _KINDS]
    file: str | None
    old_file: str | None
    holder: str | None
    practice: str | None
    state: Annotated[str, _STATES] | None
    old_state: Annotated[str, _STATES] | None
    not_after: date | None
    old_not_after: date | None
    folder: str | None
    problem: str | None
    keystores: int | None

    @property
    def is_due(self) -> bool:
        """Whether somebody has to look at it: something is gone, is worse, or has another certificate."""
        if self.change == ChangeKind.GONE:
            return self.old_state != FileState.REPLACED
        return self.change in _DUE


def change_rows(earlier: Snapshot, later: Snapshot) -> list[ChangeRow]:
    """Return the changes of `compare`, the most urgent kind first."""
    rows = [change_row(change, later.problems) for change in compare(earlier, later)]
    return sorted(rows, key=row_order)


def row_order(row: ChangeRow) -> tuple[object, ...]:
    """Sort the most urgent kind first, then by path."""
    return (_KINDS.index(row.change), row.file or row.old_file or row.folder)


def change_row(change: KeystoreChange, problems: Mapping[str, str]) -> ChangeRow:
    """Return the row of a change. ``problems``: of the later snapshot."""
    now = None if change.kind is ChangeKind.GONE else change.keystore
    about, before = change.keystore, change.before
    return ChangeRow(
        change=str(change.kind),
        file=None if now is None else now.file,
        old_file=None if before is None else before.file,
        holder=None if about is None else about.holder,
        practice=None if about is None else about.practice,
        state=None if now is None else now.state,
        old_state=None if before is None else before.state,
        not_after=_day(now),
        old_not_after=_day(before),
        folder=change.folder,
        problem=None if change.folder is None else problems.get(change.folder),
        keystores=None if change.folder is None else change.count,
    )


def _day(keystore: KeystoreSnapshot | None) -> date | None:
    if keystore is None or keystore.not_after is None:
        return None
    return date.fromisoformat(keystore.not_after)


def change_line(row: ChangeRow, texts: Translator) -> str:
    """Return the sentence about a change."""
    if row.folder is not None:
        return texts.get(f"watch.change.{row.change}", folder=row.folder, count=row.keystores)
    return texts.get(
        f"watch.change.{row.change}",
        file=row.file or row.old_file,
        old=row.old_file or row.file,
        date="?" if row.not_after is None else row.not_after.isoformat(),
        old_date="?" if row.old_not_after is None else row.old_not_after.isoformat(),
        state=_word(row.state or row.old_state, texts),
        before=_word(row.old_state or row.state, texts),
    )


def _word(state: str | None, texts: Translator) -> str:
    return texts.get("export.revocation.revoked" if state == REVOKED else f"export.standing.{state}")
