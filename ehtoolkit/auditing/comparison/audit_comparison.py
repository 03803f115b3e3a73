"""What is different in two audits: rows, a frame, and a method for each file format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, Final

from ehtoolkit.auditing.changes import ChangeKind, ChangeRow, KeystoreChange, change_row, compare, row_order
from ehtoolkit.auditing.comparison.state import AuditState
from ehtoolkit.auditing.export.methods import ComparisonMethod, add_comparison_methods
from ehtoolkit.auditing.snapshot import EMPTY, KeystoreSnapshot, Snapshot
from ehtoolkit.i18n import Translator

if TYPE_CHECKING:
    import pandas as pd

_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of both snapshots: clocks do not matter here."""


@dataclass(frozen=True)
class AuditComparison:
    """What changed from one audit to another.

    ``changes`` is a frame with whole NISS numbers. ``print(comparison)`` prints the changes, the most urgent first.
    ``to_csv``, ``to_excel``, ``to_html``, ``to_json``, ``to_markdown`` and ``to_text`` write a new file, or return its
    content when no path is given; ``force=True`` replaces a file. NISS numbers are masked there, unless ``full=True``.

    Attributes:
        earlier, later: what was compared.
        rows: the changes, the most urgent kind first.
        is_masked: one of the two was saved with masked NISS numbers, so that the numbers of the other are masked too.
        texts: of the sentences.
    """

    earlier: AuditState
    later: AuditState
    rows: tuple[ChangeRow, ...]
    texts: Translator = field(repr=False)
    is_masked: bool = False

    if TYPE_CHECKING:
        to_csv: ClassVar[ComparisonMethod[str]]
        to_excel: ClassVar[ComparisonMethod[bytes]]
        to_html: ClassVar[ComparisonMethod[str]]
        to_json: ClassVar[ComparisonMethod[str]]
        to_markdown: ClassVar[ComparisonMethod[str]]
        to_text: ClassVar[ComparisonMethod[str]]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """A row for each change, with the columns of `ehtoolkit.auditing.changes.ChangeRow`."""
        from ehtoolkit.auditing.tables.frames import frame

        return frame(ChangeRow, self.rows)

    @property
    def is_due(self) -> bool:
        """Whether somebody has to look at it: something is gone, is worse, or has another certificate."""
        return any(row.is_due for row in self.rows)

    def __str__(self) -> str:
        return str(self.to_text()).removesuffix("\n")

    def _repr_html_(self) -> str:
        from ehtoolkit.auditing.tables.frames import masked_frame

        return str(masked_frame(self.changes).to_html(index=False, border=0))


add_comparison_methods(AuditComparison)


def compare_states(earlier: AuditState, later: AuditState, texts: Translator) -> AuditComparison:
    """Return what changed from ``earlier`` to ``later``. Where the audits are of two folders, a file of the one is
    compared with the file of the same path in the other."""
    is_masked = earlier.is_masked or later.is_masked
    if is_masked:
        earlier, later = earlier.masked(), later.masked()
    opposite = earlier.folder_opposite(later)
    place = _same if opposite is None else _moved_to(*opposite)
    # Masked paths of two persons may be equal: then the key tells them apart.
    ambiguous = _repeated(place(row.file) for row in earlier.keystores)
    ambiguous |= _repeated(row.file for row in later.keystores)
    old, new = _Side(earlier, place, ambiguous), _Side(later, _same, ambiguous)
    then = replace(old.snapshot, problems=_without_empty(old.snapshot.problems))
    now = new.snapshot
    if earlier.folders is not None and later.folders is not None:
        now = now.leaving_out(
            [PurePath(place(folder)) for folder in earlier.folders], map(PurePath, later.folders)
        )
    rows = [
        change_row(_with_own_paths(change, old.files, new.files), now.problems)
        for change in compare(then, now)
    ]
    return AuditComparison(earlier, later, tuple(sorted(rows, key=row_order)), texts, is_masked)


class _Side:
    """One audit with the paths by which it is compared; ``files``: the path of each in that audit."""

    def __init__(self, state: AuditState, place: Callable[[str], str], ambiguous: Collection[str]) -> None:
        keystores: dict[str, KeystoreSnapshot] = {}
        self.files: dict[str, str] = {}
        for keystore in state.keystores:
            file = place(keystore.file)
            if file in ambiguous:
                file = f"{file}\0{keystore.key_id}"
            keystores[file] = replace(keystore, file=file)
            self.files[file] = keystore.file
        problems = {place(folder): problem for folder, problem in state.problems.items()}
        self.snapshot = Snapshot(_MOMENT, keystores, problems)


def _without_empty(problems: Mapping[str, str]) -> dict[str, str]:
    """Return the problems of folders that could not be looked into: in an empty one everything is new."""
    return {folder: problem for folder, problem in problems.items() if problem != EMPTY}


def _repeated(files: Iterable[str]) -> set[str]:
    return {file for file, count in Counter(files).items() if count > 1}


def _same(path: str) -> str:
    return path


def _moved_to(old: str, new: str) -> Callable[[str], str]:
    """Return a function that gives, for a path in the folder ``old``, the same path in ``new``."""

    def place(path: str) -> str:
        pure = PurePath(path)
        return str(PurePath(new) / pure.relative_to(old)) if pure.is_relative_to(old) else path

    return place


def _with_own_paths(change: KeystoreChange, old: Mapping[str, str], new: Mapping[str, str]) -> KeystoreChange:
    """Return a change with the paths that each of the audits has."""
    now, before = change.keystore, change.before
    here = old if change.kind is ChangeKind.GONE else new
    return replace(
        change,
        keystore=now and replace(now, file=here[now.file]),
        before=before and replace(before, file=old[before.file]),
    )
