"""Compare two audits, also with one that was saved: as JSON, or as CSV of the table of keystores or of providers and
keystores."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ehtoolkit import errors
from ehtoolkit.auditing.changes import (
    ChangeKind,
    ChangeRow,
    ComparisonResult,
    KeystoreChange,
    change_rows,
    compare,
)
from ehtoolkit.auditing.export.formats import ComparisonMethod, add_comparison_methods
from ehtoolkit.auditing.snapshot import (
    EMPTY,
    RANKS,
    REVOKED,
    AuditState,
    KeystoreSnapshot,
    Snapshot,
    folder_problems,
)
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.normalisation import parse_day
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers.table_file import restored
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    import pandas as pd

_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of both snapshots: clocks do not matter here."""


class AuditComparison(ComparisonResult):
    """What changed from one audit to another, with a method for each file format.

    ``changes`` is a frame with whole NISS numbers. ``print(comparison)`` prints the changes, the most urgent first.
    ``to_csv``, ``to_excel``, ``to_html``, ``to_json``, ``to_markdown`` and ``to_text`` write a new file, or return its
    content when no path is given; ``force=True`` replaces a file. NISS numbers are masked there, unless ``full=True``.
    """

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
    changes = (_with_own_paths(change, old.files, new.files) for change in compare(then, now))
    return AuditComparison(earlier, later, change_rows(changes, now), texts, is_masked)


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


# ── Audits that were saved ───────────────────────────────────────────────────────────────────────────────
ENDINGS: Final = (".json", ".csv")
_NEEDED: Final = ("file", "standing", "holder", "not_after")
"""Columns without which nothing can be compared."""
_COLUMNS: Final = (
    *_NEEDED,
    "application_id",
    "environment",
    "practice",
    "key_id",
    "replaced_by",
    "revocation",
)
_SIZE: Final = 500_000_000
"""Bytes of such a file."""
_MALFORMED: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error)


def read_saved_audit(path: Path) -> AuditState:
    """Return the audit in a file that ``audit --format json`` or ``--format csv`` wrote.

    Raises `errors.FileUnreadable`, and `errors.SavedAuditInvalid` (reason ``format``, or ``columns`` with the
    ``missing`` ones).
    """
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no system takes
        raise errors.FileUnreadable(path=str(path)) from error
    try:
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return _from_json(path, json.loads(text))
        return _from_csv(path, text)
    except _MALFORMED as error:
        raise errors.SavedAuditInvalid(path=str(path), reason="format") from error


def _from_json(path: Path, value: Mapping[str, Any]) -> AuditState:
    rows = value["keystores"]
    if rows:
        _require_columns(path, rows[0])
    keystores = tuple(map(_keystore, rows))
    folders = value.get("folders")  # earlier versions did not write them
    findings = ((row["file"], row["key"]) for row in value["findings"])
    problems = folder_problems({row.file for row in keystores}, findings, folders or ())
    return AuditState(
        _name(path), keystores, None if folders is None else tuple(map(_text, folders)), problems
    )


def _from_csv(path: Path, text: str) -> AuditState:
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    _require_columns(path, rows.fieldnames or ())
    plain = ({name: restored(cell or "") or None for name, cell in row.items() if name} for row in rows)
    # Providers without a keystore are rows too; a keystore that two have in common is there twice.
    found = (_keystore(row) for row in plain if row["standing"])
    keystores = {(keystore.file, keystore.key_id): keystore for keystore in found}
    return AuditState(_name(path), tuple(keystores.values()))


def _require_columns(path: Path, columns: Iterable[str]) -> None:
    missing = [name for name in _NEEDED if name not in set(columns)]
    if missing:
        raise errors.SavedAuditInvalid(path=str(path), reason="columns", missing=", ".join(missing))


def _keystore(row: Mapping[str, Any]) -> KeystoreSnapshot:
    """Return a row of the table of keystores. Raises what `_MALFORMED` has."""
    plain = {name: _optional_text(row.get(name)) for name in _COLUMNS}
    state = FileState.REPLACED.value if plain["replaced_by"] else plain["standing"]
    if plain["revocation"] == REVOKED and state != FileState.REPLACED:
        state = REVOKED
    end = plain["not_after"]
    day = None if end is None else parse_day(end)
    if state not in RANKS or (end is not None and day is None):
        raise ValueError(state)
    return KeystoreSnapshot(
        file=_text(plain["file"]),
        state=state,
        holder=plain["holder"],
        application_id=plain["application_id"],
        environment=plain["environment"],
        practice=plain["practice"],
        key_id=plain["key_id"],
        not_after=None if day is None else day.isoformat(),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(type(value).__name__)
    return value


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _name(path: Path) -> str:
    return printable(str(path))
