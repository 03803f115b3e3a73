"""What is due: the keystores of the folder, each with what can be seen without its password and its next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import PERSON_TYPE, Cbe, DistinguishedName, Identifier, Niss
from ehtoolkit.keystore import FoundKeystore, Note, find_keystores, read_note


class DueKind(StrEnum):
    """Waiting: one key only, so the certificate or its ETK is still to come. Complete: it has both, whether they
    are still valid shows when it is opened. Closed: nothing can be seen without the password."""

    WAITING = "waiting"
    COMPLETE = "complete"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Due:
    """One file. ``holder``: his name, where a note has it, else None; ``moment``: aware or local."""

    kind: DueKind
    found: FoundKeystore
    note: Note | None

    @property
    def holder(self) -> str | None:
        if self.note is None:
            return None
        try:
            return DistinguishedName.parse(self.note.distinguished_name).name
        except errors.DistinguishedNameInvalid:
            return None


def due_keystores(folder: Path, notes: Path) -> tuple[Due, ...]:
    """The keystores in ``folder``: those that wait first, then the rest, the newest of each first.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    order = list(DueKind)
    return tuple(sorted(_look(folder, notes), key=lambda due: order.index(due.kind)))


def _look(folder: Path, notes: Path) -> Iterator[Due]:
    for found in find_keystores(folder):
        key_ids = found.key_ids
        if key_ids is None:
            yield Due(DueKind.CLOSED, found, None)
            continue
        kind = DueKind.WAITING if len(key_ids) == 1 else DueKind.COMPLETE
        yield Due(kind, found, read_note(notes, key_ids[0]))


def shown_number(identifier: Identifier) -> str:
    """The number as people write it; as it is, where its kind has no such form."""
    try:
        if identifier.type == PERSON_TYPE:
            return Niss.parse(identifier.value).formatted
        if identifier.type.startswith("CBE"):
            return Cbe.parse(identifier.value).formatted
    except errors.IdentifierInvalid:
        pass
    return identifier.value
