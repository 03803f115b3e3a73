"""The keystores of the folder: what can be seen of each, now or when it was opened before, and its holder in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import PERSON_TYPE, Cbe, DistinguishedName, Identifier, Niss
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files, find_keystores
from ehtoolkit.keystore.storage.loaded import loaded_instead
from ehtoolkit.keystore.storage.records import (
    CachedState,
    CachedStates,
    LastAnswer,
    RequestRecord,
    read_request_record,
)

_STATES: Final[dict[bool | None, KeystoreState]] = {
    True: State.WAITING,
    False: State.COMPLETE,
    None: FileState.CLOSED,
}
"""By whether an encryption key of its own is missing."""


@dataclass(frozen=True, slots=True)
class Due:
    """One file of the folder.

    Attributes:
        state: Waiting, where the certificate or its ETK is still to come; complete, valid or not; closed, where
            nothing is readable without the password.
        note: Of its request, where it was made here.
        file: As one of its holder's.
        seen: What it showed when it was opened, if it has not changed since.
        last_seen: What the keystore with its key, or a file of its path whose key does not show, showed when it was
            opened last, if it has changed since.
        platform_state: The platform's last word of its certificate (`State`), empty where it was not asked.
        delivered: Whether the platform said that its certificate can be installed.
        answer: The last definite answer of its issuer.
    """

    state: KeystoreState
    note: RequestRecord | None
    file: FoundKeystore
    seen: CachedState | None = None
    platform_state: str = ""
    delivered: bool = False
    last_seen: CachedState | None = None
    loaded: str | None = None
    answer: LastAnswer | None = None

    @property
    def name(self) -> str:
        """The name of the file, which is how a form knows it."""
        return self.file.path.name

    @property
    def requested_for(self) -> DistinguishedName | None:
        """Whose it is, where it was seen, or whom the certificate was requested for, where a note has it."""
        if self.seen is not None and self.seen.name is not None:
            return self.seen.name
        return None if self.note is None else self.note.holder

    @property
    def holder(self) -> str | None:
        """His name, where a note has it."""
        return None if self.requested_for is None else self.requested_for.name

    def at(self, now: datetime) -> FoundKeystore:
        """Return the file with its state at ``now`` (aware)."""
        return self.file.at(now, self.seen, self.platform_state, self.answer)

    def same_holder(self, other: Due) -> bool:
        """Return whether both are of one person, or of one application of an organisation, as far as can be seen."""
        return self.file.holder is not None and self.file.holder == other.file.holder

    def is_newer_than(self, other: Due) -> bool:
        """Return whether both are of one holder and one environment, and this is the newer one."""
        alike = self.same_holder(other) and self.file.same_environment(other.file)
        return alike and self.file.is_newer_than(other.file)


def due_keystores(folder: Path, notes: Path) -> tuple[Due, ...]:
    """Return the keystores in ``folder``: those that wait first, then the complete ones, then the closed ones, the
    newest of each first.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    found, known = find_keystores(folder), CachedStates.read(notes)
    files = HolderFiles(found, archived_files(folder))
    loaded = loaded_instead(notes)
    due = (_look(file, files, notes, known, loaded) for file in found)
    order = list(_STATES.values())
    return tuple(sorted(due, key=lambda keystore: order.index(keystore.state)))


def due_file(path: Path, notes: Path) -> Due:
    """Return the file at ``path`` alone, whatever its name."""
    file = FoundKeystore.at_path(path)
    return _look(file, HolderFiles((file,)), notes, CachedStates.read(notes), loaded_instead(notes))


def _look(
    file: FoundKeystore,
    files: HolderFiles,
    notes: Path,
    known: CachedStates,
    loaded: Mapping[str, str],
) -> Due:
    key_ids = [key.key_id for key in file.keys if key.key_id is not None]
    note = next(filter(None, (read_request_record(notes, key_id) for key_id in key_ids)), None)
    seen, state = known.of_file(file.path), _STATES[files.lacks_token(file)]
    file = file if seen is None else file.as_seen(seen)
    last_seen = None if seen is not None else known.last_of(file.key_id, file.path)
    key_id = file.key_id if last_seen is None else last_seen.key_id
    due = Due(state, note, file, seen, known.word_of(key_id))
    named = replace(file, owner=due.requested_for)
    return replace(
        due,
        file=named,
        delivered=known.is_delivered(key_id),
        answer=known.answer_of(key_id),
        last_seen=last_seen,
        loaded=loaded.get(file.key_id or ""),
    )


def shown_number(identifier: Identifier) -> str:
    """Return the number as people write it; as it is, where its kind has no such form."""
    try:
        if identifier.type == PERSON_TYPE:
            return Niss.parse(identifier.value).formatted
        if identifier.type.startswith("CBE"):
            return Cbe.parse(identifier.value).formatted
    except errors.IdentifierInvalid:
        pass
    return identifier.value


def holder_words(due: Due, texts: Translator) -> Iterator[str]:
    """Yield the holder's name, where the keystore was seen or the note of the request has it, the number and the
    application id; nothing where nothing is known."""
    if due.holder is not None:
        yield due.holder
    yield from number_words(due.file.identifier, due.file.application_id, texts)


def name_words(name: DistinguishedName, texts: Translator) -> Iterator[str]:
    """Yield name, number and application id of a certificate's holder."""
    yield name.name
    yield from number_words(name.identifier, name.application_id, texts)


def holder_line(name: DistinguishedName, texts: Translator) -> str:
    """Return name, number and application id of a certificate's holder in one line: for a receipt."""
    return ", ".join(name_words(name, texts))


def typed_number(kind: str, number: str, texts: Translator) -> str:
    """Return a number by its type as the platform has them; one of a type that is newer than this program as it is,
    after its type."""
    try:
        return ", ".join(number_words(Identifier(kind, number), None, texts))
    except errors.IdentifierInvalid:
        return f"{kind} {number}"


def number_words(
    identifier: Identifier | None, application_id: str | None, texts: Translator
) -> Iterator[str]:
    """Yield the number as people write it, and the application id; nothing without a number."""
    if identifier is None:
        return
    kind = "person" if identifier.type == PERSON_TYPE else "organisation"
    yield texts.get(f"index.due.{kind}", number=shown_number(identifier), type=identifier.type)
    if application_id is not None:
        yield application_id
