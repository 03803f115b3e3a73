"""Copies a keystore from elsewhere into the keystore folder, under the name that other programs read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.storage.filenames import ENDINGS, parse_name, proper_name
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.holder_file import visible_key_ids
from ehtoolkit.keystore.storage.request_record import RequestRecord, read_request_record
from ehtoolkit.keystore.storage.writing import put_new
from ehtoolkit.system.files import read_file

_ATTEMPTS: Final = 5
"""Names that are tried while another program takes one after the other."""

_Holder = tuple[Identifier, str | None]


@dataclass(frozen=True, slots=True)
class ImportedKeystore:
    """Where the keystore lies in the folder. ``already``: a file with the same content was there, and nothing was
    written."""

    path: Path
    already: bool


def import_keystore(
    folder: Path,
    name: str,
    data: bytes,
    *,
    notes: Path | None = None,
    changed: datetime | None = None,
) -> ImportedKeystore:
    """Copy ``data``, a keystore of elsewhere, into ``folder``, and prove the copy by reading it back.

    The name is the one of `proper_name`, by the holder that ``name`` or the note of the request tells; a file that
    tells neither keeps its name, and only gets the ending without which no program takes it for a keystore. No
    password is needed, and no file is written over.

    Args:
        folder: made when it is missing.
        name: what the file was called.
        notes: the folder with the notes of requests.
        changed: when the file was last written (aware, or Belgian time); None if unknown.

    Raises what `outline_pkcs12` raises for what is no keystore, `errors.FileUnreadable` for a folder that may not be
    listed, and what `put_new` raises; then nothing was written.
    """
    outline_pkcs12(data)
    holder, moments = _known_holder(name, data, notes, changed)
    for attempt in range(_ATTEMPTS):
        found = find_keystores(folder)
        for file in found:
            if _has_content(file.path, data):
                return ImportedKeystore(file.path, already=True)
        taken = frozenset(file.path.name.lower() for file in found)
        path = folder / _free_name(name, holder, moments, taken)
        try:
            put_new(path, data, lambda written: _require_same(written, data, path))  # noqa: B023  # called at once
        except errors.FileExists:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return ImportedKeystore(path, already=False)
    raise errors.FileExists(path=str(folder / name))


def _has_content(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and read_file(path, limits.SIZE) == data
    except (errors.KeystoreError, errors.FileUnreadable, OSError):
        return False


def _require_same(written: bytes, data: bytes, path: Path) -> None:
    if written != data:
        raise errors.WriteFailed(path=str(path))


# ── The name ─────────────────────────────────────────────────────────────────────────────────────────────
def _known_holder(
    name: str, data: bytes, notes: Path | None, changed: datetime | None
) -> tuple[_Holder | None, tuple[datetime | None, ...]]:
    """Return whose the file is, and when it may have been made, the likeliest first."""
    named = parse_name(name)
    record = _record_of(data, notes)
    requested = None if record is None else record.requested_at
    if named.identifier is not None:
        return (named.identifier, named.application_id), (requested, changed)
    holder = None if record is None else DistinguishedName.parse(record.distinguished_name)
    return (None if holder is None else (holder.identifier, holder.application_id)), (requested, changed)


def _record_of(data: bytes, notes: Path | None) -> RequestRecord | None:
    if notes is None:
        return None
    records = (read_request_record(notes, key_id) for key_id in visible_key_ids(data))
    return next(filter(None, records), None)


def _free_name(
    name: str,
    holder: _Holder | None,
    moments: tuple[datetime | None, ...],
    taken: Collection[str],
) -> str:
    """Return the proper name of a file that is not in the folder yet, else another free name."""
    # The present name of a file in the folder is its own; of one from elsewhere it may be another file's.
    present = next(each for each in _numbered(name) if each.lower() not in taken)
    proper = None if holder is None else proper_name(present, holder, None, moments, taken)
    return present if proper is None else proper


def _numbered(name: str) -> Iterator[str]:
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), "")
    stem, ending = (name[: len(name) - len(ending)], name[-len(ending) :]) if ending else (name, ".p12")
    yield f"{stem}{ending}"
    number = 1
    while True:
        yield f"{stem} ({number}){ending}"
        number += 1
