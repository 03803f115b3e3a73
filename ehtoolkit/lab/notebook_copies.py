"""Copies of the notebooks in a folder of the user; changed copies are kept.

The file `RECORD` in that folder lists the copies with the digest of their content. A file with another content belongs
to the user, also if it was only run: its outputs are the user's work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.forms.registry import PAGES
from ehtoolkit.i18n import Translator
from ehtoolkit.system.files import make_private_folder, map_os_errors, write_private

RECORD: Final = ".ehtoolkit-notebooks.json"
"""The SHA-256 of each copy as it was written, by the name of its file."""
TITLE_CELL: Final = "ehtoolkit-title"
"""The identifier of the cell that says what the notebook is."""


class CopyState(StrEnum):
    """What was done with a notebook."""

    COPIED = "copied"
    """There was no such file."""
    UPDATED = "updated"
    """An older copy, or a copy in another language, that the user had not changed."""
    CURRENT = "current"
    """The same copy is there already."""
    CHANGED = "changed"
    """A copy that was changed, or run and saved: it is kept."""
    FOREIGN = "foreign"
    """Another file or link with this name: it is kept."""


KEPT: Final = frozenset({CopyState.CHANGED, CopyState.FOREIGN})
"""States in which the file is not changed."""


@dataclass(frozen=True, slots=True)
class NotebookCopy:
    """A notebook in the user's folder.

    Attributes:
        path: of the file.
        state: what was done with it.
    """

    path: Path
    state: CopyState


def copy_notebooks(source: Path, folder: Path, texts: Translator) -> tuple[NotebookCopy, ...]:
    """Copy every notebook of ``source`` into ``folder``, which is created for its owner alone if it is missing. The
    first cell of each copy says what it is, in the language of ``texts``.

    Raises `errors.FolderNotWritable`, `errors.DiskFull`.
    """
    with map_os_errors(folder / RECORD):
        try:
            make_private_folder(folder)
        except (FileExistsError, FileNotFoundError) as error:  # a file is in the way, or a drive is not there
            raise errors.FolderNotWritable(folder=str(folder)) from error
        record = _read_record(folder / RECORD)
        copies = []
        for path in sorted(source.glob("*.ipynb")):
            content = titled(path.read_bytes(), path.stem, texts)
            target = folder / path.name
            state = _state_of(target, record.get(path.name), content)
            if state in {CopyState.COPIED, CopyState.UPDATED}:
                write_private(target, content)
            if state not in KEPT:
                record[path.name] = _digest(content)
            copies.append(NotebookCopy(target, state))
        write_private(folder / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    return tuple(copies)


def titled(notebook: bytes, name: str, texts: Translator) -> bytes:
    """Return the notebook with a first cell that says what it is."""
    whole = json.loads(notebook)
    cell = {
        "cell_type": "markdown",
        "id": TITLE_CELL,
        "metadata": {},
        "source": [f"**{notebook_title(name, texts)}** – {notebook_purpose(name, texts)}"],
    }
    whole["cells"].insert(0, cell)
    return f"{json.dumps(whole, indent=1, ensure_ascii=False)}\n".encode()


def _state_of(target: Path, known: str | None, content: bytes) -> CopyState:
    if not target.exists() and not target.is_symlink():
        return CopyState.COPIED
    if target.is_symlink() or not target.is_file():
        return CopyState.FOREIGN
    there = _digest(target.read_bytes())
    if there == _digest(content):
        return CopyState.CURRENT
    if known is None:
        return CopyState.FOREIGN
    return CopyState.UPDATED if there == known else CopyState.CHANGED


def _read_record(path: Path) -> dict[str, str]:
    """Return the record; empty if it cannot be read, so that all files are kept."""
    found: Any = None
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(path.read_bytes())
    if not isinstance(found, Mapping):
        return {}
    return {str(name): digest for name, digest in found.items() if isinstance(digest, str)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ── Titles, as the first page has them for its pages ──────────────────────────────────────────────────────
def notebook_title(name: str, texts: Translator) -> str:
    """Return the title of the notebook ``name`` (without ``.ipynb``)."""
    return texts.get(_key(name))


def notebook_purpose(name: str, texts: Translator) -> str:
    """Return one sentence: what is done in the notebook."""
    return f"{texts.get(f'{_key(name)}.about').rstrip('.')}."


def _key(name: str) -> str:
    """Return the key of a title. Those of the first page, and of notebooks to edit, are in ``lab``."""
    page = PAGES.get(name)
    return f"lab.notebook.{name.replace('-', '_')}" if page is None else page.menu.words
