"""The keystores of the folder, each with what can be seen without its password, or was seen with it before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import PERSON_TYPE, Cbe, DistinguishedName, Identifier, Niss
from ehtoolkit.keystore import (
    FoundKeystore,
    Note,
    Sighting,
    content_of,
    find_keystores,
    read_note,
    read_sightings,
)


class DueKind(StrEnum):
    """Waiting: one key of its own, so the certificate or its ETK is still to come. Complete: it has both, whether
    they are still valid shows when it is opened. Closed: nothing can be seen without the password."""

    WAITING = "waiting"
    COMPLETE = "complete"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Due:
    """One file. ``note``: of its request, where it was made here; ``key_ids``: of the keys that can be seen. ``seen``:
    what it showed when it was opened, if it has not changed since; ``told``: the platform's last word of its
    certificate (`ehtoolkit.procedures.outcome.State`), empty where nobody asked."""

    kind: DueKind
    found: FoundKeystore
    note: Note | None
    key_ids: tuple[str, ...] = ()
    seen: Sighting | None = None
    told: str = ""

    @property
    def name(self) -> str:
        """The name of the file, which is how a form knows it."""
        return self.found.path.name

    @property
    def requested_for(self) -> DistinguishedName | None:
        """Whose it is, where it was seen, or whom the certificate was requested for, where a note has it."""
        if self.seen is not None and self.seen.name is not None:
            return self.seen.name
        if self.note is None:
            return None
        try:
            return DistinguishedName.parse(self.note.distinguished_name)
        except errors.DistinguishedNameInvalid:
            return None

    @property
    def holder(self) -> str | None:
        """His name, where a note has it."""
        return None if self.requested_for is None else self.requested_for.name

    @property
    def identifier(self) -> Identifier | None:
        """His number: of the note, else of the file's name."""
        asked = self.requested_for
        return self.found.identifier if asked is None else asked.identifier

    @property
    def application_id(self) -> str | None:
        asked = self.requested_for
        return self.found.application_id if asked is None else asked.application_id

    def same_holder(self, other: Due) -> bool:
        """Whether both are of one person, or of one application of an organisation, as far as can be seen."""
        if self.identifier is None or other.identifier is None:
            return False
        return (self.identifier, self.application_id) == (other.identifier, other.application_id)


def due_keystores(folder: Path, notes: Path) -> tuple[Due, ...]:
    """The keystores in ``folder``: those that wait first, then the rest, the newest of each first.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    order = list(DueKind)
    return tuple(sorted(_look(folder, notes), key=lambda due: order.index(due.kind)))


def _look(folder: Path, notes: Path) -> Iterator[Due]:
    files = [(found, found.key_ids or ()) for found in find_keystores(folder)]
    sightings = read_sightings(notes)
    of_content = {one.content: one for one in sightings if one.content}
    of_key = {one.key_id: one for one in sightings}
    for place, (found, key_ids) in enumerate(files):
        note = next(filter(None, (read_note(notes, key_id) for key_id in key_ids)), None)
        # A copy of the file is no older keystore.
        older = (ids for _, ids in files[place + 1 :] if set(ids) != set(key_ids))
        kind = _kind(key_ids, note, {key_id for ids in older for key_id in ids})
        seen = of_content.get(_content(found)) if of_content else None
        # Of several keys the first is the one that signs, as far as can be told.
        word = seen or next((of_key[key_id] for key_id in key_ids[:1] if key_id in of_key), None)
        yield Due(kind, found, note, key_ids, seen, "" if word is None else word.told)


def _content(found: FoundKeystore) -> str:
    try:
        return content_of(found.path)
    except errors.EhToolkitError:
        return ""


def _kind(key_ids: Collection[str], note: Note | None, in_older_files: Collection[str]) -> DueKind:
    """``in_older_files``: a renewed keystore brings old decryption keys along, which say nothing about its own."""
    if not key_ids:
        return DueKind.CLOSED
    own = set(key_ids) - set(in_older_files)
    renewed = note is not None and own == {note.key_id}
    return DueKind.WAITING if renewed or len(key_ids) == 1 else DueKind.COMPLETE


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
