"""Read an audit that was saved: the JSON, or the CSV of the tables of keystores or of providers and keystores."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.auditing.comparison.state import AuditState
from ehtoolkit.auditing.snapshot import RANKS, REVOKED, KeystoreSnapshot, folder_problems
from ehtoolkit.identity.normalisation import parse_day
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers.table_file import restored
from ehtoolkit.system.text_safety import printable

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
