"""What earlier audits saw of keystores that do not open any more, or are gone: by the paths of their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.state import FileState, from_word
from ehtoolkit.keystore.storage.found_keystore import HolderKey, holder_key
from ehtoolkit.keystore.storage.records import CachedState, CachedStates
from ehtoolkit.providers import Assignment
from ehtoolkit.system.files import read_file
from ehtoolkit.system.locks import folder_lock, write_locked

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST: Final = 100_000
"""Files of which an audit keeps what it saw: of more, those that end first."""
_OVER: Final = timedelta(days=366)
"""How long a certificate is over of which nothing is kept any more."""
_SIZE: Final = 200_000_000
"""Bytes of the file that is read."""
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
"""In place of an end that is not known."""
_CLOSED: Final = frozenset({FileState.CLOSED, FileState.UNREADABLE})

_Holder = tuple[HolderKey, Environment | None]
SeenFiles = Mapping[str, CachedState]
"""What files showed when an audit opened them last, by their paths as they can be printed."""


@cache
def _adapter() -> TypeAdapter[dict[str, CachedState]]:
    from pydantic import TypeAdapter

    return TypeAdapter(dict[str, CachedState])


def _file(notes: Path) -> Path:
    return notes / "audited" / "keystores.json"


def read_seen_files(notes: Path) -> SeenFiles:
    """Return what audits have kept; nothing where that cannot be read."""
    try:
        found = _adapter().validate_json(read_file(_file(notes), _SIZE), strict=True)
    except (errors.EhToolkitError, ValueError):
        return {}
    return {
        path: seen
        for path, seen in found.items()
        if seen.not_after is not None and seen.not_after.tzinfo is not None
    }


def keep_seen_files(notes: Path, seen: Iterable[AuditedKeystore], now: datetime, *, most: int = MOST) -> None:
    """Keep what an audit saw of the keystores that it opened, of ``most`` files. Best effort: what cannot be written is
    not known later."""
    opened = nsmallest(most, filter(None, map(_shown_by, seen)), key=_end)
    if not opened:
        return
    with suppress(errors.EhToolkitError), folder_lock(_file(notes).parent):
        before = read_seen_files(notes)
        all_seen = {**before, **{state.path: state for state in opened}}
        current = (state for state in all_seen.values() if _end(state) > now - _OVER)
        after = {state.path: state for state in nsmallest(most, current, key=_end)}
        if after != before:
            write_locked(_file(notes), _adapter().dump_json(after, by_alias=True))


def _shown_by(keystore: AuditedKeystore) -> CachedState | None:
    """Return what an audit has seen of a keystore; None of one that it did not open."""
    reading = keystore.reading
    owner = reading.owner
    if not reading.opened or reading.key_id is None or owner is None or keystore.not_after is None:
        return None
    return CachedState(
        reading.key_id,
        holder=owner.text,
        environment=keystore.environment,
        not_before=keystore.not_before,
        not_after=keystore.not_after,
        has_etk=reading.decrypts,
        path=keystore.shown,
    )


def with_last_seen(
    seen: Mapping[str, AuditedKeystore],
    earlier: SeenFiles,
    notes: CachedStates,
    assigned: Mapping[str, Assignment],
) -> dict[str, AuditedKeystore]:
    """Return ``seen``, in which files that do not open, and those that are gone, have what was seen of them last, and
    said of the key that was in them, until their content is read again, wherever it is, or a newer keystore of their
    holder is.

    Args:
        earlier: what audits saw; ``notes``: what procedures saw; ``assigned``: what the registry has, by path.
    """
    closed = [
        keystore
        for keystore in seen.values()
        if keystore.file_state in _CLOSED and not keystore.reading.opened and not keystore.reading.recalled
    ]
    if not closed:
        return dict(seen)
    key_ids, newest = set[str | None](), dict[_Holder | None, datetime]()
    for keystore in seen.values():
        if keystore.reading.opened and keystore.reading.whole:
            key_ids.add(keystore.reading.key_id)
            if keystore.holder is not None and keystore.not_after is not None:
                holder = holder_key(keystore.holder, keystore.application_id)
                for mine in ((holder, keystore.environment), (holder, None)):  # None: it is not known
                    newest[mine] = max(keystore.not_after, newest.get(mine, keystore.not_after))
    found = dict(seen)
    for keystore in closed:
        record = assigned.get(keystore.file)
        last = _last_of(keystore, earlier, notes, record)
        is_over = last is not None and (
            last.key_id in key_ids or newest.get(_holder_of(last, keystore, record), LONG_AGO) > _end(last)
        )
        last = None if is_over else last
        found[keystore.file] = replace(keystore, last_seen=last)
        if last is not None and keystore.key_id is None:
            found[keystore.file] = replace(
                found[keystore.file],
                word=from_word(notes.word_of(last.key_id)),
                delivered=notes.is_delivered(last.key_id),
                answer=notes.answer_of(last.key_id),
            )
    return found


def _last_of(
    keystore: AuditedKeystore, earlier: SeenFiles, notes: CachedStates, record: Assignment | None
) -> CachedState | None:
    """Return what was seen last of a file. That of another key was seen in an earlier file of that name."""
    registered = None
    if record is not None and record.not_after is not None:
        registered = CachedState((record.key_id or "").upper(), not_after=record.not_after)
    seen = (registered, keystore.last_seen, notes.of_path(keystore.shown), earlier.get(keystore.shown))
    return max(
        (
            state
            for state in seen
            if state is not None and (keystore.key_id is None or state.key_id in ("", keystore.key_id))
        ),
        key=lambda state: (_end(state), state.not_before is not None),
        default=None,
    )


def _holder_of(state: CachedState, keystore: AuditedKeystore, record: Assignment | None) -> _Holder | None:
    """Return whose keystore was seen, else whose it is by the registry or by its name."""
    if state.name is not None:
        return holder_key(state.name.identifier, state.name.application_id), state.environment
    identifier = keystore.holder
    if record is not None and record.holder is not None:
        kind, _, number = record.holder.partition("=")
        with suppress(errors.IdentifierInvalid):
            identifier = Identifier(kind, number)
    return (
        None
        if identifier is None
        else (holder_key(identifier, keystore.application_id), keystore.environment)
    )


def _end(state: CachedState) -> datetime:
    return state.not_after or LONG_AGO
