"""Bring keystores into the keystore folder, rename them, and archive them: never absent, never over another file."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.storage.filenames import parse_name, proper_name
from ehtoolkit.keystore.storage.found_keystore import visible_key_ids
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, find_keystores
from ehtoolkit.keystore.storage.keystore_file import holds, put_new
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.system.files import (
    expect,
    flush_folder,
    link_new,
    make_folder,
    map_os_errors,
    require_file,
    require_own_link,
)
from ehtoolkit.system.locks import folder_lock


def move(source: Path, target: Path) -> None:
    """Give a file another name, or another folder of the same file system, and never write one over.

    At each moment one of both names has the whole file, or both have it; after a kill the same call goes on. A
    link is made again, so that it leads to the same file from its new place.

    Raises `errors.KeystoreNotFound`, what `map_os_errors` raises, and `errors.FileBusy` where a program (on Windows)
    holds the file open; then it is where it was.
    """
    with map_os_errors(target):
        if _differs_in_case_alone(source, target):
            os.replace(source, target)  # noqa: PTH105
            return
        try:
            _put_second_name(source, target)
        except FileNotFoundError as error:
            raise errors.KeystoreNotFound(path=str(source)) from error
        except PermissionError as error:
            if sys.platform == "win32":
                raise errors.FileBusy(path=str(source)) from error
            raise
        flush_folder(target.parent)
    with map_os_errors(source):
        try:
            source.unlink(missing_ok=True)
        except OSError:
            target.unlink()
            raise
        flush_folder(source.parent)


def _put_second_name(source: Path, target: Path) -> None:
    try:
        if source.is_symlink():
            target.symlink_to(os.path.realpath(source))
        else:
            link_new(source, target)
    except FileExistsError:
        if not _has_both_names(source, target):
            raise


def _has_both_names(source: Path, target: Path) -> bool:
    """Return whether a process that was killed has come that far, so that the first name can go. A link, or a folder
    that leads back to this one, makes a second name of what is one entry."""
    if not source.samefile(target):
        return False
    return source.is_symlink() or (source.stat().st_nlink > 1 and not target.is_symlink())


def _differs_in_case_alone(source: Path, target: Path) -> bool:
    """Return whether both name one entry of a folder, on a system that takes no heed of case."""
    if source.parent != target.parent or source.name.lower() != target.name.lower():
        return False
    return all(path.name != target.name for path in source.parent.iterdir())


# ── The normal name ──────────────────────────────────────────────────────────────────────────────────────
def rename_keystore(path: Path, name: str) -> Path:
    """Call a keystore ``name``, in the folder where it is, and return where it is then.

    A diagnosis tells the name (``proper_name``). The file itself is not changed, and none is written over. Raises as
    `archive_keystore` does; then it is called what it was.
    """
    require_file(path)
    target = path.with_name(name)
    if target != path:
        with folder_lock(path.parent):
            move(path, target)
    return target


# ── Into the archive ─────────────────────────────────────────────────────────────────────────────────────
def archive_keystore(path: Path) -> Path:
    """Move a keystore into the folder ``archive`` beside it, and return where it is then.

    The file itself is not changed, and not judged: see `ehtoolkit.keystore.diagnosis.archival`. Moving it back undoes
    it. Raises `errors.KeystoreNotFound`, `errors.NotAKeystore` for a folder, `errors.FileExists` when the archive has
    a file of that name, `errors.FileBusy`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.WriteFailed`; then
    it is where it was.
    """
    require_file(path)
    target = archive_place(path)
    with folder_lock(path.parent):
        make_folder(target.parent)
        require_own_link(target.parent)
        move(path, target)
    return target


def archive_place(path: Path) -> Path:
    """Return where `archive_keystore` would put a keystore."""
    return path.parent / ARCHIVE / path.name


# ── From elsewhere ───────────────────────────────────────────────────────────────────────────────────────
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
    for _ in range(_ATTEMPTS):
        found = find_keystores(folder)
        for file in found:
            if holds(file.path, data):
                return ImportedKeystore(file.path, already=True)
        taken = frozenset(file.path.name.lower() for file in found)
        path = folder / _free_name(name, holder, moments, taken)
        with suppress(errors.FileExists):
            put_new(path, data, expect(path, data))
            return ImportedKeystore(path, already=False)
    raise errors.FileExists(path=str(path))


# ── The name ─────────────────────────────────────────────────────────────────────────────────────────────
def _known_holder(
    name: str, data: bytes, notes: Path | None, changed: datetime | None
) -> tuple[_Holder | None, tuple[datetime | None, ...]]:
    """Return whose the file is, and when it may have been made, the likeliest first."""
    named, record = parse_name(name), None
    if notes is not None:
        records = (read_request_record(notes, key_id) for key_id in visible_key_ids(data))
        record = next(filter(None, records), None)
    moments = None if record is None else record.requested_at, changed
    if named.identifier is not None:
        return (named.identifier, named.application_id), moments
    if record is None:
        return None, moments
    return (record.holder.identifier, record.holder.application_id), moments


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
    length = len(parse_name(name).ending)
    stem, ending = (name[:-length], name[-length:]) if length else (name, ".p12")
    yield f"{stem}{ending}"
    yield from (f"{stem} ({number}){ending}" for number in count(1))
