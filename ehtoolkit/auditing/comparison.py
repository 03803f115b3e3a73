"""Compare two audits, also with one that was saved: as JSON, or as CSV of the table of keystores or of providers and
keystores."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import AwareDatetime, TypeAdapter

from ehtoolkit import errors
from ehtoolkit.auditing.audit_finding import EMPTY, FOLDER_KEYS
from ehtoolkit.auditing.changes import ChangeRow, ComparisonResult, change_rows, compare
from ehtoolkit.auditing.export.formats import ComparisonMethod, add_comparison_methods
from ehtoolkit.auditing.export.plain_text import AUDITED_AT
from ehtoolkit.auditing.snapshot import (
    AuditState,
    KeystoreSnapshot,
    Snapshot,
    folder_problems,
)
from ehtoolkit.clock import SystemClock, parse_day
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.providers.table_file import restored
from ehtoolkit.result_display import for_print
from ehtoolkit.system.files import read_input
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    import pandas as pd


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
        return for_print(str(self.to_text())).removesuffix("\n")

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
    old = [(_placed(keystore.file, opposite), keystore) for keystore in earlier.keystores]
    new = [(keystore.file, keystore) for keystore in later.keystores]
    # Masked paths of two persons may be equal: then the key tells them apart.
    ambiguous = _repeated(path for path, _ in old) | _repeated(path for path, _ in new)
    problems = {
        _placed(folder, opposite): problem
        for folder, problem in earlier.problems.items()
        if problem != EMPTY  # in an empty folder everything is new
    }
    # Of an audit whose moment is not known, the clock is not judged.
    known = earlier.now or later.now or SystemClock().now()
    then = Snapshot(earlier.now or known, _by_path(old, ambiguous), problems)
    now = Snapshot(later.now or known, _by_path(new, ambiguous), later.problems)
    if earlier.folders is not None and later.folders is not None:
        now = now.leaving_out([_placed(folder, opposite) for folder in earlier.folders], later.folders)
    return AuditComparison(earlier, later, change_rows(compare(then, now), now), texts, is_masked)


def _placed(path: str, opposite: tuple[str, str] | None) -> str:
    """Return ``path``; in the first folder of ``opposite``, the same path in the second."""
    if opposite is None or not PurePath(path).is_relative_to(opposite[0]):
        return path
    return str(PurePath(opposite[1]) / PurePath(path).relative_to(opposite[0]))


def _repeated(paths: Iterable[str]) -> set[str]:
    return {path for path, count in Counter(paths).items() if count > 1}


def _by_path(
    keystores: Iterable[tuple[str, KeystoreSnapshot]], ambiguous: Container[str]
) -> dict[str, KeystoreSnapshot]:
    return {
        f"{path}\0{keystore.key_id}" if path in ambiguous else path: keystore for path, keystore in keystores
    }


# ── Audits that were saved ───────────────────────────────────────────────────────────────────────────────
ENDINGS: Final = (".json", ".csv")
_NEEDED: Final = ("file", "state", "holder", "not_after")
"""The columns without which nothing can be compared."""
_EARLIER: Final = "standing"
"""The column of the state in earlier versions."""
_KEYSTORE: Final = TypeAdapter(KeystoreSnapshot)
_NOW: Final = TypeAdapter[datetime | None](AwareDatetime | None)
_FOLDERS: Final = TypeAdapter[tuple[str, ...] | None](tuple[str, ...] | None)
_SIZE: Final = 500_000_000
"""Bytes of such a file."""
_MALFORMED: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error)


def read_saved_audit(path: Path) -> AuditState:
    """Return the audit in a file that ``audit --format json`` or ``--format csv`` wrote.

    Raises `errors.FileUnreadable`, and `errors.SavedAuditInvalid` (reason ``format``, or ``columns`` with the
    ``missing`` ones).
    """
    data = read_input(path, _SIZE)
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
    # Earlier versions wrote neither.
    folders = _FOLDERS.validate_python(value.get("folders"))
    now = _NOW.validate_python(value.get("audit", {}).get("now"))
    unread = {
        row["file"]: row["key"] for row in value["findings"] if row["file"] and row["key"] in FOLDER_KEYS
    }
    problems = folder_problems({row.file for row in keystores}, unread, folders or ())
    return AuditState(printable(str(path)), keystores, folders, problems, now)


def _from_csv(path: Path, text: str) -> AuditState:
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    _require_columns(path, rows.fieldnames or ())
    plain = [{name: restored(cell or "") or None for name, cell in row.items() if name} for row in rows]
    # Providers without a keystore are rows too; a keystore that two have in common is there twice.
    found = (_keystore(row) for row in plain if row.get("state") or row.get(_EARLIER))
    keystores = {(keystore.file, keystore.key_id): keystore for keystore in found}
    now = _common_moment(row.get(AUDITED_AT) for row in plain)
    return AuditState(printable(str(path)), tuple(keystores.values()), now=now)


def _common_moment(written: Iterable[str | None]) -> datetime | None:
    """Return the moment that all rows have; None where they have several or none, or a spreadsheet has rewritten it."""
    moments = set(written)
    try:
        return _NOW.validate_python(moments.pop()) if len(moments) == 1 else None
    except ValueError:
        return None


def _earlier_state(row: Mapping[str, Any]) -> str:
    """Return the state in a row of an earlier version, which had that of the file alone."""
    if row.get("replaced_by"):
        return FileState.REPLACED
    return State.REVOKED if row.get("revocation") == State.REVOKED else str(row[_EARLIER])


def _require_columns(path: Path, columns: Iterable[str]) -> None:
    there = {"state" if name == _EARLIER else name for name in columns}
    missing = [name for name in _NEEDED if name not in there]
    if missing:
        raise errors.SavedAuditInvalid(path=str(path), reason="columns", missing=", ".join(missing))


def _keystore(row: Mapping[str, Any]) -> KeystoreSnapshot:
    """Return a row of the table of keystores. Raises ``ValueError``."""
    state = row.get("state") or _earlier_state(row)
    not_after = None if row["not_after"] is None else parse_day(row["not_after"])
    return _KEYSTORE.validate_python({**row, "state": state, "not_after": not_after, "days_left": None})
