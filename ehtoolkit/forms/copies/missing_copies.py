"""The keystores of the folder without a current safety copy, as far as the notes of this home tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.due.outlook import Item
from ehtoolkit.keystore.state import CertificateState, FileState, KeystoreState
from ehtoolkit.keystore.storage.copies import NotedCopy, read_copies
from ehtoolkit.keystore.storage.records import sha256_of_file

_NEEDED: Final[frozenset[KeystoreState]] = frozenset(
    {
        CertificateState.WAITING,
        CertificateState.VALIDATING,
        CertificateState.PREPARED,
        CertificateState.NO_ETK,
        CertificateState.TO_ACTIVATE,
        CertificateState.RENEWABLE,
        CertificateState.COMPLETE,
        FileState.CLOSED,
        FileState.REPLACING,
    }
)
"""States of keystores that are in use, or will be."""


@dataclass(frozen=True, slots=True)
class MissingCopy:
    """A keystore without a copy of what it holds now. ``last``: its last copy, from before the file changed; None if
    it was never copied."""

    item: Item
    last: NotedCopy | None

    @property
    def path(self) -> Path:
        return self.item.due.file.path

    @property
    def key_id(self) -> str | None:
        return self.item.due.file.key_id


def missing_copies(items: Iterable[Item], notes: Path) -> tuple[MissingCopy, ...]:
    """Return those of ``items`` that are in use and have no current copy. A file whose key cannot be seen is left out:
    no copy of it can be remembered."""
    return tuple(_missing(items, notes))


def _missing(items: Iterable[Item], notes: Path) -> Iterator[MissingCopy]:
    for keystore in items:
        file = keystore.due.file
        if keystore.state not in _NEEDED or file.key_id is None:
            continue
        record = read_copies(notes, file.key_id)
        if record is None or not record.copies:
            yield MissingCopy(keystore, None)
            continue
        try:
            content = sha256_of_file(file.path)
        except errors.EhToolkitError:  # its own line says what is wrong
            continue
        if not record.has(content):
            yield MissingCopy(keystore, record.copies[0])
